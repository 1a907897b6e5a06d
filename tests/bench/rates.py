"""Rates by volume: false alerts and halved rates found, against the usual rules and an oracle."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import bdtr, ndtri

from diagnostics import odds
from diagnostics.rates import crowd, edges

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Rule = Callable[["Day", Floats], Floats]

SHIPPED = Path(__file__).with_name("series.csv.gz")
VOLUMES = (12, 30, 100, 300, 1000, 3000, 10_000)
QUICK = (12, 100, 1000, 10_000)
JUDGED, PAST, WARM, WINDOW = 120, 182, 28, 28
"""Days walked and judged at the end, before them at most, seen before judging, rules' window."""
CHANGES = (0.5, 0.7, 1.5, 2.0)
MOVED = (
    ("bike", "casual", 0.01, 1.0),
    ("chicago", "Clark_Lake", 0.003, 1.0),
    ("grocery", "gmv", 0.2, 1.0),
    ("nab_taxi", "nyc_taxi", 0.003, 1.0),
    ("wiki", "p4", 0.003, 1.0),
    ("online_retail", "uk_orders", 0.01, 1.0),
    ("bike", "casual", 0.8, 0.2),
    ("chicago", "Merchandise_Mart", 0.1, 0.2),
    ("hotel", "city_gmv", 0.03, 0.3),
    ("wiki", "p6", 0.4, 0.2),
    ("wiki", "p7", 0.3, 0.3),
    ("online_retail", "uk_buyers", 0.15, 0.3),
    ("grocery", "baskets", 0.4, 0.2),
)
"""Rates that move as a real series does: family, series, usual rate, how much of the movement."""
PARTS = (
    ("wiki", ("p4", "p5", "p6", "p7")),
    ("chicago", ("Merchandise_Mart", "Clark_Lake")),
    ("chicago", ("Addison", "Clark_Lake")),
)
"""Rates that are one series' share of several."""


@dataclass(frozen=True, eq=False)
class Streams:
    """Rate streams at one volume, arrays (streams, days): counts, the true rate, what is judged."""

    of: Floats
    over: Floats
    true: Floats
    judged: Flags
    weekday: NDArray[np.int64]
    changed: Mapping[float, Floats]


class Day(NamedTuple):
    """What a rule may know on a day: counts before (streams, window), today's base, the truth."""

    of: Floats
    over: Floats
    base: Floats
    true: Floats


@cache
def _shipped() -> dict[tuple[str, str], pd.DataFrame]:
    """Return the shipped series by family and name, by date."""
    frame = pd.read_csv(SHIPPED, parse_dates=["date"])  # noqa: TID251  a table of the tests' own
    groups = frame.groupby(["family", "series"], sort=True)
    return {(str(key[0]), str(key[1])): one.set_index("date") for key, one in groups}


def _one(family: str, name: str) -> pd.DataFrame:
    return _shipped()[family, name]


def _sources() -> list[tuple[pd.DataFrame, bool]]:
    """Return frames (num, den or true rate; event) by date, and whether they are real counts."""
    rates = [one for one in _shipped().values() if str(one["kind"].iloc[0]) == "rate"]
    found = [(one[["num", "den", "event"]], True) for one in rates]
    pooled = pd.concat([one[["num", "den"]] for one in rates]).groupby("date").sum()
    found.append((pooled.assign(event=rates[0]["event"]), True))
    for number in (3, 4):
        cost, price = (_one("nab_adx", f"exchange-{number}_{k}_results") for k in ("cpm", "cpc"))
        found.append((_rate(cost.value / (1000.0 * price.value), cost), False))
    for family, names in PARTS:
        values = pd.concat([_one(family, name).value for name in names], axis=1)
        found.append((_rate(values.iloc[:, 0] / values.sum(axis=1), _one(family, names[0])), False))
    for family, name, usual, part in MOVED:
        frame = _one(family, name)
        value = frame.value.where(frame.value > 0)
        moved = usual / (1 - usual) * (value / value.iloc[-150:].median()) ** part
        found.append((_rate(moved / (1 + moved), frame), False))
    return found


def _rate(true: pd.Series[float], frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"true": true.clip(1e-6, 1 - 1e-6), "event": frame.event})


def _thinned(frame: pd.DataFrame, real: bool, n: int, seed: int) -> tuple[Floats, Floats]:
    """Return hits and the true rate by day: real counts drawn without replacement, where enough."""
    draw = np.random.default_rng(seed)
    if real:
        num, den = frame.num.fillna(0).to_numpy(int), frame.den.fillna(0).to_numpy(int)
        enough = den >= n
        hits = np.full(len(frame), np.nan)
        hits[enough] = draw.hypergeometric(num[enough], (den - num)[enough], n)
        return hits, np.where(enough, num / np.maximum(den, 1), np.nan)
    true = frame.true.to_numpy(float)
    drawn = draw.binomial(n, np.nan_to_num(true, nan=0.5)).astype(float)
    return np.where(np.isfinite(true), drawn, np.nan), true


