"""The dictionary page says what the rows say, and the README's own example loads."""

from __future__ import annotations

import re
from pathlib import Path

from diagnostics.book import load, tables
from diagnostics.book.page import formula, page

BOOK = load()
README = Path(tables.__file__).with_name("README.md").read_text(encoding="utf-8")


def test_the_readme_is_made_from_the_rows() -> None:
    assert page(BOOK, "zh") in README, "run: python -m cogapp -r -I . diagnostics/book/README.md"
    assert page(BOOK, "en") in README


def test_every_metric_stands_on_the_page_once() -> None:
    for text in (page(BOOK, "zh"), page(BOOK, "en")):
        for key in BOOK.metrics:
            assert text.count(f"`{key}` |") == 1, key


def test_formulas_read_like_words() -> None:
    def words(key: str) -> str:
        return formula(BOOK.metrics[key], BOOK.measures, "en")

    assert words("ctr") == "product clicks ÷ product impressions"
    assert words("gpm") == "1000 × GMV ÷ impressions"
    assert words("gmv") == "GMV"
    assert words("gross_margin") == "(GMV − cost of goods) ÷ GMV"
    assert words("engagement_rate") == "(likes + comments + shares + saves) ÷ views"


def test_the_example_of_the_readme_loads(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert example
    (tmp_path / "ranges.toml").write_text(example[1], encoding="utf-8")
    rows = {one.key: one for one in load(tmp_path).ranges}
    assert rows["refund_rate"].high == 0.07
    assert rows["ctor-gb-beauty"].scope.country == "GB"
