"""What a cell says: a number, a share, a length of time, an id, or that it is missing."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from storage.sources.rows import plain, words

if TYPE_CHECKING:
    from storage.sources.rows import Money

Cell = str | float | int | bool | datetime | date | time | timedelta | None
MISSING: Final = math.nan
LARGEST_EXACT: Final = 2**53
"""Above it a spreadsheet number has lost digits."""

_AMOUNT = re.compile(
    r"(?P<open>\()?(?P<minus>[-+−])?\s*(?P<before>[^\d\s.,()+−-][^\d,()+−-]*)?"
    r"(?P<after>[-+−])?\s*(?P<digits>\d[\d.,'’\s]*|[.,]\d+)\s*(?P<tail>[^\d()]*)\)?"
)
_GROUPS = re.compile(r"\d{1,3}([.,]\d{3})+")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?e\+?\d{2}", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2})(?:\.\d+)?")
_SPAN = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)")
_LONGEST_SIGN: Final = max(map(len, words().missing))
_FORMULA: Final = "=+-@\t\r＝＋－＠"


class UnreadableError(ValueError):
    """A cell that does not say what its column should say."""


class LostDigitsError(ValueError):
    """A long id that a spreadsheet has rounded."""


class CurrencyError(ValueError):
    """An amount in another currency than its shop's; the argument is the sign found."""


def missing(cell: Cell) -> bool:
    """Say whether a cell is empty or holds one of the signs for "no value"."""
    if cell is None:
        return True
    if isinstance(cell, float):
        return math.isnan(cell)
    if not isinstance(cell, str):
        return False
    return len(cell.strip()) <= _LONGEST_SIGN and plain(cell) in words().missing


def number(cell: Cell, money: Money | None = None) -> float:
    """Return a count, or an amount of a currency; NaN where missing.

    Without `money`, or in a currency without fractions, "1.234" is 1234. Raises Unreadable, or
    CurrencyError where an amount bears another currency's sign.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    if missing(cell):
        return MISSING
    if not isinstance(cell, str):
        raise UnreadableError(str(cell))
    if cell.isascii() and cell.isdigit():
        return float(cell)
    return _amount(cell, money)


def _amount(cell: str, money: Money | None) -> float:
    text = unicodedata.normalize("NFKC", cell).strip()
    if _SCIENTIFIC.fullmatch(text):
        return float(text)
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return _lone_sign(text)
    scale = _scale((found["before"] or "").strip().casefold(), money, before=True)
    scale *= _scale(found["tail"].strip().casefold(), money, before=False)
    digits = re.sub(r"[\s'’]", "", found["digits"])
    value = _separated(digits, whole=money is None or money.decimals == 0, scaled=scale != 1)
    minus = bool(found["open"]) or "-" in (found["minus"], found["after"])
    minus = minus or "−" in (found["minus"], found["after"])
    return -value * scale if minus else value * scale


def _lone_sign(text: str) -> float:
    """Read a currency sign without an amount as missing."""
    if words().named(text.casefold()):
        return MISSING
    raise UnreadableError(text)


def _scale(tail: str, money: Money | None, *, before: bool) -> float:
    """Return what the letters beside an amount multiply it by; they may name the currency."""
    if not tail:
        return 1.0
    known = words()
    if tail in known.suffixes and not before:
        return known.suffixes[tail]
    if known.named(tail):
        return _own(tail, money)
    for length in range(1, len(tail)):
        head, rest = tail[:length].strip(), tail[length:].strip()
        if head in known.suffixes and known.named(rest):
            return known.suffixes[head] * _own(rest, money)
    raise UnreadableError(tail)


def _own(sign: str, money: Money | None) -> float:
    if money is not None and sign not in money.signs:
        raise CurrencyError(sign)
    return 1.0


def _separated(digits: str, *, whole: bool, scaled: bool) -> float:
    """Return the value of digits with points and commas."""
    digits = digits.rstrip(".,")
    points, commas = digits.count("."), digits.count(",")
    grouped = _GROUPS.fullmatch(digits) is not None
    if points and commas:
        last = max(digits.rfind("."), digits.rfind(","))
        if points > 1 and commas > 1:
            raise UnreadableError(digits)
        digits = re.sub(r"[.,]", "", digits[:last]) + "." + digits[last + 1 :]
    elif grouped and (points + commas > 1 or commas or (whole and not scaled)):
        digits = re.sub(r"[.,]", "", digits)
    elif points + commas > 1:
        raise UnreadableError(digits)
    return float(digits.replace(",", "."))


def ratio(cell: Cell) -> float:
    """Return a share: "2.05%" is 0.0205, more than 100 % is legal; NaN where missing."""
    if not isinstance(cell, str) or "%" not in unicodedata.normalize("NFKC", cell):
        return _plain_ratio(cell)
    text = plain(cell).replace("%", "").strip()
    if text in words().missing:
        return MISSING
    if "." not in text:
        text = text.replace(",", ".")
    try:
        return float(text.replace(",", "")) / 100
    except ValueError:
        raise UnreadableError(cell) from None


def _plain_ratio(cell: Cell) -> float:
    if missing(cell):
        return MISSING
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise UnreadableError(str(cell))
    try:
        return float(plain(cell).replace(",", ".")) if isinstance(cell, str) else float(cell)
    except ValueError:
        raise UnreadableError(str(cell)) from None


def seconds(cell: Cell) -> float:
    """Return a length of time in seconds: "3h 5min", "1分12秒", "01:12:33", 72; NaN if missing."""
    match cell:
        case timedelta():
            return cell.total_seconds()
        case datetime() | date():
            raise UnreadableError(str(cell))
        case time():
            return float(cell.hour * 3600 + cell.minute * 60 + cell.second)
        case str() if not missing(cell):
            return _span(plain(cell))
        case _:
            return number(cell)


def _span(text: str) -> float:
    clock = _CLOCK.fullmatch(text)
    if clock:
        return float(int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    parts = _SPAN.findall(text)
    scales = words().durations
    if not parts:
        return number(text)
    if any(word not in scales for _, word in parts) or _SPAN.sub("", text).strip(" .,"):
        raise UnreadableError(text)
    return sum(float(amount.replace(",", ".")) * scales[word] for amount, word in parts)


def identifier(cell: Cell) -> str:
    """Return an id as text, "" where missing; raises LostDigits for a rounded long number."""
    if isinstance(cell, float):
        if math.isnan(cell):
            return ""
        if abs(cell) > LARGEST_EXACT or not cell.is_integer():
            raise LostDigitsError(f"{cell:.6g}")
        return str(int(cell))
    if isinstance(cell, str):
        text = cell.strip().strip("'‘’").removeprefix("=").strip('"').strip()
        if text in words().missing or text.casefold() in words().missing:
            return ""
        if _SCIENTIFIC.fullmatch(text):
            raise LostDigitsError(text)
        return text
    return "" if cell is None else str(cell)


def words_of(cell: Cell) -> str:
    """Return a text cell trimmed, "" where missing; a whole number without its ".0"."""
    if missing(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; numbers are not texts, leave them."""
    first = {text[:1], text.lstrip()[:1]} - {""}
    return f"'{text}" if first & set(_FORMULA) else text
