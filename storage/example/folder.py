"""The example as a folder of export files, each shop's in a folder of its own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from storage.example import content_files, contents, order_files, shop_files
from storage.example.days import FIRST, LAST, course
from storage.example.sales import sales
from storage.example.shops import PLANS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.random import Generator

    from storage.example.shops import Plan

LAST_DAY = LAST
"""The last day with figures; the morning after it is the one to look at."""
VIDEO_DAYS = 8
"""Days for which the video page, which exports one day at a time, was saved."""
CREATOR_WEEKS = 4
SEED = 20260324
"""The chance that the story is told with, unless another is asked for."""


def write(
    folder: Path, *, last_day: date = LAST_DAY, days: int = 90, seed: int = SEED
) -> tuple[Path, ...]:
    """Write what the team knew in the evening of `last_day` into `folder/<shop key>/`.

    The story runs from 2025-12-13 to 2026-03-12 and is the same every time; `last_day` and `days`
    choose how much of it is written, another `seed` gives other chances to the same incidents.
    Raises ValueError for a last day outside the story.
    """
    if not FIRST <= last_day <= LAST:
        raise ValueError(f"the example knows the days {FIRST} to {LAST}, not {last_day}")
    first = max(FIRST, last_day - timedelta(days - 1))
    paths: list[Path] = []
    for number, plan in enumerate(PLANS):
        (folder / plan.shop.key).mkdir(parents=True, exist_ok=True)
        chance = np.random.default_rng([seed, number])
        paths.extend(_shop(folder / plan.shop.key, plan, chance, first, last_day))
    return tuple(paths)


def _shop(folder: Path, plan: Plan, chance: Generator, first: date, last: date) -> Iterator[Path]:
    """Write one shop's files, the largest first."""
    days = course(plan, chance)
    sold = sales(days, chance)
    live = contents.lives(days, sold, chance)
    video = contents.videos(days, sold, chance)
    table = contents.products(days, sold, chance)
    span = f"{first:%Y%m%d}-{last:%Y%m%d}"
    yield order_files.orders_file(folder / f"orders_{span}.csv", days, sold, first, last)
    yield order_files.returns_file(folder / f"returns_{span}.csv", days, sold, first, last)
    yield content_files.studio_file(
        folder / f"creator_live_performance_{span}.csv", days, live, first, last
    )
    if plan.shop.country == "ID":
        yield content_files.analysis_file(
            folder / f"live_analysis_{span}.xlsx", days, live, first, last
        )
    yield shop_files.ads_file(folder / f"gmv_max_daily_{span}.csv", days, sold, chance, first, last)
    yield shop_files.by_hand_file(
        folder / f"by_hand_{span}.csv", days, sold, table, chance, first, last
    )
    language = "zh" if plan.shop.country == "US" else "en"
    known = (last - first).days + 1
    for day in (last - timedelta(back) for back in range(min(VIDEO_DAYS, known))):
        path = folder / f"video_details_{day:%Y%m%d}.xlsx"
        yield content_files.videos_file(path, days, video, day, language)
    for day in (last - timedelta(back) for back in range(min(plan.listed, known))):
        path = folder / f"product_list_{day:%Y%m%d}.xlsx"
        yield content_files.products_file(path, days, table, day)
    for end in (last - timedelta(7 * back) for back in range(min(CREATOR_WEEKS, known // 7))):
        start = end - timedelta(6)
        path = folder / f"affiliate_creators_{start:%Y%m%d}-{end:%Y%m%d}.csv"
        yield content_files.creators_file(path, days, sold, start, end)