@cache
def streams(n: int) -> Streams:
    """Return all streams with a daily base of n, ending on the same weekday; seeded."""
    days = JUDGED + PAST
    rows = []
    for number, (full, real) in enumerate(_sources()):
        frame = full[: len(full) - (pd.Timestamp(full.index[-1]).day_of_week + 1) % 7]
        hits, true = _thinned(frame, real, n, zlib.crc32(f"{number} {n}".encode()))
        event = frame.event.notna().to_numpy() & (frame.event != "ANOM").to_numpy()
        near = event | np.roll(event, 1) | np.roll(event, -1)
        if np.isfinite(hits[-200:]).sum() < WARM + 10:
            continue
        pad = max(0, days - len(hits))
        rows.append([
            np.concatenate([np.full(pad, empty), one[-days:]])
            for one, empty in ((hits, np.nan), (true, np.nan), (near.astype(float), 0.0))
        ])  # fmt: skip
    of, true, near_day = (np.array([row[place] for row in rows]) for place in range(3))
    ok = np.isfinite(of)
    judged = ok & (near_day == 0) & (np.cumsum(ok, axis=1) - ok >= WARM)
    judged[:, :PAST] = False
    over = np.where(ok, float(n), np.nan)
    changed = {change: _changed(of, n, change) for change in CHANGES}
    return Streams(of, over, true, judged, np.arange(days) % 7, changed)


def _changed(of: Floats, n: int, change: float) -> Floats:
    """Return the counts with the rate times `change`: hits thinned, or misses turned to hits."""
    draw = np.random.default_rng(n + int(10 * change))
    hits = np.nan_to_num(of).astype(int)
    if change < 1.0:
        return np.where(np.isfinite(of), draw.binomial(hits, change), np.nan)
    turned = np.clip((change - 1.0) * hits / np.maximum(n - hits, 1), 0.0, 1.0)
    return np.where(np.isfinite(of), hits + draw.binomial(n - hits, turned), np.nan)


