"""Golden files: what was looked at and found good; `LOUDOU_GOLDEN=write` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def same(shown: str, platform: str, file: str) -> None:
    """Hold a card against its golden file. After a wanted change: look at the difference first."""
    path = FOLDER / platform / file
    if os.environ.get("LOUDOU_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert path.exists(), f"no golden file {platform}/{file}: run with LOUDOU_GOLDEN=write"
    assert shown == path.read_text(encoding="utf-8")


def stems(platform: str) -> set[str]:
    """Return the names of a platform's golden files without their ending."""
    return {path.stem for path in (FOLDER / platform).iterdir()}
