"""What people answered moves what an alert needs: within bounds, fading, one voice a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.patience import HIGHEST, LOWEST, Answer, Precision, patience, precision

DAY = date(2026, 3, 12)
OWN, SIBLING, OTHER = "uk/live-1|S3", "uk/live-2|S3", "uk/live-1|S4"


def answers(*words: str, key: str = OWN) -> list[Answer]:
    """Return answers of as many people, each "good" or "false", with how many days ago."""
    made = []
    for number, word in enumerate(words):
        what, _, ago = word.partition("-")
        made.append(Answer(key, what == "good", DAY - timedelta(int(ago or 0)), f"u{number}"))
    return made


@pytest.mark.parametrize(
    ("words", "factor"),
    [
        (["false"], 1.07),
        (["false", "false", "false"], 1.37),
        (["good"], 0.96),
        (["good", "good", "good"], 0.85),
        (["false", "good"], 1.05),
        (["false-60"], 1.02),
        (["false"] * 30, 1.6),
        (["good"] * 30, 0.7),
    ],
)
def test_false_alarms_raise_and_good_catches_lower(words: list[str], factor: float) -> None:
    assert patience(answers(*words), DAY)[OWN] == pytest.approx(factor, abs=0.005)


def test_the_same_trouble_next_door_is_moved_a_little_and_nothing_else() -> None:
    told = patience(
        answers("false", "false", "false"), DAY, [OWN.split("|", maxsplit=1)[0], "uk/live-2", "us"]
    )
    assert 1.0 < told[SIBLING] < 1.15 < told[OWN]
    assert told.get(OTHER) is None
    assert told.get("us|S3") is None
    assert set(told) == {OWN, SIBLING}
    assert len(told) == 2
    assert dict(told.items())[SIBLING] == told[SIBLING]
    assert dict(patience([], DAY, ["uk"])) == {}


def test_one_person_counts_once_a_day_and_the_last_word_stands() -> None:
    wrong, right = (
        Answer(OWN, good=False, day=DAY, user="u1"),
        Answer(OWN, good=True, day=DAY, user="u1"),
    )
    assert patience([wrong, wrong, wrong], DAY)[OWN] == patience([wrong], DAY)[OWN]
    assert patience([wrong, right], DAY)[OWN] == patience([right], DAY)[OWN]
    heard = patience([wrong, right], DAY).heard(OWN)
    assert heard is not None
    assert (heard.false, heard.good, heard.since) == (0, 1, DAY)


def test_what_is_answered_later_moves_nothing_earlier() -> None:
    assert patience(answers("false"), DAY - timedelta(1)).get(OWN) is None
    assert patience(answers("false"), DAY).heard(SIBLING) is None


@given(
    st.lists(
        st.builds(
            Answer,
            st.sampled_from([OWN, SIBLING, OTHER]),
            st.booleans(),
            st.integers(0, 400).map(lambda ago: DAY - timedelta(ago)),
            st.sampled_from(["u1", "u2", "u3"]),
        ),
        max_size=60,
    )
)
def test_whatever_is_answered_stays_within_bounds(said: list[Answer]) -> None:
    told = patience(said, DAY)
    assert all(LOWEST <= factor <= HIGHEST for factor in told.values())
    for key in told:
        worse = patience([*said, Answer(key, good=False, day=DAY, user="new")], DAY)
        assert worse[key] >= told[key] or worse[key] == pytest.approx(told[key])


def test_an_alert_counts_once_by_what_most_people_said() -> None:
    said = [
        Answer(OWN, good=True, day=DAY, user="u1", root="a"),
        Answer(OWN, good=True, day=DAY, user="u2", root="a"),
        Answer(OWN, good=False, day=DAY, user="u3", root="a"),
        Answer(OWN, good=False, day=DAY, user="u1", root="b"),
        Answer(OTHER, good=True, day=DAY, user="u1", root="c"),
    ]
    found = precision(said)
    assert found == {"S3": Precision(1, 1), "S4": Precision(1, 0), "": Precision(2, 1)}
    assert found[""].share == pytest.approx(2 / 3)
    assert Precision(0, 0).share is None
    assert precision([]) == {}