def _mean(day: Day) -> tuple[Floats, Floats]:
    base = np.nansum(day.over, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nansum(day.of, axis=1) / base, base


def _off(hits: Floats, day: Day, middle: Floats, spread: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.abs(hits / day.base - middle)
        return np.where(gap > 0, gap / spread, 0.0)


def thirty(day: Day, hits: Floats) -> Floats:
    """More than 30 % off the four weeks before."""
    middle, _ = _mean(day)
    return _off(hits, day, middle, 0.3 * middle)


def p_chart(day: Day, hits: Floats) -> Floats:
    """Three binomial spreads off the four weeks before."""
    middle, _ = _mean(day)
    return _off(hits, day, middle, 3.0 * np.sqrt(middle * (1 - middle) / day.base))


def wilson(day: Day, hits: Floats) -> Floats:
    """The four weeks' rate outside the day's 99.7 % interval (Wilson 1927)."""
    middle, _ = _mean(day)
    rate, z = hits / day.base, 3.0 / np.sqrt(day.base)
    centre = (rate + z**2 / 2) / (1 + z**2)
    half = z * np.sqrt(rate * (1 - rate) + z**2 / 4) / (1 + z**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.abs(middle - centre) / half


def laney(day: Day, hits: Floats) -> Floats:
    """Laney's p'-chart (2002): binomial spreads times the moving range of the z scores."""
    middle, _ = _mean(day)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = day.of / day.over
        noise = np.sqrt((middle * (1 - middle))[:, None] / day.over)
        z = (rate - middle[:, None]) / noise
        steps = np.abs(np.diff(z, axis=1))
        known = np.maximum(np.isfinite(steps).sum(axis=1), 1)
        loose = np.nansum(steps, axis=1) / known / 1.128
        return _off(hits, day, middle, 3 * loose * np.sqrt(middle * (1 - middle) / day.base))


def three_sigma(day: Day, hits: Floats) -> Floats:
    """Three standard deviations of the four weeks' daily rates."""
    rate = day.of / day.over
    known = np.maximum(np.isfinite(rate).sum(axis=1), 2)
    middle = np.nansum(rate, axis=1) / known
    spread = np.sqrt(np.nansum((rate - middle[:, None]) ** 2, axis=1) / (known - 1))
    return _off(hits, day, middle, 3.0 * spread)


def oracle(day: Day, hits: Floats) -> Floats:
    """Knows the day's true rate: two-sided binomial mid-p of 1 %."""
    n, true = np.nan_to_num(day.base, nan=1.0), np.nan_to_num(day.true, nan=0.5)
    count = np.clip(np.nan_to_num(hits), 0, n)
    below = np.where(count > 0, bdtr(np.maximum(count - 1, 0), n.astype(int), true), 0.0)
    middle = 0.5 * (below + bdtr(count, n.astype(int), true))
    tail = np.clip(np.minimum(middle, 1 - middle), 1e-300, 0.5)
    return np.where(np.isfinite(hits), ndtri(tail) / ndtri(0.005), np.nan)


RULES: dict[str, Rule] = {
    "±30 % against 28 days": thirty,
    "binomial p-chart": p_chart,
    "Wilson 99.7 %": wilson,
    "Laney p′": laney,
    "3 sigma on the rate": three_sigma,
    "oracle that knows the true rate": oracle,
}
OURS = "Loudou"


class Scores(NamedTuple):
    """Scores of the ordinary days and of the same days with the rate changed (judged,)."""

    plain: Floats
    changed: dict[float, Floats]


def _gathered(found: list[dict[float, Floats]], judged: Flags) -> Scores:
    every = {c: np.nan_to_num(np.array([day[c] for day in found]).T) for c in found[0]}
    some = judged[:, -len(found) :]
    return Scores(every[1.0][some], {c: every[c][some] for c in CHANGES})


def ruled(rule: Rule, at: Streams) -> Scores:
    """Walk a rule through the judged days; it sees the four weeks before each."""
    found = []
    for day in range(PAST, PAST + JUDGED):
        window = slice(day - WINDOW, day)
        seen = Day(at.of[:, window], at.over[:, window], at.over[:, day], at.true[:, day])
        hits = {1.0: at.of[:, day], **{c: at.changed[c][:, day] for c in CHANGES}}
        found.append({change: rule(seen, one) for change, one in hits.items()})
    return _gathered(found, at.judged)


def ours(at: Streams) -> Scores:
    """Carry the state through all days; each is judged before it is learnt."""
    state = odds.fresh(len(at.of))
    hits, base = np.nan_to_num(at.of), np.nan_to_num(at.over)
    found = []
    for day in range(PAST + JUDGED):
        weekday = int(at.weekday[day])
        told = odds.predict(state, weekday)
        if day >= PAST:
            n = np.where(base[:, day] > 0, base[:, day], np.nan)
            edge = edges(crowd(told, state), n, 1.0, 1.0, share=True)
            every = {1.0: at.of, **at.changed}
            found.append({c: np.abs(edge.score(one[:, day])) for c, one in every.items()})
        odds.learn(state, told, hits[:, day], base[:, day], weekday)
    return _gathered(found, at.judged)


@cache
def measured(volumes: tuple[int, ...]) -> dict[str, dict[int, Scores]]:
    """Return the scores of ours and of every rule by volume."""
    found = {OURS: {n: ours(streams(n)) for n in volumes}}
    for name, rule in RULES.items():
        found[name] = {n: ruled(rule, streams(n)) for n in volumes}
    return found


def false(scores: Scores) -> float:
    """Return alerts per 100 ordinary series-days at the rule's own threshold."""
    return 100.0 * float(np.mean(scores.plain >= 1.0))


def halved(scores: Scores) -> float:
    """Return the percentage of halved rates found at the rule's own threshold."""
    return 100.0 * float(np.mean(scores.changed[0.5] >= 1.0))


def matched(by_volume: Mapping[int, Scores]) -> list[float]:
    """Return the mean recall by volume at one threshold for all, 1 alert per 100 (volumes equal)."""
    plain = np.concatenate([one.plain for one in by_volume.values()])
    weight = np.concatenate([np.full(len(o.plain), 1 / len(o.plain)) for o in by_volume.values()])
    order = np.argsort(-plain)
    place = np.searchsorted(np.cumsum(weight[order]), 0.01 * len(by_volume))
    limit = plain[order][place]
    return [
        100.0 * float(np.mean([(one.changed[c] > limit).mean() for c in CHANGES]))
        for one in by_volume.values()
    ]


def table(quick: bool) -> str:
    """Return a Markdown table: a row for each rule, a column for each daily base."""
    volumes = QUICK if quick else VOLUMES
    found = measured(volumes)
    days = sum(len(one.plain) for one in found[OURS].values())
    head = "| rule | " + " | ".join(f"n = {n:,}" for n in volumes) + " | mean recall at 1 per 100 |"
    lines = [
        "### Rates by volume",
        "",
        f"False alerts per 100 days / halved rates found %, own threshold; {days:,} series-days.",
        "",
        head,
        "|---" * (len(volumes) + 2) + "|",
    ]
    for name, by_volume in found.items():
        cells = [f"{false(one):.1f} / {halved(one):.0f}" for one in by_volume.values()]
        recall = " ".join(f"{one:.0f}" for one in matched(by_volume))
        lines.append(f"| {name} | {' | '.join(cells)} | {recall} |")
    return "\n".join(lines) + "\n"
