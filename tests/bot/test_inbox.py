"""What arrives is worked on once, in order; what breaks is told, what stumbles comes again."""

from __future__ import annotations

from datetime import timedelta

from bot.chat import Incoming, Refused, Unsure
from bot.inbox import dumps, keep, loads, work
from tests.bot.world import DAY, World, at


def said(number: str, text: str = "/help") -> Incoming:
    return Incoming("command", number, "slack", "C01GEN", "U01ALICE", at(DAY), text=text)


def test_what_arrived_comes_back_as_it_was() -> None:
    one = Incoming(
        "form", "1", "feishu", "oc", "ou", at(DAY), answers={"action": "做"}, private=True
    )
    assert loads(dumps(one)) == one


def test_the_same_twice_is_one_and_the_order_is_kept(world: World) -> None:
    ledger, heard = world.desk.ledger, []
    for number in ("3", "1", "3", "2"):
        keep(ledger, said(number), world.now)
    assert work(ledger, lambda one: heard.append(one.id), lambda: world.now) == 3
    assert heard == ["3", "1", "2"]
    assert not keep(ledger, said("1"), world.now + timedelta(days=1))
    assert work(ledger, lambda one: heard.append(one.id), lambda: world.now) == 0


def test_one_that_breaks_is_over_and_the_next_is_worked_on(world: World) -> None:
    ledger, heard = world.desk.ledger, []

    def handle(one: Incoming) -> None:
        heard.append(one.id)
        if one.id == "1":
            raise RuntimeError("broken")
        if one.id == "2":
            raise Refused("not_in_channel", "invite the bot")

    for number in ("1", "2", "3"):
        keep(ledger, said(number), world.now)
    assert work(ledger, handle, lambda: world.now) == 3
    assert work(ledger, handle, lambda: world.now + timedelta(hours=1)) == 0
    assert heard == ["1", "2", "3"]


def test_a_chat_that_stumbles_is_asked_again_after_a_while_and_not_for_ever(world: World) -> None:
    ledger, heard, now = world.desk.ledger, [], world.now

    def handle(one: Incoming) -> None:
        heard.append(one.id)
        raise Unsure("reset")

    keep(ledger, said("1"), now)
    for second in range(0, 3600, 30):
        work(ledger, handle, lambda second=second: now + timedelta(seconds=second))  # type: ignore[misc]  # bound per turn
    assert 1 < len(heard) <= 5


def test_what_goes_wrong_inside_is_told_with_a_number_to_quote(world: World) -> None:
    with world.desk.store.engine.begin() as connection:
        connection.exec_driver_sql("alter table unit rename to unit_lost")
    answer = world.asks("/funnel teduh", id="Ev0123456789")
    assert "Ev0123456789" in answer
    assert "Traceback" not in answer
