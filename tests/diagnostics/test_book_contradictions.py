"""Each contradiction of a team's rows is refused by a sentence with file, row, field, remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnostics.book import BookError, load

if TYPE_CHECKING:
    from pathlib import Path

RANGE = """
[mine]
metric = "margin"
scope = { country = "GB" }
low = 0.1
source = "own"
grade = "own"
valid_from = 2026-01-01
reason = { zh = "自己的", en = "own" }
"""
DAY = """
[mine]
zh = "店庆"
en = "Shop birthday"
countries = ["GB"]
kind = "campaign"
effect = 1.3
source = "own"
"""
DO = """
[S8.prescriptions.mine]
zh = "做一件事"
en = "Do one thing"
cause = "bundle_gone"
owner = "operator"
controllable = true
priority = 9
variable = { zh = "一件事", en = "one thing" }
judged_by = "aov"
within_days = 1
judged_after_days = 3
pool = "deal"
"""
SCENE = """
[S10]
zh = "新场景"
en = "New scene"
symptoms = []
kinds = ["shop"]
"""

# (file, its text, the sentence after the file's path)
WRONG = [
    # references
    ("metrics", '[ctr]\nof = ["product_click"]', "[ctr] of: unknown measure 'product_click' (did you mean product_clicks?); correct it or add it to measures.toml"),
    ("metrics", '[ctr]\nowner = "boss"', "[ctr] owner: unknown role 'boss'; correct it or add it to roles.toml"),
    ("metrics", '[ctr]\nstage = "clik"', "[ctr] stage: unknown stage 'clik' (did you mean click?); correct it or add it to stages.toml"),
    ("ranges", '[margin]\nmetric = "margn"', "[margin] metric: unknown metric 'margn' (did you mean margin?); correct it or add it to metrics.toml"),
    ("ranges", '[roas]\nlow_from = "break_even"', "[roas] low_from: unknown metric 'break_even' (did you mean break_even_roas?); correct it or add it to metrics.toml"),
    ("ranges", '[roas]\nlow_from = "roas"', "[roas] low_from: names the range's own metric; name another"),
    ("ranges", '[view_rate-live.scope]\nkind = "stream"', "[view_rate-live.scope] kind: 'stream' is not known; use one of company, country, category, shop, account, live, video, product, creator"),
    ("ranges", '[margin-us-beauty.scope]\ncountry = "usa"', "[margin-us-beauty.scope] country: 'usa' is no country; use two capital letters, like GB"),
    ("funnels", '[company]\nlike = "shops"', "[company] like: unknown funnel 'shops' (did you mean shop?); correct it or add it to funnels.toml"),
    ("measures", '[views]\nfrom_kinds = ["vidoe"]', "[views] from_kinds: 'vidoe' is no kind of unit; use company, country, category, shop, account, live, video, product, creator"),
    ("scenes", '[S8]\nsymptoms = ["aovv low"]', "[S8] symptoms: unknown metric 'aovv' (did you mean aov?); correct it or add it to metrics.toml"),
    ("scenes", '[S8]\nyields_to = ["S99"]', "[S8] yields_to: unknown scene 'S99'"),
    ("scenes", '[S8]\nkinds = ["market"]', "[S8] kinds: 'market' is no kind of unit"),
    ("scenes", '[S8.causes.bundle_gone]\nevidence_for = ["basket low"]', "[S8.causes.bundle_gone] evidence_for: unknown metric 'basket'; correct it or add it to metrics.toml"),
    ("scenes", DO.replace('owner = "operator"', 'owner = "chef"'), "[S8.prescriptions.mine] owner: unknown role 'chef'; correct it or add it to roles.toml"),
    ("scenes", DO.replace('"aov"', '"aovs"'), "[S8.prescriptions.mine] judged_by: unknown metric 'aovs' (did you mean aov?)"),
    # fields
    ("metrics", '[ctr]\nownr = "buyer"', "[ctr] ownr: there is no such field (did you mean owner?); correct or remove it"),
    ("ranges", '[margin.scope]\ncity = "Leeds"', "[margin.scope] city: there is no such field; correct or remove it"),
    ("scenes", '[S8.causes.bundle_gone]\nevidence = ["aov low"]', "[S8.causes.bundle_gone] evidence: there is no such field (did you mean evidence_for?)"),
    ("roles", '[finance]\nzh = "财务"', "[finance] en: is missing; add it"),
    ("roles", '[finance]\nzh = ""\nen = "finance"', "[finance] zh: must be a non-empty text in quotes, not ''"),
    ("metrics", '[ctr]\nrise = { zh = "好" , en = "" }', "[ctr.rise] en: must be a non-empty text in quotes, not ''"),
    ("metrics", '[ctr]\nmisuse = "wrong base"', '[ctr] misuse: must be { zh = "…", en = "…" }, not'),
    ("metrics", '[ctr]\nsmallest_base = "many"', "[ctr] smallest_base: must be a number such as 0.05, not 'many'"),
    ("metrics", "[ctr]\nsettles_after = -1", "[ctr] settles_after: must be a whole number of at least 0, not -1"),
    ("metrics", '[ctr]\naliases = "a, b"', "[ctr] aliases: must be a list of texts such as [\"orders\"], not 'a, b'"),
    ("metrics", "[ctr]\nof = []", "[ctr] of: is an empty list; name at least one"),
    ("metrics", '[ctr]\nunit = "percent"', "[ctr] unit: 'percent' is not known"),
    ("metrics", 'ctr = "clicks"', "[ctr]: must be a row of fields, not 'clicks'"),
    ("scenes", '[S8]\nalert = "yes"', "[S8] alert: must be true or false (without quotes), not 'yes'"),
    ("scenes", '[S8]\ncauses = "many"', "[S8] causes: must be a table of fields, not 'many'"),
    ("scenes", '[S8]\nsymptoms = ["aov falls"]', "[S8] symptoms: 'aov falls' is no condition; write a metric and low, high, ok, any, drop, spike"),
    # metrics
    ("metrics", '[ctr]\naliases = ["转化率"]', "[cvr] zh: '转化率' already names ctr; choose another word"),
    ("metrics", '[roas]\naliases = ["gpm"]', "[roas] aliases: 'gpm' already names gpm; choose another word"),
    ("metrics", '[ctr]\nover = ["visitors"]', "[ctr] dedup: is missing although visitors counts people; say within what a person counts once"),
    ("metrics", '[gmv]\nunit = "ratio"', "[gmv] over: is missing although the unit is ratio; name the base"),
    # funnels
    ("funnels", '[account]\nlike = "category"\n[category]\nlike = "account"', "[account] like: goes in a circle: account → category → account; remove one of them"),
    ("funnels", '[company.steps.views]\nzh = "观看"\nen = "Views"\ncount = "views"\ncontrollable = true', "[company] steps: are there although it is like shop; drop one"),
    ("funnels", '[live.steps.cart]\ncount = "add_to_carts"', "[live.steps.cart] count: unknown measure 'add_to_carts' (did you mean add_to_cart?)"),
    ("funnels", '[live.steps.cart]\nrate = "checkout_rate"', "[live.steps.cart] rate: checkout_rate counts checkouts, the step counts add_to_cart; choose the rate whose `of` is the step's count"),
    ("funnels", '[live.steps.pay]\nrate = "ctor"', "[live.steps.pay] rate: ctor is over product_clicks, but the step follows add_to_cart; choose a rate over that count"),
    ("funnels", '[live.steps.pay]\nrate = ""', "[live.steps.pay] rate: is missing; name the metric by which the step is reached"),
    ("funnels", '[live.steps.impressions]\nrate = "view_rate"', "[live.steps.impressions] rate: the first step has no rate and is in the chain"),
    ("ranges", "[ctor]\noff = true", "[video.steps.pay] why_no_range: ctor has no range at all; add one to ranges.toml or say here why not"),
    # ranges
    ("ranges", "[roas]\nlow = 3\nhigh = 2", "[roas] low: low 3 is above high 2; swap or correct them"),
    ("ranges", "[margin]\ntarget = 0.05", "[margin] target: target 0.05 is outside low 0.15; move it inside"),
    ("ranges", "[margin]\ntarget = 25", "[margin] target: 25 is more than the whole; write 25 % as 0.25"),
    ("ranges", RANGE.replace("low = 0.1\n", ""), "[mine] low: the range has no bound; give low, target, high or low_from"),
    ("ranges", RANGE + "valid_to = 2025-01-01", "[mine] valid_to: valid_to 2025-01-01 lies before valid_from 2026-01-01; correct one of them"),
    ("ranges", RANGE + RANGE.replace("[mine]", "[mine-too]"), "[mine-too] valid_from: 2026-01-01 lies within the validity of mine, which has the same metric and scope; end that one with valid_to before"),
    ("ranges", RANGE.replace("2026-01-01", '"last spring"'), "[mine] valid_from: 'last spring' is not a date; write it like 2026-11-11"),
    ("ranges", RANGE.replace("2026-01-01", "2026-01-01T08:00:00"), "[mine] valid_from: datetime.datetime(2026, 1, 1, 8, 0) is not a date; write it like 2026-11-11"),
    # scenes
    ("scenes", SCENE, "[S10] symptoms: has none, so its prescriptions can never fire; name a metric"),
    ("scenes", SCENE.replace("symptoms = []\n", ""), "[S10] symptoms: has none, so its prescriptions can never fire; name a metric"),
    ("scenes", '[S8]\nsymptoms = ["aov low", "aov high"]', "[S8] symptoms: aov cannot be in two states at once; keep one of them"),
    ("scenes", DO.replace('"bundle_gone"', '"weather"'), "[S8.prescriptions.mine] cause: S8 has no cause 'weather', so this can never fire; use one of bundle_gone, cheap_mix, deep_discount"),
    ("scenes", "[S8.prescriptions.end_coupon]\noff = true", "[S8] prescriptions: none is for the cause 'deep_discount'; add one or drop the cause"),
    ("scenes", DO.replace("mine", "end_coupon").replace("S8", "S9").replace("bundle_gone", "packaging"), "[S9.prescriptions.end_coupon] key: another scene has a prescription of that key; rename it"),
    ("scenes", DO.replace("judged_after_days = 3", "judged_after_days = 0"), "[S8.prescriptions.mine] judged_after_days: must be at least 1"),
    ("scenes", '[S8.causes.bundle_gone]\nevidence_against = ["items_per_order low"]', '[S8.causes.bundle_gone] evidence_against: "items_per_order low" speaks for it as well; remove one'),
    ("scenes", '[S5]\nyields_to = ["S8"]', "[S5] yields_to: goes in a circle: S5 → S8 → S5; remove one of them"),
    # calendar
    ("calendar", DAY + "first = 2026-05-02\nlast = 2026-05-01", "[mine] last: 2026-05-01 lies before first 2026-05-02; swap them"),
    ("calendar", DAY, "[mine] first: needs exactly one of first/last, monthly, yearly; found none of them"),
    ("calendar", DAY + "first = 2026-05-02\nlast = 2026-05-02\nmonthly = 3", "[mine] first: needs exactly one of first/last, monthly, yearly; found first and monthly"),
    ("calendar", DAY + "monthly = 32\nfrom = 2026-01-01\nto = 2026-12-31", '[mine] monthly: 32 is no day of a month; use 1 to 31 or "last"'),
    ("calendar", DAY + 'yearly = "13-01"\nfrom = 2026-01-01\nto = 2026-12-31', "[mine] yearly: '13-01' is no day of the year; write it like \"11-11\""),
    ("calendar", DAY + "monthly = 3\nfrom = 2026-12-31\nto = 2026-01-01", "[mine] to: 2026-01-01 lies before from 2026-12-31; swap them"),
    ("calendar", DAY.replace("GB", "England") + "monthly = 3\nfrom = 2026-01-01\nto = 2026-12-31", "[mine] countries: 'England' is no country; use two capital letters, like GB"),
    ("calendar", DAY.replace("1.3", "0") + "first = 2026-05-02\nlast = 2026-05-02", "[mine] effect: must be above 0 (1.0 is no effect)"),
    ("calendar", DAY + "first = 2026-05-02\nlast = 2026-05-02\nbefore = 2\nbefore_effect = 0", "[mine] before_effect: must be above 0 (1.0 is no effect)"),
    ("calendar", DAY + "first = 2026-05-02\nlast = 2026-05-02\nafter_effect = 0.9", "[mine] after_effect: has no days to act on; say how many in after"),
    ("calendar", DAY + "first = 2026-05-02\nlast = 2026-05-04\nmakeup = [2026-05-03]", "[mine] makeup: 2026-05-03 is one of the days off; remove it"),
    ("calendar", DAY + "first = 2026-05-02\nlast = 2026-05-04\nmakeup = 5", "[mine] makeup: must be a list of dates such as [2026-02-14], not 5"),
    # files
    ("roles", "[finance\nzh = 1", "not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 9); correct that line"),
    ("ranges", RANGE.replace("2026-01-01", "2026-02-30"), "not valid TOML: Invalid date or datetime (at line 8, column 14); correct that line"),
    ("roles", '[finance]\nzh = "财务"\nen = "a"\n[finance]\nzh = "b"\nen = "c"', "not valid TOML: Cannot declare ('finance',) twice (at line 4, column 9); correct that line"),
    ("metric", "", "the book has no file of that name (did you mean metrics?); rename it"),
]  # fmt: skip


def problems(*folders: Path) -> tuple[str, ...]:
    with pytest.raises(BookError) as refused:
        load(*folders)
    return refused.value.problems


@pytest.mark.parametrize(("name", "text", "sentence"), WRONG)
def test_a_contradiction_is_refused(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    path = tmp_path / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    found = problems(tmp_path)
    assert any(sentence in problem for problem in found), "\n".join(found)


def test_all_problems_are_told_at_once_each_with_the_file_that_said_it(tmp_path: Path) -> None:
    (tmp_path / "ranges.toml").write_text("[margin]\nhigh = 0.1\n", encoding="utf-8")
    (tmp_path / "metrics.toml").write_text('[ctr]\nowner = "boss"\nscale = "x"\n', encoding="utf-8")
    found = problems(tmp_path)
    assert [problem.partition(" [")[0] for problem in found] == [
        str(tmp_path / "metrics.toml"),
        str(tmp_path / "metrics.toml"),
        str(tmp_path / "ranges.toml"),
    ]


def test_a_row_refused_is_not_called_unknown_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "metrics.toml").write_text("[margin]\nscale = true\n", encoding="utf-8")
    assert problems(tmp_path) == (
        f"{tmp_path / 'metrics.toml'} [margin] scale: must be a number such as 0.05, not True",
    )


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    assert problems(missing) == (
        f"{missing}: there is no such folder; correct the path of the book",
    )


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "roles.toml").write_bytes('[finance]\nzh = "财务"\nen = "f"\n'.encode("gbk"))
    assert problems(tmp_path) == (
        f"{tmp_path / 'roles.toml'}: not UTF-8 text; save the file as UTF-8",
    )
