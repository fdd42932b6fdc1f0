"""What a receiver did not take is somebody's to answer, and a search ends with whoever has the thing again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from postal.domain import facts
from postal.domain.dossier import Dossier
from postal.domain.events import DeclineReason, Destination, Evidence, IncidentKind, Outcome, Supplemented
from postal.domain.incident import Incident, NotSightedYet
from postal.domain.people import Actor
from postal.services import agency, bags, custody, incidents, verification
from postal.services import facts as fact_services
from postal.services.incidents import NothingToSight
from postal.store import Store
from tests import cast, envelopes
from tests.bagging import Bagging
from tests.cast import counter, desk, hoa, lan, monday, tai, transport
from tests.services.cases import Case


def offer(store: Store, things: Sequence[str], *, seed: int = 7) -> str:
    """Let Lan offer things to Tài and return the code of the record."""
    return custody.offer(store, things, to=transport, by=lan, at=monday, below=cast.below(seed)).code


def about(store: Store, code: str) -> list[Incident]:
    """Return the records about a thing."""
    with store.begin(at=monday) as ledger:
        return ledger.incidents_about([code])


def told(number: int, kind: str, code: str, *, seq: int = 1, knew: Sequence[str] = (), **more: str) -> dict[str, Any]:
    """Return a line of a device."""
    line = {"id": f"{number:032x}", "kind": kind, "item": code, "occurred_at": monday.isoformat(), "device_seq": seq}
    return {**line, "parents": list(knew), **more}


def send(store: Store, by: Actor, *lines: dict[str, Any], at: datetime | None = None) -> None:
    """Send lines as somebody."""
    fact_services.record_facts(store, [facts.read(each) for each in lines], by=by, at=at or cast.after(hours=8))


def head(store: Store, code: str) -> str:
    """Return the number of the last event of a thing."""
    with store.begin(at=monday) as ledger:
        return ledger.steps([code])[code][-1].id.hex()


# --- not taken --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (DeclineReason.MISSING, IncidentKind.MISSING),
        (DeclineReason.DAMAGED, IncidentKind.DAMAGED),
        (DeclineReason.WRONG_PLACE, IncidentKind.WRONG_PLACE),
        (DeclineReason.NOT_MINE, IncidentKind.WRONG_PLACE),
    ],
)
def test_an_envelope_that_was_not_taken_is_the_givers_to_answer(
    store: Store, reason: DeclineReason, kind: IncidentKind
) -> None:
    taken, left = envelopes.at_the_counter(store, 2, destination=cast.to_the_desk)
    record = custody.offer(store, [taken, left], to=desk, by=lan, at=monday, below=cast.below(7))
    custody.accept(store, record.code, declined={left: reason}, by=hoa, at=cast.after(hours=1))
    (found,) = about(store, left)
    assert (found.kind, found.owner, found.other, found.holder) == (kind, cast.OFFICE, cast.DESK, counter)
    assert found.due_at > found.opened_at == cast.after(hours=1)
    assert about(store, taken) == []
    assert verification.verify(store).is_sound


def test_a_bag_that_was_not_taken_is_the_givers_to_answer(store: Store) -> None:
    bagging = Bagging(store)
    code = bagging.packed(bagging.envelopes(2))
    record = bagging.brought(code, at=cast.after(hours=1))
    custody.accept(store, record.code, declined={code: DeclineReason.DAMAGED}, by=hoa, at=cast.after(hours=2))
    (found,) = about(store, code)
    assert (found.kind, found.owner, found.other) == (IncidentKind.DAMAGED, cast.OFFICE, cast.DESK)


def test_what_the_paper_says_was_not_taken_is_due_from_when_it_is_entered(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1)
    custody.sign_on_paper(
        store, offer(store, [item]), signed_at=cast.after(hours=1), signer="", photo=b"",
        declined={item: DeclineReason.MISSING}, by=lan, at=cast.after(days=1),
    )  # fmt: skip
    (found,) = about(store, item)
    assert (found.kind, found.opened_at) == (IncidentKind.MISSING, cast.after(days=1))


def test_what_is_refused_again_between_the_same_two_has_one_open_record(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1)
    for seed in (7, 8):
        record = offer(store, [item], seed=seed)
        custody.accept(store, record, declined={item: DeclineReason.DAMAGED}, by=tai, at=cast.after(hours=seed))
    assert [each.is_open for each in about(store, item)] == [True]


def test_a_phone_that_did_not_take_something_opens_the_record_too_whenever_it_is_heard(seeded: Store) -> None:
    first, second = envelopes.at_the_counter(seeded, 2)
    offer(seeded, [first, second])
    knew = [head(seeded, first)]
    send(seeded, tai, told(1, "declined", first, reason="missing", knew=knew))
    (found,) = about(seeded, first)
    assert (found.kind, found.owner, found.fact) == (IncidentKind.MISSING, cast.OFFICE, f"{1:032x}")
    send(seeded, tai, told(1, "declined", first, reason="missing", knew=knew))
    assert len(about(seeded, first)) == 1, "the same line again opens nothing"


# --- found again ------------------------------------------------------------------------------------------------------


def missing_from_a_bag(store: Store) -> tuple[Bagging, str]:
    """Return an envelope that its bag lacked at the desk, and the bagging."""
    bagging = Bagging(store)
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    record = bagging.brought(code, at=cast.after(hours=1))
    custody.accept(store, record.code, by=hoa, at=cast.after(hours=1))
    bagging.received(code, items[:1])
    return bagging, items[1]


def test_what_a_bag_lacked_and_another_bag_brings_is_looked_for_no_more(store: Store) -> None:
    bagging, lost = missing_from_a_bag(store)
    other = bagging.packed(bagging.envelopes(1), seal="9")
    record = bagging.brought(other, at=cast.after(hours=3))
    custody.accept(store, record.code, by=hoa, at=cast.after(hours=3))
    bagging.received(other, [*bagging.bag(other).contents, lost], seal_seen="9", at=cast.after(hours=4))
    ends = {each.kind: each.outcome for each in about(store, lost)}
    assert ends == {IncidentKind.MISSING: Outcome.FOUND, IncidentKind.EXTRA: None}
    assert bagging.is_sound()


def test_a_search_ends_when_the_holder_says_it_is_here_or_somebody_takes_it(seeded: Store) -> None:
    bagging, lost = missing_from_a_bag(seeded)
    incidents.settle_trouble(seeded, lost, by=lan, at=cast.after(hours=5))
    assert [each.outcome for each in about(seeded, lost)] == [Outcome.FOUND]
    for seed, how in enumerate(("signed for", "taken over", "told by a phone"), start=20):
        (item,) = bagging.envelopes(1)
        record = offer(seeded, [item], seed=seed)
        custody.accept(seeded, record, declined={item: DeclineReason.MISSING}, by=tai, at=cast.after(hours=1))
        assert [each.is_open for each in about(seeded, item)] == [True]
        if how == "signed for":
            custody.accept(seeded, offer(seeded, [item], seed=99), by=tai, at=cast.after(hours=2))
        elif how == "taken over":
            custody.take_over(
                seeded, item, to=cast.second_counter, reason="Ở quầy 2.", by=cast.minh, at=cast.after(hours=2)
            )
        else:
            send(seeded, tai, told(5, "accepted", item, knew=[head(seeded, item)]))
        assert Outcome.FOUND in {each.outcome for each in about(seeded, item)}, how


def test_a_bag_that_turns_up_is_looked_for_no_more(store: Store) -> None:
    bagging = Bagging(store)
    code = bagging.packed(bagging.envelopes(1))
    record = bagging.brought(code, at=cast.after(hours=1))
    custody.accept(store, record.code, declined={code: DeclineReason.MISSING}, by=hoa, at=cast.after(hours=2))
    bags.find(store, code, by=tai, at=cast.after(hours=3))
    assert [each.outcome for each in about(store, code)] == [Outcome.FOUND]


def test_a_wrong_way_ends_where_the_envelope_must_end_and_not_before(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1, destination=cast.to_the_desk)
    record = offer(store, [item])
    custody.accept(store, record, declined={item: DeclineReason.NOT_MINE}, by=tai, at=cast.after(hours=1))
    custody.accept(store, offer(store, [item], seed=8), by=tai, at=cast.after(hours=2))
    assert [each.outcome for each in about(store, item)] == [None]
    on = custody.offer(store, [item], to=desk, by=tai, at=cast.after(hours=3), below=cast.below(11))
    custody.accept(store, on.code, by=hoa, at=cast.after(hours=3))
    assert [each.outcome for each in about(store, item)] == [Outcome.SENT_ON]


# --- seen again -------------------------------------------------------------------------------------------------------


def test_who_scans_a_packed_envelope_again_and_again_opens_one_record(seeded: Store) -> None:
    bagging = Bagging(seeded)
    (item,) = bagging.envelopes(1)
    bagging.packed([item])
    knew = [head(seeded, item)]
    for number in (3, 1, 2):
        send(seeded, lan, told(number, "sighted", item, seq=number, knew=knew))
    (found,) = about(seeded, item)
    assert found.kind is IncidentKind.TOO_LATE
    with seeded.begin(at=cast.after(hours=9)) as ledger:
        ended = found.settle(outcome=Outcome.EXPLAINED, note="x", by=cast.minh, at=cast.after(hours=9))
        ledger.append(ledger.incident(found.code), ended)
    send(seeded, lan, told(9, "sighted", item, seq=9, knew=knew))
    assert len(about(seeded, item)) == 1, "what was settled is not asked again for the same stay in the bag"


def test_what_no_open_record_is_about_needs_no_fresh_scan(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1)
    with pytest.raises(NothingToSight):
        incidents.sight(store, item, by=cast.minh, at=cast.after(hours=1))


def test_a_torn_envelope_stays_somebodys_to_answer_also_after_it_was_taken(store: Store) -> None:
    (item,) = envelopes.at_the_counter(store, 1)
    custody.accept(store, offer(store, [item]), declined={item: DeclineReason.DAMAGED}, by=tai, at=cast.after(hours=1))
    custody.accept(store, offer(store, [item], seed=8), by=tai, at=cast.after(hours=2))
    assert [each.is_open for each in about(store, item)] == [True]


# --- too much, and from nowhere near ----------------------------------------------------------------------------------


def counted_with(bagging: Bagging, stranger: str) -> dict[IncidentKind, Incident]:
    """Return the records about an envelope that lay in a bag from the centre to the desk without being on its list."""
    own = bagging.envelopes(1)
    code = bagging.packed(own)
    record = bagging.brought(code, at=cast.after(hours=5))
    custody.accept(bagging.store, record.code, by=hoa, at=cast.after(hours=5))
    bagging.received(code, [*own, stranger], at=cast.after(hours=6))
    assert bagging.item(stranger).custodian == desk, "possession wins"
    assert bagging.item(stranger).evidence is Evidence.B
    assert bagging.is_sound()
    return {each.kind: each for each in about(bagging.store, stranger)}


def test_what_somebody_far_away_holds_is_taken_and_needs_a_second_look_of_both_sides(store: Store) -> None:
    bagging = Bagging(store)
    (far,) = bagging.envelopes(1, custodian=cast.small_counter, by=cast.sen)
    found = counted_with(bagging, far)
    assert set(found) == {IncidentKind.EXTRA, IncidentKind.DOUBLE_CUSTODY}
    twice = found[IncidentKind.DOUBLE_CUSTODY]
    assert (twice.owner, twice.other) == (cast.SMALL_OFFICE, cast.DESK)
    with pytest.raises(NotSightedYet):
        incidents.settle(store, twice.code, outcome=Outcome.EXPLAINED, note="Một nhãn.", by=hoa, at=cast.after(hours=7))
    assert found[IncidentKind.EXTRA].owner == cast.OFFICE, "the packer answers for his list"


def test_what_was_on_the_way_or_is_looked_for_is_simply_too_much(store: Store) -> None:
    bagging = Bagging(store)
    (near,) = bagging.envelopes(1)
    assert set(counted_with(bagging, near)) == {IncidentKind.EXTRA}
    (offered,) = bagging.envelopes(1, custodian=cast.small_counter, by=cast.sen)
    custody.offer(store, [offered], to=transport, by=cast.sen, at=monday, below=cast.below(71))
    assert set(counted_with(bagging, offered)) == {IncidentKind.EXTRA}
    (lost,) = bagging.envelopes(1, custodian=cast.small_counter, by=cast.sen)
    custody.report_missing(store, lost, by=cast.sen, at=cast.after(hours=1))
    assert set(counted_with(bagging, lost)) == {IncidentKind.EXTRA}


def test_what_lies_in_a_bag_that_met_this_one_is_simply_too_much(store: Store) -> None:
    bagging = Bagging(store)
    (item,) = bagging.envelopes(1, custodian=cast.small_counter, by=cast.sen)
    bagging.packed([item], custodian=cast.small_counter, by=cast.sen, seal="8")
    assert set(counted_with(bagging, item)) == {IncidentKind.EXTRA}


# --- the legal time ---------------------------------------------------------------------------------------------------


def signed_by_phone_after_the_count(store: Store) -> tuple[Bagging, str, str]:
    """Return a bag that Hoa signed for on a phone at 1 h, and that was received at a screen at 3 h before we heard."""
    bagging = Bagging(store)
    items = bagging.envelopes(1)
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(minutes=50))
    offer_id = head(store, code)
    bagging.received(code, items, at=cast.after(hours=3))
    line = told(1, "accepted", code, knew=[offer_id], occurred_at=cast.after(hours=1).isoformat())
    send(store, hoa, line)
    return bagging, code, items[0]


def test_a_signature_heard_after_the_count_names_both_times_to_the_authority(seeded: Store) -> None:
    bagging, code, item = signed_by_phone_after_the_count(seeded)
    assert bagging.bag(code).signed_over_at == cast.after(hours=1)
    assert bagging.item(item).signed_over_at == cast.after(hours=3), "what is recorded is not edited"
    (found,) = about(seeded, code)
    assert (found.kind, found.owner, found.other) == (IncidentKind.TOO_LATE, cast.DESK, cast.OFFICE)
    with seeded.read() as reader:
        note = reader.texts.get([found.note])[found.note]
    assert "lúc 10:00 16/11/2026" in note
    assert "lúc 12:00 16/11/2026" in note
    assert bagging.is_sound()


def test_a_dossier_received_after_that_starts_when_the_bag_was_signed_for(seeded: Store) -> None:
    signed_by_phone_after_the_count(seeded)
    with seeded.begin(at=monday) as ledger:
        ledger.begin(Dossier, cast.DOSSIER, cast.opened())
    at = cast.after(hours=9)
    dossier = agency.receive(seeded, cast.DOSSIER, official_code="H48.17-261116-0001", by=hoa, at=at)
    assert dossier.started_at == cast.after(hours=1)


def test_papers_that_were_asked_for_count_from_when_their_bag_was_signed_for(seeded: Store) -> None:
    case, bagging = Case(seeded).received().asked(), Bagging(seeded, seed=9)
    brought = case.bring(1, 2, at=cast.after(days=2)).code
    to_the_desk = Destination(place=cast.COMMUNE_DESK, name=cast.UNIT_NAMES[cast.COMMUNE_DESK])
    bag = bagging.packed([brought], custodian=cast.small_counter, destination=to_the_desk, by=cast.sen, at=day(2, 1))
    taken = bagging.offered([bag], to=transport, by=cast.sen, at=day(2, 1))
    custody.accept(seeded, taken.code, by=tai, at=day(2, 2))
    bagging.offered([bag], to=cast.commune_desk, by=tai, at=day(2, 3))
    known = head(seeded, bag)
    bagging.received(bag, [brought], by=cast.xuan, at=day(2, 6))
    line = told(1, "accepted", bag, knew=[known], occurred_at=day(2, 4).isoformat())
    send(seeded, cast.xuan, line, at=day(2, 8))
    assert bagging.item(brought).signed_over_at == day(2, 6), "what is recorded is not edited"
    agency.complete_supplement(seeded, case.code, by=cast.xuan, at=day(3, 0))
    with seeded.begin(at=monday) as ledger:
        last = ledger.happened([case.code])[case.code][-1]
    assert isinstance(last, Supplemented)
    assert last.complete_at == day(2, 4)
    assert case.dossier.pauses[-1].until == day(2, 4)


def day(days: int, hours: int) -> datetime:
    """Return a moment so many days and hours after Monday morning."""
    return cast.after(days=days, hours=hours)
