"""Whatever people do with money, every sum on a page, in a till, on a list and of the day is that of the events."""

import json
import random
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from postal.domain import cash
from postal.domain.cash import CashHandover
from postal.domain.dossier import Dossier
from postal.domain.events import MoneyLedger, Payment, ReturnWay, Service
from postal.domain.money import RefundGround
from postal.domain.people import Actor
from postal.domain.refusals import Refused
from postal.queries import day_money, remittances, tills
from postal.queries import money as money_queries
from postal.services import money, registration, verification
from postal.services.money import Counted, Payback, Payin
from postal.services.registration import PaperEntry, Registration
from postal.store import Store
from postal.store.tables import CashRow, EventRow, table_of
from tests import cast
from tests.cast import commune_desk, counter, lan, minh, monday, second_counter, xuan

POSTAGE, FEES = MoneyLedger.POSTAGE, MoneyLedger.FEES
BANK = cash.bank_custodian(cast.OFFICE, unit_name=cast.UNIT_NAMES[cast.OFFICE])

Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("register", "register", "pay", "pay", "charge", "refund", "pass_on", "remit", "offer", "recall", "count")
        ),
        st.integers(min_value=0, max_value=7),
        st.integers(min_value=1, max_value=200),
    ),
    min_size=4,
    max_size=18,
)
"""What somebody does, to which of the dossiers, with how many thousands of đồng."""


@dataclass
class Office:
    """Two clerks, their tills, the bank, and a desk that takes fees."""

    store: Store
    below: Any = field(default_factory=lambda: cast.below(5))
    dossiers: list[str] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)

    def do(self, what: str, which: int, thousands: int) -> None:
        """Try one step; a refusal is an answer too."""
        by = (lan, minh)[which % 2]
        with suppress(Refused):
            getattr(self, what)(which, thousands * 1_000, by)

    def dossier(self, which: int) -> str:
        return self.dossiers[which % len(self.dossiers)] if self.dossiers else self.register(which, 50_000, lan)

    def register(self, which: int, amount: int, by: Actor) -> str:
        payment = (Payment.LATER, Payment.CASH, Payment.TRANSFER)[which % 3]
        form = Registration(
            service=Service.BOTH,
            procedure=cast.PROCEDURE,
            sender=cast.khanh,
            case_commune="20242",
            return_way=ReturnWay.HOME,
            papers=(PaperEntry(name="Tờ khai", originals=1),),
            seal="881245",
            fees=amount,
            fees_basis="Lệ phí",
            postage=30_000,
            postage_basis="Giá cước niêm yết",
            payment=payment,
            weight_g=120,
        )
        made = registration.register(self.store, form, by=by, at=monday, below=self.below).dossier.code
        self.dossiers.append(made)
        return made

    def pay(self, which: int, amount: int, by: Actor) -> None:
        payment = Payment.TRANSFER if which % 3 == 0 else Payment.CASH
        form = Payin(postage=amount, payment=payment) if which % 4 == 0 else Payin(fees=amount, payment=payment)
        money.pay(self.store, self.dossier(which), form, by=by, at=monday, below=self.below)

    def charge(self, which: int, amount: int, by: Actor) -> None:
        code = self.dossier(which)
        with self.store.begin(at=monday) as ledger:
            found = ledger.dossier(code)
            event = found.charge(ledger=FEES, amount=amount, basis="sau thẩm định", payee=cast.DESK, by=by, at=monday)
            ledger.append(found, event)

    def refund(self, which: int, amount: int, by: Actor) -> None:
        ledger = POSTAGE if which % 2 else FEES
        back = Payback(account=ledger, amount=amount, ground=RefundGround.OTHER, words="thu nhầm")
        money.refund(self.store, self.dossier(which), back, by=by, at=monday)

    def pass_on(self, which: int, amount: int, by: Actor) -> None:
        receiver, second = (second_counter, minh) if by is lan else (counter, lan)
        money.pass_on(self.store, receiver=receiver, by=by, signed_by=second, at=monday, below=self.below)

    def offer(self, which: int, amount: int, by: Actor) -> None:
        receiver = BANK if which % 3 == 0 else second_counter if by is lan else counter
        self.offered.append(money.pass_on(self.store, receiver=receiver, by=by, at=monday, below=self.below).code)

    def recall(self, which: int, amount: int, by: Actor) -> None:
        if self.offered:
            money.recall(self.store, self.offered[which % len(self.offered)], by=by, at=monday)

    def remit(self, which: int, amount: int, by: Actor) -> None:
        giver = BANK if which % 3 == 0 else counter if by is lan else second_counter
        money.remit(self.store, giver=giver, receiver=commune_desk, by=by, signed_by=xuan, at=monday, below=self.below)

    def count(self, which: int, amount: int, by: Actor) -> None:
        page = tills.till_page(self.store, actor=by, at=monday, request="")
        found = Counted(postage=max(0, page.expected.postage + which - 3), fees=page.expected.fees, reason="đếm lại")
        money.count(self.store, found, by=by, at=monday)


