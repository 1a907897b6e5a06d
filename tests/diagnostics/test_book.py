"""The shipped book loads, speaks both languages, and holds every row that the rest relies on."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, get_args

import pytest

from diagnostics.book import load
from diagnostics.book.rows import Book, Kind, Prescription, Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOOK = load()
CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
METRICS = [
    "gmv",
    "orders",
    "impressions",
    "views",
    "viewers",
    "followers",
    "retention_3s",
    "hook_2s",
    "hook_6s",
    "completion_rate",
    "engagement_rate",
    "like_rate",
    "comment_rate",
    "share_rate",
    "save_rate",
    "watch_time",
    "view_rate",
    "ctr",
    "click_rate",
    "add_to_cart_rate",
    "checkout_rate",
    "pay_rate",
    "cart_to_pay",
    "ctor",
    "cvr",
    "aov",
    "uv_value",
    "gpm",
    "watch_gpm",
    "profit",
    "margin",
    "gross_margin",
    "refund_rate",
    "refund_rate_cohort",
    "return_rate",
    "cancel_rate",
    "bad_review_rate",
    "complaint_rate",
    "roas",
    "all_in_roi",
    "ad_share",
    "break_even_roas",
    "late_dispatch_rate",
    "on_time_rate",
    "delivery_rate",
    "damage_rate",
    "response_time",
    "repeat_rate",
    "sample_fulfilment",
    "creator_timeliness",
    "output_per_person",
    "search_conversion",
    "satisfaction",
    "disconnects",
    "login_failures",
    "throttles",
]


def texts(value: Any, path: str = "book") -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield path, value
    elif is_dataclass(value):
        for one in fields(value):
            yield from texts(getattr(value, one.name), f"{path}.{one.name}")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts(one, f"{path}.{key}")
    elif isinstance(value, tuple):
        for one in value:
            yield from texts(one, f"{path}.{getattr(one, 'key', '')}")


def test_every_text_is_written_in_both_languages() -> None:
    found = list(texts(BOOK))
    assert len(found) > 800
    for path, text in found:
        initials = text.zh == text.en and text.en.isupper()
        assert CJK.search(text.zh) or initials, f"{path}: zh is not Chinese: {text.zh}"
        assert text.en.strip(), path
        assert not CJK.search(text.en), f"{path}: en has Chinese signs: {text.en}"


def test_chinese_sentences_use_chinese_punctuation() -> None:
    for path, text in texts(BOOK):
        assert not re.search(r"[\u4e00-\u9fff][,;:?!()]", text.zh), f"{path}: {text.zh}"


def test_a_prescription_fits_on_a_line_of_a_phone() -> None:
    for one in BOOK.prescriptions():
        assert len(one.text.zh) <= 40, one.key
        assert len(one.text.en) <= 90, one.key


@pytest.mark.parametrize("key", METRICS)
def test_the_dictionary_has(key: str) -> None:
    metric = BOOK.metrics[key]
    assert metric.source
    assert metric.definition.zh != metric.name.zh


def test_every_kind_of_unit_has_a_funnel_that_ends_in_gmv() -> None:
    assert set(BOOK.funnels) == set(get_args(Kind))
    for funnel in BOOK.funnels.values():
        assert funnel.chain[-1] == "gmv"
        assert not funnel.steps[0].controllable
    assert BOOK.funnels["shop"].chain == (
        "impressions", "views", "product_clicks", "add_to_cart", "orders", "gmv",
    )  # fmt: skip
    assert BOOK.funnels["video"].chain == (
        "impressions", "views", "product_clicks", "orders", "gmv",
    )  # fmt: skip
    assert BOOK.funnels["company"].steps == BOOK.funnels["shop"].steps


def test_signed_sums_are_read_with_their_signs() -> None:
    signs = {term.measure: term.sign for term in BOOK.metrics["profit"].of}
    assert signs == {"gmv": 1} | dict.fromkeys(
        ("refund_amount", "cost_goods", "cost_shipping", "cost_platform", "commission", "ad_cost"),
        -1,
    )
    assert BOOK.metrics["gpm"].scale == 1000


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("ctr", "ctr"),
        (" CTR ", "ctr"),
        ("点击率", "ctr"),
        ("live ctr", "click_rate"),
        ("转化率", "cvr"),
        ("Conversion Rate", "cvr"),
        ("贡献利润", "profit"),
        ("退款率", "refund_rate"),
        ("退款率(按下单日)", "refund_rate_cohort"),
        ("GPM", "gpm"),
        ("nothing", None),
    ],
)
def test_a_metric_answers_to_its_names(word: str, key: str | None) -> None:
    found = BOOK.metric(word)
    assert (found.key if found else None) == key


def test_scenes_one_to_nine_can_be_met_and_treated() -> None:
    assert list(BOOK.scenes) == [f"S{number}" for number in range(1, 10)]
    for scene in BOOK.scenes.values():
        assert len(scene.causes) >= 3, scene.key
        assert len(scene.prescriptions) >= 4, scene.key
        controllable = [one.controllable for one in scene.prescriptions]
        assert controllable == sorted(controllable, reverse=True), scene.key
        assert all(cause.evidence_for for cause in scene.causes), scene.key
    assert [key for key, scene in BOOK.scenes.items() if scene.alert] == ["S4", "S6", "S7"]
    assert [key for key, scene in BOOK.scenes.items() if scene.blocks_judgement] == ["S5"]


def test_a_prescription_is_judged_after_it_is_done_by_a_metric_with_a_good_side() -> None:
    for one in BOOK.prescriptions():
        assert one.within_days <= one.judged_after_days, one.key
        assert BOOK.metrics[one.judged_by].direction != "none", one.key


def test_grade_c_says_so_and_no_seed_judges_gmv() -> None:
    assert not {"gmv", "orders"} & {one.metric for one in BOOK.ranges}
    for one in BOOK.ranges:
        assert one.source, one.key
        assert one.valid_from == date(2026, 1, 1), one.key
    roas = next(one for one in BOOK.ranges if one.metric == "roas")
    assert roas.low_from == "break_even_roas"


@pytest.mark.parametrize(
    ("day", "country", "key"),
    [
        (date(2026, 11, 11), "GB", "double-11-11-2026"),
        (date(2027, 9, 9), "ID", "double-09-09-2027"),
        (date(2026, 11, 27), "US", "black-friday-2026"),
        (date(2027, 11, 29), "GB", "black-friday-2027"),
        (date(2026, 3, 1), "ID", "ramadan-2026"),
        (date(2026, 3, 20), "ID", "lebaran-2026"),
        (date(2027, 3, 11), "ID", "lebaran-2027"),
        (date(2026, 4, 14), "TH", "songkran-2026"),
        (date(2027, 2, 6), "VN", "tet-2027"),
        (date(2026, 3, 25), "ID", "payday-id-2026-03"),
        (date(2026, 2, 28), "GB", "payday-gb-2026-02"),
        (date(2026, 10, 3), "CN", "cn-national-2026"),
    ],
)
def test_the_calendar_knows_the_day(day: date, country: str, key: str) -> None:
    row = next(one for one in BOOK.days(day, country) if one.key == key)
    assert row.covers(day, country)


def test_days_speak_of_their_own_countries_and_of_ramp_and_dip() -> None:
    assert not [one for one in BOOK.days(date(2026, 4, 14), "GB") if one.kind == "holiday"]
    before = {one.key for one in BOOK.days(date(2026, 11, 9), "US")}
    assert "double-11-11-2026" in before
    assert BOOK.days(date(2026, 7, 21), "GB") == ()


def test_the_office_calendar_has_its_make_up_days() -> None:
    spring = next(one for one in BOOK.calendar if one.key == "cn-spring-2026")
    assert spring.office_closed
    assert spring.makeup == (date(2026, 2, 14), date(2026, 2, 28))


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_team_changes_a_field_and_the_rest_of_the_row_stays(tmp_path: Path) -> None:
    write(tmp_path, "metrics", '[ctr]\nowner = "buyer"\n')
    changed = load(tmp_path).metrics["ctr"]
    assert changed.owner == "buyer"
    assert changed.name == BOOK.metrics["ctr"].name
    assert load(tmp_path).folders == (str(tmp_path),)


def test_the_last_folder_wins(tmp_path: Path) -> None:
    first = write(tmp_path / "a", "ranges", "[margin]\nlow = 0.1\n")
    second = write(tmp_path / "b", "ranges", "[margin]\nlow = 0.12\n")
    assert low(load(first, second), "margin") == pytest.approx(0.12)
    assert low(load(second, first), "margin") == pytest.approx(0.1)


def low(book: Book, key: str) -> float | None:
    return next(one.low for one in book.ranges if one.key == key)


def test_a_team_adds_rows_and_takes_rows_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        "scenes",
        "[S8]\noff = true\n[S1.prescriptions.move_hour]\noff = true\n"
        "[S1.causes.platform_reach]\noff = true\n",
    )
    write(tmp_path, "roles", '[finance]\nzh = "财务"\nen = "finance"\n')
    book = load(tmp_path)
    assert "S8" not in book.scenes
    assert "move_hour" not in {one.key for one in book.scenes["S1"].prescriptions}
    assert book.roles["finance"].name("en") == "finance"


def test_a_dated_row_of_a_team_wins_over_a_repeated_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        "calendar",
        '[payday-id-2026-03]\nzh = "发薪"\nen = "Payday"\ncountries = ["ID"]\nkind = "payday"\n'
        'first = 2026-03-13\nlast = 2026-03-14\neffect = 1.5\nsource = "own"\n',
    )
    rows = [one for one in load(tmp_path).calendar if one.key == "payday-id-2026-03"]
    assert [(one.first, one.effect) for one in rows] == [(date(2026, 3, 13), 1.5)]


def test_a_new_range_from_a_date_on_leaves_the_old_one_for_old_days(tmp_path: Path) -> None:
    write(
        tmp_path,
        "ranges",
        '[margin]\nvalid_to = 2026-03-31\n[margin-april]\nmetric = "margin"\nlow = 0.2\n'
        'source = "own"\ngrade = "own"\nvalid_from = 2026-04-01\n'
        'reason = { zh = "二季度目标", en = "Second quarter" }\n',
    )
    found = {one.key: one for one in load(tmp_path).ranges}
    assert found["margin"].valid_to == date(2026, 3, 31)
    assert found["margin-april"].valid_from == date(2026, 4, 1)


def test_prescription_keys_are_unique_over_all_scenes() -> None:
    keys = [one.key for one in BOOK.prescriptions()]
    assert len(keys) == len(set(keys))
    assert all(isinstance(one, Prescription) for one in BOOK.prescriptions())
