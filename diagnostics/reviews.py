"""A review's fixed questions, and which of them a team's replies have answered, and by whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from diagnostics.book.rows import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

Conclusion = Literal["keep", "iterate", "roll_back"]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the form; `words` open an answer to it, `filled` = the bot answers it."""

    key: str
    text: Text
    words: tuple[str, ...]
    filled: bool = False


QUESTIONS = (
    Question(
        "problem",
        Text(
            "问题：哪个环节，离历史和同行差多少？",
            "Problem: which stage, how far from history and peers?",
        ),
        ("问题", "problem"),
        filled=True,
    ),
    Question(
        "evidence",
        Text("证据：关键指标（机器人填写）", "Evidence: the key figures (filled in by the bot)"),
        ("证据", "evidence"),
        filled=True,
    ),
    Question(
        "hypotheses",
        Text("假设：可能的原因，最多两条", "Hypotheses: likely causes, two at most"),
        ("假设", "原因", "hypothesis", "hypotheses", "cause", "causes"),
    ),
    Question(
        "action",
        Text("动作：具体改了什么？只改一个变量", "Action: what exactly changed? One variable only"),
        ("动作", "行动", "措施", "action", "actions"),
    ),
    Question(
        "result",
        Text("结果：提升多少，是否显著？", "Result: what lift, and is it significant?"),
        ("结果", "result", "results"),
    ),
    Question(
        "conclusion",
        Text(
            "结论：保留 / 迭代 / 回滚，下一步？",
            "Conclusion: keep / iterate / roll back, and next?",
        ),
        ("结论", "下一步", "conclusion", "next"),
    ),
)
"""The one-page form, the same for every review, in its order."""

MOST_HYPOTHESES = 2

CONCLUSIONS: Mapping[Conclusion, tuple[str, ...]] = {
    "roll_back": ("回滚", "撤回", "恢复原样", "roll back", "rollback", "roll_back", "revert"),
    "iterate": ("迭代", "继续试", "再试", "iterate", "try again"),
    "keep": ("保留", "继续用", "keep"),
}
NEGATED = ("不", "别", "勿", "not ", "don't ", "don’t ", "no ")


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply of a thread as it stands now (edited text in place, withdrawn ones left out)."""

    user: str
    text: str
    at: datetime
    message: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What one person said to one question."""

    question: str
    user: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """What is answered, by whom, what is open, and what was concluded."""

    said: Mapping[str, tuple[Said, ...]]
    """By question key, in the order of the replies."""
    open: tuple[str, ...]
    """Keys of the questions that nobody has answered and that people must answer."""
    users: tuple[str, ...]
    """Who has replied, in order, once each."""
    conclusion: Conclusion | None

    @property
    def complete(self) -> bool:
        """Say whether every question has an answer."""
        return not self.open


_NUMBER = re.compile(r"^\s*[(\uFF08]?([1-9])\s*[.、)\uFF09:\uFF1A\uFF0E]\s*(?!\d)(.*)$", re.DOTALL)
_WORD = re.compile(
    r"^\s*[*_#-]*\s*([A-Za-z]+|[\u4e00-\u9fff]{2,3})[*_]*\s*[:\uFF1A]\s*(.*)$", re.DOTALL
)


def tally(answers: Iterable[Answer]) -> Tally:
    """Sum up the replies of a review's thread.

    An answer names its question by number ("3. ..."), by its word ("假设:...", "hypothesis: ...")
    or not at all: then it goes to the first question that is still open, or to the last one named.
    One reply may answer several questions on lines of their own. Of one person's several replies
    to a question all count; the youngest conclusion holds.
    """
    said: dict[str, list[Said]] = {question.key: [] for question in QUESTIONS}
    users: dict[str, None] = {}
    for answer in sorted(answers, key=lambda one: (one.at, one.message)):
        if not answer.text.strip():
            continue
        users[answer.user] = None
        for key, text in parse(answer.text, _open(said)):
            said[key].append(Said(key, answer.user, text, answer.at))
    last = QUESTIONS[-1].key
    found = [one for one in (concluded(one.text) for one in said[last]) if one is not None]
    return Tally(
        said={key: tuple(parts) for key, parts in said.items() if parts},
        open=_open(said),
        users=tuple(users),
        conclusion=found[-1] if found else None,
    )


def _open(said: Mapping[str, Sequence[Said]]) -> tuple[str, ...]:
    return tuple(one.key for one in QUESTIONS if not one.filled and not said[one.key])


def parse(text: str, unanswered: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return (question key, text) pairs of one reply; lines that name nothing belong to the last.

    A reply that names no question at all goes to the first of `unanswered`, or to the conclusion
    when everything is answered; a bare "keep", "迭代" ... is always a conclusion.
    """
    parts: list[tuple[str, list[str]]] = []
    loose: list[str] = []
    for line in text.strip().splitlines():
        named = _named(line)
        if named is not None:
            parts.append((named[0], [named[1]]))
        elif parts:
            parts[-1][1].append(line)
        else:
            loose.append(line)
    whole = "\n".join(loose).strip()
    if whole:
        bare = len(whole) <= 12 and concluded(whole) is not None
        first = QUESTIONS[-1].key if bare or not unanswered else unanswered[0]
        parts.insert(0, (first, [whole]))
    return tuple(_spoken(parts))


def _spoken(parts: Sequence[tuple[str, Sequence[str]]]) -> Iterator[tuple[str, str]]:
    for key, lines in parts:
        text = "\n".join(lines).strip()
        if text:
            yield key, text


def _named(line: str) -> tuple[str, str] | None:
    number = _NUMBER.match(line)
    if number is not None and 1 <= int(number[1]) <= len(QUESTIONS):
        key = QUESTIONS[int(number[1]) - 1].key
        return key, (_named(number[2]) or (key, number[2]))[1]
    word = _WORD.match(line)
    if word is not None:
        for question in QUESTIONS:
            if word[1].casefold() in question.words:
                return question.key, word[2]
    return None


def concluded(text: str) -> Conclusion | None:
    """Return what a text concludes: keep, iterate or roll back; None when it says none of them.

    The first word that stands in it decides; a negated one ("不保留", "not keep") does not count.
    """
    low = text.casefold()
    found: list[tuple[int, Conclusion]] = []
    for key, words in CONCLUSIONS.items():
        for word in words:
            at = low.find(word)
            if at >= 0 and not low[:at].endswith(NEGATED):
                found.append((at, key))
    return min(found)[1] if found else None
