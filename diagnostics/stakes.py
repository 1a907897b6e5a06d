"""From which loss on a change matters however small it is: a share of what a shop brings a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.reading import Diagnosis, Finding, Reading

SHARE = 0.05
"""This share of what one of the shops brings on such a day is dear, where nobody says otherwise."""


def dear(
    diagnosis: Diagnosis, rates: Mapping[str, float] | None, amount: float | None = None
) -> Mapping[str, float]:
    """Return by currency the loss of GMV from which on a finding matters whatever its change.

    `amount` in the reporting currency, else the twentieth part of what the diagnosed shops are
    expected to bring, on average; `rates` as in diagnose. A currency without a rate is measured by
    its own shops, and has no entry where an amount is given.
    """
    known = rates or {}
    brought: dict[str, list[float]] = {}
    for shop in diagnosis.shops:
        usual = _usual(shop.funnel.value)
        if usual is not None:
            currency = shop.unit.currency
            key = "" if currency in known else currency
            brought.setdefault(key, []).append(usual * known.get(currency, 1.0))
    mean = {key: SHARE * sum(some) / len(some) for key, some in brought.items()}
    common = amount if amount is not None else mean.pop("", None)
    alone = mean if amount is None else {}
    shared = {} if common is None else {key: common / rate for key, rate in known.items() if rate}
    return {**alone, **shared}


def _usual(value: Reading) -> float | None:
    """Return what such a day brings; what it brought where that is not known."""
    usual = value.expected.mid if value.expected is not None else value.value
    return usual if usual is not None and usual > 0.0 else None


def of(finding: Finding, diagnosis: Diagnosis, dears: Mapping[str, float]) -> float | None:
    """Return what is dear in the currency of a finding's unit; None where nobody can say."""
    unit = diagnosis.units.get(finding.unit)
    return dears.get(unit.currency) if unit is not None else None
