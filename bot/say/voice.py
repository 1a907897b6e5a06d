"""Who speaks, in which language, with which names, people and past: what every sentence needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import Formatter

from bot.card import Line, Mention, Span, When, Words
from bot.say import figures, words
from bot.say.width import clip, width
from diagnostics import fingerprint
from diagnostics.book.rows import Book, Kind, Lang, Step, Text
from diagnostics.panel import Unit

NAME_COLUMNS = 40
"""How much of a product's or a video's title is said; the rest is not read on a phone."""

Part = str | Span | Sequence[str | Span]
_TITLED = Text("{kind}「{name}」", "{kind} “{name}”")
_EVERY_SHOP = Text("全部店铺", "all shops")
_AT_SHOP = Text("{name}（{shop}）", "{name}, {shop}")


def nobody(_role: str, _unit: Unit) -> tuple[Mention, ...]:
    """Return no one: for channels whose people are not set up."""
    return ()


@dataclass(frozen=True)
class Voice:
    """The language and everything a sentence looks up; one per channel and message.

    `people(role, unit)` are those who own a role for a unit. `rates`: currency → worth in
    `currency` (the reporting one). `past`: prescription → (worked, tried). `feeds`: names of the kinds of export.
    """

    lang: Lang
    book: Book
    people: Callable[[str, Unit], tuple[Mention, ...]] = nobody
    units: Mapping[str, Unit] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    currency: str = ""
    past: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    feeds: Mapping[str, Text] = field(default_factory=dict)

    def __call__(self, text: Text, /, **parts: str) -> str:
        """Return the words in this voice's language, with parts filled in."""
        return text(self.lang).format(**parts) if parts else text(self.lang)

    def line(self, text: Text, /, **parts: Part) -> Line:
        """Return a line in this voice's language, with words, people and moments filled in."""
        return fill(text(self.lang), **parts)

    def knowing(self, units: Mapping[str, Unit]) -> Voice:
        """Return the same voice that knows more units; names it has already stay."""
        return replace(self, units={**units, **self.units})

    def unit(self, key: str) -> Unit:
        """Return a unit by its key; one that bears its slug as a name where it is unknown."""
        found = self.units.get(key)
        if found is not None:
            return found
        shop = key.split("/", maxsplit=1)[0]
        of = self.units.get(shop)
        circle = fingerprint.circle(key)
        if circle is not None:
            kind: Kind = "country" if circle else "company"
            return Unit(key, kind, circle, shop, country=circle, currency=of.currency if of else "")
        return Unit(key, "shop", slug(key), shop, currency=of.currency if of else "")

    def name(self, key: str) -> str:
        """Return what a unit is called: a shop's name, live-0312, product “Linen set”."""
        unit = self.unit(key)
        if unit.kind == "company" and not unit.name:
            return self(_EVERY_SHOP)
        said = clip(unit.name, NAME_COLUMNS) or slug(key)
        match unit.kind:
            case "shop" | "company" | "category":
                return said
            case "country":
                return words.country(unit.country or said, self.lang)
            case "live":
                return slug(key)
            case "account" | "video" | "product" | "creator":
                return self(_TITLED, kind=words.KINDS[unit.kind](self.lang), name=said)

    def place(self, key: str) -> str:
        """Return a unit's name with its shop's: live-0312（英国美妆店）."""
        shop = self.unit(key).shop
        if shop in {"", key} or self.unit(key).kind in {"country", "company"}:
            return self.name(key)
        return self(_AT_SHOP, name=self.name(key), shop=self.name(shop))

    def metric(self, key: str) -> str:
        """Return a metric's name, in the midst of a sentence."""
        found = self.book.metrics.get(key)
        return inner(found.name(self.lang)) if found else self.measure(key)

    def label(self, key: str) -> str:
        """Return a metric's name as it stands alone or opens a line."""
        name = self.metric(key)
        return name[:1].upper() + name[1:]

    def measure(self, key: str) -> str:
        """Return a measure's name; its words without underscores where the book has no row."""
        found = self.book.measures.get(key)
        return inner(found.name(self.lang)) if found else key.replace("_", " ")

    def feed(self, key: str) -> str:
        """Return the name of a kind of export."""
        found = self.feeds.get(key)
        return found(self.lang) if found else key.replace("_", " ")

    def role(self, key: str) -> str:
        """Return a role's name."""
        found = self.book.roles.get(key)
        return inner(found.name(self.lang)) if found else key.replace("_", " ")

    def value(self, metric: str, value: float, unit: str) -> str:
        """Return a metric's value with its unit, money in the currency of the unit spoken of."""
        row = self.book.metrics.get(metric)
        measured = row.unit if row else "count"
        return figures.figure(value, measured, self.unit(unit).currency, self.lang)

    def money(self, value: float, unit: str) -> str:
        """Return an amount in the currency of a unit."""
        return figures.money(value, self.unit(unit).currency, self.lang)

    def reported(self, value: float, unit: str) -> float | None:
        """Return an amount in the reporting currency; None where no rate is set."""
        currency = self.unit(unit).currency
        rate = 1.0 if currency == self.currency else self.rates.get(currency)
        return None if rate is None else value * rate

    def step(self, unit: str, key: str) -> Step | None:
        """Return the row of a funnel step of the unit's kind."""
        funnel = self.book.funnels.get(self.unit(unit).kind)
        steps = funnel.steps if funnel else ()
        return next((step for step in steps if step.key == key), None)

    def joined(self, parts: Iterable[str]) -> str:
        """Return words listed with the language's own comma: a、b; a, b."""
        return ("、" if self.lang == "zh" else ", ").join(parts)

    def beside(self, *parts: str) -> str:
        """Return words side by side; between two Chinese characters stands no space."""
        said = ""
        for part in parts:
            close = said and part and width(said[-1]) == width(part[0]) == 2
            said += part if close or not said or not part else f" {part}"
        return said

    def dotted(self, parts: Iterable[str]) -> str:
        """Return short statements after each other: a · b; no space behind a Chinese bracket."""
        return " · ".join(part for part in parts if part).replace("） · ", "）· ")

    def clauses(self, parts: Iterable[str]) -> str:
        """Return parts of a sentence after each other: a，b; a, b."""
        return ("，" if self.lang == "zh" else ", ").join(part for part in parts if part)


def slug(key: str) -> str:
    """Return the last part of a unit's key, the word that a command takes."""
    return key.rsplit("/", 1)[-1]


def inner(name: str) -> str:
    """Return an English name as it stands within a sentence; GMV and ROAS stay as they are."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def fill(template: str, /, **parts: Part) -> Line:
    """Return a line: the template's words with `{name}` replaced by words, people, moments."""
    spans: list[Span] = []
    for text, name, _spec, _conversion in Formatter().parse(template):
        if text:
            spans.append(Words(text))
        if name is not None:
            part = parts[name]
            inner = (part,) if isinstance(part, str | Words | Mention | When) else tuple(part)
            spans.extend(Words(one) if isinstance(one, str) else one for one in inner)
    return merged(spans)


def merged(spans: Iterable[Span]) -> Line:
    """Return spans with neighbouring plain words joined and empty ones left out."""
    result: list[Span] = []
    for span in spans:
        last = result[-1] if result else None
        if isinstance(span, Words) and not span.text and span.light is None:
            continue
        if (
            isinstance(span, Words)
            and isinstance(last, Words)
            and span.light is None
            and span.bold == last.bold
        ):
            result[-1] = replace(last, text=last.text + span.text)
        else:
            result.append(span)
    return tuple(result)
