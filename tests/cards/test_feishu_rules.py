"""The checker of Feishu cards catches what the platform documents as refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from bot.feishu.render import render
from tests.bot.feishu.cards import card, people
from tests.cards.feishu_rules import problems

Spoil = Callable[[dict[str, Any], dict[str, dict[str, Any]]], object]


def first(payload: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the first element of each tag."""
    found: dict[str, dict[str, Any]] = {}

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            found.setdefault(str(part.get("tag")), part)
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(payload)
    return found


def markdown_table(rows: int) -> dict[str, Any]:
    return {
        "tag": "markdown",
        "content": "\n\n".join(["| a | b |\n| --- | --- |\n| 1 | 2 |"] * rows),
    }


SPOILT: dict[str, tuple[str, Spoil]] = {
    "unknown root property": ("200621", lambda card, _: card.update(i18n_elements={})),
    "unknown property": ("200621", lambda _, tags: tags["markdown"].update(fallback={})),
    "wide_screen_mode": ("200621", lambda card, _: card["config"].update(wide_screen_mode=True)),
    "update_multi": ("200621", lambda card, _: card["config"].update(update_multi=False)),
    "schema": ("200830", lambda card, _: card.update(schema="1.0")),
    "template": ("200621", lambda card, _: card["header"].update(template="pink")),
    "fourth text tag": (
        "11310",
        lambda card, _: card["header"].update(text_tag_list=[{"tag": "text_tag"}] * 4),
    ),
    "v1 tag": ("200861", lambda card, _: card["body"]["elements"].append({"tag": "action"})),
    "cell of the wrong type": ("200914", lambda _, tags: tags["table"]["rows"][0].update(c0=1)),
    "row key that is no column": ("200915", lambda _, tags: tags["table"]["rows"][0].update(c9="")),
    "page size": ("200915", lambda _, tags: tags["table"].update(page_size=11)),
    "callback value as a string": (
        "200672",
        lambda _, tags: tags["button"]["behaviors"][0].update(value="ack"),
    ),
    "form item without a name": ("200530", lambda _, tags: tags["input"].pop("name")),
    "form item with a name twice": ("200530", lambda _, tags: tags["input"].update(name="cause")),
    "form without submit": ("200621", lambda _, tags: tags["form"]["elements"].pop()),
    "chart type": ("200550", lambda _, tags: tags["chart"]["chart_spec"].update(type="gantt")),
    "null in a chart": ("200550", lambda _, tags: tags["chart"]["chart_spec"].update(axes=None)),
    "chart without data": ("200550", lambda _, tags: tags["chart"]["chart_spec"].pop("data")),
    "bad @ id": (
        "100290",
        lambda _, tags: tags["markdown"].update(content="<at id=all></at>"),
    ),
    "nested table": (
        "200621",
        lambda _, tags: tags["collapsible_panel"]["elements"].append(copy.deepcopy(tags["table"])),
    ),
    "six tables": ("11310", lambda card, _: card["body"]["elements"].append(markdown_table(5))),
    "201 elements": (
        "11310",
        lambda card, _: card["body"]["elements"].extend([{"tag": "hr"}] * 200),
    ),
    "empty body": ("200621", lambda card, _: card["body"].update(elements=[])),
    "31 KB": ("230025", lambda _, tags: tags["markdown"].update(content="x" * 31 * 1024)),
    "element_id twice": (
        "200530",
        lambda _, tags: [tags[one].update(element_id="a") for one in ("hr", "chart")],
    ),
    "element_id": ("200621", lambda _, tags: tags["hr"].update(element_id="1-a")),
    "text size": ("200621", lambda _, tags: tags["markdown"].update(text_size="huge")),
    "option value": (
        "200621",
        lambda _, tags: tags["select_static"]["options"][0].update(value=1),
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_refused(name: str) -> None:
    code, spoil = SPOILT[name]
    payload = copy.deepcopy(render(card(), people))
    spoil(payload, first(payload))
    assert any(one.startswith(code) for one in problems(payload)), problems(payload)


def test_good_card_passes() -> None:
    assert problems(render(card(), people)) == []


def test_no_object() -> None:
    assert problems([]) != []


def test_id_of_another_app() -> None:
    assert problems(render(card(), people), people={"ou_someone"}) == ["100290 bad @ id 'ou_lin'"]
