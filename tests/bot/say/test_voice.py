"""Names, people and templates, as a voice says them."""

from __future__ import annotations

from bot.card import Mention, Words, plain
from bot.say.voice import fill, inner, merged
from bot.say.width import clip, pad, width
from diagnostics.panel import Unit
from tests.cards import values

LIN = Mention("lin", "林")


def test_a_template_takes_words_and_people() -> None:
    line = fill("处方（{who}）· {when}", who=["运营 ", LIN], when="今天")
    assert line == (Words("处方（运营 "), LIN, Words("）· 今天"))


def test_braces_in_a_name_are_only_words() -> None:
    assert plain(fill("{name}!", name="{who} {0}")) == "{who} {0}!"


def test_plain_words_join_and_styles_stay_apart() -> None:
    spans = (Words("a"), Words(""), Words("b"), Words("c", bold=True), Words("d", light="red"))
    assert merged(spans) == (Words("ab"), Words("c", bold=True), Words("d", light="red"))


def test_a_unit_is_called_by_what_the_reader_knows() -> None:
    zh, en = values.voice("zh"), values.voice("en")
    assert zh.place("uk-beauty/live-0312") == "live-0312（英国美妆店）"
    assert en.place("us-apparel/product-881") == "product “Linen set”, US apparel"
    assert en.place("uk-beauty") == "UK beauty"
    assert en.name("uk-beauty/video-5") == "video-5"


def test_an_unknown_unit_has_its_shops_currency() -> None:
    assert values.voice("en").money(1120, "uk-beauty/live-9999") == "£1,120"


def test_the_voices_own_names_stay() -> None:
    """A channel's names for its shops win over those that a diagnosis brings along."""
    voice = values.voice("en").knowing({"uk-beauty": Unit("uk-beauty", "shop", "other")})
    assert voice.name("uk-beauty") == "UK beauty"


def test_money_is_reported_only_with_a_rate() -> None:
    voice = values.voice("en")
    assert voice.reported(100, "us-apparel") == 100
    assert voice.reported(100, "uk-beauty") == 127
    foreign = voice.knowing({"th": Unit("th", "shop", "TH", currency="THB")})
    assert foreign.reported(100, "th") is None


def test_a_feed_has_a_name() -> None:
    assert values.voice("zh").feed("orders") == "订单"
    assert values.voice("en").feed("no_such_feed") == "no such feed"


def test_names_are_clipped_by_columns_not_letters() -> None:
    assert clip("超长商品名称", 7) == "超长商…"
    assert width(clip("超长商品名称", 7)) == 7
    assert clip("a\nb\tc\u202edef", 40) == "a b cdef"
    assert clip("short", 5) == "short"
    assert pad("中", 4) == "中  "
    assert pad("中", 4, right=True) == "  中"


def test_english_names_are_small_within_a_sentence() -> None:
    assert inner("Cart-to-paid rate") == "cart-to-paid rate"
    assert inner("GMV") == "GMV"
    assert inner("退款率") == "退款率"
