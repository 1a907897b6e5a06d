"""Which prescription comes first: what the team controls, by how much it can be expected to bring."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnostics.book.rows import Book, Prescription
    from diagnostics.reading import Finding

PLATFORM = 0.67
"""What the platform does counts two thirds of its money, in findings too: the team's own comes first."""


class Remedy(NamedTuple):
    """A prescription with the share of the loss that it addresses, how often it works, the gain.

    `gain` is money of the loss's day and currency that may be won back, if the cause is the one.
    """

    key: str
    share: float
    rate: float
    gain: float
    worth: float
    """The gain per money lost, less where the team does not control it: the order."""


def remedies(
    rows: Sequence[Prescription],
    weights: Mapping[str, float],
    past: Mapping[str, tuple[int, int]],
    lost: float,
) -> tuple[Remedy, ...]:
    """Return prescriptions in order of controllable x expected gain.

    Expected gain = lost x share x rate. Share: how much of the loss the prescription's cause
    accounts for, (weight + 1) / sum of (weight + 1) over the causes that the rows treat; `weights`:
    cause -> signs for it less signs against it, of the likely causes, best first; others weigh 0.
    Rate: (worked + 1) / (tried + 2), the mean of the Beta posterior over a flat prior, from `past`
    (prescription -> worked, tried): one success is no certainty, and the untried stands at a half.
    Equal ones stand as their causes do, then by priority.
    """
    causes = dict.fromkeys(one.cause for one in rows)
    whole = sum(1.0 + max(0.0, weights.get(cause, 0.0)) for cause in causes)
    likely = list(weights)
    found = []
    for one in rows:
        worked, tried = past.get(one.key, (0, 0))
        share = (1.0 + max(0.0, weights.get(one.cause, 0.0))) / whole
        rate = (worked + 1.0) / (tried + 2.0)
        worth = share * rate * (1.0 if one.controllable else PLATFORM)
        place = likely.index(one.cause) if one.cause in weights else len(likely)
        found.append((-round(worth, 9), place, one.priority, Remedy(
            one.key, share, rate, lost * share * rate, worth
        )))  # fmt: skip
    return tuple(one[-1] for one in sorted(found, key=lambda one: one[:3]))


def ordered(finding: Finding, book: Book, past: Mapping[str, tuple[int, int]]) -> Finding:
    """Return a finding whose prescriptions stand in the order of what they are expected to bring."""
    known = {one.key: one for one in book.prescriptions()}
    rows = [known[key] for key in finding.prescriptions if key in known]
    weights = {one.cause: one.weight for one in finding.hypotheses}
    best = remedies(rows, weights, past, finding.lost)
    return replace(finding, prescriptions=tuple(one.key for one in best))
