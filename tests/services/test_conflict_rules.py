"""The table of conflict rules for what devices tell: every row of it, on both databases."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from postal.domain import facts
from postal.domain.dossier import Dossier
from postal.domain.events import Condition, Evidence, IncidentKind, Receiver
from postal.domain.incident import Incident
from postal.domain.item import Item, Trouble
from postal.domain.lifecycle import LabelBound
from postal.domain.people import Actor
from postal.queries import timeline
from postal.services import blanks, corrections, custody, devices, shift, verification
from postal.services import facts as fact_services
from postal.services.facts import Outcome
from postal.store import Store
from tests import cast, envelopes
from tests.acting import Phone, below, register
from tests.bagging import Bagging
from tests.cast import counter, desk, hoa, lan, minh, monday, tai, transport

LATER = cast.after(hours=8)


class Told:
    """An envelope at Lan's counter, and what several devices tell of it."""

    def __init__(self, store: Store, *, item: str = "") -> None:
        self.store = store
        self.item = item or envelopes.at_the_counter(store, 1)[0]
        self.count = 0

    def tell(
        self, kind: str, by: Actor, *, knew: Sequence[str] | None = None, when: datetime = monday,
        at: datetime = LATER, **more: Any
    ) -> str:  # fmt: skip
        """Send one line as somebody and return its number."""
        self.count += 1
        number = f"{self.count:032x}"
        line = {"id": number, "kind": kind, "item": self.item, "occurred_at": when.isoformat(),
                "device_seq": self.count, "parents": knew, **more}  # fmt: skip
        self.answers = fact_services.record_facts(self.store, [facts.read(line)], by=by, at=at)
        return number

    @property
    def head(self) -> str:
        """Return the number of the last event of the envelope."""
        with self.store.begin(at=monday) as ledger:
            return ledger.steps([self.item])[self.item][-1].id.hex()

    @property
    def now(self) -> Item:
        """Return the envelope as it stands."""
        with self.store.read() as reader:
            return reader.many(Item, [self.item])[self.item]

    def incidents(self) -> list[Incident]:
        """Return the records about the envelope, every one with an owner and a due time."""
        with self.store.begin(at=monday) as ledger:
            found = ledger.incidents_about([self.item])
        assert all(each.owner and each.due_at > each.opened_at for each in found)
        return found

    def kinds(self) -> list[IncidentKind]:
        """Return the kinds of its open records."""
        return [each.kind for each in self.incidents() if each.is_open]


def keep_accounts(store: Store) -> None:
    with store.begin(at=monday) as ledger:
        for who in (lan, tai, minh, hoa):
            ledger.accounts.put(cast.account_of(who), password_hash="")
    for who in (lan, tai, minh, hoa):
        shift.take_free_positions(store, entitled=tuple(who.positions), by=who, at=monday - timedelta(days=1))


# --- the rows ---------------------------------------------------------------------------------------------------------


def given_and_taken(store: Store) -> None:
    told = Told(store)
    given = told.tell("handed_over", lan, to=transport.key, knew=[told.head])
    told.tell("accepted", tai, knew=[given])
    assert (told.now.custodian, told.now.evidence, told.incidents()) == (transport, Evidence.A, [])


def taken_without_an_offer(store: Store) -> None:
    told = Told(store)
    told.tell("accepted", tai, knew=[told.head])
    assert (told.now.custodian, told.now.evidence) == (transport, Evidence.B)
    assert told.kinds() == [IncidentKind.ACCEPT_WITHOUT_OFFER]


def given_by_who_does_not_hold_it(store: Store) -> None:
    told = Told(store)
    told.tell("handed_over", tai, to=desk.key, knew=[told.head])
    assert (told.now.custodian, told.now.offered_to) == (counter, None)
    assert told.kinds() == [IncidentKind.HANDOVER_BY_NON_HOLDER]


def two_take_it_and_know_nothing_of_each_other(store: Store) -> None:
    told = Told(store)
    knew = [told.head]
    told.tell("accepted", tai, knew=knew)
    told.tell("accepted", hoa, knew=knew)
    assert IncidentKind.DOUBLE_CUSTODY in told.kinds()
    (twice,) = [each for each in told.incidents() if each.kind is IncidentKind.DOUBLE_CUSTODY]
    assert twice.due_at - twice.opened_at == timedelta(hours=24)
    assert told.now.custodian in (transport, desk)


def back_and_forth_without_a_hand_over(store: Store) -> None:
    told = Told(store)
    knew = [told.head]
    for by in (tai, hoa, tai, hoa):
        knew = [told.tell("accepted", by, knew=knew)]
    assert IncidentKind.LABEL_CLONE in told.kinds()
    assert told.now.custodian == counter, "the last who was signed for"


def a_fact_comes_more_than_a_day_late(store: Store) -> None:
    told = Told(store)
    custody.offer(store, [told.item], to=transport, by=lan, at=cast.after(minutes=1), below=cast.below(3))
    offered = told.head
    told.tell("accepted", tai, knew=[offered], when=cast.after(minutes=2), at=cast.after(days=3))
    assert (told.now.custodian, told.kinds()) == (transport, [])
    with store.read() as reader:
        lines = timeline.lines(reader, [told.item])
    assert [line.is_late for line in lines] == [False] * (len(lines) - 1) + [True]
    assert lines[-1].occurred_at == cast.after(minutes=2)


