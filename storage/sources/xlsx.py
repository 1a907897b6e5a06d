"""Whether an XLSX file may be opened at all: size, bombs, entities, far-away cells."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from storage.sources.notes import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from storage.sources import SourceError

FILE_BYTES: Final = 20 * 1024 * 1024
XML_BYTES: Final = 64 * 1024 * 1024
RATIO: Final = 100
FREE_BYTES: Final = 1024 * 1024
"""Below this size a good ratio is not suspicious: small files of equal rows pack well."""
ENTRIES: Final = 200
ROWS: Final = 200_000
COLUMNS: Final = 400
_BLOCK: Final = 1 << 18
_OVERLAP: Final = 64
_REFERENCE: Final = re.compile(rb"""<(?:\w+:)?(?:c|row)\s[^<>]*?\br\s*=\s*["']([^"']{0,16})["']""")
_CELL: Final = re.compile(rb"([A-Z]{0,3})([0-9]{1,7})")


def check_archive(path: Path) -> None:
    """Refuse a workbook that is too large, a bomb, or not a workbook; counts what is unpacked."""
    name = path.name
    if path.stat().st_size > FILE_BYTES:
        raise _too_large(name, f"larger than {FILE_BYTES >> 20} MB", f"超过 {FILE_BYTES >> 20} MB")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > ENTRIES:
                raise _too_large(
                    name, f"of more than {ENTRIES} parts", f"内部文件超过 {ENTRIES} 个"
                )
            if sum(entry.file_size for entry in entries) > XML_BYTES:
                raise _too_large(name, "too large when unpacked", "解压后过大")
            if "xl/workbook.xml" not in {entry.filename for entry in entries}:
                raise _broken(name)
            _unpack(archive, entries, name)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error):
        raise _broken(name) from None


def check_width(name: str, rows: Sequence[Sequence[object]]) -> None:
    """Refuse a table with more columns than any export has."""
    if rows and max(map(len, rows)) > COLUMNS:
        raise _too_large(name, f"wider than {COLUMNS} columns", f"超过 {COLUMNS} 列")


def _unpack(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], name: str) -> None:
    total = 0
    for entry in entries:
        size = 0
        last = b""
        for block in _blocks(archive, entry):
            size += len(block)
            if total + size > XML_BYTES or size > max(FREE_BYTES, RATIO * entry.compress_size):
                raise _too_large(name, "a packed bomb", "疑似压缩炸弹")
            if entry.filename.endswith((".xml", ".rels")):
                _check_xml(last + block, name, first=not last)
            last = block[-_OVERLAP:]
        total += size


def _blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as part:
        while block := part.read(_BLOCK):
            yield block


def _check_xml(block: bytes, name: str, *, first: bool) -> None:
    """Refuse entities and cells far outside any export, which would unfold into gigabytes."""
    if first and not block.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        raise _broken(name)
    if b"\0" in block or b"<!DOCTYPE" in block or b"<!ENTITY" in block:
        raise _broken(name)
    for found in _REFERENCE.finditer(block):
        cell = _CELL.fullmatch(found[1])
        if cell is None:
            raise _broken(name)
        if int(cell[2]) > ROWS:
            raise _too_large(name, f"longer than {ROWS:,} rows", f"超过 {ROWS:,} 行")
        if _column(cell[1]) > COLUMNS:
            raise _too_large(name, f"wider than {COLUMNS} columns", f"超过 {COLUMNS} 列")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(name: str, en: str, zh: str) -> SourceError:
    return refusal(
        name,
        f"{name} is {en}. Export fewer days at a time, or as CSV.",
        f"{name} {zh}。请缩短导出的日期范围，或导出为 CSV。",
    )


def _broken(name: str) -> SourceError:
    return refusal(
        name,
        f"{name} is no sound .xlsx file. Open it, save it as .xlsx and try again.",
        f"{name} 不是完好的 .xlsx 文件。请打开后另存为 .xlsx 再试。",
    )
