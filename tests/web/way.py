"""One dossier on its way, as far as a test wants it; everything personal in it is a word that nobody else uses."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from postal.domain.dossier import Dossier
from postal.domain.events import AttemptReason, DeclineReason, Receiver, ReturnWay, Service
from postal.domain.item import Item
from postal.domain.people import Actor, Custodian, Person, Role, person_custodian
from postal.domain.supplements import AskedPaper
from postal.services import agency, custody, delivery, invitations, registration, results
from postal.services.registration import AtCounter, PaperEntry, Registration
from postal.services.results import ResultEntry
from postal.store import Store
from tests import cast

OFFICIAL = "H48.17-261116"
"""How every official code here begins."""

SENDER = Person(
    name="Chimvàng Quýtđỏ",
    identity_number="048203001234",
    phone="+84905000001",
    email="hoamai@vidu.example",
    address="12 Ngõ Bưởisáng",
    commune="20242",
)
SUBJECT = Person(name="Mâyxanh Camngọt", identity_number="048203005678", phone="+84905000002", address="Ngách Nhãnlồng")
RECEIVER = Person(name="Suốitrong Dừanước", phone="+84905000003", address="99 Kiệt Sầuriêng", commune="20257")

CANARIES = (
    "Chimvàng",
    "Quýtđỏ",
    "Mâyxanh",
    "Camngọt",
    "Suốitrong",
    "Dừanước",
    "048203001234",
    "048203005678",
    "905000001",
    "905000002",
    "905000003",
    "hoamai",
    "Bưởisáng",
    "Nhãnlồng",
    "Sầuriêng",
    "Ghichúkín",
    "Tênđỏ",
    "giaodịchviênkín",
    "Lýdonhậnkín",
    OFFICIAL,
)
"""What must never be seen from outside, at any level: people, numbers, doors, notes, staff."""

WITH_PIN_ONLY = ("Giấykhám", "Lýdobổsung", "Lýdodừng", "Lýdotừchối", "Hòa Cường")
"""What only the PIN opens: papers, reasons, the commune of delivery."""

buuta = cast.actor("giaodịchviênkín", "Tênđỏ Bưutá", place=cast.OFFICE, roles={Role.POSTMAN})
lan = cast.actor("giaodịchviênkín1", "Tênđỏ Lan", cast.counter, place=cast.OFFICE, roles={Role.COUNTER_CLERK})


@dataclass
class Way:
    """The dossier and its clock. Each step takes an hour."""

    store: Store
    at: datetime = cast.monday
    seed: int = 11
    made: AtCounter = field(init=False)
    result: str = ""
    handover: str = ""

    def __post_init__(self) -> None:
        self.below = random.Random(self.seed).randrange

    def later(self, *, days: int = 0, hours: int = 1) -> datetime:
        """Let time pass."""
        self.at += timedelta(days=days, hours=hours)
        return self.at

    @property
    def code(self) -> str:
        """Return the dossier's code."""
        return self.made.dossier.code

    @property
    def official(self) -> str:
        """Return the authority's own code, one for each seed."""
        return f"{OFFICIAL}-{self.seed % 10000:04d}"

    @property
    def item(self) -> str:
        """Return the code of the outbound envelope."""
        assert self.made.item is not None
        return self.made.item.code

    @property
    def secret(self) -> str:
        """Return what stands in the QR of the citizen's copy."""
        return self.made.receipt.secret

    @property
    def pin(self) -> str:
        """Return the PIN of the citizen's copy."""
        return self.made.receipt.pin

    def register(
        self, *, service: Service = Service.BOTH, return_way: ReturnWay = ReturnWay.HOME, postal_number: str = ""
    ) -> "Way":
        """Hand in at the counter of the central office."""
        form = Registration(
            service=service,
            procedure="1.004873",
            sender=SENDER,
            subject=SUBJECT,
            return_person=RECEIVER,
            case_commune="20242",
            return_way=return_way,
            papers=(PaperEntry(name="Tờkhai kín", originals=1), PaperEntry(name="Sổ cũ", originals=1, to_return=True)),
            why_incomplete="Lýdonhậnkín",
            seal="881245",
            note="Ghichúkín",
            postage=30000,
            fees=15000,
            postal_number=postal_number,
        )
        self.made = registration.register(self.store, form, by=lan, at=self.at, below=self.below)
        return self

    def to_transport(self) -> "Way":
        """Hand the envelope to the driver."""
        self._pass(self.item, giver=lan, receiver=cast.tai, to=cast.transport)
        return self

    def hand_to_driver(self, driver: Actor) -> "Way":
        """Hand the envelope to somebody who drives for the office."""
        self._pass(self.item, giver=lan, receiver=driver, to=cast.transport)
        return self

    def to_desk(self) -> "Way":
        """Bring the envelope to the commune's desk."""
        self.to_transport()
        self._pass(self.item, giver=cast.tai, receiver=cast.xuan, to=cast.commune_desk)
        return self

    def declined_as_missing(self) -> "Way":
        """Offer the envelope to the desk, where it is not in the bag."""
        self.to_transport()
        record = custody.offer(
            self.store, [self.item], to=cast.commune_desk, by=cast.tai, at=self.later(), below=self.below
        )
        declined = {self.item: DeclineReason.MISSING}
        custody.accept(self.store, record.code, declined=declined, by=cast.xuan, at=self.later())
        return self

    def received(self) -> "Way":
        """Let the desk receive it under its own code."""
        self.to_desk()
        agency.receive(self.store, self.code, official_code=self.official, by=cast.xuan, at=self.later())
        return self

    def in_work(self) -> "Way":
        """Let the authority begin."""
        self.received()
        agency.take_into_work(self.store, self.code, by=cast.xuan, at=self.later())
        return self

    def asked(self) -> "Way":
        """Let the authority ask for two papers."""
        self.received()
        papers = [AskedPaper(name="Giấykhám sức khỏe", reason="Lýdobổsung hết hạn"), AskedPaper(name="Ảnh 3×4")]
        due_on = cast.post_calendar.add_working_days(self.at.date(), 10)
        agency.ask_supplement(self.store, self.code, papers=papers, due_on=due_on, by=cast.xuan, at=self.later())
        return self

    def supplemented(self) -> "Way":
        """Bring what was asked for."""
        self.asked()
        agency.complete_supplement(self.store, self.code, by=cast.xuan, at=self.later(days=1))
        return self

    def fee_due(self) -> "Way":
        """Let the authority ask for money."""
        self.received()
        agency.ask_payment(self.store, self.code, amount=135000, basis="ví dụ", by=cast.xuan, at=self.later())
        return self

    def refused(self) -> "Way":
        """Let the desk refuse it."""
        self.to_desk()
        agency.refuse(self.store, self.code, reason="Lýdotừchối: thiếu thẩm quyền", by=cast.xuan, at=self.later())
        return self

    def stopped(self) -> "Way":
        """Let the authority stop."""
        self.received()
        agency.stop(self.store, self.code, reason="Lýdodừng: theo đơn", by=cast.xuan, at=self.later())
        return self

    def withdrawn(self) -> "Way":
        """Take it back."""
        self.received()
        agency.withdraw(self.store, self.code, reason="Lýdodừng: đổi ý", by=cast.xuan, at=self.later())
        return self

    def resolved(self) -> "Way":
        """Register the result."""
        self.in_work()
        entry = ResultEntry(code=self.code, papers=(PaperEntry(name="Trích lục", originals=1),), seal="R1")
        made = results.register_results(self.store, [entry], by=cast.xuan, at=self.later(), below=self.below)
        self.result = made[0].code
        return self

    def collected(self) -> "Way":
        """Let the driver take the result."""
        self.resolved()
        self._pass(self.result, giver=cast.xuan, receiver=cast.tai, to=cast.transport)
        return self

    def at_office(self) -> "Way":
        """Bring the result to the delivery office."""
        self.collected()
        self._pass(self.result, giver=cast.tai, receiver=cast.hung, to=cast.sorting)
        return self

    def for_pickup(self) -> "Way":
        """Keep the result at the office for the citizen."""
        self.at_office()
        until = (self.at + timedelta(days=7)).date()
        invitations.hold_for_pickup(self.store, self.result, until=until, by=cast.hung, at=self.later())
        return self

    def on_run(self) -> "Way":
        """Give the result to the postman."""
        self.at_office()
        to = person_custodian(buuta.account, place=cast.OFFICE, name=buuta.name)
        self._pass(self.result, giver=cast.hung, receiver=buuta, to=to)
        return self

    def visited(self) -> "Way":
        """Let the postman find nobody."""
        self.on_run()
        self._record_attempt()
        return self

    def delivered(self) -> "Way":
        """Give the result to the citizen at the office's counter."""
        self.at_office()
        self._pass(self.result, giver=cast.hung, receiver=lan, to=cast.counter)
        delivery.deliver_at_counter(
            self.store,
            self.result,
            receiver=Receiver.ADDRESSEE,
            identity_checked=True,
            authorisation_shown=False,
            proof=b"signature",
            media_type="image/png",
            by=lan,
            at=self.later(),
        )
        return self

    def voided(self) -> "Way":
        """Take the registration back."""
        registration.void(self.store, self.code, reason="Lýdodừng: khách đổi ý", by=lan, at=self.later())
        return self

    def dossier(self) -> Dossier:
        """Return the dossier as it stands."""
        with self.store.read() as reader:
            found = reader.thing(Dossier, self.code)
        assert found is not None
        return found

    def _pass(self, item: str, *, giver: Actor, receiver: Actor, to: Custodian) -> None:
        record = custody.offer(self.store, [item], to=to, by=giver, at=self.later(), below=self.below)
        custody.accept(self.store, record.code, by=receiver, at=self.later(hours=0))
        self.handover = record.code

    def _record_attempt(self) -> None:
        with self.store.begin(at=self.later()) as ledger:
            item: Item = ledger.item(self.result)
            next_on = (self.at + timedelta(days=1)).date()
            event = item.fail_attempt(
                run="", reason=AttemptReason.NOBODY_THERE, next_on=next_on, proof="", by=buuta, at=self.at
            )
            ledger.append(item, event)


STAGES = (
    "",
    "to_transport",
    "to_desk",
    "declined_as_missing",
    "received",
    "in_work",
    "asked",
    "supplemented",
    "fee_due",
    "refused",
    "stopped",
    "withdrawn",
    "resolved",
    "collected",
    "at_office",
    "for_pickup",
    "on_run",
    "visited",
    "delivered",
)
"""How far a dossier may be; the empty one is at the counter."""


def gone_to(store: Store, stage: str, *, seed: int = 11) -> Way:
    """Return a dossier that has come to a stage."""
    way = Way(store, seed=seed).register()
    if stage:
        getattr(way, stage)()
    return way