def a_bag_lacks_one_and_has_one_too_many(store: Store) -> None:
    bagging = Bagging(store)
    first, second = bagging.envelopes(2)
    (stranger,) = bagging.envelopes(1)
    code = bagging.packed([first, second])
    signed = bagging.brought(code, at=cast.after(hours=1))
    custody.accept(store, signed.code, by=hoa, at=cast.after(hours=1))
    bagging.received(code, {first: Condition.SOUND, stranger: Condition.SOUND})
    assert bagging.bag(code).custodian == desk
    assert (bagging.item(second).custodian, bagging.item(second).trouble) == (counter, Trouble.MISSING)
    assert (bagging.item(stranger).custodian, bagging.item(stranger).evidence) == (desk, Evidence.B)
    assert Told(store, item=second).kinds() == [IncidentKind.MISSING]
    assert Told(store, item=stranger).kinds() == [IncidentKind.EXTRA]


def one_dossier_registered_twice(store: Store) -> None:
    keep_accounts(store)
    station = devices.enrol(store, kind="counter", name="Q", account="", secret="s", by=minh, at=monday, below=below)
    one, two, *_ = blanks.refill(store, station.code, by=lan, at=monday, below=below)
    phone = Phone(lan, device=station)
    register(store, phone, one)
    register(store, phone, two, when=cast.after(minutes=20))
    assert [each.outcome for each in phone.send(store, at=cast.after(hours=3))] == [Outcome.CREATED] * 2
    assert Told(store, item=two.code).kinds() == [IncidentKind.DUPLICATE_REGISTRATION]
    assert Told(store, item=one.code).kinds() == [], "linked by the record, not merged"
    with pytest.raises(LabelBound), store.begin(at=monday) as ledger:
        ledger.begin(Item, one.item, cast.registered(dossier=two.code))


def a_revoked_device_tells(store: Store) -> None:
    keep_accounts(store)
    station = devices.enrol(store, kind="phone", name="M", account="", secret="s", by=minh, at=monday, below=below)
    before, after = envelopes.at_the_counter(store, 2)
    lost = devices.revoke(store, station.code, lost_at=cast.after(hours=2), by=minh, at=cast.after(hours=4))
    phone = Phone(lan, device=lost)
    phone.saw("handed_over", before, when=cast.after(hours=1), to=transport.key)
    phone.saw("handed_over", after, when=cast.after(hours=3), to=transport.key)
    answers = phone.send(store, at=cast.after(hours=5))
    assert [each.outcome for each in answers] == [Outcome.CREATED, Outcome.QUARANTINED]
    assert Told(store, item=before).now.offered_to == transport
    assert Told(store, item=after).now.offered_to is None
    assert Told(store, item=station.code).kinds() == [IncidentKind.REVOKED_DEVICE]


def scanned_after_delivery(store: Store) -> None:
    told = Told(store, item=envelopes.at_the_counter(store, 1, destination=cast.to_the_citizen)[0])
    with store.begin(at=monday) as ledger:
        held = ledger.item(told.item)
        given = held.deliver(receiver=Receiver.ADDRESSEE, identity_checked=True, authorisation_shown=False, proof="x",
                             run="", by=lan, at=cast.after(hours=1))  # fmt: skip
        ledger.append(held, given)
    told.tell("accepted", tai, knew=[told.head])
    assert told.now.is_final
    assert told.kinds() == [IncidentKind.SCAN_AFTER_DELIVERY]


def a_wrong_scan_is_struck(store: Store) -> None:
    told = Told(store)
    told.tell("accepted", tai, knew=[told.head])
    wrong = told.now.version
    with store.begin(at=monday) as ledger:
        ledger.begin(Dossier, cast.DOSSIER, cast.opened())
    corrections.correct(store, told.item, version=wrong, reason="Quét nhầm.", by=tai, second=minh,
                        at=cast.after(hours=9))  # fmt: skip
    assert told.now.custodian == counter
    with store.read() as reader:
        struck = [line for line in timeline.lines(reader, [told.item]) if line.struck]
    assert [line.version for line in struck] == [wrong], "it stays visible, struck through"


ROWS: dict[str, Callable[[Store], None]] = {
    "HANDOVER by holder, ACCEPT by addressee": given_and_taken,
    "ACCEPT by an org that was not offered it": taken_without_an_offer,
    "HANDOVER by a non-holder": given_by_who_does_not_hold_it,
    "two ACCEPTs concurrent": two_take_it_and_know_nothing_of_each_other,
    "A→B→A→B alternating scans": back_and_forth_without_a_hand_over,
    "late offline event older than current state": a_fact_comes_more_than_a_day_late,
    "bag accepted, items fewer/more than manifest": a_bag_lacks_one_and_has_one_too_many,
    "same dossier registered twice": one_dossier_registered_twice,
    "revoked device": a_revoked_device_tells,
    "DELIVERED then any scan": scanned_after_delivery,
    "wrong scan": a_wrong_scan_is_struck,
}
"""Each row of the table by its first words."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.replace(" ", "_"))
def test_the_rule_of_a_row_holds(seeded: Store, row: str) -> None:
    ROWS[row](seeded)
    assert verification.verify(seeded).is_sound
