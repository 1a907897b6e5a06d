"""A review in an alert's thread: the fixed questions, what was answered, who is still awaited."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.card import Block, Card, Field, Form, Note, Paragraph, Section, Words
from bot.say import alarm, days, findings, readings
from bot.say.voice import fill
from bot.say.width import clip
from diagnostics.book.rows import Text
from diagnostics.reviews import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from bot.card import Line, Mention, State
    from bot.say.voice import Voice
    from diagnostics.reading import Finding
    from diagnostics.reviews import Conclusion, Question

ANSWER_COLUMNS = 160
_SHOWN = 4
_LISTED = 10

_OPTIONS: dict[Conclusion, Text] = {
    "keep": Text("保留", "keep"),
    "iterate": Text("再迭代", "iterate"),
    "roll_back": Text("回退", "roll back"),
}
_ASKED_OF_PEOPLE = tuple(
    (number, one) for number, one in enumerate(QUESTIONS, start=1) if not one.filled
)
"""The questions that people answer, with their numbers on the form."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one person answered."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """A review as it stands. `answers` by question key; "" holds replies to no question."""

    number: int
    title: str
    """The alert's first line."""
    opened: date
    answers: Mapping[str, Sequence[Said]] = field(default_factory=dict)
    awaited: tuple[str, ...] = ()
    """Names of those who have not answered."""
    closed: date | None = None
    conclusion: str = ""


_HEAD = Text("复盘 #{number} · {title}", "Review #{number} · {title}")
_EVIDENCE = Text("问题和证据（已自动填好）", "Problem and evidence (filled in)")
_ASKED = Text("请 {who} 回答", "Asked: {who}")
_HOW = Text(
    "直接在这条消息下回复，开头写题号或题目，例如「{example}」；也可以填下面的表单。改了、删了都会同步。",
    "Reply in this thread and begin with the number or name of the question, such as “{example}”; or fill in the form. Edits and deletions are followed.",
)
_HOW_AT = Text(
    "在这条消息下 @我 回复，开头写题号或题目，例如「{example}」；也可以填下面的表单。改了、删了都会同步。",
    "Mention me in this thread and begin with the number or name of the question, such as “{example}”; or fill in the form. Edits and deletions are followed.",
)
_EXAMPLE = Text("{number}. 运费没写清", "{number}. freight not shown")
_EXAMPLE_OF, _CONCLUDES = "hypotheses", "conclusion"
_LABEL = Text("{number}. {name}", "{number}. {name}")
_VERDICT = Text("结论选一个", "The verdict in a word")
_SUBMIT = Text("提交", "Submit")
_NONE_YET = Text("还没有人回答", "nobody has answered yet")
_ANSWER = Text("{who}：{text}", "{who}: {text}")
_MORE = Text("还有 {n} 条", "{n} more")
_DONE = Text("已答 {done}/{all}", "{done} of {all} answered")
_AWAITED = Text("还在等：{who}", "Still awaited: {who}")
_ALL_IN = Text("都回复了", "Everyone has answered")
_OTHER = Text("其他回复", "Other replies")
_REMIND = Text(
    "{who} 复盘 #{number} 还差你的回答（{questions}），一两句就行",
    "{who} review #{number} still needs your answer ({questions}); a line or two will do",
)
_CLOSED = Text("复盘 #{number} 已结束 · {title}", "Review #{number} closed · {title}")
_CONCLUSION = Text("结论：{text}", "Conclusion: {text}")
_LIST = Text("复盘：{open} 个进行中，{closed} 个已结束", "Reviews: {open} open, {closed} closed")
_LIST_NONE = Text(
    "还没有复盘；在告警上点「发起复盘」就会开始",
    "No review yet; “Start review” on an alert begins one",
)
_LISTED_LINE = Text(
    "#{number} · {day} · {title} · {state}", "#{number} · {day} · {title} · {state}"
)
_FOUND = Text("「{word}」找到 {n} 个复盘", "“{word}” is in {n} reviews")
_SHOW = Text("看一个：/review show {number}", "See one: /review show {number}")


