"""Incidents of facts that do not fit: opened by themselves, ended by themselves, the same whatever came first."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from postal.domain import facts
from postal.domain.events import IncidentKind, Outcome
from postal.domain.incident import Incident
from postal.domain.people import Actor
from postal.services import custody
from postal.services import facts as fact_services
from postal.store import Store
from tests import cast, databases, envelopes
from tests.cast import counter, desk, hoa, lan, monday, tai, transport


def line(number: int, kind: str, code: str, *, seq: int = 1, knew: Sequence[str] = (), **more: str) -> dict[str, Any]:
    """Return a line of a device."""
    return {
        "id": f"{number:032x}",
        "kind": kind,
        "item": code,
        "occurred_at": monday.isoformat(),
        "device_seq": seq,
        "parents": list(knew),
        **more,
    }


def send(store: Store, by: Actor, *lines: dict[str, Any]) -> None:
    """Send lines as somebody."""
    fact_services.record_facts(store, [facts.read(each) for each in lines], by=by, at=cast.after(hours=8))


def incidents(store: Store, code: str) -> list[Incident]:
    """Return the incidents of facts about an item, in the order in which they were opened."""
    with store.begin(at=monday) as ledger:
        return sorted(ledger.incidents_of_facts([code]), key=lambda each: (each.opened_at, each.code))


def opened(store: Store, code: str) -> set[tuple[IncidentKind, str]]:
    """Return kind and fact of every open incident of an item."""
    return {(each.kind, each.fact) for each in incidents(store, code) if each.is_open}


def head(store: Store, code: str) -> str:
    """Return the number of the last event of an item."""
    with store.begin(at=monday) as ledger:
        return ledger.steps([code])[code][-1].id.hex()


def test_what_does_not_fit_is_an_incident_with_an_owner_and_a_due_time(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    send(seeded, hoa, line(1, "accepted", code, knew=[head(seeded, code)]))
    (found,) = incidents(seeded, code)
    assert (found.kind, found.fact) == (IncidentKind.ACCEPT_WITHOUT_OFFER, f"{1:032x}")
    assert (found.owner, found.other, found.holder) == (desk.place, hoa.place, desk)
    assert found.due_at == cast.after(hours=32)


def test_an_incident_ends_by_itself_when_what_came_later_explains_it(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    known = [head(seeded, code)]
    send(seeded, tai, line(1, "accepted", code, knew=known))
    assert opened(seeded, code) == {(IncidentKind.ACCEPT_WITHOUT_OFFER, f"{1:032x}")}
    send(seeded, lan, line(2, "handed_over", code, knew=known, to=transport.key))
    (found,) = incidents(seeded, code)
    assert (found.is_open, found.outcome) == (False, Outcome.FITS_NOW)


def test_what_fitted_for_a_while_and_does_not_any_more_is_opened_again(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    known = [head(seeded, code)]
    send(seeded, tai, line(5, "accepted", code, knew=known))
    send(seeded, lan, line(6, "handed_over", code, knew=known, seq=2, to=transport.key))
    assert opened(seeded, code) == set()
    send(seeded, lan, line(7, "handed_over", code, knew=known, seq=1, to=desk.key))
    assert opened(seeded, code) == {(IncidentKind.ACCEPT_WITHOUT_OFFER, f"{5:032x}")}
    assert len(incidents(seeded, code)) == 2


def test_what_somebody_settled_stays_settled(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    known = [head(seeded, code)]
    send(seeded, hoa, line(1, "accepted", code, knew=known))
    with seeded.begin(at=cast.after(hours=9)) as ledger:
        (found,) = ledger.incidents_of_facts([code])
        event = found.settle(outcome=Outcome.EXPLAINED, note="ref", by=hoa, at=cast.after(hours=9))
        ledger.append(found, event)
    send(seeded, tai, line(2, "declined", code, reason="missing"))
    assert (IncidentKind.ACCEPT_WITHOUT_OFFER, f"{1:032x}") not in opened(seeded, code)
    assert len([each for each in incidents(seeded, code) if each.fact == f"{1:032x}"]) == 1


def test_a_recall_that_came_too_late_is_an_incident_though_nobody_told_it(seeded: Store) -> None:
    (code,) = envelopes.at_the_counter(seeded, 1)
    record = custody.offer(seeded, [code], to=transport, by=lan, at=monday, below=cast.below(3))
    offer = head(seeded, code)
    custody.recall(seeded, record.code, by=lan, at=monday)
    recall = head(seeded, code)
    send(seeded, tai, line(1, "accepted", code, knew=[offer]))
    assert opened(seeded, code) == {(IncidentKind.TOO_LATE, recall)}
    assert envelopes.holder_of(seeded, [code]) == {transport.key}


STORY: tuple[tuple[Actor, str, int, dict[str, str]], ...] = (
    (lan, "handed_over", 1, {"to": transport.key}),
    (tai, "accepted", 1, {}),
    (hoa, "accepted", 1, {}),
    (hoa, "handed_over", 2, {"to": counter.key}),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(STORY)))))
@databases.ON_SQLITE
def test_whatever_comes_first_the_same_incidents_are_open_at_the_end(seeded: Store, order: Sequence[int]) -> None:
    one, other = envelopes.at_the_counter(seeded, 2)
    for code, way in ((one, range(len(STORY))), (other, order)):
        known = [head(seeded, code)]
        for place in way:
            by, kind, seq, more = STORY[place]
            number = place + (10 if code == other else 0)
            send(seeded, by, line(number, kind, code, seq=seq, knew=known, **more))
    first, second = opened(seeded, one), opened(seeded, other)
    assert {(kind, int(fact, 16)) for kind, fact in first} == {(kind, int(fact, 16) - 10) for kind, fact in second}
    assert envelopes.holder_of(seeded, [one]) == envelopes.holder_of(seeded, [other])
