"""How each kind of row is written in TOML, and the value that it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from diagnostics.book.rows import (
    Cause,
    Condition,
    Funnel,
    Is,
    Kind,
    Measure,
    Metric,
    Prescription,
    RangeRow,
    Role,
    Scene,
    Scope,
    Stage,
    Step,
    Term,
)

if TYPE_CHECKING:
    from diagnostics.book.row import Row

KINDS = get_args(Kind)
UNITS = ("count", "money", "ratio", "seconds", "score", "times")
CLOCKS = ("event", "order", "request", "session")
POOLS = ("content", "deal", "audience", "base", "service")


def role(key: str, row: Row) -> Role:
    """Read a role."""
    return Role(key, row.name())


def stage(key: str, row: Row) -> Stage:
    """Read a stage."""
    return Stage(key, row.name())


def kinds(row: Row, name: str, *, needed: bool) -> tuple[Kind, ...]:
    """Read a list of kinds of unit."""
    found = row.words(name, needed=needed)
    for word in found:
        if word not in KINDS:
            row.wrong(name, f"{word!r} is no kind of unit; use {', '.join(KINDS)}")
    return tuple(kind for kind in KINDS if kind in found)


def measure(key: str, row: Row) -> Measure:
    """Read a measure."""
    return Measure(
        key=key,
        name=row.name(),
        unit=row.choice("unit", UNITS),
        dedup=row.choice("dedup", ("events", "people"), "events"),
        clock=row.choice("clock", CLOCKS, "event"),
        from_kinds=kinds(row, "from_kinds", needed=False),
    )


def terms(words: tuple[str, ...]) -> tuple[Term, ...]:
    """Read ["gmv", "-ad_cost"] as a signed sum."""
    return tuple(Term(word.lstrip("-"), -1 if word.startswith("-") else 1) for word in words)


def metric(key: str, row: Row) -> Metric:
    """Read a metric of the dictionary."""
    return Metric(
        key=key,
        name=row.name(),
        of=terms(row.words("of")),
        over=terms(row.words("over", needed=False)),
        unit=row.choice("unit", UNITS),
        direction=row.choice("direction", ("up", "down", "none")),
        stage=row.word("stage"),
        owner=row.word("owner"),
        definition=row.text("definition"),
        rise=row.text("rise"),
        fall=row.text("fall"),
        scale=row.number("scale", 1.0),
        window=row.choice("window", ("day", "7d", "30d"), "day"),
        dedup=row.maybe_text("dedup"),
        clock=row.choice("clock", CLOCKS, "event"),
        settles_after=row.whole("settles_after", 0),
        smallest_base=row.number("smallest_base", 0.0),
        aliases=row.words("aliases", needed=False),
        source=row.word("source", ""),
        misuse=row.maybe_text("misuse"),
        headline=row.whole("headline", 0),
    )


def step(row: Row) -> Step:
    """Read a funnel step; its key is the last word of its path."""
    found = Step(
        key=row.path[-1],
        name=row.name(),
        count=row.word("count"),
        rate=row.word("rate", ""),
        in_chain=row.yes("in_chain", default=True),
        controllable=row.yes("controllable"),
        why_no_range=row.maybe_text("why_no_range"),
        plus=row.words("plus", needed=False),
    )
    row.close()
    return found


def funnel(key: str, row: Row) -> Funnel:
    """Read the funnel of a kind of unit; `like` is followed by the caller."""
    row.word("like", "")
    return Funnel(
        kind=row.choice("kind", KINDS, key),
        name=row.name(),
        steps=tuple(step(inner) for inner in row.inners("steps")),
        value=row.word("value", "gmv"),
    )


def scope(row: Row) -> Scope:
    """Read whom a range speaks of."""
    found = Scope(
        unit=row.word("unit", ""),
        kind=row.choice("kind", KINDS, "") if row.has("kind") else "",
        level=row.choice("level", ("store", "team", "person"), "") if row.has("level") else "",
        stage=row.choice("stage", ("test", "growth", "mature"), "") if row.has("stage") else "",
        category=row.word("category", ""),
        country=row.word("country", ""),
    )
    row.close()
    return found


def range_row(key: str, row: Row) -> RangeRow:
    """Read a KPI range."""
    return RangeRow(
        key=key,
        metric=row.word("metric"),
        scope=scope(row.inner("scope")),
        low=row.number("low", needed=False),
        target=row.number("target", needed=False),
        high=row.number("high", needed=False),
        source=row.word("source"),
        grade=row.choice("grade", ("A", "B", "C", "own")),
        valid_from=row.day("valid_from"),
        reason=row.text("reason"),
        valid_to=row.maybe_day("valid_to"),
        low_from=row.word("low_from", ""),
    )


STATES: dict[str, tuple[Is, bool]] = {
    "low": ("low", False),
    "high": ("high", False),
    "ok": ("ok", False),
    "any": ("any", False),
    "drop": ("low", True),
    "spike": ("high", True),
}


def conditions(row: Row, name: str) -> tuple[Condition, ...]:
    """Read ["ctr low", "refund_rate spike"] as conditions; drop and spike are sudden."""
    found = []
    for words in row.words(name, needed=False):
        metric_key, _, state = words.partition(" ")
        if state in STATES:
            found.append(Condition(metric_key, *STATES[state]))
        else:
            row.wrong(name, f"{words!r} is no condition; write a metric and {', '.join(STATES)}")
    return tuple(found)


def cause(row: Row) -> Cause:
    """Read a cause; its key is the last word of its path."""
    found = Cause(
        key=row.path[-1],
        text=row.name(),
        controllable=row.yes("controllable"),
        evidence_for=conditions(row, "evidence_for"),
        evidence_against=conditions(row, "evidence_against"),
    )
    row.close()
    return found


def prescription(row: Row) -> Prescription:
    """Read a prescription; its key is the last word of its path."""
    found = Prescription(
        key=row.path[-1],
        text=row.name(),
        cause=row.word("cause"),
        owner=row.word("owner"),
        controllable=row.yes("controllable"),
        priority=row.whole("priority"),
        variable=row.text("variable"),
        judged_by=row.word("judged_by"),
        within_days=row.whole("within_days"),
        judged_after_days=row.whole("judged_after_days"),
        pool=row.choice("pool", POOLS),
    )
    row.close()
    return found


def scene(key: str, row: Row) -> Scene:
    """Read a scene; prescriptions come out first things first, the controllable ones before."""
    todo = [prescription(inner) for inner in row.inners("prescriptions")]
    return Scene(
        key=key,
        name=row.name(),
        symptoms=conditions(row, "symptoms"),
        kinds=kinds(row, "kinds", needed=True),
        causes=tuple(cause(inner) for inner in row.inners("causes")),
        prescriptions=tuple(sorted(todo, key=lambda one: (not one.controllable, one.priority))),
        alert=row.yes("alert", default=False),
        blocks_judgement=row.yes("blocks_judgement", default=False),
        any_symptom=row.yes("any_symptom", default=False),
        yields_to=row.words("yields_to", needed=False),
    )
