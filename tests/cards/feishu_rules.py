"""What Feishu documents about cards of JSON 2.0, as a strict checker: unknown keys are errors."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

LARGEST = 30 * 1024
MOST_ELEMENTS = 200
MOST_TABLES = 5
DEEPEST = 5
COMMON = {"tag", "element_id", "margin"}
TEXT_KEYS = {"tag", "content", "i18n_content", "text_size", "text_color", "text_align", "lines"}
KEYS: dict[str, set[str]] = {
    "plain_text": TEXT_KEYS,
    "lark_md": TEXT_KEYS,
    "text_tag": {"tag", "element_id", "text", "color"},
    "standard_icon": {"tag", "token", "color"},
    "markdown": COMMON | {"content", "i18n_content", "text_size", "text_align", "icon"},
    "div": COMMON | {"text", "icon", "width"},
    "hr": COMMON,
    "column_set": COMMON
    | {"horizontal_spacing", "horizontal_align", "flex_mode", "background_style", "columns"},
    "column": COMMON
    | {"width", "weight", "padding", "background_style", "vertical_align", "vertical_spacing"}
    | {"horizontal_align", "horizontal_spacing", "direction", "elements"},
    "collapsible_panel": COMMON
    | {"expanded", "header", "border", "elements", "background_color", "padding"}
    | {"direction", "vertical_spacing", "horizontal_spacing", "vertical_align", "horizontal_align"},
    "interactive_container": COMMON
    | {"width", "height", "background_style", "has_border", "border_color", "corner_radius"}
    | {"padding", "behaviors", "elements", "confirm", "disabled", "direction"},
    "table": COMMON
    | {"page_size", "row_height", "row_max_height", "freeze_first_column", "header_style"}
    | {"columns", "rows"},
    "chart": COMMON | {"chart_spec", "aspect_ratio", "color_theme", "height", "preview"},
    "form": COMMON
    | {"name", "elements", "direction", "vertical_spacing", "horizontal_spacing", "padding"},
    "button": COMMON
    | {"name", "text", "type", "size", "width", "icon", "hover_tips", "disabled", "confirm"}
    | {"disabled_tips", "behaviors", "form_action_type"},
    "input": COMMON
    | {"name", "required", "placeholder", "default_value", "disabled", "width", "max_length"}
    | {"input_type", "rows", "auto_resize", "max_rows", "label", "label_position"},
    "select_static": COMMON
    | {"name", "required", "placeholder", "options", "initial_option", "width", "disabled", "type"},
    "person": COMMON | {"user_id", "size", "show_avatar", "show_name", "style"},
}
ROOT = {"schema", "config", "card_link", "header", "body"}
CONFIG = {"update_multi", "width_mode", "summary", "style", "enable_forward", "streaming_mode"}
HEADER = {"title", "subtitle", "text_tag_list", "template", "icon", "padding"}
BODY = {"direction", "vertical_spacing", "horizontal_spacing", "padding", "elements"}
TEMPLATES = frozenset(
    [
        "blue",
        "wathet",
        "turquoise",
        "green",
        "yellow",
        "orange",
        "red",
        "carmine",
        "violet",
        "purple",
        "indigo",
        "grey",
        "default",
    ]
)
TEXT_SIZES = {"heading-0", "heading-1", "heading-2", "heading-3", "heading-4", "heading"} | {
    *("normal", "notation", "xxxx-large", "xxx-large", "xx-large", "x-large", "large", "medium"),
    *("small", "x-small"),
}
BUTTON_TYPES = frozenset(
    [
        "default",
        "primary",
        "danger",
        "text",
        "primary_text",
        "danger_text",
        "primary_filled",
        "danger_filled",
        "laser",
    ]
)
CHART_TYPES = frozenset(
    [
        "line",
        "area",
        "bar",
        "pie",
        "common",
        "linearProgress",
        "circularProgress",
        "radar",
        "funnel",
        "scatter",
        "wordCloud",
        "boxPlot",
        "map",
    ]
)
RATIOS = {"1:1", "2:1", "4:3", "16:9"}
COLUMN_KEYS = {"name", "display_name", "width", "data_type", "vertical_align"} | {
    *("horizontal_align", "format", "date_format"),
}
CELLS: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "lark_md": str,
    "markdown": str,
    "number": (int, float),
    "options": (str, list),
    "persons": (str, list),
    "date": int,
}
ELEMENT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")
AT = re.compile(r"<at\s+(?:id|ids|email)\s*=\s*[\"']?([^>\"'\s]*)")
MARKDOWN_TABLE = re.compile(r"^\s*\|?\s*:?-{3,}:?\s*\|", re.MULTILINE)
NAMED = {"input", "select_static", "button"}


def problems(card: Any, people: Collection[str] | None = None) -> list[str]:
    """Return what the platform would refuse; `people` are the known open_ids, None for any."""
    if not isinstance(card, dict):
        return ["200621 the card is no object"]
    return [
        *_frame(card),
        *_limits(card),
        *_names(card),
        *_mentions(card, people),
        *_body(card.get("body")),
    ]


def _unknown(part: dict[str, Any], allowed: Collection[str], where: str) -> Iterator[str]:
    for key in part:
        if key not in allowed:
            yield f"200621 unknown property {key!r} in {where}"


def _frame(card: dict[str, Any]) -> Iterator[str]:
    yield from _unknown(card, ROOT, "card")
    config, header = card.get("config") or {}, card.get("header") or {}
    yield from _unknown(config, CONFIG, "config")
    yield from _unknown(config.get("summary") or {}, {"content", "i18n_content"}, "summary")
    yield from _unknown(header, HEADER, "header")
    if card.get("schema") != "2.0":
        yield "200830 schema must be 2.0"
    if config.get("update_multi") is not True:
        yield "200621 update_multi must be true"
    if header.get("template", "default") not in TEMPLATES:
        yield f"200621 no such template: {header.get('template')}"
    if header and (header.get("title") or {}).get("tag") not in {"plain_text", "lark_md"}:
        yield "200621 a header needs a title"
    if len(header.get("text_tag_list") or ()) > 3:
        yield "11310 more than three text tags"
    for part in (header.get("title"), header.get("subtitle"), *(header.get("text_tag_list") or ())):
        yield from _element(part, "header", 0) if part else ()


def _limits(card: dict[str, Any]) -> Iterator[str]:
    size = len(json.dumps(card, ensure_ascii=False).encode())
    if size > LARGEST:
        yield f"230025 {size} bytes"
    parts = list(_parts(card))
    if len(parts) > MOST_ELEMENTS:
        yield f"11310 element number over limit: {len(parts)}"
    tables = sum(part["tag"] == "table" for part in parts)
    tables += sum(
        len(MARKDOWN_TABLE.findall(str(part.get("content", ""))))
        for part in parts
        if part["tag"] == "markdown"
    )
    if tables > MOST_TABLES:
        yield f"11310 card table number over limit: {tables}"


def _parts(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("tag"), str):
            yield part
        for key, value in part.items():
            if key not in {"chart_spec", "value", "rows"}:
                yield from _parts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _parts(value)


def _names(card: dict[str, Any]) -> Iterator[str]:
    ids = [part["element_id"] for part in _parts(card) if "element_id" in part]
    for one in ids:
        if not isinstance(one, str) or not ELEMENT_ID.fullmatch(one):
            yield f"200621 bad element_id {one!r}"
    names = [str(part["name"]) for part in _parts(card) if part["tag"] in NAMED and "name" in part]
    for kind, found in (("element_id", ids), ("name", names)):
        for one, times in Counter(map(str, found)).items():
            if times > 1:
                yield f"200530 {kind} {one!r} stands {times} times"


def _mentions(card: dict[str, Any], people: Collection[str] | None) -> Iterator[str]:
    for part in _parts(card):
        for person in AT.findall(str(part.get("content", ""))) if part["tag"] == "markdown" else ():
            known = person.startswith("ou_") if people is None else person in people
            if not known:
                yield f"100290 bad @ id {person!r}"


def _body(body: Any) -> Iterator[str]:
    if not isinstance(body, dict) or not isinstance(body.get("elements"), list):
        yield "200621 a card needs body.elements"
        return
    yield from _unknown(body, BODY, "body")
    if not body["elements"]:
        yield "200621 body.elements is empty"
    for element in body["elements"]:
        yield from _element(element, "body", 0)


def _element(part: Any, parent: str, depth: int) -> Iterator[str]:
    tag = part.get("tag") if isinstance(part, dict) else None
    if not isinstance(tag, str) or tag not in KEYS:
        yield f"200861 unsupported tag {tag!r} in {parent}"
        return
    yield from _unknown(part, KEYS[tag], tag)
    if tag in {"table", "form"} and parent != "body":
        yield f"200621 {tag} may only stand at the root, not in {parent}"
    if (tag == "column") != (parent == "column_set"):
        yield f"200621 {tag} may not stand in {parent}"
    yield from _kind(tag, part)
    inner_depth = depth + (tag in {"column_set", "collapsible_panel", "form"})
    if inner_depth > DEEPEST:
        yield "200621 nested too deep"
    for child in part.get("columns" if tag == "column_set" else "elements") or ():
        yield from _element(child, tag, inner_depth)


def _kind(tag: str, part: dict[str, Any]) -> Iterator[str]:
    match tag:
        case "markdown" | "plain_text":
            if not isinstance(part.get("content"), str):
                yield f"200621 {tag} needs content"
            if part.get("text_size", "normal") not in TEXT_SIZES:
                yield f"200621 no such text_size {part['text_size']!r}"
        case "table":
            yield from _table(part)
        case "chart":
            yield from _chart(part)
        case "button":
            yield from _button(part)
        case "form":
            yield from _form(part)
        case "input" | "select_static":
            yield from _field(part)
        case "collapsible_panel":
            header = part.get("header") or {}
            allowed = {"title", "background_color", "padding", "icon", "icon_position", "width"}
            yield from _unknown(header, allowed | {"vertical_align", "icon_expanded_angle"}, tag)
            yield from _unknown(part.get("border") or {}, {"color", "corner_radius"}, "border")
            yield from _element(header.get("title"), tag, 0)


def _table(part: dict[str, Any]) -> Iterator[str]:
    columns = {str(one.get("name")): one for one in part.get("columns") or ()}
    if not 1 <= len(columns) <= 50:
        yield "200915 a table has 1 to 50 columns"
    if not 1 <= part.get("page_size", 5) <= 10:
        yield "200915 page_size is 1 to 10"
    for one in columns.values():
        yield from _unknown(one, COLUMN_KEYS, "table column")
        if one.get("data_type") not in CELLS:
            yield f"200914 no such data_type {one.get('data_type')!r}"
    for row in part.get("rows") or ():
        for name, cell in row.items():
            if name not in columns:
                yield f"200915 the row key {name!r} is no column"
                continue
            kind = CELLS.get(str(columns[name].get("data_type")), object)
            if not isinstance(cell, kind) or isinstance(cell, bool):
                yield f"200914 the cell {name!r} has the wrong type"


def _chart(part: dict[str, Any]) -> Iterator[str]:
    spec = part.get("chart_spec")
    if not isinstance(spec, dict):
        yield "200550 a chart needs chart_spec"
        return
    if spec.get("type") not in CHART_TYPES:
        yield f"200550 no such chart type {spec.get('type')!r}"
    if _has_null(spec):
        yield "200550 chart_spec holds null"
    if part.get("aspect_ratio", "16:9") not in RATIOS:
        yield "200550 no such aspect_ratio"
    rows = (spec.get("data") or {}).get("values")
    if not isinstance(rows, list) or not rows:
        yield "200550 a chart needs data.values"
        return
    fields = (
        ("categoryField", "valueField") if spec.get("type") == "funnel" else ("xField", "yField")
    )
    for field in fields:
        if any(spec.get(field) not in row for row in rows):
            yield f"200550 {field} is missing in the data"


def _has_null(part: Any) -> bool:
    if isinstance(part, dict):
        return any(_has_null(value) for value in part.values())
    if isinstance(part, list):
        return any(_has_null(value) for value in part)
    return part is None


def _button(part: dict[str, Any]) -> Iterator[str]:
    if part.get("type", "default") not in BUTTON_TYPES:
        yield f"200621 no such button type {part.get('type')!r}"
    yield from _element(part.get("text"), "button", 0)
    confirm = part.get("confirm") or {}
    yield from _unknown(confirm, {"title", "text"}, "confirm")
    for one in part.get("behaviors") or ():
        if one.get("type") == "callback" and not isinstance(one.get("value"), dict):
            yield "200672 a callback's value must be an object"
        if one.get("type") not in {"callback", "open_url", "form_action"}:
            yield f"200621 no such behavior {one.get('type')!r}"


def _form(part: dict[str, Any]) -> Iterator[str]:
    inner = list(_parts(part.get("elements") or []))
    if not any(one.get("form_action_type") == "submit" for one in inner):
        yield "200621 a form needs a submit button"
    for one in inner:
        if one["tag"] in NAMED and not one.get("name"):
            yield f"200530 a {one['tag']} of a form needs a name"
    if not part.get("name"):
        yield "200530 a form needs a name"


def _field(part: dict[str, Any]) -> Iterator[str]:
    for name in ("placeholder", "label"):
        if name in part:
            yield from _element(part[name], str(part["tag"]), 0)
    if part.get("input_type", "text") not in {"text", "multiline_text", "password"}:
        yield "200621 no such input_type"
    if not 1 <= part.get("max_length", 1000) <= 1000:
        yield "200621 max_length is 1 to 1000"
    for option in part.get("options") or ():
        if not isinstance(option.get("value"), str):
            yield "200621 an option's value must be a string"
