"""What can be set from outside: secrets and addresses in the environment or in .env."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from the environment, then from .env; empty means not set."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="allow")

    slack_bot_token: SecretStr | None = Field(None, description="Slack bot token, xoxb-…")
    slack_app_token: SecretStr | None = Field(
        None, description="Slack app token, xapp-…: Socket Mode, no public address needed"
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="Slack signing secret: HTTP mode at /slack/events"
    )
    slack_api_url: str = Field(
        "https://slack.com/api/", description="Slack's address; a local server while testing"
    )
    feishu_app_id: str = Field("", description="Feishu app id, cli_…")
    feishu_app_secret: SecretStr | None = Field(None, description="Feishu app secret")
    feishu_encrypt_key: SecretStr | None = Field(
        None, description="Feishu encrypt key: set with the token, it turns the webhook on"
    )
    feishu_verification_token: SecretStr | None = Field(
        None, description="Feishu verification token: webhook at /feishu/events"
    )
    feishu_domain: str = Field(
        "https://open.feishu.cn",
        description="Feishu's address; https://open.larksuite.com for Lark",
    )
    loudou_database_url: SecretStr = Field(
        SecretStr("sqlite:///loudou.db"),
        description="Database: a SQLite file by default, or postgresql://user:password@host/name",
    )
    loudou_team: Path = Field(
        Path("loudou.toml"), description="The team's file: shops, people, channels, times"
    )
    loudou_book: str = Field(
        "", description="Folder with the team's own rows: ranges.toml, metrics.toml …"
    )
    loudou_http_port: int = Field(
        8080, ge=0, le=65535, description="Port for HTTP mode (/slack/events, /feishu/events)"
    )
    loudou_log: str = Field("INFO", description="How much is logged: DEBUG, INFO, WARNING")

    def other(self, name: str) -> str:
        """Return a line of .env that is no setting of ours, such as a source's address."""
        return str((self.model_extra or {}).get(name.casefold(), ""))


def secret(value: SecretStr | None) -> str:
    """Return a secret's text, empty when it is not set."""
    return value.get_secret_value() if value else ""


def example() -> str:
    """Return the text of .env.example: every setting with its meaning and default."""
    lines = [
        "# Secrets and addresses. Copy to .env and fill in what you use; .env is never shared."
    ]
    for name, field in Settings.model_fields.items():
        default = (
            field.default.get_secret_value()
            if isinstance(field.default, SecretStr)
            else field.default
        )
        lines += [
            "",
            f"# {field.description}",
            f"{name.upper()}={'' if default is None else default}",
        ]
    return "\n".join(lines) + "\n"
