"""Who is in the team, which shops, channels, sources and times: what stands in loudou.toml."""

from __future__ import annotations

import re
import tomllib
from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from storage.sources import Shop

if TYPE_CHECKING:
    from pathlib import Path

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class TeamError(ValueError):
    """Settings that cannot be used; each problem names the setting and says what to do."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(
            f"{name!r} is no time zone; use an IANA name such as Asia/Jakarta"
        ) from error
    return name


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"{text!r} is no time of day; write it as 08:57")
    return text


def _key(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", text):
        raise ValueError(f"{text!r} may only hold a-z, 0-9 and -")
    return text


Zone = Annotated[str, AfterValidator(_zone)]
Clock = Annotated[str, AfterValidator(_clock)]
Key = Annotated[str, AfterValidator(_key)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Row(BaseModel):
    """A row of the file: unknown settings are refused, so that a typo cannot pass."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TeamRow(Row):
    """The team as a whole.

    `alert_loss`: GMV (in `currency`) whose loss on a day matters however small the change; without
    it, a twentieth of what the channel's shops bring on such a day, on average.
    """

    name: str = "Loudou"
    lang: Literal["zh", "en"] = "en"
    currency: Currency = "USD"
    rates: dict[Currency, float] = Field(default_factory=dict)
    rates_date: date | None = None
    alert_loss: float | None = Field(None, gt=0)


class ShopRow(Row):
    """A shop: what its exports do not say about themselves."""

    key: Key
    name: str
    country: Country
    zone: Zone
    currency: Currency
    category: str = ""
    stage: Literal["test", "growth", "mature"] = "mature"
    names: tuple[str, ...] = ()

    def shop(self) -> Shop:
        """Return the shop as the sources know it."""
        return Shop(
            self.key,
            self.name,
            self.country,
            self.zone,
            self.currency,
            self.category,
            self.stage,
            self.names,
        )


class PersonRow(Row):
    """A person with the roles that they answer for; no shops means all shops."""

    key: Key
    name: str
    roles: tuple[str, ...]
    shops: tuple[Key, ...] = ()
    slack: str = ""
    feishu: str = ""


class ChannelRow(Row):
    """A channel: where, for which shops, in which language, when."""

    key: Key
    platform: Literal["slack", "feishu", "console"]
    id: str
    shops: tuple[Key, ...]
    lang: Literal["zh", "en"] | None = None
    zone: Zone
    digest: Clock = "08:57"
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    holidays: str = ""
    off: tuple[date, ...] = ()
    work: tuple[date, ...] = ()
    weekly: Weekday | Literal["never"] = "mon"
    weekly_at: Clock = "10:03"
    alerts: bool = True
    alerts_per_day: int = Field(5, ge=1, le=100)
    slides_per_week: int = Field(2, ge=0, le=20)
    quiet_from: Clock = "22:00"
    quiet_to: Clock = "07:30"

    @field_validator("shops")
    @classmethod
    def _some(cls, shops: tuple[str, ...]) -> tuple[str, ...]:
        if not shops:
            raise ValueError("name the shops that this channel may see")
        return shops


class SourceRow(Row):
    """A place where numbers come from each morning."""

    name: Key
    kind: Literal["sheet", "sql"]
    folder: str = ""
    url_env: str = ""
    query: str = ""
    shop: Key | None = None

    @model_validator(mode="after")
    def _complete(self) -> SourceRow:
        if self.kind == "sheet" and not self.folder:
            raise ValueError("a sheet source needs `folder`, where the exports are put")
        if self.kind == "sql" and not (self.url_env and self.query):
            raise ValueError(
                "an sql source needs `url_env` (the name of the environment variable "
                "that holds the address) and `query` (with :day)"
            )
        return self


class WatchRow(Row):
    """How often alerts are looked for between the digests."""

    every_minutes: int = Field(30, ge=5, le=1440)


class ReviewRow(Row):
    """When those who have not answered a review are reminded, once."""

    remind_after_hours: float = Field(4, gt=0, le=168)


class Team(Row):
    """The whole of loudou.toml, checked."""

    team: TeamRow = TeamRow()
    shop: tuple[ShopRow, ...] = ()
    person: tuple[PersonRow, ...] = ()
    channel: tuple[ChannelRow, ...] = ()
    source: tuple[SourceRow, ...] = ()
    watch: WatchRow = WatchRow()
    review: ReviewRow = ReviewRow()

    @model_validator(mode="after")
    def _fits(self) -> Team:
        problems = [*_doubles(self), *_strangers(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def shops(self, keys: tuple[str, ...] = ()) -> tuple[Shop, ...]:
        """Return the shops of some keys; all of them without keys."""
        return tuple(row.shop() for row in self.shop if not keys or row.key in keys)

    def channel_of(self, platform: str, channel: str) -> ChannelRow | None:
        """Return the channel's row by the platform's own id."""
        for row in self.channel:
            if row.platform == platform and row.id == channel:
                return row
        return None

    def owners(self, role: str, shop: str) -> tuple[PersonRow, ...]:
        """Return who answers for a role in a shop; those named for the shop come first."""
        fitting = [row for row in self.person if role in row.roles]
        named = [row for row in fitting if shop in row.shops]
        return tuple(named or [row for row in fitting if not row.shops])

    def person_of(self, platform: str, user: str) -> PersonRow | None:
        """Return the person who has this id on a platform."""
        for row in self.person:
            if user and user in {getattr(row, platform, ""), row.key}:
                return row
        return None


def _doubles(team: Team) -> list[str]:
    problems = []
    for word, rows in (
        ("shop", team.shop),
        ("person", team.person),
        ("channel", team.channel),
    ):
        keys = [row.key for row in rows]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        problems += [f"{word}: the key {key!r} stands twice; give each its own" for key in twice]
    return problems


def _strangers(team: Team) -> list[str]:
    known = {row.key for row in team.shop}
    asked = [
        *((f"channel {row.key}", key) for row in team.channel for key in row.shops),
        *((f"person {row.key}", key) for row in team.person for key in row.shops),
        *((f"source {row.name}", row.shop) for row in team.source if row.shop),
    ]
    return [
        f"{where}: there is no shop {key!r}; the shops are {', '.join(sorted(known)) or 'none'}"
        for where, key in asked
        if key not in known
    ]


def clock_time(text: str) -> time:
    """Return "08:57" as a time of day."""
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def read(path: Path) -> Team:
    """Read and check a loudou.toml; raises TeamError naming file and setting."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TeamError((f"{path}: not found; `loudou init` writes one",)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TeamError((f"{path}: {error}",)) from None
    return check(rows, str(path))


def check(rows: dict[str, object], origin: str) -> Team:
    """Check rows that were read from somewhere; raises TeamError naming each setting."""
    try:
        return Team.model_validate(rows)
    except ValidationError as error:
        raise TeamError(
            tuple(
                f"{origin}: {_place(problem['loc'])}: {_plain(problem['msg'])}"
                for problem in error.errors()
            )
        ) from None


def _place(loc: tuple[int | str, ...]) -> str:
    words = ""
    for part in loc:
        words += f" no. {part + 1}" if isinstance(part, int) else f".{part}" if words else part
    return words or "file"


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").replace(
        "Extra inputs are not permitted", "there is no such setting; look for a typo"
    )
