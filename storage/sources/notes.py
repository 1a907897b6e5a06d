"""What is told of a file that was read or refused, in both languages."""

from __future__ import annotations

from storage.sources import Note, SourceError


def info(file: str, en: str, zh: str, *, row: int | None = None, column: str = "") -> Note:
    """Return a remark."""
    return Note("info", file, en, zh, row, column)


def warning(file: str, en: str, zh: str, *, row: int | None = None, column: str = "") -> Note:
    """Return a warning: something of the file was left out or looks wrong."""
    return Note("warning", file, en, zh, row, column)


def refusal(
    file: str, en: str, zh: str, *, row: int | None = None, column: str = ""
) -> SourceError:
    """Return the error with which a file is refused; nothing of it is taken."""
    return SourceError(Note("error", file, en, zh, row, column))


def where(row: int | None, column: str) -> tuple[str, str]:
    """Return "row 7, column “GMV”" in English and Chinese."""
    en = ", ".join(
        part
        for part in (f"row {row}" if row else "", f"column “{column}”" if column else "")
        if part
    )
    zh = "".join(
        part for part in (f"第 {row} 行" if row else "", f"「{column}」列" if column else "")
    )
    return en, zh
