"""What Slack would refuse or show wrongly: a second opinion on every payload.

The limits come from the library slackblocks, which was not written here; what it does not look
at (pings, verbatim text, one table, total length) is checked by hand.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import slackblocks as sb

from bot.slack.limits import OVERFLOW, TOTAL_TEXT, VISIBLE_BUTTONS
from bot.slack.render import length

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]

_PING = re.compile(r"<[!@#](?!date\^\d+\^[^|<>]*\|[^<>]*>)(?!U[A-Z0-9]+>)")
_CHARTS: dict[str, Any] = {"line": sb.LineChart, "bar": sb.BarChart}


def _chart(block: Json) -> Any:
    chart = block["chart"]
    series = [
        sb.DataSeries(one["name"], [sb.DataPoint(p["label"], p["value"]) for p in one["data"]])
        for one in chart["series"]
    ]
    axis = chart["axis_config"]
    config = sb.AxisConfig(axis["categories"], axis.get("x_label"), axis.get("y_label"))
    return sb.DataVisualizationBlock(block["title"], _CHARTS[chart["type"]](series, config))


def _text(text: Json) -> Any:
    return sb.Text.from_dict(text)


def _element(element: Json) -> Any:
    if element["type"] == "overflow":
        options = [sb.Option(_text(o["text"]), o["value"]) for o in element["options"]]
        return sb.OverflowMenu(element["action_id"], options)
    confirm = element.get("confirm")
    return sb.Button(
        _text(element["text"]),
        element["action_id"],
        value=element.get("value"),
        style=element.get("style"),
        confirm=sb.ConfirmationDialogue(**{k: _text(v) for k, v in confirm.items()})
        if confirm
        else None,
    )


def _table(block: Json) -> Any:
    settings = [sb.ColumnSettings(**one) for one in block["column_settings"]]
    return sb.TableBlock(
        [[sb.RawText(cell["text"]) for cell in row] for row in block["rows"]], settings
    )


def _block(block: Json) -> Any:
    match block["type"]:
        case "actions":
            return sb.ActionsBlock([_element(one) for one in block["elements"]])
        case "table":
            return _table(block)
        case "data_visualization":
            return _chart(block)
        case "container":
            return sb.ContainerBlock(
                [_block(child) for child in block["child_blocks"]],
                title=_text(block["title"]),
                is_collapsible=block["is_collapsible"],
                default_collapsed=block["default_collapsed"],
            )
        case _:
            return sb.Block.from_dict(block)


def _input(block: Json) -> Any:
    element = block["element"]
    if element["type"] == "static_select":
        options = [sb.Option(_text(o["text"]), o["value"]) for o in element["options"]]
        made: Any = sb.StaticSelectMenu(element["action_id"], options)
    else:
        hint = element.get("placeholder")
        made = sb.PlainTextInput(
            element["action_id"],
            multiline=element["multiline"],
            max_length=element["max_length"],
            placeholder=_text(hint) if hint else None,
        )
    return sb.InputBlock(
        _text(block["label"]), made, block_id=block["block_id"], optional=block["optional"]
    )


def modal_faults(view: Json) -> list[str]:
    """Return what is wrong with a modal."""
    try:
        sb.ModalView(
            _text(view["title"]),
            [_input(block) for block in view["blocks"]],
            close=_text(view["close"]),
            submit=_text(view["submit"]),
            private_metadata=view["private_metadata"],
            callback_id=view["callback_id"],
        ).to_dict()
    except (sb.InvalidUsageError, TypeError, ValueError) as error:
        return [f"modal: {error}"]
    return []


def nodes(node: Any) -> Iterator[Json]:
    """Return every object of a payload, outer ones first."""
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from nodes(child)


def strings(node: Any) -> Iterator[str]:
    """Return every text in a payload."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for child in node.values():
            yield from strings(child)
    elif isinstance(node, list):
        for child in node:
            yield from strings(child)


def faults(payload: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a message, in sentences; nothing when Slack would take it."""
    found = []
    blocks: list[Json] = payload["blocks"]
    try:
        sb.Message("C01GEN", payload["text"], [_block(block) for block in blocks]).to_dict()
    except (sb.InvalidUsageError, TypeError, ValueError) as error:
        found.append(f"slackblocks: {error}")
    if not payload["text"].strip():
        found.append("the notification text is empty")
    if length(blocks) > TOTAL_TEXT:
        found.append(f"{length(blocks)} characters in all")
    return (
        found
        + _own_faults(blocks)
        + [f"pings: {t}" for t in strings(dict(payload)) if _PING.search(t)]
    )


def _own_faults(blocks: list[Json]) -> list[str]:
    found = []
    inside = list(nodes(blocks))
    kinds = Counter(node.get("type") for node in inside)
    if kinds["table"] > 1:
        found.append("more than one table")
    if kinds["data_visualization"] > 2:
        found.append("more than two charts")
    ids = Counter(node["action_id"] for node in inside if "action_id" in node)
    found += [f"action_id {name} twice" for name, count in ids.items() if count > 1]
    names = Counter(node["block_id"] for node in inside if "block_id" in node)
    found += [f"block_id {name} twice" for name, count in names.items() if count > 1]
    for node in inside:
        found += _node_faults(node)
    return found


def _node_faults(node: Json) -> list[str]:
    found: list[str] = []
    match node.get("type"):
        case "header" if node["text"]["type"] != "plain_text":
            found.append("a header takes plain text only")
        case "mrkdwn" if not node.get("verbatim"):
            found.append(f"Slack would link what it finds in: {node['text'][:40]}")
        case "mrkdwn" | "plain_text" if not node["text"].strip():
            found.append("an empty text")
        case "image" if not node.get("alt_text"):
            found.append("an image without alt_text")
        case "actions":
            found += _row_faults(node["elements"])
        case "data_visualization":
            found += _chart_faults(node)
    return found


def _row_faults(elements: list[Json]) -> list[str]:
    """More than three may be in sight only when the overflow is full or cannot hold them."""
    free = [e for e in elements if e["type"] == "button" and "confirm" not in e]
    hidden = [e for e in elements if e["type"] == "overflow"]
    full = any(len(one["options"]) == OVERFLOW for one in hidden)
    return [f"{len(free)} buttons in sight"] if len(free) > VISIBLE_BUTTONS and not full else []


def _chart_faults(node: Json) -> list[str]:
    categories = node["chart"]["axis_config"]["categories"]
    found = []
    for series in node["chart"]["series"]:
        if [point["label"] for point in series["data"]] != categories:
            found.append(f"the series {series['name']} does not cover every category")
        if not all(math.isfinite(point["value"]) for point in series["data"]):
            found.append(f"the series {series['name']} has a value that is none")
    return found
