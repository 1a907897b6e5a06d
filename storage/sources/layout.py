"""What a file is: its kind of export, its heading row, its title's days, its columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from storage.sources.cells import words_of
from storage.sources.notes import refusal
from storage.sources.rows import Column, exports, measures, normal, plain, sign_of, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from storage.sources import SourceError
    from storage.sources.cells import Cell
    from storage.sources.grid import Sheet
    from storage.sources.rows import Export

HEADER_ROWS: Final = 10


class Heading(NamedTuple):
    """A text that may head a column: where it stands, as written, and as headings are compared."""

    at: int
    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands (from 0), under which heading, with which currency sign."""

    column: Column
    at: int
    heading: str
    sign: str = ""


@dataclass(frozen=True)
class Layout:
    """A sheet understood. `header` is the heading row (from 0)."""

    file: str
    export: Export
    sheet: Sheet
    header: int
    places: Mapping[str, Place]
    unknown: tuple[str, ...]
    recognised: int

    def titles(self) -> list[str]:
        """Return the texts above the headings."""
        return [
            text for row in self.sheet.head[: self.header] for text in map(words_of, row) if text
        ]

    def lacking(self) -> tuple[str, ...]:
        """Return the first of every required column that is not there."""
        required = self.export.required
        return tuple(some[0] for some in required if not any(key in self.places for key in some))


def find_layout(file: str, sheets: Sequence[Sheet], choices: Mapping[str, str]) -> Layout | None:
    """Return how the best-matching sheet is to be read; None where there is only a title.

    `choices`: heading -> measure (or "" to leave it out), as the user once decided. Raises
    SourceError for an unknown kind of file and for a missing required column.
    """
    chosen = {normal(heading): key for heading, key in choices.items()}
    best = max(_candidates(file, sheets, chosen), key=_fit, default=None)
    if best is None or not _enough(best):
        if _only_title(sheets):
            return None
        raise _unknown_kind(file, best)
    best = _with_synonyms(best)
    if best.lacking():
        raise _lacking(best)
    return best


def _candidates(file: str, sheets: Sequence[Sheet], chosen: Mapping[str, str]) -> Iterator[Layout]:
    """Yield every reading of a row as headings of a kind that knows at least one of them."""
    for sheet in sheets:
        for row, cells in enumerate(sheet.head[:HEADER_ROWS]):
            headings = _headings(cells)
            names = {heading.name for heading in headings}
            for export in exports().values():
                if not names.isdisjoint(export.known) or not names.isdisjoint(chosen):
                    yield _match(Layout(file, export, sheet, row, {}, (), 0), headings, chosen)


def _headings(cells: Sequence[Cell]) -> list[Heading]:
    """Return the texts of a row with their columns."""
    texts = ((at, words_of(cell)) for at, cell in enumerate(cells) if isinstance(cell, str))
    return [Heading(at, text, normal(text)) for at, text in texts if text]


def _fit(layout: Layout) -> tuple[int, int, int]:
    whole = 0 if layout.lacking() else 1
    return layout.recognised + 2 * whole, whole, -len(layout.unknown)


def _enough(layout: Layout) -> bool:
    all_of_it = layout.recognised + len(layout.unknown)
    if layout.recognised >= 3:
        return layout.recognised >= 0.25 * all_of_it
    return not layout.lacking() and 0 < all_of_it == layout.recognised > 1


def _match(blank: Layout, headings: Sequence[Heading], chosen: Mapping[str, str]) -> Layout:
    """Return the layout with its columns placed and its unknown headings listed."""
    export, head = blank.export, blank.sheet.head
    sections = _sections(head[blank.header - 1]) if export.sections and blank.header else []
    places: dict[str, Place] = {}
    unknown: list[str] = []
    for at, text, name in headings:
        key = _key(export, name, chosen)
        if key is None:
            unknown.append(text)
            continue
        section = sections[at] if at < len(sections) else ""
        if key and key not in places and (not section or section in words().sections):
            column = export.columns.get(key) or Column(key, measures()[key]["unit"], ())
            places[key] = Place(column, at, text, sign_of(text))
    recognised = len(headings) - len(unknown)
    return replace(blank, places=places, unknown=tuple(unknown), recognised=recognised)


