"""Cards by hand that use every block, for tests of what Feishu makes of them."""

from __future__ import annotations

from bot.card import (
    Block,
    Button,
    Buttons,
    Card,
    Chart,
    Divider,
    Fact,
    Facts,
    Field,
    Fold,
    Form,
    Mention,
    Note,
    Paragraph,
    Section,
    Series,
    State,
    Table,
    When,
    Words,
    line,
    say,
)

STEPS = ("曝光", "观看", "点击", "支付")
FUNNEL = Chart(
    "funnel",
    "漏斗",
    STEPS,
    (Series("live-0312", (120000.0, 34000.0, None, 231.0)),),
    shown=("12万", "3.4万", "–", "231"),
)
TREND = Chart(
    "line",
    "GMV",
    ("03-10", "03-11", "03-12"),
    (Series("GMV", (9100.0, None, 8412.0)), Series("往常", (9000.0, 9200.0, 10542.0))),
    unit="GBP",
)
COUNTRIES = Table("各国", ("国家", "GMV"), (("英国", "£8,412 ▼"), ("印尼", "Rp 182 jt")))
ACTIONS = tuple(
    Button(action, label, "a1", confirm=confirm)
    for action, label, confirm in (
        ("ack", "认领", ""),
        ("review", "发起复盘", ""),
        ("snooze", "静默 2h", ""),
        ("false", "误报", "确定是误报吗?"),
    )
)
QUESTIONS = Form(
    "answer",
    "r1",
    (
        Field("problem", "哪一步漏了?", hint="一句话", required=True),
        Field("cause", "原因", options=(("price", "价格"), ("page", "页面"))),
        Field("result", "结果", multiline=False),
    ),
    "提交",
)
EVERYTHING: tuple[Block, ...] = (
    Paragraph((line(say("少赚约 £1,120", bold=True), " · ", Mention("lin", "林")), line("第二行"))),
    Section(line("① live-0312"), (line(say("转化 2.1%", light="red")),)),
    Facts((Fact("GMV", line("£8,412 ▼")), Fact("订单", line("391")), Fact("ROAS", line("2.1")))),
    COUNTRIES,
    Divider(),
    FUNNEL,
    TREND,
    Fold("判定依据", (Paragraph((line("z = 3.2"),)), COUNTRIES, TREND, Note((line("规则 7"),)))),
    Buttons(ACTIONS),
    QUESTIONS,
    Note((line("数据 5/5 到齐 ", When(1773300000, "15:20")),)),
)


def card(*blocks: Block, title: str = "英国美妆店 · 3月12日", state: State = "red") -> Card:
    return Card(state, line(title), f"{title} · GMV £8,412", blocks or EVERYTHING, "zh")


def people(mention: Mention) -> str:
    return {"lin": "ou_lin"}.get(mention.person, "")


def simple(text: str = "GMV £8,412") -> Card:
    return card(Paragraph((line(Words(text)),)))
