"""Cells in every way that exports write them."""

from __future__ import annotations

import math
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.sources.cells import (
    Cell,
    CurrencyError,
    LostDigitsError,
    UnreadableError,
    identifier,
    missing,
    number,
    ratio,
    safe_cell,
    seconds,
)
from storage.sources.rows import words

MONEY = words().currencies


@pytest.mark.parametrize(
    ("cell", "currency", "value"),
    [
        ("1,234", "", 1234),
        ("1.234", "", 1234),
        ("18,900", "", 18900),
        ("1.2K", "", 1200),
        ("3.4M", "", 3_400_000),
        ("1.2万", "", 12_000),
        ("1,2 rb", "", 1200),
        ("12,5jt", "", 12_500_000),
        ("1,2 tr", "", 1_200_000),
        (" 42\t", "", 42),
        (7, "", 7),
        ("$1,234.50", "USD", 1234.5),
        ("-$12.50", "USD", -12.5),
        ("$-12.50", "USD", -12.5),
        ("($12.50)", "USD", -12.5),
        ("US$5", "USD", 5),
        ("1.234", "USD", 1.234),
        ("1,234", "USD", 1234),
        ("1.234,56 €", "EUR", 1234.56),
        ("£2.5k", "GBP", 2500),
        ("Rp1.234", "IDR", 1234),
        ("Rp 12.500.000", "IDR", 12_500_000),
        ("Rp12,5jt", "IDR", 12_500_000),
        ("59523.81", "IDR", 59523.81),
        ("1.234₫", "VND", 1234),
        ("1.234 đ", "VND", 1234),
        ("¥1.234", "JPY", 1234),
        ("1,2万円", "JPY", 12_000),
        ("￥88", "CNY", 88),
        ("R$ 413.57", "BRL", 413.57),
        ("R$ 1.413,57", "BRL", 1413.57),
        ("1 234,50", "EUR", 1234.5),
        ("฿99", "THB", 99),
        ("0", "USD", 0),
        ("$0.00", "USD", 0),
    ],
)
def test_numbers(cell: Cell, currency: str, value: float) -> None:
    assert number(cell, MONEY[currency] if currency else None) == pytest.approx(value)


@pytest.mark.parametrize("cell", ["", "--", "-", "N/A", "R$", "\t", "—", " - ", None, math.nan])
def test_missing_is_never_zero(cell: Cell) -> None:
    assert math.isnan(number(cell, MONEY["BRL"]))


@pytest.mark.parametrize("cell", ["abc", "12abc", "1.2.3,4,5", "1,23,4", "12:30", "twelve"])
def test_what_is_no_number_is_said_to_be_none(cell: str) -> None:
    with pytest.raises(UnreadableError):
        number(cell)


@pytest.mark.parametrize(("cell", "currency"), [("£5", "USD"), ("Rp 5", "USD"), ("5 ₫", "IDR")])
def test_another_currency_is_not_taken(cell: str, currency: str) -> None:
    with pytest.raises(CurrencyError):
        number(cell, MONEY[currency])


@given(st.integers(min_value=0, max_value=10**12))
def test_whole_numbers_survive_every_grouping(value: int) -> None:
    for text in (f"{value}", f"{value:,}", f"{value:,}".replace(",", ".")):
        assert number(text) == value
        assert number(f"Rp{text}", MONEY["IDR"]) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2.05%", 0.0205),
        ("3,07%", 0.0307),
        ("201%", 2.01),
        ("0%", 0),
        (0.5, 0.5),
        ("12 %", 0.12),
        ("3.076923%", 0.03076923),
    ],
)
def test_shares(cell: Cell, value: float) -> None:
    assert ratio(cell) == pytest.approx(value)
    assert math.isnan(ratio("--"))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("3h 5min", 11100),
        ("2h37m", 9420),
        ("1min 12s", 72),
        ("1分12秒", 72),
        ("2小时5分钟", 7500),
        ("3 jam 5 menit 10 detik", 11110),
        ("01:12:33", 4353),
        ("12:33", 753),
        ("72", 72),
        (72.5, 72.5),
        (time(1, 2, 3), 3723),
        (timedelta(hours=30), 108_000),
    ],
)
def test_lengths_of_time(cell: Cell, value: float) -> None:
    assert seconds(cell) == value
    with pytest.raises(UnreadableError):
        seconds("3 apples")


def test_ids_keep_all_their_digits() -> None:
    assert identifier("1730000000000000001\t") == "1730000000000000001"
    assert identifier('="1730000000000000001"') == "1730000000000000001"
    assert identifier(12345.0) == "12345"
    for cell in ("1.73E+18", "1.73e18", 1.73e18):
        with pytest.raises(LostDigitsError):
            identifier(cell)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\tx", "\r=x", "  =1", "＝1", "＠x", "－1"]
)
def test_no_text_becomes_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell("live-0312") == "live-0312"


def test_words_for_missing() -> None:
    assert missing("n/a")
    assert not missing("0")
