"""Two people decide on the papers of one dossier at the same moment: no paper is in two envelopes, none comes late."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from postal.domain import closing as ends
from postal.domain import originals
from postal.domain.events import ItemKind, Settlement
from postal.domain.item import Item
from postal.domain.lifecycle import Overtaken
from postal.domain.refusals import Refused
from postal.services import agency, closing, homeward
from postal.services.homeward import PaperBack
from postal.store import Ledger, Store
from tests import cast
from tests.services.cases import Case

LATER = cast.after(days=2)
LONG_ENOUGH = 0.5
"""Seconds in which two who may read the same envelopes at once have done so."""


@pytest.fixture(autouse=True)
def _both_read_before_either_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each of two wait, once it knows a dossier's envelopes, for the other, if the other gets that far at all."""
    read, both = Ledger.items_of, threading.Barrier(2)

    def items_of(ledger: Ledger, dossier: str) -> list[Item]:
        found = read(ledger, dossier)
        if threading.current_thread() is not threading.main_thread():
            try:
                both.wait(timeout=LONG_ENOUGH)
            except threading.BrokenBarrierError:
                both.reset()
        return found

    monkeypatch.setattr(Ledger, "items_of", items_of)


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """Take steps in threads of their own; return what each made, or the refusal."""

    def outcome(step: Callable[[], Any]) -> Any:
        try:
            return step()
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(outcome, steps))


def refused(store: Store) -> Case:
    case = Case(store).at_desk()
    agency.refuse(store, case.code, reason="không thuộc thẩm quyền", by=cast.xuan, at=cast.after(days=1))
    return case


def back(case: Case, paper: PaperBack, *, seed: int = 91) -> Item:
    return homeward.return_papers(
        case.store, case.code, [paper], by=cast.xuan, at=LATER, below=cast.below(seed), seal="9901"
    )


def count(case: Case, kind: ItemKind) -> int:
    return sum(item.kind is kind for item in case.items)


def test_an_original_is_put_into_one_envelope_home_when_two_officers_send_it_at_once(seeded: Store) -> None:
    case = refused(seeded)
    paper = PaperBack(source=case.owed, originals=1)
    told = at_once(lambda: back(case, paper, seed=91), lambda: back(case, paper, seed=92))
    assert sum(isinstance(each, originals.NotOwed) for each in told) == 1
    assert count(case, ItemKind.RETURNED) == 1


def test_an_original_is_not_settled_while_it_is_being_sent_home(seeded: Store) -> None:
    case = refused(seeded)
    source = case.owed
    fields = {"source": source, "count": 1, "how": Settlement.HANDED_AT_DESK, "reason": "đã nhận tại Một cửa"}
    at_once(
        lambda: back(case, PaperBack(source=source, originals=1)),
        lambda: homeward.settle_originals(case.store, case.code, **fields, by=cast.xuan, at=LATER),  # type: ignore[arg-type]
    )
    (line,) = originals.account(case.dossier, case.items)
    assert (line.settled, line.on_the_way) in ((1, 0), (0, 1))


def test_a_missing_paper_is_taken_in_once_when_two_counters_take_it_at_once(seeded: Store) -> None:
    case = Case(seeded).received().asked()
    at = cast.after(days=1, hours=1)
    at_once(lambda: case.bring(1, at=at), lambda: case.bring(1, at=at, by=cast.lan, below=cast.below(92)))
    assert count(case, ItemKind.SUPPLEMENT) == 1


def test_the_slip_travels_once_when_it_is_relayed_twice_at_once(seeded: Store) -> None:
    case = Case(seeded).received()
    relay = homeward.relay_slip
    at_once(
        lambda: relay(seeded, case.code, by=cast.xuan, at=LATER, below=cast.below(91)),
        lambda: relay(seeded, case.code, by=cast.xuan, at=LATER, below=cast.below(92)),
    )
    assert count(case, ItemKind.SLIP) == 1


def test_a_dossier_does_not_close_over_an_envelope_that_is_just_being_made(seeded: Store) -> None:
    case = refused(seeded)
    home = back(case, PaperBack(source=case.owed, originals=1))
    case.hand(home.code, giver=cast.xuan, receiver=cast.tai, to=cast.transport, at=LATER)
    case.hand(home.code, giver=cast.tai, receiver=cast.lan, to=cast.counter, at=LATER)
    told = at_once(
        lambda: case.give(home.code, at=LATER),
        lambda: back(case, PaperBack(name="Tờ khai", originals=1), seed=92),
        lambda: closing.close(seeded, case.code, by=cast.xuan, at=LATER),
    )
    assert not any(isinstance(each, AssertionError) for each in told)
    assert case.dossier.closed_at is None or not ends.open_points(case.dossier, case.items)


def test_whoever_comes_second_reads_why(seeded: Store) -> None:
    case = refused(seeded)
    paper = PaperBack(source=case.owed, originals=1)
    told = at_once(lambda: back(case, paper, seed=91), lambda: back(case, paper, seed=92))
    (why,) = (each for each in told if isinstance(each, Refused))
    assert not isinstance(why, Overtaken)
    assert "chỉ còn nợ 0" in str(why)
