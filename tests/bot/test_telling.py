"""What a channel hears of a finding, from the first day to the last: once, and in place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.desk import shop_units
from bot.grouping import place
from bot.telling import alone, tell
from diagnostics import fingerprint
from diagnostics.panel import Unit
from storage.ledger import FindingRow, Told
from tests.bot.conftest import SHOPS
from tests.bot.world import CAROL, DAY, World, at, channel, morning, shop, team
from tests.servers.slack import ALICE, BOB

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.team import Team

NEXT = DAY + timedelta(1)


def test_a_first_alert_has_its_review_in_its_thread_and_comes_once(world: World) -> None:
    root = morning(world, 0, refunds=3)
    assert len(world.texts) == 3
    assert "refund rate" in world.shown(root).casefold()
    assert len(world.replies(root)) == 1
    assert world.desk.reviews.list()[0].root_key == root
    for clock in ("09:40", "10:10", "15:00"):
        world.turn(at(NEXT, clock))
    assert len(world.texts) == 3


def test_worse_changes_the_card_adds_a_line_and_pings_nobody_again(world: World) -> None:
    root = morning(world, 0, refunds=3)
    before = world.shown(root)
    assert "<@U" in before
    assert morning(world, 1, refunds=6) == root
    assert world.shown(root) != before
    assert len(world.replies(root)) == 2
    assert "worse" in world.replies(root)[1].casefold()
    line = [one for one in world.slack.posted if one.get("thread_ts")][-1]
    assert "<@U" not in str(line)


def test_worse_twice_on_one_day_is_said_once_and_the_card_is_put_right(world: World) -> None:
    root = morning(world, 0, refunds=3)
    seen = [world.shown(root)]
    for clock, refunds in (("09:40", 6), ("10:10", 12)):
        world.now = at(NEXT, clock)
        world.figures(DAY, refunds=refunds)
        world.turn(world.now)
        seen.append(world.shown(root))
    assert len(set(seen)) == 3
    assert len(world.replies(root)) == 2


def test_its_end_is_told_once_and_its_return_stands_in_the_same_thread(world: World) -> None:
    root = morning(world, 0, refunds=3)
    morning(world, 1)
    assert world.told
    morning(world, 2)
    assert world.told == ()
    assert "recovered" in world.shown(root).casefold()
    assert "Recovered" in world.replies(root)[-1]
    assert morning(world, 3, refunds=3) == root
    assert "Back again" in world.replies(root)[-1]
    assert "Acknowledge" in world.shown(root)
    assert len([one for one in world.slack.posted if not one.get("thread_ts")]) == 3


def test_what_goes_on_is_told_again_after_days_and_at_last_the_new_level(world: World) -> None:
    root = morning(world, 0, refunds=3)
    number = 1
    while world.told and number < 20:
        morning(world, number, refunds=3)
        number += 1
    said = [one for one in world.replies(root)[1:] if "needs your answer" not in one]
    assert 10 < number < 20
    assert [one.partition(" · ")[0] for one in said[:-1]] == ["🔴 Still going on"] * (len(said) - 1)
    assert 3 <= len(said) <= 6
    assert "the new level counts since 11 Mar" in said[-1]
    assert "recovered" not in world.shown(root).casefold()
    assert "usual level" in world.shown(root)


@pytest.mark.parametrize(
    ("refunds", "shown", "says"),
    [(2, "Rp", ""), (1, "Withdrawn", "the corrected figures do not show it")],
)
def test_what_was_said_is_corrected_where_it_was_said(
    world: World, refunds: float, shown: str, says: str
) -> None:
    root = morning(world, 0, refunds=3)
    before, posted = world.shown(root), len(world.slack.posted)
    for clock in ("11:00", "11:30"):
        world.now = at(NEXT, clock)
        world.figures(DAY, refunds=refunds)
        world.turn(world.now)
        world.wake()
    assert world.shown(root) != before
    assert shown in world.shown(root)
    assert len(world.slack.posted) == posted + bool(says)
    assert not says or says in world.replies(root)[-1]
    assert ("Acknowledge" in world.shown(root)) is not bool(says)


def test_five_at_once_are_one_message_with_each_in_its_thread(
    begin: Callable[..., World],
) -> None:
    world = begin(apart(SHOPS))
    morning(world, 0, refunds=3)
    roots = [one for one in world.slack.posted if not one.get("thread_ts")]
    assert len(roots) == 2
    assert len(world.slack.posted) == 2 + len(SHOPS)
    thread = str(roots[1]["ts"])
    told = world.told[0]

    said = world.presses("review", told.key, message=world.message(told.post_key), thread=thread)
    assert "expired" not in said
    review = world.desk.reviews.list()[0]
    assert review.alert_key == told.key
    world.says("reply", text="Hypothesis: the new batch", message="1.1", thread=thread)
    review = world.desk.reviews.list()[0]
    assert [one.text for one in review.answers] == ["Hypothesis: the new batch"]


def apart(keys: Sequence[str], **settings: Any) -> Team:
    """Return a team of shops in different countries and money: nothing of theirs adds up."""
    places = zip(
        keys,
        ("ID", "TH", "VN", "MY", "PH", "SG"),
        ("IDR", "THB", "VND", "MYR", "PHP", "SGD"),
        strict=False,
    )
    rows = [shop(key, country=country, currency=money) for key, country, money in places]
    return team(shop=rows, channel=[channel(shops=list(keys), **settings)])


def test_what_all_shops_share_is_one_alert_with_a_review(begin: Callable[..., World]) -> None:
    rows = team(shop=[shop(key) for key in SHOPS], channel=[channel(shops=list(SHOPS))])
    world = begin(rows)
    root = morning(world, 0, refunds=3)
    (told,) = world.told
    assert fingerprint.circle(fingerprint.read(told.key).unit) == "ID"
    roots = [str(one["text"]) for one in world.slack.posted if not one.get("thread_ts")]
    assert len(roots) == 2
    assert all(f"{len(SHOPS)} shops in Indonesia" in text for text in roots)
    assert world.desk.reviews.list()[0].alert_key == told.key

    world.presses("ack", told.key, message=world.message(root))
    assert world.told[0].state == "acked"
    assert "Acknowledged" in world.shown(root)


def test_what_goes_beyond_the_day_s_budget_is_one_message(begin: Callable[..., World]) -> None:
    world = begin(apart(SHOPS[:4], alerts_per_day=2))
    morning(world, 0, refunds=3)
    roots = [one for one in world.slack.posted if not one.get("thread_ts")]
    assert len(roots) == 4  # the digest, two alone, one for the rest
    assert "2 more of the day" in str(roots[3]["text"])
    thread = [one for one in world.slack.posted if one.get("thread_ts") == roots[3]["ts"]]
    assert len(thread) == 2
    assert len(world.told) == 4
    before = len(world.slack.posted)
    world.turn(at(DAY + timedelta(1), "11:00"))
    assert len(world.slack.posted) == before


def test_alerts_wait_until_the_quiet_hours_are_over(world: World) -> None:
    morning(world, 0)
    world.now = at(NEXT + timedelta(1), "01:00")
    world.figures(NEXT, refunds=3)
    world.turn(world.now)
    assert len(world.texts) == 1
    world.turn(at(NEXT + timedelta(1), "07:29"))
    assert len(world.texts) == 1
    world.turn(at(NEXT + timedelta(1), "07:31"))
    assert len(world.texts) == 3


def test_a_channel_may_have_digests_only(begin: Callable[..., World]) -> None:
    world = begin(team(channel=[channel(alerts=False)]))
    morning(world, 0, refunds=6)
    world.turn(at(NEXT, "12:00"))
    assert len(world.texts) == 1
    assert world.told == ()


def test_a_day_that_is_not_judged_ends_no_alert(world: World) -> None:
    root = morning(world, 0, refunds=3)
    for number in (1, 2):
        day = DAY + timedelta(number)
        world.now = at(day + timedelta(1), "06:00")
        world.figures(day, "template")
        world.turn(at(day + timedelta(1)))
    assert world.told[0].state == "open"
    assert "recovered" not in world.shown(root).casefold()


@pytest.mark.parametrize("slug", ["creator-a|b", "creator-a/b", "creator-|"])
def test_signs_in_a_units_name_do_not_confuse_whose_it_is(world: World, slug: str) -> None:
    unit = Unit(f"teduh/{slug}", "creator", slug, "teduh", currency="IDR")
    key = str(fingerprint.Fingerprint(unit.key, "S4"))
    assert fingerprint.read(key) == (unit.key, "S4")
    assert fingerprint.read(key).shop == "teduh"
    world.desk.store.put_units([unit])
    told = Told(key, "standup", "open", DAY, DAY, world.now, 1.0, "")
    world.desk.ledger.tell(told)
    assert slug in world.asks(f"/snooze {slug} 2d")
    assert world.desk.ledger.told(key, "standup") != told


def test_a_channel_is_told_of_its_own_shops_only(begin: Callable[..., World]) -> None:
    rows = [channel(), channel("other", "C0OTHER", shops=["elok"])]
    world = begin(team(shop=[shop(), shop("elok")], channel=rows))
    morning(world, 0, refunds=3)
    for one in world.slack.posted:
        name = "Elok" if one["channel"] != "C0OTHER" else "Teduh"
        assert name not in str(one)
    assert len({one.channel for one in world.told}) == 2


def test_findings_are_kept_for_exports(world: World) -> None:
    morning(world, 0, refunds=3)
    found = world.desk.findings.list(DAY, DAY)
    assert all(isinstance(one, FindingRow) for one in found)
    assert world.told[0].key in {one.key for one in found}
    assert shop_units(world.desk.team.shops())[0].currency == found[0].currency


def group(world: World) -> Told:
    """Return the one alert that tells of several shops as one."""
    (found,) = [
        one for one in world.told if fingerprint.circle(fingerprint.read(one.key).unit) is not None
    ]
    return found


def together(begin: Callable[..., World], zones: Sequence[str] = ()) -> World:
    """Give the bot of six Indonesian shops, all in Jakarta unless other zones are given."""
    rows = [
        shop(key, zone=zone)
        for key, zone in zip(SHOPS, zones or ["Asia/Jakarta"] * len(SHOPS), strict=True)
    ]
    row = channel(shops=list(SHOPS), quiet_from="03:00", quiet_to="03:01")
    return begin(team(shop=rows, channel=[row]))


def heads(world: World) -> list[str]:
    """Return what stands on its own in the channel, without the digests."""
    roots = [one for one in world.slack.posted if not one.get("thread_ts")]
    return [str(one["text"]) for one in roots if "together" in str(one["text"])]


def some(world: World, shops: tuple[str, ...], clock: str, **factors: float) -> None:
    """Let the figures of the first day of some shops come in, and the bot look at them."""
    world.now = at(NEXT, clock)
    world.figures(DAY, shops=shops, **factors)
    world.turn(world.now)


def test_shops_whose_figures_come_later_widen_the_group_where_it_was_told(
    begin: Callable[..., World],
) -> None:
    world = together(begin)
    some(world, SHOPS[2:], "06:00", refunds=3)
    world.turn(at(NEXT))
    root, posted = group(world).post_key, len(world.slack.posted)
    assert "4 shops in Indonesia" in world.shown(root)
    for clock in ("11:00", "11:30"):
        some(world, SHOPS[:2], clock, refunds=3)
        world.wake()
    assert "6 shops in Indonesia" in world.shown(root)
    assert group(world).post_key == root
    assert len(world.slack.posted) == posted
    assert all("6 shops in Indonesia" in one for one in heads(world))
    world.turn(at(NEXT, "12:00"))
    assert len(world.slack.posted) == posted


def test_single_alerts_are_told_with_the_group_once_it_is_one(begin: Callable[..., World]) -> None:
    world = together(begin)
    some(world, SHOPS[:2], "06:00", refunds=3)
    world.turn(at(NEXT))
    singles = {one.key: one.post_key for one in world.told}
    assert len(singles) == 2
    some(world, SHOPS[2:], "11:00", refunds=3)
    assert "6 shops in Indonesia" in world.shown(group(world).post_key)
    for key, root in singles.items():
        told = world.desk.ledger.told(key, "standup")
        assert told is not None
        assert told.state == "joined"
        assert "Now told as one alert: 6 shops in Indonesia together" in world.shown(root)
        assert "Acknowledge" not in world.shown(root)
        assert "expired" in world.presses("ack", key)
    assert [one.key for one in world.desk.findings.list(DAY, DAY)] == [group(world).key]
    assert world.desk.findings.list(DAY, DAY, withdrawn=True) == ()


def test_a_group_that_was_none_is_withdrawn_and_its_shops_told(begin: Callable[..., World]) -> None:
    world = together(begin)
    some(world, SHOPS[3:], "06:00", refunds=3)
    world.turn(at(NEXT))
    root = group(world).post_key
    some(world, SHOPS[:3], "11:00")
    world.wake()
    assert "these shops did not move as one" in world.shown(root)
    assert len(world.told) == 3
    assert all(fingerprint.circle(fingerprint.read(one.key).unit) is None for one in world.told)
    assert "Withdrawn" in world.replies(root)[-1]


def test_what_was_told_with_a_group_is_told_by_itself_again(begin: Callable[..., World]) -> None:
    world = together(begin)
    some(world, SHOPS[:2], "06:00", refunds=3)
    world.turn(at(NEXT))
    roots = {one.key: one.post_key for one in world.told}
    some(world, SHOPS[2:], "11:00", refunds=3)
    some(world, SHOPS[1:], "11:30")
    (one,) = world.told
    assert one.post_key == roots[one.key]
    assert "Now by itself" in world.replies(one.post_key)[-1]
    assert "Acknowledge" in world.shown(one.post_key)


def test_shops_that_close_at_other_hours_are_in_one_alert(begin: Callable[..., World]) -> None:
    zones = ["Asia/Jakarta"] * 3 + ["Asia/Jayapura"] * 3
    world = together(begin, zones)
    world.now = at(DAY, "06:00")
    world.turn(at(DAY))
    world.now = at(DAY, "23:00")
    world.figures(DAY, refunds=3)
    world.turn(world.now)
    root = group(world).post_key
    assert group(world).key.startswith("abadi/all-id|")
    assert "3 shops in Indonesia" in world.shown(root)
    for clock in ("00:10", "00:40", "09:00", "12:00"):
        world.turn(at(NEXT, clock))
    assert group(world).post_key == root
    assert "6 shops in Indonesia" in world.shown(root)
    assert len([one for one in world.texts if "6 shops in Indonesia" in one]) == 2
    world.turn(at(NEXT, "22:10"))
    assert "6 shops in Indonesia" in world.shown(root)
    assert group(world).state == "open"


def test_what_is_added_to_the_message_for_the_rest_is_counted_in_it(
    begin: Callable[..., World],
) -> None:
    world = begin(apart(SHOPS, alerts_per_day=1))
    some(world, SHOPS[:3], "06:00", refunds=3)
    world.turn(at(NEXT))
    root = f"more:standup:{DAY}"
    assert "2 more of the day" in world.shown(root)
    for clock in ("11:00", "11:30"):
        some(world, SHOPS[3:], clock, refunds=3)
        world.wake()
    assert "5 more of the day" in world.shown(root)
    assert len(world.replies(root)) == 5
    assert len([one for one in world.slack.posted if not one.get("thread_ts")]) == 3


def test_a_dear_loss_is_told_however_small_the_change(world: World) -> None:
    morning(world, 0)
    world.now = at(NEXT, "10:00")
    world.figures(DAY, refunds=3)
    found = world.desk.look(["teduh"], world.now)
    (one,) = [one for one in found.findings if one.alert]
    row, usual = world.desk.team.channel[0], found.shops[0].funnel.value.expected
    assert usual is not None
    for share, told in ((0.04, False), (0.06, True)):
        reading = replace(one.reading, change=0.1, score=1.3, range=None, position="unknown")
        small = replace(one, reading=reading, lost=share * usual.mid)
        _, memory = tell(world.desk, row, replace(found, findings=(small,)), world.now)
        assert bool(memory) is told


def test_a_false_alarm_that_became_graver_speaks_again_and_says_why(world: World) -> None:
    root = morning(world, 0, refunds=3)
    known = world.told[0]
    world.desk.ledger.tell(replace(known, severity=0))
    world.presses("false_alarm", known.key)
    world.wake()
    assert morning(world, 1, refunds=3) == root
    line = world.replies(root)[-1]
    assert "Graver than when it was called false" in line
    assert "yellow then, red now" in world.thread(root)[-1]
    assert "Acknowledge" in world.shown(root)
    replies = len(world.replies(root))
    world.presses("false_alarm", known.key)
    morning(world, 2, refunds=3)
    assert world.told == ()
    assert len(world.replies(root)) == replies + 1


@pytest.mark.parametrize("state", ["open", "acked", "snoozed"])
def test_an_alert_that_turns_red_says_so_once_and_pings_who_is_to_look(
    world: World, state: str
) -> None:
    root = morning(world, 0, refunds=3)
    known = world.told[0]
    world.desk.ledger.tell(replace(known, severity=0))
    if state == "acked":
        world.presses("ack", known.key, user=BOB)
    if state == "snoozed":
        world.presses("snooze", f"{known.key} 1d", user=BOB)
    replies, before = len(world.replies(root)), world.shown(root)
    if state == "snoozed":
        world.turn(at(NEXT, "15:00"))
        assert len(world.replies(root)) == replies
    morning(world, 2 if state == "snoozed" else 1, refunds=3)
    line, whole = world.replies(root)[-1], world.thread(root)[-1]
    assert len(world.replies(root)) == replies + 1
    assert "More serious now" in line
    assert "yellow before, red now" in whole
    assert "called false" not in whole
    assert world.shown(root) != before
    pinged = {user for user in (ALICE, BOB, CAROL) if f"<@{user}>" in whole}
    if state == "acked":
        assert pinged == {BOB}
        assert "has it in hand: please look again" in whole
        assert world.told[0].acked_by == "Budi"
    else:
        assert len(pinged) == 1
        assert "Nobody has taken it on yet" in whole
    morning(world, 3, refunds=3)
    assert len([one for one in world.replies(root) if "More serious" in one]) == 1


def test_one_message_for_many_counts_once_in_the_day_s_budget(
    begin: Callable[..., World],
) -> None:
    world = begin(apart(SHOPS, alerts_per_day=2))
    some(world, SHOPS[:5], "06:00", refunds=3)
    world.turn(at(NEXT))
    some(world, SHOPS[5:], "11:00", refunds=3)
    roots = [str(one["text"]) for one in world.slack.posted if not one.get("thread_ts")]
    assert len(roots) == 3
    assert "5 alerts" in roots[1]
    assert "more of the day" not in roots[2]


def test_the_message_for_many_counts_what_is_open_of_them(begin: Callable[..., World]) -> None:
    world = begin(apart(SHOPS))
    morning(world, 0, refunds=3)
    (root,) = {place(world.desk, one) for one in world.told}
    assert "6 alerts" in world.shown(root)
    posted = len([one for one in world.slack.posted if not one.get("thread_ts")])
    some(world, SHOPS[:1], "11:00")
    assert "5 of 6 alerts still open" in world.shown(root)
    assert "Teduh" not in world.shown(root)
    world.presses("false_alarm", world.told[0].key)
    assert "4 of 6 alerts still open" in world.shown(root)
    for number in (1, 2):
        morning(world, number)
    assert world.told == ()
    assert "All 6 alerts are over" in world.shown(root)
    heads_now = [one for one in world.slack.posted if not one.get("thread_ts")]
    assert len(heads_now) == posted + 1  # a digest; there is none on a Saturday


def test_what_was_joined_names_the_group_as_it_is_now(begin: Callable[..., World]) -> None:
    world = together(begin)
    some(world, SHOPS[:2], "06:00", refunds=3)
    world.turn(at(NEXT))
    singles = [one.post_key for one in world.told]
    some(world, SHOPS[2:5], "11:00", refunds=3)
    said = [world.shown(root) for root in singles]
    assert all("5 shops in Indonesia together" in one for one in said)
    some(world, SHOPS[5:], "11:30", refunds=3)
    assert "6 shops" in world.shown(group(world).post_key)
    assert all("6 shops in Indonesia together" in world.shown(root) for root in singles)
    some(world, SHOPS, "12:00")
    for root in singles:
        assert "Withdrawn" in world.shown(root)
        assert "together" not in world.shown(root)
    assert world.told == ()


def test_a_finding_that_has_no_alert_is_told_whole_in_the_digest(world: World) -> None:
    morning(world, 0)
    world.now = at(NEXT, "10:00")
    world.figures(DAY, refunds=3)
    row = world.desk.team.channel[0]
    found = world.desk.look(["teduh"], world.now)
    (one,) = found.findings
    assert one.alert
    posts, memory = tell(world.desk, row, found, world.now)
    assert alone(world.desk, row, found, memory) == found
    assert not alone(world.desk, row, found).findings[0].alert
    world.desk.ledger.tell(memory[0])
    assert alone(world.desk, row, found) == found
    later = replace(one, reading=replace(one.reading, day=DAY + timedelta(9)))
    assert not alone(world.desk, row, replace(found, findings=(later,))).findings[0].alert
    for state in ("withdrawn", "joined"):
        gone = alone(world.desk, row, found, [replace(memory[0], state=state)])
        assert not gone.findings[0].alert
    assert posts
