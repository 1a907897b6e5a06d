"""Reviews and findings are kept, edited, withdrawn and found again on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage.findings import FindingRow, FindingStore
from storage.ledger import Ledger, Post
from storage.reviews import Answer, ReviewStore

if TYPE_CHECKING:
    from storage.store import Store

NOW = datetime(2026, 3, 13, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 12)
ASKED = ("problem", "action")
FOUND = FindingRow(
    "uk|ctor|S3", DAY, "uk", "uk/live-0312", "S3", "ctor", 0.021, 0.036, 1120.0, "GBP", ("p1", "p2")
)


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def reviews(store: Store) -> ReviewStore:
    return ReviewStore(store)


def opened(reviews: ReviewStore, key: str = "alert/1", at: datetime = NOW) -> int:
    return reviews.open("uk|ctor|S3", "C1", key, ASKED, ("lin", "mia"), at)


def test_a_review_is_opened_once_under_its_post(reviews: ReviewStore) -> None:
    number = opened(reviews)
    assert opened(reviews) == number
    review = reviews.get(number)
    assert review is not None
    assert (review.questions, review.owners, review.opened_at) == (ASKED, ("lin", "mia"), NOW)
    assert (review.answers, review.closed_at, review.conclusion) == ((), None, "")
    assert reviews.get(number + 1) is None


def test_answers_are_kept_edited_and_withdrawn(reviews: ReviewStore) -> None:
    number = opened(reviews)
    assert reviews.upsert(number, "m1", "U1", "运费改过", after(1)) is True
    assert reviews.upsert(number, "m1", "U1", "运费改过", after(1)) is False
    assert reviews.upsert(number, "m2", "U2", "colour 色号", after(2)) is True
    assert reviews.upsert(number, "m1", "U1", "运费昨晚改过", after(1), after(5)) is True
    assert reviews.upsert(number, "m1", "U1", "older edit", after(1), after(4)) is False
    assert reviews.upsert(number, "m1", "U1", "the first text again", after(1)) is False
    review = reviews.get(number)
    assert review is not None
    assert review.answers == (
        Answer("m1", "U1", "运费昨晚改过", after(1), after(5)),
        Answer("m2", "U2", "colour 色号", after(2)),
    )
    assert reviews.withdraw("m1") == number
    assert reviews.withdraw("unknown") is None
    assert reviews.withdraw("m2", review_id=number + 1) is None
    assert reviews.upsert(number, "m1", "U1", "back?", after(1), after(9)) is False
    review = reviews.get(number)
    assert review is not None
    assert [answer.message_id for answer in review.answers] == ["m2"]
    assert reviews.search("昨晚") == ()


def test_an_edit_may_come_before_the_message(reviews: ReviewStore) -> None:
    number = opened(reviews)
    assert reviews.upsert(number, "m1", "U1", "edited", after(1), after(2)) is True
    assert reviews.upsert(number, "m1", "U1", "as written", after(1)) is False
    review = reviews.get(number)
    assert review is not None
    assert [answer.text for answer in review.answers] == ["edited"]


def test_a_thread_leads_to_its_review(store: Store, reviews: ReviewStore) -> None:
    ledger = Ledger(store)
    number = opened(reviews)
    assert reviews.by_root("C1", "m-9") is None
    ledger.enqueue([Post("alert/1", "slack", "C1", "{}")], NOW)
    (parcel,) = ledger.lease(NOW)
    ledger.sent(parcel, "m-9", NOW)
    review = reviews.by_root("C1", "m-9")
    assert review is not None
    assert review.id == number
    assert reviews.by_root("C2", "m-9") is None
    assert reviews.by_root("C1", "") is None


def test_an_owner_is_reminded_once(reviews: ReviewStore) -> None:
    number = opened(reviews)
    assert [reviews.remind(number, who, NOW) for who in ("lin", "lin", "mia")] == [
        True, False, True,
    ]  # fmt: skip
    review = reviews.get(number)
    assert review is not None
    assert review.reminded == ("lin", "mia")


def test_reviews_are_listed_closed_and_found(reviews: ReviewStore) -> None:
    first, second = opened(reviews), opened(reviews, "alert/2", after(1))
    reviews.upsert(first, "m1", "U1", "Missing SIZE table 100%", after(1))
    assert reviews.close(first, "保留:色号对照", after(60)) is True
    assert reviews.close(first, "again", after(61)) is False
    assert [review.id for review in reviews.list()] == [second, first]
    assert [review.id for review in reviews.list(1)] == [second]
    assert [review.id for review in reviews.list(unfinished=True)] == [second]
    assert reviews.list(channel="C2") == ()
    for word in ("size table", "色号", "0%"):
        assert [review.id for review in reviews.search(word)] == [first]
    assert [review.id for review in reviews.search("CTOR")] == [second, first]
    assert reviews.search("_%_") == ()


def test_findings_are_kept_by_day_and_renewed(store: Store) -> None:
    ledger, findings = Ledger(store), FindingStore(store)
    dearer = replace(FOUND, key="us|gmv|", shop="us", lost=9000.0, expected=None)
    for number, rows in enumerate(([FOUND, dearer], [replace(FOUND, lost=10.0)])):
        run = ledger.claim("digest", str(number), NOW)
        assert run is not None
        assert ledger.finish(run, NOW, findings=rows)
    assert findings.list(DAY, DAY) == (dearer, replace(FOUND, lost=10.0))
    assert findings.list(DAY, DAY, shops=["us"]) == (dearer,)
    assert findings.list(date(2026, 1, 1), date(2026, 1, 2)) == ()


def test_what_worked_is_counted(store: Store) -> None:
    findings = FindingStore(store)
    for days in range(4):
        day = DAY + timedelta(days)
        assert findings.accept("p1", FOUND.key, day, by="lin", at=after(days)) is True
    assert findings.accept("p1", FOUND.key, DAY, by="mia", at=NOW) is False
    waiting = findings.waiting()
    assert [one.day for one in waiting] == [DAY + timedelta(days) for days in range(4)]
    assert waiting[0].accepted_by == "lin"
    for one, worked in zip(waiting, (True, False, None), strict=False):
        findings.judge(one, worked=worked, at=after(99))
    assert findings.past() == {"p1": (1, 2)}
    assert len(findings.waiting()) == 1
