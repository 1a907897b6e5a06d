"""The road for very many series: the same walk as `smooth`, compiled, where numba is installed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from diagnostics import smooth

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diagnostics.smooth import Floats, Walk

LEAST_CELLS = 1_000_000
"""Units times days from which on the compiled road is worth its start."""
WEEKDAYS = 7
FIELDS = {
    "level": len(smooth.GAINS), "loss": len(smooth.GAINS),
    "var": 1, "seen": 1, "run": 1, "last": 1, "echo": 1,
    "shift": 1, "zero": 1, "kind": 1, "days": 1, "out": 4,
    "week": WEEKDAYS, "wide": WEEKDAYS, "met": WEEKDAYS, "same": WEEKDAYS,
}  # fmt: skip
"""What is kept of a series from day to day, and in how many numbers: `smooth.State`, its scale,
its days, and of its outliers below and above the number and the sum of their squares."""
WALK = ("level", "loss", "var", "seen", "run", "last", "echo", "week", "wide", "met")
"""Those that are `smooth.State`'s."""
ROWS = sum(FIELDS.values())
FIRST = tuple(sum(list(FIELDS.values())[:place]) for place in range(len(FIELDS)))

RULES = ("band", "scale", "smooth", "start", "tail")
"""The rooms whose constants decide what the walk says."""
VERSION = 3
"""To be raised when the steps of the walk change and not only their constants."""


@cache
def rules() -> str:
    """Return the fingerprint of the rules: of all constants, of what is kept, of the version."""
    rooms = {name: vars(import_module(f"diagnostics.{name}")) for name in RULES}
    said = {
        f"{name}.{key}": value
        for name, room in rooms.items()
        for key, value in room.items()
        if key.isupper() and isinstance(value, int | float | tuple)
    }
    return sha256(repr((VERSION, FIELDS, sorted(said.items()))).encode()).hexdigest()[:12]


@cache
def kernels() -> Any:
    """Return the compiled walk (diagnostics.kernels), None where numba is missing or broken."""
    try:
        return import_module("diagnostics.kernels")
    except ImportError:
        return None


def worthwhile(cells: int) -> bool:
    """Say whether so many cells (units times days) go faster on the compiled road."""
    return cells >= LEAST_CELLS and kernels() is not None


def walk(values: Floats, weekday: NDArray[np.int64], *, compiled: bool | None = None) -> Walk:
    """Return what `smooth.walk` does, of large panels compiled: to about 1e-4 of a spread the same.

    Values are read in single precision, each series from its first known value on.
    `compiled` chooses the road; None takes the compiled one where it is worth its start.
    """
    units, days = values.shape
    if not (worthwhile(values.size) if compiled is None else compiled):
        return _known_only(values, weekday)
    if not days:
        return smooth.walk(values, weekday)
    known = np.isfinite(values)
    zero = np.nan_to_num(values[np.arange(units), known.argmax(axis=1)])
    mid, spread = np.empty((days + 1, units)), np.empty((days + 1, units))
    if not run("walked", units, values.T, zero, weekday, mid, spread):
        return smooth.walk(values, weekday)
    same = known[:, weekday[:-1] == weekday[-1]].sum(axis=1)
    return smooth.Walk(mid, spread, values.T - mid[:days], known.sum(axis=1), same)


def _known_only(values: Floats, weekday: NDArray[np.int64]) -> Walk:
    """Return what `smooth.walk` does: of the units without any value, only the first is walked."""
    known = np.isfinite(values).any(axis=1)
    if known.all():
        return smooth.walk(values, weekday)
    place = np.where(known, np.cumsum(known) - 1, known.sum())
    told = smooth.walk(np.concatenate([values[known], values[~known][:1]]), weekday)
    return smooth.Walk(*(np.take(one, place, axis=-1) for one in vars(told).values()))


def run(name: str, units: int, *arrays: Any) -> bool:
    """Run a compiled function over all units' blocks on all cores; False where it cannot be."""
    code = kernels()
    if code is None:
        return False
    work: Callable[..., None] = getattr(code, name)
    blocks = -(-units // code.LANES)
    threads = min(code.THREADS, blocks)
    edges = np.linspace(0, blocks, min(blocks, 4 * threads) + 1).astype(np.int64)
    parts = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    try:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda part: work(*arrays, *part), parts))
    except OSError:  # what was compiled could not be kept on disk
        return False
    return True
