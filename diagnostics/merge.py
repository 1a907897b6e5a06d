"""Several shops' days as one morning: shops in different time zones close on different days."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from diagnostics import control, findings, fingerprint
from diagnostics.checks import together as all_checks
from diagnostics.reading import Diagnosis, Trust

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diagnostics.panel import Unit
    from diagnostics.reading import Finding


def together(parts: Sequence[Diagnosis], rates: Mapping[str, float] | None = None) -> Diagnosis:
    """Return the diagnoses of different shops as one, findings ranked over all of them.

    The day is the one that most shops are judged on, the later of two as frequent. Raises
    ValueError for no part at all.
    """
    if not parts:
        raise ValueError("there is no shop to judge")
    if len(parts) == 1:
        return parts[0]
    shops = [shop.unit for part in parts for shop in part.shops]
    parts = [_anchored(part, shops) for part in parts]
    units = {key: unit for part in parts for key, unit in part.units.items()}
    moments = [part.trust.as_of for part in parts if part.trust.as_of is not None]
    return Diagnosis(
        day=max(parts, key=lambda part: (len(part.shops), part.day)).day,
        shops=tuple(shop for part in parts for shop in part.shops),
        findings=findings.ranked([one for part in parts for one in part.findings], units, rates),
        units=units,
        trust=Trust(
            feeds_in=sum(part.trust.feeds_in for part in parts),
            feeds_due=sum(part.trust.feeds_due for part in parts),
            as_of=max(moments, default=None),
            doubts=tuple(doubt for part in parts for doubt in part.trust.doubts),
            checks=all_checks(part.trust.checks for part in parts),
        ),
        control=control.whole(part.control for part in parts),
    )


def _anchored(part: Diagnosis, shops: Sequence[Unit]) -> Diagnosis:
    """Return a part whose groups are known by the first of all shops, whichever closed by then.

    So the group's alert stays the same one when more of its shops have closed the day.
    """
    found = [one for one in part.findings if one.scope in {"country", "company"}]
    names: dict[str, Unit] = {}
    for one in found:
        unit = part.units[one.unit]
        anchor = min(shop.key for shop in shops if unit.country in {"", shop.country})
        key = fingerprint.whole(anchor, unit.country)
        names[one.unit] = replace(unit, key=key, shop=anchor)
    units = {one.key: one for one in (names.get(key, unit) for key, unit in part.units.items())}
    findings = tuple(_renamed(one, names) if one.unit in names else one for one in part.findings)
    return replace(part, units=units, findings=findings)


def _renamed(one: Finding, names: Mapping[str, Unit]) -> Finding:
    unit = names[one.unit].key
    key = str(fingerprint.Fingerprint(unit, fingerprint.read(one.key).what))
    return replace(one, key=key, unit=unit, reading=replace(one.reading, unit=unit))
