"""The ledger keeps its promises on SQLite and on PostgreSQL alike, with many hands at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from storage.ledger import FindingRow, Ledger, Post, Told
from storage.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.ledger import Run

NOW = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)
DIGEST = Post("digest/0312", "slack", "C1", '{"title": "早"}')
DETAILS = Post("digest/0312/1", "slack", "C1", "{}", root="digest/0312")
TOLD = Told("uk|gmv|S3", "C1", "open", date(2026, 3, 12), date(2026, 3, 12), NOW, 2130.0, "a/1")
FOUND = FindingRow(
    "uk|gmv|S3", date(2026, 3, 12), "uk", "uk", "S3", "gmv", 8412.0, None, 2130.0, "GBP", ("p1",)
)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store)


def claimed(ledger: Ledger, *, at: datetime = NOW) -> Run:
    run = ledger.claim("digest", "2026-03-13", at)
    assert run is not None
    return run


def together(count: int, work: Callable[[int], object]) -> list[object]:
    """Return what `work` answers in so many threads that begin at the same moment."""
    barrier = Barrier(count)

    def wait(number: int) -> object:
        barrier.wait(10)
        return work(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(wait, range(count)))


def test_eight_hands_claim_and_one_has_it(ledger: Ledger) -> None:
    for occurrence in ("a", "b", "c", "d", "e"):
        runs = together(8, lambda _, o=occurrence: ledger.claim("digest", o, NOW))  # type: ignore[misc]  # a default in a lambda
        assert sum(run is not None for run in runs) == 1
    assert [run.epoch for run in ledger.runs()] == [1] * 5


CLAIM = """
import sys
from datetime import UTC, datetime
from storage.ledger import Ledger
from storage.store import Store
ledger = Ledger(Store(sys.argv[1]))
sys.stdin.readline()
now = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)
print(sum(ledger.claim("job", str(n), now) is not None for n in range(50)))
"""


def test_two_processes_claim_and_each_occurrence_has_one(ledger: Ledger, url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    claims = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(claims) == len(ledger.runs("job")) == 50


def test_a_claim_that_ran_out_is_taken_over_and_fenced_off(ledger: Ledger) -> None:
    zombie = claimed(ledger)
    assert ledger.claim("digest", "2026-03-13", after(59)) is None
    heir = claimed(ledger, at=after(60))
    assert (heir.id, heir.epoch) == (zombie.id, 2)
    assert ledger.renew(zombie, after(61)) is False
    assert ledger.finish(zombie, after(61), posts=[DIGEST], told=[TOLD], findings=[FOUND]) is False
    assert ledger.posted(DIGEST.key) is None
    assert ledger.told(TOLD.key, TOLD.channel) is None
    assert ledger.finish(heir, after(62), posts=[DIGEST]) is True
    assert ledger.posted(DIGEST.key) is not None
    assert ledger.finish(heir, after(63), posts=[DETAILS]) is False
    assert ledger.claim("digest", "2026-03-13", after(9999)) is None


def test_a_renewed_claim_is_not_taken_over(ledger: Ledger) -> None:
    run = claimed(ledger)
    assert ledger.renew(run, after(50), 60) is True
    assert ledger.claim("digest", "2026-03-13", after(100)) is None
    assert ledger.claim("digest", "2026-03-13", after(110)) is not None


def test_a_run_is_written_as_a_whole_or_not_at_all(ledger: Ledger) -> None:
    run = claimed(ledger)
    orphan = replace(DETAILS, root="never/enqueued")
    with pytest.raises(ValueError, match="never/enqueued, which was never enqueued"):
        ledger.finish(run, after(1), posts=[DIGEST, orphan], told=[TOLD])
    assert ledger.posted(DIGEST.key) is None
    assert ledger.runs("digest")[0].finished_at is None
    assert ledger.finish(run, after(2), posts=[DIGEST, DETAILS], told=[TOLD], snapshot="s")
    (done,) = ledger.runs("digest", since=NOW)
    assert (done.outcome, done.snapshot, done.finished_at) == ("done", "s", after(2))
    assert ledger.runs("digest", since=after(1)) == ledger.runs("watch") == ()
    assert ledger.told(TOLD.key, "C1") == TOLD


def test_the_same_key_is_one_message(ledger: Ledger) -> None:
    assert ledger.enqueue([DIGEST, DIGEST, DETAILS], NOW) == 2
    assert ledger.enqueue([replace(DIGEST, card="other")], NOW) == 0
    (parcel,) = ledger.lease(NOW)
    assert parcel.post == DIGEST


def test_two_senders_never_hold_the_same_parcel(ledger: Ledger) -> None:
    posts = [Post(f"p/{n}", "slack", f"C{n % 9}", "{}") for n in range(40)]
    assert ledger.enqueue(posts, NOW) == 40
    taken = together(6, lambda _: [p.post.key for p in ledger.lease(NOW, limit=5)])
    keys = [key for batch in taken if isinstance(batch, list) for key in batch]
    assert len(keys) == len(set(keys)) > 0
    assert not {p.post.key for p in ledger.lease(NOW, limit=40)} & set(keys)


def test_a_reply_waits_for_its_root_and_knows_where_it_stands(ledger: Ledger) -> None:
    change = replace(DETAILS, key="digest/0312/change", kind="change")
    ledger.enqueue([DIGEST, DETAILS, change], NOW)
    (root,) = ledger.lease(NOW)
    assert ledger.lease(NOW) == ()
    assert ledger.sent(root, "m-1", after(1)) is True
    (reply,) = ledger.lease(after(2))
    assert (reply.post.key, reply.root_message, reply.root_thread) == (DETAILS.key, "m-1", "")
    assert ledger.lease(after(2)) == ()
    ledger.again(reply, after(30), "rate limited")
    assert ledger.lease(after(29)) == ()
    (reply,) = ledger.lease(after(30))
    assert (reply.attempts, reply.unsure_since) == (2, None)
    ledger.sent(reply, "m-2", after(31))
    (last,) = ledger.lease(after(32))
    assert (last.post.kind, last.root_message) == ("change", "m-1")
    deeper = Post("deeper", "slack", "C1", "{}", kind="change", root=DETAILS.key)
    ledger.sent(last, "m-1", after(33))
    ledger.enqueue([deeper], after(34))
    (parcel,) = ledger.lease(after(34))
    assert (parcel.root_message, parcel.root_thread) == ("m-2", "m-1")


def test_posts_of_a_channel_keep_their_order(ledger: Ledger) -> None:
    posts = [Post(f"p/{n}", "slack", channel, "{}") for n, channel in enumerate("AABA")]
    ledger.enqueue(posts, NOW)
    first = ledger.lease(NOW, limit=1)
    assert [p.post.key for p in first] == ["p/0"]
    assert [p.post.key for p in ledger.lease(NOW)] == ["p/2"]
    ledger.again(first[0], after(60), "busy")
    assert [p.post.key for p in ledger.lease(after(1))] == ["p/1", "p/3"]


def test_nothing_goes_out_before_its_time_or_to_a_platform_not_asked_for(ledger: Ledger) -> None:
    ledger.enqueue([replace(DIGEST, not_before=after(600))], NOW)
    assert ledger.lease(after(599)) == ()
    assert ledger.lease(after(600), platforms=["feishu"]) == ()
    assert len(ledger.lease(after(600), platforms=["slack"])) == 1


def test_a_sender_that_died_leaves_an_unsure_parcel(ledger: Ledger) -> None:
    ledger.enqueue([DIGEST], NOW)
    (dead,) = ledger.lease(after(5), 90)
    assert dead.unsure_since is None
    assert ledger.lease(after(94)) == ()
    (heir,) = ledger.lease(after(95))
    assert (heir.unsure_since, heir.attempts, heir.epoch) == (after(5), 2, 2)
    assert ledger.sent(dead, "late", after(96)) is False
    ledger.dead(dead, "late")
    assert ledger.sent(heir, "m-1", after(97)) is True
    posted = ledger.posted(DIGEST.key)
    assert posted is not None
    assert (posted.state, posted.message) == ("sent", "m-1")


def test_what_is_unsure_is_looked_up_from_its_first_try_on(ledger: Ledger) -> None:
    ledger.enqueue([DIGEST], NOW)
    (parcel,) = ledger.lease(after(5))
    ledger.unsure(parcel, after(70), "timeout")
    assert ledger.lease(after(69)) == ()
    (again,) = ledger.lease(after(70))
    assert again.unsure_since == after(5)
    ledger.unsure(again, after(140), "timeout")
    (third,) = ledger.lease(after(140))
    assert third.unsure_since == after(5)
    ledger.again(third, after(141), "looked up: not there")
    (fourth,) = ledger.lease(after(141))
    assert fourth.unsure_since is None


def test_what_is_given_up_takes_its_replies_along_and_blocks_nobody(ledger: Ledger) -> None:
    other = Post("other", "slack", "C1", "{}")
    ledger.enqueue([DIGEST, DETAILS, other], NOW)
    root, second = ledger.lease(NOW)
    assert second.post == other
    ledger.dead(root, "channel_not_found")
    assert ledger.lease(after(1)) == ()
    assert [(post.key, error) for post, error in ledger.dead_posts()] == [
        (DIGEST.key, "channel_not_found"),
        (DETAILS.key, "the message it belongs to was given up"),
    ]


def test_a_message_of_the_platform_is_known_again(ledger: Ledger) -> None:
    change = Post("change", "slack", "C1", "{}", kind="change", root=DIGEST.key)
    ledger.enqueue([DIGEST, change], NOW)
    for number in (1, 2):
        (parcel,) = ledger.lease(after(number))
        ledger.sent(parcel, "m-1", after(number))
    found = ledger.by_message("slack", "C1", "m-1")
    assert found is not None
    assert (found.key, found.root, found.platform, found.channel) == (DIGEST.key, "", "slack", "C1")
    assert ledger.by_message("slack", "C2", "m-1") is None
    assert ledger.by_message("slack", "C1", "") is None


def test_what_arrives_twice_is_kept_once(ledger: Ledger) -> None:
    answers = together(8, lambda _: ledger.receive('{"a": 1}', "feishu", "om_1", NOW))
    assert answers.count(True) == 1
    assert ledger.receive("{}", "slack", "om_1", NOW) is True
    first, second = ledger.take(NOW, limit=5)
    assert (first.body, first.platform, first.attempts) == ('{"a": 1}', "feishu", 1)
    assert ledger.take(after(59)) == ()
    ledger.done(first.id, after(10))
    (left,) = ledger.take(after(60))
    assert (left.id, left.attempts) == (second.id, 2)
    ledger.done(left.id, after(61), "could not be read")
    assert ledger.take(after(9999)) == ()
    assert ledger.receive('{"a": 1}', "feishu", "om_1", after(6 * 3600)) is False


def test_alerts_are_remembered_by_channel(ledger: Ledger) -> None:
    ledger.tell(TOLD)
    ledger.tell(replace(TOLD, channel="C2", state="snoozed", snoozed_until=after(60)))
    acked = replace(TOLD, state="acked", acked_by="U1", worst=3000.5, quiet_days=1)
    ledger.tell(acked)
    assert ledger.told(TOLD.key, "C1") == acked
    assert ledger.open_alerts("C1") == (acked,)
    assert [told.state for told in ledger.open_alerts()] == ["acked", "snoozed"]
    ledger.tell(replace(acked, state="recovered"))
    assert ledger.open_alerts("C1") == ()
    assert ledger.told("nothing", "C1") is None


def test_what_is_in_the_database_outlives_the_process(url: str) -> None:
    with closing(Store(url)) as store:
        Ledger(store).enqueue([DIGEST], NOW)
    with closing(Store(url)) as store:
        assert [parcel.post for parcel in Ledger(store).lease(NOW)] == [DIGEST]


def test_what_a_person_answered_meanwhile_is_not_undone(store: Store) -> None:
    ledger = Ledger(store)
    first = replace(TOLD, key="uk|S6", channel="standup", worst=100.0)
    assert ledger.tell(first)
    seen_by_watch, seen_by_hand = ledger.told("uk|S6", "standup"), ledger.told("uk|S6", "standup")
    assert seen_by_watch is not None
    assert seen_by_hand is not None
    assert ledger.tell(replace(seen_by_hand, state="acked", acked_by="Lin"))
    assert not ledger.tell(replace(seen_by_watch, worst=200.0))
    assert not ledger.tell(replace(seen_by_hand, state="acked", acked_by="Mia"))
    kept = ledger.told("uk|S6", "standup")
    assert kept is not None
    assert (kept.state, kept.acked_by, kept.worst) == ("acked", "Lin", 100.0)
