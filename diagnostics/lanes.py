"""Arithmetic for series side by side: compiled so that one instruction moves many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast
from zlib import crc32

import numba
import numpy as np

from diagnostics import fast

if TYPE_CHECKING:
    from collections.abc import Callable

    F = TypeVar("F", bound=Callable[..., Any])

LANES = 256
"""Series per block: a block's state stays in the cache next to the core."""
FREE = {"contract", "nsz", "arcp", "reassoc"}
"""The freedom given to the compiler; it may not take NaN for granted."""
STAMP = [crc32(fast.rules().encode())]
"""The fingerprint of the rules and of all that was handed to the compiler so far."""

Single: TypeAlias = np.float32
f = np.float32
i = np.int32
NONE, ONE, NAN, VAST, TINY = f(0.0), f(1.0), f(np.nan), f(3e38), f(1e-12)
PER_LOG2 = f(1.0 / np.log(2.0))


def compiled(function: F) -> F:
    """Compile on the first call, free of the interpreter's lock; kept on disk where that can be.

    What is kept bears a fingerprint of the rules, of itself and of all functions before it in its
    name: numba itself looks only at the age of the file that a function stands in.
    """
    code = function.__code__
    STAMP[0] = crc32(code.co_code + repr(code.co_consts).encode(), STAMP[0])
    function.__qualname__ = f"{function.__qualname__}_{STAMP[0]:08x}"
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": FREE}
    try:
        made = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # there is no folder to keep it in
        made = numba.njit(**options)(function)
    return cast("F", made)


@compiled
def least(one: Single, other: Single) -> Single:
    """Return the lesser; plain words keep the lanes together where min() asks about NaN."""
    return one if one < other else other  # noqa: FURB136  see above


@compiled
def most(one: Single, other: Single) -> Single:
    """Return the greater."""
    return one if one > other else other  # noqa: FURB136


@compiled
def within(value: Single, reach: Single) -> Single:
    """Return a value cut to -reach..reach."""
    return most(least(value, reach), -reach)


@compiled
def log(x: Single) -> Single:
    """Return the natural logarithm of a positive number to 1e-7 (Cephes' logf, free of branches)."""
    bits = f(x).view(np.int32)
    power = i(i(bits - i(0x3F3504F3)) >> i(23))
    m = i(bits - i(power << i(23))).view(np.float32) - ONE
    p = f(7.0376836292e-2) * m - f(1.1514610310e-1)
    p = p * m + f(1.1676998740e-1)
    p = p * m - f(1.2420140846e-1)
    p = p * m + f(1.4249322787e-1)
    p = p * m - f(1.6668057665e-1)
    p = p * m + f(2.0000714765e-1)
    p = p * m - f(2.4999993993e-1)
    p = p * m + f(3.3333331174e-1)
    return m + (m * m * m * p - f(0.5) * m * m) + f(power) * f(0.69314718056)


@compiled
def power(x: Single) -> Single:
    """Return 2 to the power of a number that is not above 0, to 2e-6 (free of branches)."""
    x = most(x, f(-126.0))
    whole = i(x - f(0.5))
    r = x - f(whole)
    p = f(1.3333558e-3) * r + f(9.6181291e-3)
    p = p * r + f(5.5504109e-2)
    p = p * r + f(2.4022651e-1)
    p = p * r + f(6.9314718e-1)
    return (p * r + ONE) * i(i(whole + i(127)) << i(23)).view(np.float32)


@compiled
def grown(x: Single) -> Single:
    """Return e to the power of a number, of either sign."""
    half = power(-abs(x) * PER_LOG2)
    return ONE / half if x > NONE else half


@compiled
def copied(source: Any, target: Any) -> None:
    """Copy a row; as a step of its own, so that the compiler need not fear that rows overlap."""
    for j in range(len(source)):
        target[j] = source[j]