def _key(export: Export, name: str, chosen: Mapping[str, str]) -> str | None:
    """Return the column of a heading, "" for one that is left out, None for an unknown one."""
    if name in export.personal:
        return ""
    known = export.known.get(name)
    if known is None and name in chosen:
        key = chosen[name]
        return key if key in export.columns or key in measures() else ""
    return known


def _sections(row: Sequence[Cell]) -> list[str]:
    """Return the section of every column; a merged cell speaks for those to its right."""
    names = [plain(words_of(cell)) for cell in row]
    known = words().sections | words().other_sections
    if not any(name in known for name in names):
        return []
    filled: list[str] = []
    for name in names:
        filled.append(name or (filled[-1] if filled else ""))
    return filled


def _with_synonyms(layout: Layout) -> Layout:
    """Place unknown headings that mean one of this kind's open columns in another kind."""
    places, unknown = dict(layout.places), []
    head = [words_of(cell) for cell in layout.sheet.head[layout.header]]
    for heading in layout.unknown:
        key = _synonym(layout.export, normal(heading))
        if key and key not in places:
            column = layout.export.columns[key]
            places[key] = Place(column, head.index(heading), heading, sign_of(heading))
        else:
            unknown.append(heading)
    return replace(layout, places=places, unknown=tuple(unknown))


def _synonym(export: Export, name: str) -> str:
    for other in exports().values():
        key = other.known.get(name)
        own = export.columns.get(key) if key else None
        if own is not None and own.read == other.columns[own.key].read:
            return own.key
    return ""


def _only_title(sheets: Sequence[Sheet]) -> bool:
    texts = [text for sheet in sheets for row in sheet.head for text in map(words_of, row) if text]
    if not texts:
        return True
    titled = plain(texts[0]).lstrip("[【").startswith(words().date_titles)
    return len(texts) <= 2 and titled


def _unknown_kind(file: str, best: Layout | None) -> SourceError:
    kinds_en = ", ".join(export.name.en for export in exports().values())
    kinds_zh = "、".join(export.name.zh for export in exports().values())
    near_en = near_zh = ""
    if best is not None and best.recognised:
        near_en = f" Nearest: {best.export.name.en} ({best.recognised} headings known)."
        near_zh = f"最接近的是：{best.export.name.zh}（认得 {best.recognised} 个表头）。"
    return refusal(
        file,
        f"{file} is no export that is known here: no heading row in the first {HEADER_ROWS} rows."
        f"{near_en} Known are: {kinds_en}. For other figures use the plain template.",
        f"认不出 {file}：前 {HEADER_ROWS} 行里没有已知的表头。{near_zh}"
        f"可导入的有：{kinds_zh}。其他数据请填手工模板。",
    )


def _lacking(layout: Layout) -> SourceError:
    key = layout.lacking()[0]
    either = next(some for some in layout.export.required if some[0] == key)
    headings = [head for some in either for head in layout.export.columns[some].headings]
    en, zh = _shown(headings)
    seen = {normal(heading): heading for heading in layout.unknown}
    near = [seen[hit] for head in headings for hit in get_close_matches(normal(head), seen, 1, 0.5)]
    near_en = near_zh = ""
    if near:
        near_en = f" Nearest heading in the file: “{near[0]}”."
        near_zh = f"文件里最接近的表头是「{near[0]}」。"
    elif seen:
        near_en = f" Headings in the file that are not known: {', '.join(layout.unknown)}."
        near_zh = f"文件里不认识的表头有：{'、'.join(layout.unknown)}。"
    return refusal(
        layout.file,
        f"{layout.file} ({layout.export.name.en}) lacks the column “{en}”, so nothing of it "
        f"was taken.{near_en} Export it again with that column, or, where the platform has renamed "
        f"it, say which heading means {key}.",
        f"{layout.file}({layout.export.name.zh})缺少「{zh}」列，整份文件未导入。{near_zh}"
        f"请重新导出并带上这一列；如果平台改了名，请指定哪个表头是 {key}。",
        column=en,
    )


def _shown(headings: Sequence[str]) -> tuple[str, str]:
    """Return a column's heading as an English and as a Chinese page shows it."""
    names = [heading.removesuffix("({cur})").strip() for heading in headings]
    en = next((name for name in names if name.isascii()), names[0])
    return en, next((name for name in names if not name.isascii()), en)
