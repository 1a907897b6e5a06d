"""What stands in a file's cells: any CSV, TSV or XLSX as sheets of rows, within safe bounds."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

import python_calamine

from storage.sources.notes import refusal
from storage.sources.xlsx import check_archive, check_width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from storage.sources.cells import Cell

HEAD: Final = 14
"""Rows at the top of a sheet among which titles and headings are looked for."""
CHUNK: Final = 4000
SHEET_ROWS: Final = 200_000
_SAMPLE: Final = 1 << 16
_HTML: Final = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<?xml")
_ENCODINGS: Final = ("utf-8", "gb18030", "cp1252")


@dataclass(frozen=True)
class Sheet:
    """One table: its first rows, and a way to run through all of it in chunks."""

    name: str
    head: Sequence[Sequence[Cell]]
    chunks: Callable[[], Iterator[Sequence[Sequence[Cell]]]]


def open_grid(path: Path) -> list[Sheet]:
    """Return the sheets of a file; raises SourceError naming what is wrong with it."""
    try:
        with path.open("rb") as file:
            start = file.read(_SAMPLE)
    except OSError as error:
        raise refusal(
            path.name,
            f"{path.name} cannot be opened: {error.strerror}.",
            f"打不开 {path.name}：{error.strerror}。",
        ) from None
    _refuse_foreign(path.name, start)
    if start.startswith(b"PK"):
        return _workbook(path)
    return [_text(path, start)]


def _refuse_foreign(name: str, start: bytes) -> None:
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise refusal(
            name,
            f"{name} is protected by a password or an old .xls. Open it and save it as .xlsx "
            "without a password, or export it again as CSV.",
            f"{name} 有密码保护，或是旧版 .xls。请打开后另存为不带密码的 .xlsx，或重新导出为 CSV。",
        )
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_HTML):
        raise refusal(
            name,
            f"{name} is a web page, not a table. Open it and save it as .xlsx, or export again.",
            f"{name} 其实是网页，不是表格。请打开后另存为 .xlsx，或重新导出。",
        )
    if not start.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0"):
        raise refusal(
            name,
            f"{name} is empty. Export it again.",
            f"{name} 是空文件，请重新导出。",
        )


def _workbook(path: Path) -> list[Sheet]:
    check_archive(path)
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            tables = [
                (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
                for name in book.sheet_names
            ]
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise refusal(
            path.name,
            f"{path.name} cannot be read as .xlsx ({error}). Export it again.",
            f"{path.name} 不能按 .xlsx 读取（{error}），请重新导出。",
        ) from None
    return [
        Sheet(name, [list(row) for row in table[:HEAD]], _in_chunks(table))
        for name, table in tables
        if table
    ]


def _in_chunks(table: Sequence[Sequence[Cell]]) -> Callable[[], Iterator[Sequence[Sequence[Cell]]]]:
    return lambda: (table[start : start + CHUNK] for start in range(0, len(table), CHUNK))


def _text(path: Path, start: bytes) -> Sheet:
    encoding = _encoding(path, start)
    sample = start.decode(encoding, errors="ignore").removeprefix("\ufeff")
    delimiter = max("\t,;|", key=lambda sign: _evenness(sample, sign))

    def chunks() -> Iterator[Sequence[Sequence[Cell]]]:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            rows = csv.reader((line.replace("\0", "") for line in file), delimiter=delimiter)
            while chunk := list(islice(rows, CHUNK)):
                chunk[0][:1] = [cell.removeprefix("\ufeff") for cell in chunk[0][:1]]
                check_width(path.name, chunk)
                yield chunk

    try:
        head = list(chain.from_iterable(islice(chunks(), 1)))[:HEAD]
    except csv.Error as error:
        raise refusal(
            path.name,
            f"{path.name} is no table of text ({error}). Export it again.",
            f"{path.name} 不是文本表格（{error}），请重新导出。",
        ) from None
    return Sheet(path.name, head, chunks)


def _evenness(sample: str, sign: str) -> int:
    """Return how many separators of that sign the fullest of the first lines has."""
    return max((line.count(sign) for line in sample.splitlines()[:HEAD]), default=0)


def _encoding(path: Path, start: bytes) -> str:
    """Return the encoding by its mark, else the first that reads the whole file."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start[1:2] == b"\0" or start[:1] == b"\0":
        return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    for encoding in _ENCODINGS:
        if _reads(path, encoding):
            return "utf-8-sig" if encoding == "utf-8" else encoding
    return "latin-1"


def _reads(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