def form(
    number: int,
    finding: Finding,
    voice: Voice,
    *,
    owners: Sequence[Mention] = (),
    must_mention: bool = False,
) -> Card:
    """Return the form for an alert's thread: problem and evidence filled in, questions open.

    `must_mention`: the platform passes on only replies that mention the bot.
    """
    title = alarm.headline(finding, voice)
    head = voice(_HEAD, number=str(number), title=title)
    blocks: list[Block] = [Section(_bold(_EVIDENCE, voice), _evidence(finding, voice))]
    if owners:
        blocks.append(Paragraph((fill(_ASKED(voice.lang), who=_spaced(owners)),)))
    how = _HOW_AT if must_mention else _HOW
    blocks.append(Note((voice.line(how, example=_example(voice)),)))
    blocks.append(_form(number, [one for _number, one in _ASKED_OF_PEOPLE], voice))
    return _card(head, blocks, voice, state="blue")


def summary(review: Gathered, voice: Voice) -> Card:
    """Return what was answered by whom and who is awaited; the same card is changed in place.

    Open questions stay as a form, so that they can still be answered there.
    """
    head = voice.dotted(
        (voice(_HEAD, number=str(review.number), title=review.title), _progress(review, voice))
    )
    blocks: list[Block] = list(_answers(review, voice))
    if _open(review):
        blocks.append(_form(review.number, _open(review), voice))
    waiting = _AWAITED if review.awaited else _ALL_IN
    answered = any(review.answers.values())
    if review.awaited or answered:
        line = voice.line(waiting, who=voice.joined(review.awaited))
    else:
        line = voice.line(_NONE_YET)
    blocks.append(Note((line,)))
    return _card(head, blocks, voice, state="blue" if _open(review) else "green")


def reminder(review: Gathered, people: Sequence[Mention], voice: Voice) -> Card:
    """Return the one reminder; it pings those alone who have not answered."""
    lacking = _open(review) or [one for _number, one in _ASKED_OF_PEOPLE]
    questions = voice.joined(_halves(one, voice)[0] for one in lacking)
    parts = {"number": str(review.number), "questions": questions}
    names = voice.joined(person.name for person in people)
    return Card(
        state="yellow",
        title=(Words(review.title, bold=True),),
        summary=voice.dotted((voice(_REMIND, who=names, **parts), review.title)),
        blocks=(Paragraph((fill(_REMIND(voice.lang), who=_spaced(people), **parts),)),),
        lang=voice.lang,
    )


def closing(review: Gathered, voice: Voice) -> Card:
    """Return the closed review: the conclusion, and under it what was answered."""
    head = voice(_CLOSED, number=str(review.number), title=review.title)
    blocks: list[Block] = []
    if review.conclusion:
        said = voice(_CONCLUSION, text=clip(review.conclusion, ANSWER_COLUMNS))
        blocks.append(Paragraph(((Words(said, bold=True),),)))
    blocks += _answers(review, voice, without="conclusion" if review.conclusion else "")
    return _card(head, blocks, voice, state="grey")


def show(review: Gathered, voice: Voice) -> Card:
    """Return a review by its number, open or closed."""
    return closing(review, voice) if review.closed else summary(review, voice)


def listed(reviews: Sequence[Gathered], voice: Voice, *, word: str = "") -> Card:
    """Return the newest reviews in a line each; `word` is what was searched for."""
    if not reviews:
        text = voice(_FOUND, word=clip(word, 40), n="0") if word else voice(_LIST_NONE)
        return _card(text, [], voice, state="grey")
    closed = sum(1 for one in reviews if one.closed)
    head = voice(_LIST, open=str(len(reviews) - closed), closed=str(closed))
    if word:
        head = voice(_FOUND, word=clip(word, 40), n=str(len(reviews)))
    lines = tuple((Words(_entry(one, voice)),) for one in reviews[:_LISTED])
    small = voice.line(_SHOW, number=str(reviews[0].number))
    return _card(head, [Paragraph(lines), Note((small,))], voice, state="blue")


