"""Lines broken to a width, with their styles, where Chinese may break between any two characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.say.width import width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_STICKS_TO_LEFT = frozenset("，。；：、！？）」』》】〉…,.;:!?)]}%”’")
_STICKS_TO_RIGHT = frozenset("（「『《【〈([{“‘")


@dataclass(frozen=True, slots=True)
class Styled:
    """Text in one style, given as ANSI codes such as "1;31"."""

    text: str
    style: str = ""


def shown(parts: Iterable[Styled], *, color: bool) -> str:
    """Return styled text for a terminal; without codes where no colour is wanted."""
    return "".join(
        f"\x1b[{part.style}m{part.text}\x1b[0m" if color and part.style and part.text else part.text
        for part in parts
    )


def columns(parts: Iterable[Styled]) -> int:
    """Return the width of styled text."""
    return sum(width(part.text) for part in parts)


def wrap(parts: Sequence[Styled], room: int, *, hang: int = 0) -> list[list[Styled]]:
    """Return lines of at most `room` columns; all but the first begin with `hang` spaces."""
    lines: list[list[Styled]] = [[]]
    used = 0
    for token in _tokens(parts):
        size = columns(token)
        blank = all(part.text.isspace() for part in token)
        if used + size > room and used > (hang if len(lines) > 1 else 0):
            _trim(lines[-1])
            lines.append([Styled(" " * hang)] if hang else [])
            used = hang
            if blank:
                continue
        for piece in _pieces(token, room - hang) if size > room - hang else (token,):
            if used + columns(piece) > room and used > hang:
                lines.append([Styled(" " * hang)] if hang else [])
                used = hang
            lines[-1].extend(piece)
            used += columns(piece)
    return [_joined(line) for line in lines]


def _tokens(parts: Sequence[Styled]) -> Iterator[list[Styled]]:
    """Yield what must not be broken: words, single Chinese characters with their punctuation."""
    token: list[Styled] = []
    for part in parts:
        for letter in part.text:
            if token and _may_break(token[-1].text[-1], letter):
                yield _joined(token)
                token = []
            token.append(Styled(letter, part.style))
    if token:
        yield _joined(token)


def _may_break(left: str, right: str) -> bool:
    if left.isspace() or right.isspace():
        return left.isspace() != right.isspace()
    if right in _STICKS_TO_LEFT or left in _STICKS_TO_RIGHT or width(right) == 0:
        return False
    return width(left) == 2 or width(right) == 2


def _pieces(token: Sequence[Styled], room: int) -> Iterator[list[Styled]]:
    """Yield a word that is wider than a line in parts that fit."""
    piece: list[Styled] = []
    for part in token:
        for letter in part.text:
            if columns(piece) + width(letter) > room:
                yield _joined(piece)
                piece = []
            piece.append(Styled(letter, part.style))
    if piece:
        yield _joined(piece)


def _trim(line: list[Styled]) -> None:
    while line and line[-1].text.isspace():
        line.pop()


def _joined(parts: Sequence[Styled]) -> list[Styled]:
    result: list[Styled] = []
    for part in parts:
        if result and result[-1].style == part.style:
            result[-1] = Styled(result[-1].text + part.text, part.style)
        else:
            result.append(part)
    return result
