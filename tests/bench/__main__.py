"""All tables of what was measured: `python -m tests.bench [NAME ...] [--quick] [--write]`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NAMES = (
    "levels", "drift", "rates", "cold", "incidents", "crowd", "locate", "scenes", "speed",
)  # fmt: skip
"""Modules beside this one, each with `table(quick) -> str`, in the order in which they are told."""
RESULTS = Path(__file__).with_name("RESULTS.md")
"""The tables as they were last written; the READMEs show them from here."""
HEAD = """# What was measured

Written by `python -m tests.bench --write`, on the public series that [SOURCES.md](SOURCES.md) names
and on planted data. Figures of quality are the same on every machine; times are those of one.
"""


def tables(names: Sequence[str] = NAMES, *, quick: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the name and Markdown table of some benches; raises ValueError for an unknown one."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise ValueError(f"no bench {', '.join(unknown)}; there are {', '.join(NAMES)}")
    for name in names:
        yield name, import_module(f"tests.bench.{name}").table(quick).strip()


def known() -> Mapping[str, str]:
    """Return the tables that were written last, by name; empty before the first time."""
    if not RESULTS.exists():
        return {}
    parts = RESULTS.read_text(encoding="utf-8").split("<!-- bench: ")[1:]
    return {name: text.strip() for name, _, text in (part.partition(" -->") for part in parts)}


def write(found: Mapping[str, str]) -> None:
    """Put tables into the results; the others stay as they were."""
    merged = {**known(), **found}
    parts = [f"<!-- bench: {name} -->\n{merged[name]}" for name in NAMES if name in merged]
    RESULTS.write_text("\n\n".join((HEAD.strip(), *parts)) + "\n", encoding="utf-8")


def main(words: Sequence[str]) -> int:
    """Print the tables as they come, and keep them where that is wanted; 2 for a wrong name."""
    wanted = tuple(word for word in words if not word.startswith("--")) or NAMES
    try:
        for name, text in tables(wanted, quick="--quick" in words):
            sys.stdout.write(text + "\n\n")
            sys.stdout.flush()
            if "--write" in words:
                write({name: text})
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