def _open(review: Gathered) -> list[Question]:
    return [one for _number, one in _ASKED_OF_PEOPLE if not review.answers.get(one.key)]


def _progress(review: Gathered, voice: Voice) -> str:
    asked = len(_ASKED_OF_PEOPLE)
    return voice(_DONE, done=str(asked - len(_open(review))), all=str(asked))


def _entry(review: Gathered, voice: Voice) -> str:
    state = _progress(review, voice)
    if review.closed:
        state = voice(_CONCLUSION, text=clip(review.conclusion, 60))
    return voice(
        _LISTED_LINE,
        number=str(review.number),
        day=days.short(review.opened, voice.lang),
        title=clip(review.title, 80),
        state=state,
    )


def _evidence(finding: Finding, voice: Voice) -> tuple[Line, ...]:
    """Return the key figures: the one that broke, and those that speak for or against causes."""
    seen = [finding.reading]
    seen += [item.reading for one in finding.hypotheses for item in one.evidence]
    unique = {one.metric: one for one in seen}
    lines = []
    for one in unique.values():
        said = f"{voice.metric(one.metric)} {readings.marked(one, voice)}"
        context = readings.context(one, voice, whose=one is finding.reading)
        lines.append((Words(voice.dotted((said, context))),))
    causes = findings.causes(finding, voice)
    return (*lines, causes) if causes else tuple(lines)


def _answers(review: Gathered, voice: Voice, *, without: str = "") -> list[Block]:
    blocks: list[Block] = []
    for number, question in _ASKED_OF_PEOPLE:
        said = review.answers.get(question.key, ())
        if question.key == without or not said:
            continue
        name = _halves(question, voice)[0]
        title = _bold(_LABEL, voice, number=str(number), name=name)
        blocks.append(Section(title, _lines(said, voice)))
    filled = [one.key for one in QUESTIONS if one.filled]
    other = [said for key in ("", *filled) for said in review.answers.get(key, ())]
    if other:
        blocks.append(Section(_bold(_OTHER, voice), _lines(other, voice)))
    return blocks


def _lines(said: Sequence[Said], voice: Voice) -> tuple[Line, ...]:
    lines: list[Line] = [
        (Words(voice(_ANSWER, who=one.who, text=clip(one.text, ANSWER_COLUMNS))),)
        for one in said[-_SHOWN:]
    ]
    if len(said) > _SHOWN:
        lines.append(voice.line(_MORE, n=str(len(said) - _SHOWN)))
    return tuple(lines)


def _form(review: int, questions: Sequence[Question], voice: Voice) -> Form:
    fields = []
    for number, one in _ASKED_OF_PEOPLE:
        if one in questions:
            name, hint = _halves(one, voice)
            fields.append(Field(one.key, voice(_LABEL, number=str(number), name=name), hint))
    options = tuple((value, voice(text)) for value, text in _OPTIONS.items())
    if any(one.key == _CONCLUDES for one in questions):
        fields.append(Field("verdict", voice(_VERDICT), "", options, multiline=False))
    return Form("review_answer", str(review), tuple(fields), voice(_SUBMIT))


def _example(voice: Voice) -> str:
    number = next(number for number, one in _ASKED_OF_PEOPLE if one.key == _EXAMPLE_OF)
    return voice(_EXAMPLE, number=str(number))


def _halves(question: Question, voice: Voice) -> tuple[str, str]:
    """Return a question's name and what is asked: before and behind its colon."""
    name, _colon, hint = question.text(voice.lang).replace("：", ":").partition(":")
    return name.strip(), hint.strip()


def _spaced(people: Sequence[Mention]) -> list[str | Mention]:
    return [part for person in people for part in (person, " ")][:-1]


def _bold(text: Text, voice: Voice, **parts: str) -> Line:
    return (Words(voice(text, **parts), bold=True),)


def _card(head: str, blocks: list[Block], voice: Voice, *, state: State) -> Card:
    return Card(state, (Words(head, bold=True),), head, tuple(blocks), voice.lang)
