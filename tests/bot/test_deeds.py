"""What the team took on, and what an import left doubtful, reach the next mornings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.card import plain
from bot.deeds import beside
from bot.say import trusting
from diagnostics.reading import Doubt
from tests.bot.world import DAY, World, at
from tests.days.team import batch, figures

if TYPE_CHECKING:
    from collections.abc import Callable


def line(world: World, lang: str, number: int) -> str:
    """Return the line of the four checks on the morning after a day."""
    now = at(DAY + timedelta(number + 1))
    diagnosis = world.desk.look(["teduh"], now)
    return plain(trusting.checks(diagnosis.trust, world.desk.voice("zh" if lang == "zh" else "en")))


def calm(world: World, days: int) -> None:
    """Let ordinary days go by, without the returns file."""
    for number in range(1, days + 1):
        world.now = at(DAY + timedelta(number + 1), "06:00")
        world.figures(DAY + timedelta(number), "orders", "gmvmax_daily", "template")


def test_an_action_without_a_result_is_open_from_the_day_after_it_was_due(
    alerted: Callable[..., World],
) -> None:
    world = alerted()
    (review,) = beside(world.desk, ["teduh"], DAY, at(DAY + timedelta(1))).deeds
    assert (review.kind, review.acted) == ("review", False)
    world.presses("ack", world.told[0].key)
    deed, _ = beside(world.desk, ["teduh"], DAY, at(DAY + timedelta(1))).deeds
    assert (deed.kind, deed.shop, deed.begun, deed.ended) == (
        "action", "teduh", DAY + timedelta(1), False,
    )  # fmt: skip
    assert beside(world.desk, ["abadi"], DAY, at(DAY + timedelta(1))).deeds == ()
    late = (deed.due - DAY).days + 1
    calm(world, late)
    assert "action ✓" in line(world, "en", late - 1) or line(world, "en", late - 1) == ""
    assert "action? 1 open since 12 Mar" in line(world, "en", late)
    assert "动作？1 项自3月12日起没结果" in line(world, "zh", late)


def test_a_review_names_its_action_then_its_result(alerted: Callable[..., World]) -> None:
    world = alerted()
    opened = at(DAY + timedelta(1), "10:00")
    reviews = world.desk.reviews
    (number,) = [one.id for one in reviews.list()]

    def deed() -> tuple[str, bool, bool]:
        (one,) = beside(world.desk, ["teduh"], DAY, opened).deeds
        return one.kind, one.acted, one.ended

    assert deed() == ("review", False, False)
    calm(world, 9)
    assert "action? review of 12 Mar names no action" in line(world, "en", 5)
    reviews.upsert(number, "m1", "U1", "Action: the listing says for whom it is not", opened)
    assert deed() == ("review", True, False)
    assert line(world, "en", 5) == ""
    assert "feedback? review of 12 Mar has no result" in line(world, "en", 9)
    assert "反馈？3月12日的复盘还没有结果" in line(world, "zh", 9)
    reviews.upsert(number, "m2", "U1", "Result: refunds back at 4 %", opened)
    assert deed() == ("review", True, True)
    assert line(world, "en", 9) == ""
    reviews.close(number, "keep", opened)
    assert beside(world.desk, ["teduh"], DAY, opened).deeds == ()


def test_a_file_that_does_not_add_up_blocks_the_morning_until_it_comes_anew(
    begin: Callable[..., World],
) -> None:
    world = begin(now=at(DAY + timedelta(1), "06:00"))
    world.figures(DAY)
    off = Doubt(
        "total_off", "teduh", DAY, measure="ad_cost", feed="gmvmax_daily", blocks=True,
        value=900_000.0, other=1_000_000.0, file="ads.csv", column="Cost",
    )  # fmt: skip
    ads = batch("gmvmax_daily", {DAY: figures(DAY, {})})
    world.desk.store.keep(replace(ads, doubts=(off,)), world.now)
    world.turn(at(DAY + timedelta(1)))
    (said,) = world.slack.posted
    assert "the data are in doubt, not judged yet" in str(said["text"])
    assert "ads.csv “Cost”, Rp 900k, platform Rp 1M" in str(said).replace("\u00a0", " ")
    world.now = at(DAY + timedelta(1), "10:00")
    world.desk.store.keep(ads, world.now)
    diagnosis = world.desk.look(["teduh"], world.now)
    assert diagnosis.trust.judged
    assert diagnosis.trust.doubts == ()
