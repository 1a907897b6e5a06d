"""What an error of the platform means: wait, look again, fetch a token, say it simpler, give up."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from bot.chat import Busy, ChatError, Refused, Unsure

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["busy", "unsure", "token", "degrade", "mask", "outside", "refused"]

RESET_HEADER = "x-ogw-ratelimit-reset"
DETAIL_CODE = re.compile(r"ErrCode:\s*(\d+)")
UNKNOWN_REMEDY = "The platform refused this for a reason that is not in the table; look the code up in its documentation."


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One row of errors.toml."""

    kind: Kind
    wait: float = 0
    remedy: str = ""


@dataclass(eq=False)
class Trouble(Exception):
    """An answer that is no success; `error()` is what the sender gets when nothing mends it."""

    kind: Kind
    code: str
    detail: str
    wait: float = 0
    remedy: str = ""

    def error(self) -> ChatError:
        """Return what the sender is told."""
        match self.kind:
            case "busy":
                return Busy(self.wait, f"{self.code}: {self.detail}")
            case "unsure":
                return Unsure(f"{self.code}: {self.detail}")
            case _:
                return Refused(self.code, self.remedy or f"{UNKNOWN_REMEDY} ({self.detail})")


@cache
def table() -> Mapping[int, ErrorRow]:
    """Return the rows of errors.toml by code."""
    text = files("bot.feishu").joinpath("errors.toml").read_text(encoding="utf-8")
    return {
        code: ErrorRow(row["kind"], row.get("wait", 0.0), row.get("remedy", ""))
        for row in tomllib.loads(text)["error"]
        for code in row["code"]
    }


def judge(
    status: int, code: int, message: str, headers: Mapping[str, str], log_id: str = ""
) -> Trouble:
    """Name what an unsuccessful answer means.

    `status` is the HTTP status, `code` the platform's own (0 when the body held none). Most
    business errors come as 400, some as 200, so the code speaks first.
    """
    inner = DETAIL_CODE.search(message)
    shown = f"{code}/{inner[1]}" if inner else str(code or f"HTTP {status}")
    detail = f"{message} [log {log_id}]" if log_id else message
    if code == 230099 and "card action is lock" in message.lower():
        return Trouble("busy", shown, detail, wait=1.0)
    row = table().get(code)
    if row is not None:
        return Trouble(row.kind, shown, detail, _wait(row.wait, headers), row.remedy)
    if status == 429:
        return Trouble("busy", shown, detail, _wait(1.0, headers))
    if status >= 500 or not code:
        return Trouble("unsure", shown, detail)
    return Trouble("refused", shown, detail)


def _wait(default: float, headers: Mapping[str, str]) -> float:
    for name, value in headers.items():
        if name.lower() == RESET_HEADER and value.strip().isdigit():
            return max(default, float(value))
    return default
