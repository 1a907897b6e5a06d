"""What a morning reads: a file that is refused is told once, with what to do about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.cardjson import loads
from bot.morning import gather, refused
from storage.sources.folder import Folder
from storage.sources.sheet import SheetSource

if TYPE_CHECKING:
    from pathlib import Path

    from bot.desk import Desk

NOW = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)


def test_a_refused_file_is_told_once_and_the_others_are_taken(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "uk-beauty-notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    good = tmp_path / "uk-beauty-extra.csv"
    good.write_text("date,shop,unit,reviews\n2026-03-12,uk-beauty,,41\n", encoding="utf-8")
    folder = Folder(SheetSource("exports", (tmp_path,), desk.team.shops()))
    watching = replace(desk, sources=(folder,))
    posts = refused(watching, gather(watching, [NOW.date()], NOW))
    assert len(posts) == 1
    card = loads(posts[0].card)
    assert "uk-beauty-notes.csv" in card.summary
    assert card.blocks, "it says what to do"
    panel = desk.store.panel(
        NOW.date().replace(day=12), NOW.date(), ["reviews"], units=["uk-beauty"]
    )
    assert panel.measure("reviews")[0, 0] == 41
    assert refused(watching, gather(watching, [NOW.date()], NOW)) == []
