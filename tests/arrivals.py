"""Results that have come back to the central office: sealed, sorted, waiting for their doors."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.events import PlannedStop, ReturnWay, RunPlanned, Service
from postal.domain.item import Item
from postal.domain.people import Account, Actor, Person, Role, person_custodian
from postal.domain.run import DeliveryRun
from postal.services import custody, delivery, planning, registration, results
from postal.services.registration import PaperEntry, Registration
from postal.services.results import ResultEntry
from postal.store import Store
from tests import cast

TERRITORY = "551000-01"
PROCEDURE = "1.004873"

binh = cast.actor("buuta1", "Trương Công Bính", place=cast.OFFICE, roles={Role.POSTMAN})
"""The postman whose round is Hải Châu and Hòa Cường."""

yen = cast.actor("buuta2", "Cao Thị Yến", place=cast.OFFICE, roles={Role.POSTMAN})
"""The postwoman of the neighbouring round."""

hanh = Person(
    name="Lê Thị Hạnh",
    identity_number="048190000016",
    phone="+84905550101",
    address="15 Bạch Đằng, tổ 3",
    commune="20242",
)
tam = replace(hanh, name="Phạm Minh Tâm", phone="+84905550102", address="8 Núi Thành", commune="20257")
vy = replace(hanh, name="Đỗ Hà Vy", phone="+84905550103", address="40 Lê Duẩn")


def keep_postmen(store: Store, *, password_hash: str = "") -> None:
    """Keep the accounts of the postmen."""
    with store.begin(at=cast.monday) as ledger:
        for who in (binh, yen):
            account = Account(username=who.account, name=who.name, place=who.place, roles=who.roles)
            ledger.accounts.put(account, password_hash=password_hash)


def registered(
    store: Store, *receivers: Person, at: datetime = cast.monday, serial: int = 1, **more: Any
) -> list[Item]:
    """Return a result for each receiver, registered by the commune's desk for dossiers the post never carried.

    `more` is said of every line: a fee, papers to get back.
    """
    entries = [
        ResultEntry(code=f"H48.17-261101-{n:04d}", papers=(), seal=f"88{n:04d}", receiver=person, **more)
        for n, person in enumerate(receivers, start=serial)
    ]
    return results.register_results(store, entries, by=cast.xuan, at=at, below=below(serial))


def for_the_counter(store: Store, person: Person = hanh, *, at: datetime = cast.monday) -> Item:
    """Return a result that its citizen wants to collect at the central office."""
    code = "H48.17-261101-0900"
    form = Registration(
        service=Service.RECEIVE,
        procedure=PROCEDURE,
        sender=person,
        case_commune="20242",
        return_way=ReturnWay.POST_OFFICE,
        return_place=cast.OFFICE,
        official_code=code,
    )
    registration.register(store, form, by=cast.lan, at=at, below=below(77))
    entry = ResultEntry(code=code, papers=(PaperEntry(name="Kết quả", originals=1),), seal="889000")
    return results.register_results(store, [entry], by=cast.xuan, at=at, below=below(78))[0]


def sorted_in(store: Store, items: Sequence[Item], *, at: datetime = cast.monday) -> list[str]:
    """Carry results from the desk to the sorting table of the central office; return their codes."""
    found = [item.code for item in items]
    record = custody.offer(store, found, to=cast.transport, by=cast.xuan, at=at, below=below(found[0]))
    custody.accept(store, record.code, by=cast.tai, at=at)
    record = custody.offer(store, found, to=cast.sorting, by=cast.tai, at=at, below=below(found[-1] + "sorted"))
    custody.accept(store, record.code, by=cast.hung, at=at)
    return found


def arrived(store: Store, *receivers: Person, at: datetime = cast.monday, serial: int = 1, **more: Any) -> list[str]:
    """Return the codes of a result for each receiver, at the sorting table of the central office."""
    return sorted_in(store, registered(store, *receivers, at=at, serial=serial, **more), at=at)


def planned(store: Store, *, at: datetime = cast.monday, seed: int = 5) -> DeliveryRun:
    """Return the run of the day, laid out by the head of the office."""
    return planning.plan_run(store, TERRITORY, day=cast.today, by=cast.minh, at=at, below=below(seed))


def signed_for(store: Store, run: DeliveryRun, *, at: datetime = cast.monday, giver: Actor = cast.hung) -> DeliveryRun:
    """Let the postman sign for everything on his run."""
    record = delivery.hand_to_postman(store, run.code, by=giver, at=at, below=below(run.code))
    assert record is not None
    custody.accept(store, record.code, by=binh, at=at)
    return run


def on_the_way(store: Store, *receivers: Person, at: datetime = cast.monday, **more: Any) -> DeliveryRun:
    """Return a run that its postman has started, with a result for each receiver."""
    arrived(store, *receivers, at=at, **more)
    run = signed_for(store, planned(store, at=at), at=at)
    return delivery.start_run(store, run.code, by=binh, at=at)


def laid_out(store: Store, *stops: PlannedStop, seed: int = 6, at: datetime = cast.monday) -> DeliveryRun:
    """Return a run of the postman of Hải Châu whose stops somebody laid out by hand."""
    event = RunPlanned(
        office=cast.OFFICE,
        territory=TERRITORY,
        day=cast.today,
        postman=binh.account,
        stops=stops,
        metres=1000,
        by=cast.minh.as_author(),
        occurred_at=at,
    )
    with store.begin(at=at) as ledger:
        return ledger.begin(DeliveryRun, codes.mint(CodeKind.RUN, below=below(seed)).text, event)


def in_hand_of(postman: Actor) -> str:
    """Return the name under which a postman holds items."""
    return str(person_custodian(postman.account, place=postman.place, name=postman.name))


def below(seed: int | str) -> Callable[[int], int]:
    """Return a source of random numbers that repeats itself."""
    return random.Random(seed).randrange
