"""A phone without network: what it did is kept through every kill, sent once, and told honestly all the while."""

import random
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from postal.domain import facts
from postal.domain.events import Accepted
from postal.domain.item import Item
from postal.domain.people import Person
from postal.domain.run import DeliveryRun
from postal.services import accounts, delivery
from postal.services import facts as fact_services
from postal.services.facts import Outcome
from postal.store import Store
from tests import arrivals, cast, databases
from tests.journeys.conftest import House, keep
from tests.journeys.phones import Phone, phone_of

TWENTY = 20


@pytest.fixture
def phone(house: House, tmp_path: Path) -> Iterator[Phone]:
    """Return the phone of the postman."""
    with phone_of(house, tmp_path / "phone") as opened:
        yield opened


def receivers(count: int) -> list[Person]:
    return [
        replace(arrivals.hanh, name=f"Lê Thị Hạnh {n:02d}", address=f"{n} Bạch Đằng", phone=f"+849055501{n:02d}")
        for n in range(1, count + 1)
    ]


def offered(house: House, count: int) -> DeliveryRun:
    """Plan the run of the day; its results wait for the postman's signature."""
    arrivals.arrived(house.store, *receivers(count), at=cast.monday)
    run = arrivals.planned(house.store)
    record = delivery.hand_to_postman(
        house.store, run.code, by=cast.hung, at=cast.monday, below=arrivals.below(run.code)
    )
    assert record is not None
    house.clock.forward(minutes=30)
    return run


def started(house: House, count: int) -> DeliveryRun:
    """Let the postman have signed, and left."""
    run = arrivals.on_the_way(house.store, *receivers(count))
    house.clock.forward(minutes=30)
    return run


def acceptances(store: Store, run: DeliveryRun) -> int:
    with store.read() as reader:
        return sum(isinstance(event, Accepted) and event.by.account == "buuta1" for *_, event in reader.events(run.items))


def states(store: Store, run: DeliveryRun) -> dict[str, Item]:
    with store.read() as reader:
        return reader.many(Item, run.items)


def twin(database: Path, folder: Path) -> Store:
    """Return a store on a copy of a database as it is now."""
    path = folder / "twin.db"
    with sqlite3.connect(database) as source, sqlite3.connect(path) as target:
        source.backup(target)
    source.close()
    target.close()
    return Store.open(f"sqlite:///{path}", secret_key=databases.SECRET_KEY)


def expect_waiting(page: Page, count: int) -> None:
    expect(page.get_by_role("heading", name=f"Chưa gửi ({count})")).to_be_visible()
    expect(page.get_by_text("Đã lưu trên máy · chưa đồng bộ")).to_have_count(count)


def expect_all_sent(page: Page, count: int) -> None:
    expect(page.get_by_text(re.compile(r"Đã gửi lên hệ thống \d\d:\d\d"))).to_have_count(count)
    expect(page.get_by_text("Không còn mục nào chưa gửi.")).to_be_visible()


def test_twenty_acceptances_survive_a_kill_before_and_after_they_are_sent(
    house: House, phone: Phone, tmp_path: Path
) -> None:
    run = offered(house, TWENTY)
    phone.take_the_day_along()
    phone.lose_signal()
    phone.page.goto(f"{phone.line.url}/today")
    expect(phone.page.get_by_text("Danh sách tải lúc")).to_be_visible()
    phone.page.get_by_role("button", name=f"Ký nhận đủ {TWENTY}").click()
    expect(phone.page.get_by_text("Đã lưu trên máy này, chưa đồng bộ.")).to_be_visible()
    keep(phone.page, "offline-list-kept")

    phone.kill()  # after the local commit, before anything was sent
    assert acceptances(house.store, run) == 0
    phone.start()
    phone.page.goto(f"{phone.line.url}/outbox")
    expect_waiting(phone.page, TWENTY)
    keep(phone.page, "offline-outbox")

    copy = twin(tmp_path / "house.db", tmp_path)
    phone.line.mend()
    phone.line.loses_answers = True
    phone.go("/today")
    assert phone.line.answer_lost.wait(15)
    phone.kill()  # after it was sent, before the answer came
    assert acceptances(house.store, run) == TWENTY

    phone.line.mend()
    phone.start()
    phone.go("/outbox")
    expect_all_sent(phone.page, TWENTY)
    keep(phone.page, "online-outbox")
    assert acceptances(house.store, run) == TWENTY

    lines = {line["id"]: line for line in phone.line.lines()}
    assert len(lines) == TWENTY
    assert sorted(line["device_seq"] for line in lines.values()) == list(range(1, TWENTY + 1))
    replay_thrice(house, run, list(lines.values()), copy=copy)


def replay_thrice(house: House, run: DeliveryRun, lines: list[dict[str, object]], *, copy: Store) -> None:
    """Send everything again and again, shuffled, in parts and twice: here nothing moves, and a twin ends the same."""
    chance, before = random.Random(4), states(house.store, run)
    by = accounts.actor(house.store, "buuta1", device="app")
    for store, outcome in ((house.store, {Outcome.EXISTS}), (copy, {Outcome.CREATED, Outcome.EXISTS})):
        for _ in range(3):
            again = lines * 2
            chance.shuffle(again)
            for start in range(0, len(again), 7):
                sent = [facts.read(line) for line in again[start : start + 7]]
                told = fact_services.record_facts(store, sent, by=by, at=house.clock.at)
                assert {each.outcome for each in told} <= outcome
        assert acceptances(store, run) == TWENTY
        assert {code: (item.custody, item.custodian) for code, item in states(store, run).items()} == {
            code: (item.custody, item.custodian) for code, item in before.items()
        }
    copy.close()
