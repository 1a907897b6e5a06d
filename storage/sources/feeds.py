"""The names of the feeds, in both languages, in their order of precedence."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from diagnostics.book.rows import Text


@cache
def names() -> dict[str, Text]:
    """Return feed key → name."""
    text = resources.files("storage.sources").joinpath("feeds.toml").read_text(encoding="utf-8")
    return {key: Text(row["zh"], row["en"]) for key, row in tomllib.loads(text).items()}