@dataclass
class Truth:
    """The sums of the bare events, added up one by one without any of the product's own arithmetic."""

    of: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    differences: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def all(self, what: str, ledger: str) -> int:
        return sum(amount for (kind, of_ledger, _), amount in self.of.items() if (kind, of_ledger) == (what, ledger))


def truth(store: Store) -> Truth:
    found, table = Truth(), table_of(EventRow)
    kinds = table.c.kind.in_(("Collected", "Refunded", "Remitted", "TillCounted"))
    with store.read() as reader:
        rows = reader.rows(select(table.c.stream, table.c.kind, table.c.data).where(kinds))
    for row in rows:
        data = json.loads(row.data)
        if row.kind == "TillCounted":
            for ledger in ("postage", "fees"):
                found.differences[ledger] += data[f"{ledger}_counted"] - data[f"{ledger}_expected"]
        elif data.get("payment") == "later":
            continue
        else:
            found.of[row.kind, data.get("ledger", "fees"), row.stream] += data["amount"]
    return found


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_every_sum_is_the_sum_of_the_events(seeded: Store, steps: list[Step]) -> None:
    office = Office(seeded, below=random.Random(repr(steps)).randrange)
    for step in steps:
        office.do(*step)
    _everything_agrees(seeded)


def test_a_day_on_which_everything_happens_adds_up(seeded: Store) -> None:
    office = Office(seeded)
    for what, which, thousands in (
        ("register", 0, 50),
        ("register", 1, 60),
        ("register", 2, 70),
        ("pay", 1, 20),
        ("pay", 4, 30),
        ("charge", 2, 15),
        ("count", 4, 1),
        ("refund", 2, 10),
        ("refund", 1, 5),
        ("pass_on", 1, 1),
        ("remit", 4, 1),
        ("remit", 0, 1),
        ("offer", 0, 1),
    ):
        office.do(what, which, thousands)
    events = truth(seeded)
    for what in ("Collected", "Refunded", "Remitted"):
        assert events.all(what, "fees") > 0, what
    assert events.all("Refunded", "postage") > 0
    assert events.differences["postage"] != 0
    _everything_agrees(seeded)


def _everything_agrees(store: Store) -> None:
    assert verification.verify(store).is_sound
    events = truth(store)
    _dossiers_agree(store, events)
    _tills_agree(store, events)
    _lists_agree(store, events)
    _the_day_agrees(store, events)


def _dossiers_agree(store: Store, events: Truth) -> None:
    with store.read() as reader:
        codes = [
            row.stream
            for row in reader.rows(select(table_of(EventRow).c.stream).distinct())
            if row.stream[0] in "23456789"
        ]
        known = reader.many(Dossier, codes)
    for code in known:
        page = money_queries.pay_page(store, code, actor=lan, at=monday, request="")
        for ledger, (_, collected, refunded, remitted, _) in zip(("fees", "postage"), page.totals, strict=True):
            assert collected == events.of["Collected", ledger, code]
            assert refunded == events.of["Refunded", ledger, code]
            assert remitted == events.of["Remitted", ledger, code]
        assert sum(line.amount for line in page.receipts) == sum(
            events.of["Collected", each, code] for each in ("fees", "postage")
        )


def _tills_agree(store: Store, events: Truth) -> None:
    pages = [tills.till_page(store, actor=by, at=monday, request="") for by in (lan, minh)]
    with store.read() as reader:
        bank = reader.books.in_till(f"bank:{cast.OFFICE}")
    for ledger, here, in_bank in (
        ("postage", sum(page.expected.postage for page in pages), bank.postage),
        ("fees", sum(page.expected.fees for page in pages), bank.fees_total),
    ):
        left = events.all("Collected", ledger) - events.all("Refunded", ledger) - events.all("Remitted", ledger)
        assert here + in_bank == left + events.differences[ledger]
    for page in pages:
        assert sum(line.total for line in page.today) == page.expected.total, "everything happened on this day"
        assert sum(line.amount for line in page.fees) + page.carried == page.expected.fees


def _lists_agree(store: Store, events: Truth) -> None:
    with store.read() as reader:
        papers = reader.things(CashHandover, select(table_of(CashRow).c.state))
    remitted = 0
    for paper in papers:
        if paper.giver is None:
            continue
        page = remittances.cash_page(store, paper.code, actor=lan)
        assert sum(line.amount for line in page.lines) + page.carried == page.fees
        assert page.total == page.fees + page.postage
        remitted += page.total if page.is_remittance and paper.is_done else 0
    assert remitted == events.all("Remitted", "fees")


def _the_day_agrees(store: Store, events: Truth) -> None:
    page = day_money.day_page(store, actor=lan, day=None, at=monday, sees_people=False)
    whole = page.sums[-1]
    for ledger, told in (("postage", whole.postage), ("fees", whole.fees)):
        assert told == events.all("Collected", ledger) - events.all("Refunded", ledger)
    assert sum(line.amount for line in page.lines) == whole.total
    assert sum(line.total for line in page.sums[:-1]) == whole.total
