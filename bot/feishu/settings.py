"""What the Feishu chat needs to know to connect: one app, one address, one way to receive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["socket", "webhook"]


class FeishuSettingsError(ValueError):
    """Settings with which the bot must not start; names the setting and says what to do."""


@dataclass(frozen=True, slots=True)
class FeishuSettings:
    """One self-built app. Lark outside of China is the same with another `domain`."""

    app_id: str
    app_secret: str = field(repr=False)
    encrypt_key: str = field(default="", repr=False)
    verification_token: str = field(default="", repr=False)
    domain: str = "https://open.feishu.cn"
    mode: Mode = "socket"

    def __post_init__(self) -> None:
        if not self.app_id or not self.app_secret:
            raise FeishuSettingsError(
                "FEISHU_APP_ID and FEISHU_APP_SECRET are both needed: developer console, "
                "the app, Credentials & Basic Info"
            )
        if self.mode == "webhook" and not (self.encrypt_key and self.verification_token):
            raise FeishuSettingsError(
                "the webhook needs FEISHU_ENCRYPT_KEY and FEISHU_VERIFICATION_TOKEN, else anyone "
                "could send it events: developer console, Events & Callbacks, Encryption Strategy"
            )
