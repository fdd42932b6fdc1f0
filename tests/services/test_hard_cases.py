"""Envelopes taken out of bags by the way, bags that came before their trip, incidents nobody can scan for any more."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from postal.domain import facts
from postal.domain.codes import CodeKind
from postal.domain.corrections import NotCorrectable
from postal.domain.dossier import Dossier
from postal.domain.events import IncidentKind, Outcome, Voided
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import Overtaken
from postal.services import bags, corrections, custody, dispatches, entries, incidents
from postal.services import facts as fact_services
from postal.services.entries import Batch
from postal.store import Store
from tests import cast, databases
from tests.bagging import Bagging
from tests.cast import binh, counter, desk, hoa, hung, lan, minh, second_counter, sorting, tai, transport


@pytest.fixture
def bagging(seeded: Store) -> Iterator[Bagging]:
    """Return a store with bags in it, which is sound after each test."""
    with seeded.begin(at=cast.monday) as ledger:
        ledger.begin(Dossier, cast.DOSSIER, cast.opened())
    made = Bagging(seeded)
    yield made
    assert made.is_sound()


def line(number: int, kind: str, code: str, *, seq: int = 1, **more: Any) -> dict[str, Any]:
    """Return a line of a device."""
    moment = cast.monday.isoformat()
    return {"id": f"{number:032x}", "kind": kind, "item": code, "occurred_at": moment, "device_seq": seq, **more}


def head(store: Store, code: str) -> str:
    """Return the number of the last event of a thing."""
    with store.begin(at=cast.monday) as ledger:
        return ledger.steps([code])[code][-1].id.hex()


def open_bag(bagging: Bagging, items: list[str]) -> str:
    """Put envelopes into a bag that stays open."""
    started = bags.start(
        bagging.store, code=next(bagging.bags), destination=cast.to_the_desk, custodian=counter, by=lan, at=cast.monday
    )
    return bags.pack(bagging.store, started.code, items, by=lan, at=cast.monday).code


def taken_by_minh(bagging: Bagging, item: str) -> None:
    custody.take_over(bagging.store, item, to=second_counter, reason="Gấp.", by=minh, at=cast.after(minutes=1))


# --- taken out by the way ---------------------------------------------------------------------------------------------


def test_nobody_takes_out_of_his_bag_what_lies_in_another_by_now(bagging: Bagging) -> None:
    item, other = bagging.envelopes(2)
    first = open_bag(bagging, [item, other])
    taken_by_minh(bagging, item)
    second = bagging.packed([item], custodian=second_counter, by=minh, at=cast.after(minutes=2))
    left = bags.take_out(bagging.store, first, [item], by=lan, at=cast.after(minutes=3))
    assert left.contents == (other,)
    assert bagging.item(item).bag == second, "it only leaves the list of the bag it is no longer in"
    assert bagging.item(item).custodian.is_same_as(second_counter)


def test_an_envelope_is_not_laid_back_into_a_bag_that_went_on_without_it(bagging: Bagging) -> None:
    item, other = bagging.envelopes(2)
    bag = bagging.packed([item, other])
    taken_by_minh(bagging, item)
    bagging.brought(bag, at=cast.after(hours=1))
    bagging.received(bag, [other])
    with pytest.raises(NotCorrectable):
        corrections.correct(
            bagging.store,
            item,
            version=bagging.item(item).version,
            reason="Nhầm.",
            by=lan,
            second=minh,
            at=cast.after(hours=3),
        )
    assert bagging.item(item).custody is Custody.HELD
    assert bagging.item(item).custodian.is_same_as(second_counter)


def test_the_authority_got_what_it_takes_out_of_its_bag_when_it_signed_for_the_bag(bagging: Bagging) -> None:
    item, other = bagging.envelopes(2)
    bag = bagging.packed([item, other])
    record = bagging.brought(bag, at=cast.after(hours=1))
    custody.accept(bagging.store, record.code, by=hoa, at=cast.after(hours=2))
    assert bagging.item(item).signed_over_at == cast.after(hours=2), "also while it lies in the bag"
    custody.take_over(bagging.store, item, to=desk, reason="Gấp.", by=binh, at=cast.after(days=3))
    assert bagging.item(item).signed_over_at == cast.after(hours=2)
    bagging.received(bag, [other], at=cast.after(days=3))
    assert bagging.item(other).signed_over_at == cast.after(hours=2)


def test_what_leaves_a_bag_before_the_authority_signs_is_not_signed_for(bagging: Bagging) -> None:
    item, other = bagging.envelopes(2)
    bagging.carried(bagging.packed([item, other]))
    taken_by_minh(bagging, item)
    assert bagging.item(item).signed_over_at is None


def test_who_takes_a_bag_twice_did_not_bring_it_to_himself(bagging: Bagging) -> None:
    bag = bagging.packed(bagging.envelopes(1))
    bagging.carried(bag)
    for _ in range(2):
        bags.take_over(bagging.store, bag, to=desk, reason="Để lại ở cửa.", by=hoa, at=cast.after(hours=1))
    last = bagging.bag(bag).last_carrier
    assert last is not None
    assert last.is_same_as(transport), "a torn seal would be answered by who carried it"


# --- what devices tell late -------------------------------------------------------------------------------------------


def test_a_line_told_for_a_record_that_both_signed_can_still_be_signed_for(bagging: Bagging) -> None:
    first, late = bagging.envelopes(2)
    record = bagging.offered([first], to=transport, by=lan, at=cast.monday)
    custody.accept(bagging.store, record.code, by=tai, at=cast.after(minutes=1))
    told = facts.read(line(1, "handed_over", late, to=transport.key, record=record.code))
    fact_services.record_facts(bagging.store, [told], by=lan, at=cast.after(hours=1))
    signed = custody.accept(bagging.store, bagging.item(late).record, by=tai, at=cast.after(hours=2))
    assert signed.accepted == (first, late)
    assert bagging.item(late).custodian.is_same_as(transport)


def test_a_line_told_for_a_record_that_was_recalled_stands_on_one_of_its_own(bagging: Bagging) -> None:
    first, late = bagging.envelopes(2)
    record = bagging.offered([first], to=transport, by=lan, at=cast.monday)
    custody.recall(bagging.store, record.code, by=lan, at=cast.after(minutes=1))
    told = facts.read(line(1, "handed_over", late, to=transport.key, record=record.code))
    fact_services.record_facts(bagging.store, [told], by=lan, at=cast.after(hours=1))
    assert bagging.item(late).record != record.code
    custody.accept(bagging.store, bagging.item(late).record, by=tai, at=cast.after(hours=2))
    assert bagging.item(late).custodian.is_same_as(transport)


def test_what_waits_for_unknown_envelopes_is_not_tried_again_with_every_batch(bagging: Bagging) -> None:
    unknown = cast.codes_of(CodeKind.ITEM, seed=99)
    lines = [facts.read(line(number, "sighted", next(unknown), seq=number)) for number in range(1, 61)]
    for part in (lines[:30], lines[30:]):
        entries.record(bagging.store, Batch(lines=part), by=tai, at=cast.after(hours=1), below=bagging.below)
    with bagging.store.read() as reader:
        waiting = reader.entries.waiting_of(tai.device, account=tai.account)
    assert len(waiting) == 60
    assert {each.tries for each in waiting} == {0}, "the worker tries them, a few at a time"


# --- trips ------------------------------------------------------------------------------------------------------------


def test_a_bag_that_was_counted_before_its_trip_is_said_to_be_there_is_not_missing(bagging: Bagging) -> None:
    first, second, third = bagging.envelopes(3)
    counted, signed, lost = bagging.packed([first]), bagging.packed([second]), bagging.packed([third])
    trip = next(cast.codes_of(CodeKind.DISPATCH, seed=3))
    dispatches.make(bagging.store, code=trip, origin=cast.OFFICE, destination=cast.to_the_desk, by=lan, at=cast.monday)
    dispatches.load(bagging.store, trip, [counted, signed, lost], by=lan, at=cast.monday)
    dispatches.hand_over_together(
        bagging.store, trip, to=transport, giver=lan, receiver=tai, at=cast.monday, below=bagging.below
    )
    record = bagging.offered([counted, signed], to=desk, by=tai, at=cast.after(hours=1))
    bagging.received(counted, [first])
    custody.accept(bagging.store, record.code, by=hoa, at=cast.after(hours=3))
    _, opened = dispatches.arrive(bagging.store, trip, bags=[], by=hoa, at=cast.after(hours=3), below=bagging.below)
    assert [(each.kind, each.about) for each in opened] == [(IncidentKind.MISSING, lost)]
    assert not bagging.bag(signed).is_missing


# --- ending what nobody can scan any more -----------------------------------------------------------------------------


def test_two_claims_to_an_envelope_that_is_with_the_citizen_can_still_be_settled(bagging: Bagging) -> None:
    (item,) = bagging.envelopes(1)
    knew = [head(bagging.store, item)]
    for number, who in ((1, hung), (2, tai)):
        lines = [facts.read(line(number, "accepted", item, parents=knew))]
        fact_services.record_facts(bagging.store, lines, by=who, at=cast.after(hours=1))
    (double,) = [each for each in bagging.incidents(item) if each.kind is IncidentKind.DOUBLE_CUSTODY]
    with bagging.store.begin(at=cast.after(hours=2)) as ledger:
        thing = ledger.item(item)
        holder = hung if thing.custodian.is_same_as(sorting) else tai
        ledger.append(thing, Voided(reason="", by=holder.as_author(), occurred_at=cast.after(hours=2)))
    settled = incidents.settle(
        bagging.store, double.code, outcome=Outcome.EXPLAINED, note="Đã trả người dân.", by=minh, at=cast.after(hours=3)
    )
    assert bagging.item(item).is_final
    assert not settled.is_open


def test_what_somebody_read_on_an_envelope_is_kept_sealed_and_no_event_names_anybody(bagging: Bagging) -> None:
    opened = incidents.open_by_hand(
        bagging.store, IncidentKind.UNKNOWN_ITEM, about="", seen=f"Gửi {cast.khanh.name}", by=lan, at=cast.monday,
        below=bagging.below, note="Không có nhãn.",
    )  # fmt: skip
    assert opened.seen == ""
    with bagging.store.read() as reader:
        assert reader.texts.get([opened.note]) == {opened.note: f"Gửi {cast.khanh.name} Không có nhãn."}
    numbered = incidents.open_by_hand(
        bagging.store, IncidentKind.UNKNOWN_ITEM, about="", seen="RR123456785VN", by=lan, at=cast.monday,
        below=bagging.below,
    )  # fmt: skip
    assert (numbered.seen, numbered.note) == ("RR123456785VN", "")


# --- at the same moment -----------------------------------------------------------------------------------------------


@databases.ON_POSTGRESQL
def test_a_fact_about_an_envelope_in_a_bag_never_hides_that_the_bag_went_on(
    bagging: Bagging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fact is read beside the bag as it was; the bag goes on before the row of the envelope is written."""
    items = bagging.envelopes(1)
    bag = bagging.packed(items)
    record = bagging.offered([bag], to=transport, by=lan, at=cast.after(minutes=5))
    has_laid, has_moved = threading.Event(), threading.Event()

    def tell() -> None:
        lines = [facts.read(line(1, "sighted", items[0]))]
        with bagging.store.begin(at=cast.after(hours=1)) as ledger:
            laid = ledger._laid_into_bags

            def slowly(found: Any) -> Any:
                after = laid(found)
                has_laid.set()
                has_moved.wait(timeout=1)
                return after

            monkeypatch.setattr(ledger, "_laid_into_bags", slowly)
            batch = fact_services._Batch(
                ledger, by=hoa, at=cast.after(hours=1), contact=fact_services.Contact(at=cast.after(hours=1)), attempt=1
            )
            batch.answers(lines)

    def go_on() -> None:
        has_laid.wait(timeout=10)
        custody.accept(bagging.store, record.code, by=tai, at=cast.after(minutes=30))
        has_moved.set()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(tell), pool.submit(go_on)]:
            done.result()
    assert bagging.item(items[0]).custodian.is_same_as(transport)


@databases.ON_POSTGRESQL
def test_two_who_write_the_same_rows_in_other_orders_never_wait_for_each_other(bagging: Bagging) -> None:
    items = bagging.envelopes(40)
    bag = bagging.packed(items)
    record = bagging.offered([bag], to=transport, by=lan, at=cast.after(minutes=5))
    other = open_bag(bagging, bagging.envelopes(1))
    bags.seal(bagging.store, other, seal="7", by=lan, at=cast.monday)
    ready = threading.Barrier(2)

    def go_on() -> None:
        ready.wait()
        custody.accept(bagging.store, record.code, by=tai, at=cast.after(minutes=30))

    def find() -> None:
        ready.wait()
        bagging.received(other, items[::-1], by=lan, seal_seen="7")

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(go_on), pool.submit(find)]:
            try:
                each.result()
            except Overtaken:
                continue
    with bagging.store.read() as reader:
        assert len(reader.many(Item, items)) == 40
