"""All tables of what was measured: `python -m tests.bench [NAME ...] [--quick]`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("levels", "rates", "cold", "incidents", "crowd", "locate", "scenes", "speed")
"""Modules beside this one, each with `table(quick) -> str`."""


def tables(names: Sequence[str] = NAMES, *, quick: bool = False) -> str:
    """Return the Markdown tables of some benches; raises ValueError for one that there is not."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise ValueError(f"no bench {', '.join(unknown)}; there are {', '.join(NAMES)}")
    parts = [import_module(f"tests.bench.{name}").table(quick).strip() for name in names]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    words = sys.argv[1:]
    wanted = tuple(word for word in words if word != "--quick") or NAMES
    try:
        sys.stdout.write(tables(wanted, quick="--quick" in words))
    except ValueError as error:
        sys.exit(str(error))
