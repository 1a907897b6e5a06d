"""The metric dictionary as a Markdown page, made from the rows, in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from diagnostics.book.rows import Book, Lang, Measure, Metric, Term

UNITS = {
    "count": Text("个数", "number"),
    "money": Text("金额", "money"),
    "ratio": Text("百分比", "per cent"),
    "seconds": Text("秒", "seconds"),
    "score": Text("分", "points"),
    "times": Text("倍", "times"),
}
WINDOWS = {
    "day": Text("当天", "day"),
    "7d": Text("近 7 天", "7 days"),
    "30d": Text("近 30 天", "30 days"),
}
DIRECTIONS = {
    "up": Text("越高越好", "higher is better"),
    "down": Text("越低越好", "lower is better"),
    "none": Text("不分好坏", "neither"),
}
HEADS = (
    Text("指标", "Metric"),
    Text("怎么算", "Formula"),
    Text("说的是什么", "What it says"),
    Text("涨了说明", "A rise means"),
    Text("跌了说明", "A fall means"),
    Text("别这样用", "How not to use it"),
    Text("口径", "How it is counted"),
    Text("负责", "Owner"),
)


def formula(metric: Metric, measures: Mapping[str, Measure], lang: Lang) -> str:
    """Return the formula in words: "观看 ÷ 曝光", "1000 × GMV ÷ impressions"."""
    of, over = (_sum(side, measures, lang) for side in (metric.of, metric.over))
    if not metric.over:
        return of
    of = f"({of})" if len(metric.of) > 1 else of
    over = f"({over})" if len(metric.over) > 1 else over
    factor = "" if metric.scale == 1 else f"{metric.scale:g} × "
    return f"{factor}{of} ÷ {over}"


def _sum(terms: Sequence[Term], measures: Mapping[str, Measure], lang: Lang) -> str:
    words = ""
    for term in terms:
        joint = (" − " if term.sign < 0 else " + ") if words else ("−" if term.sign < 0 else "")
        words += joint + measures[term.measure].name(lang)
    return words


def page(book: Book, lang: Lang) -> str:
    """Return the dictionary in one language: a heading and a table per stage."""
    return "\n".join(_lines(book, lang))


def _lines(book: Book, lang: Lang) -> Iterator[str]:
    for stage in book.stages.values():
        metrics = [one for one in book.metrics.values() if one.stage == stage.key]
        if not metrics:
            continue
        yield f"### {stage.name(lang)}"
        yield ""
        yield _row(head(lang) for head in HEADS)
        yield _row("---" for _ in HEADS)
        yield from (_row(_cells(one, book, lang)) for one in metrics)
        yield ""


def _cells(metric: Metric, book: Book, lang: Lang) -> Iterator[str]:
    yield f"**{metric.name(lang)}** `{metric.key}`"
    yield formula(metric, book.measures, lang)
    yield metric.definition(lang)
    yield metric.rise(lang)
    yield metric.fall(lang)
    yield metric.misuse(lang) if metric.misuse else ""
    yield _counted(metric, lang)
    yield book.roles[metric.owner].name(lang)


def _counted(metric: Metric, lang: Lang) -> str:
    parts = [UNITS[metric.unit](lang), WINDOWS[metric.window](lang)]
    parts.append(DIRECTIONS[metric.direction](lang))
    if metric.dedup:
        parts.append(metric.dedup(lang).rstrip("。."))
    if metric.settles_after:
        settles = Text(
            f"{metric.settles_after} 天后定数", f"final after {metric.settles_after} days"
        )
        parts.append(settles(lang))
    return Text("；", "; ")(lang).join(parts)


def _row(cells: Iterator[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
