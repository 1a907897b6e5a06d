"""The headline figures of a shop, profit always beside GMV, each with its range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.card import Fact, Words
from bot.say import readings
from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from bot.say.voice import Voice
    from diagnostics.reading import Reading, ShopDay


@dataclass(frozen=True, slots=True)
class Row:
    """A headline figure, and the one that is told with it. `bears`: whose range it is judged by."""

    metric: str
    beside: str = ""
    joint: Text = Text("{value}", "{value}")  # noqa: RUF009  a frozen value
    bears: bool = False


HEADLINE = (
    Row("gmv"),
    Row("orders"),
    Row("profit", "margin", Text("{value}（{beside}）", "{value} ({beside})"), bears=True),
    Row("refund_rate"),
    Row(
        "roas", "break_even_roas", Text("{value}（保本 {beside}）", "{value} (break-even {beside})")
    ),
)
"""What stands in a digest, in this order; a figure that a shop has not is left out."""


def facts(shop: ShopDay, voice: Voice, *, judged: bool = True) -> tuple[Fact, ...]:
    """Return the headline figures as facts; without marks and ranges where nothing is judged."""
    found = (_fact(row, shop, voice, judged=judged) for row in HEADLINE)
    return tuple(fact for fact in found if fact is not None)


def others(shop: ShopDay) -> tuple[Reading, ...]:
    """Return the headline readings of a shop in the digest's order, GMV first."""
    order = [key for row in HEADLINE for key in (row.metric, row.beside) if key]
    first = [shop.headline[key] for key in order if key in shop.headline]
    return (*first, *(one for key, one in shop.headline.items() if key not in order))


def _fact(row: Row, shop: ShopDay, voice: Voice, *, judged: bool) -> Fact | None:
    reading = shop.headline.get(row.metric)
    if reading is None:
        return None
    beside = shop.headline.get(row.beside)
    judge = beside if row.bears and beside is not None and beside.range is not None else reading
    said = readings.value(reading, voice)
    if beside is not None and beside.value is not None and reading.value is not None:
        said = voice(row.joint, value=said, beside=readings.value(beside, voice))
    label = voice.label(row.metric)
    if not judged:
        return Fact(label, (Words(said),))
    mark = readings.mark(judge)
    spans = [Words(f"{said} {mark}".rstrip().replace("） ", "）"), bold=True)]
    few = reading.why == "too_few" and reading.value is not None
    context = voice.clauses(
        (readings.too_few(reading, voice) if few else "", readings.context(judge, voice))
    )
    if context:
        spans.append(Words(f" {context}"))
    return Fact(label, tuple(spans))
