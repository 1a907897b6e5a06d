"""The plain template: an empty table for any figure that no export brings."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from storage.sources.rows import measures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.book.rows import Lang

HEADINGS = {"en": ("date", "shop", "unit"), "zh": ("日期", "店铺", "单元")}
ALL = "all"


def headings(lang: Lang, keys: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the headings of the template: date, shop, unit, and measures (all without keys).

    Raises KeyError for a measure that is not in the rows.
    """
    rows = measures()
    return (*HEADINGS[lang], *(rows[key][lang] for key in (keys or rows)))


def template_csv(lang: Lang, keys: Sequence[str] = ()) -> bytes:
    """Return the template as CSV, UTF-8 with a mark so that Excel shows Chinese right."""
    out = io.StringIO()
    csv.writer(out).writerow(headings(lang, keys))
    return out.getvalue().encode("utf-8-sig")


def template_xlsx(lang: Lang, keys: Sequence[str] = ()) -> bytes:
    """Return the template as XLSX: headings in bold, frozen, wide enough to read."""
    book = Workbook()
    sheet = book.create_sheet("loudou", 0)
    for at, heading in enumerate(headings(lang, keys), start=1):
        sheet.cell(1, at, heading).font = Font(bold=True)
        width = sum(1 if sign.isascii() else 2 for sign in heading)
        sheet.column_dimensions[get_column_letter(at)].width = max(10, width + 2)
    sheet.freeze_panes = "D2"
    del book["Sheet"]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def template(kind: str, lang: Lang, *, form: str = "xlsx") -> bytes:
    """Return the template with every measure ("all") or only those of a comma-separated list."""
    keys = () if kind == ALL else tuple(key.strip() for key in kind.split(","))
    return template_csv(lang, keys) if form == "csv" else template_xlsx(lang, keys)
