"""A stop between two planned runs: offered by one side, answered by the other, one run at any time."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from postal.domain import codes, transfers
from postal.domain.lifecycle import Overtaken
from postal.domain.people import Role
from postal.domain.refusals import Refused
from postal.domain.run import DeliveryRun, NothingOnRun
from postal.queries import runsheets, timeline
from postal.services import board, delivery, planning
from postal.services import transfers as moving
from postal.store import Store
from postal.store.rounds import Rounds
from tests import arrivals, cast
from tests.arrivals import binh, yen
from tests.services import boards

head = replace(cast.minh, roles=frozenset({Role.CONTROLLER}))


@pytest.fixture
def runs(seeded: Store) -> tuple[str, str]:
    """Return two planned runs: three doors of Bính's, two of Yến's."""
    number = boards.kept(seeded)
    first, second = board.accept(seeded, number, seen=0, by=head, at=cast.monday, below=arrivals.below(4))
    return first, second


def run(store: Store, code: str) -> DeliveryRun:
    with store.begin(at=cast.monday) as ledger:
        return ledger.run(code)


def claimed(store: Store, *runs: str) -> dict[str, str]:
    things = [thing for code in runs for stop in run(store, code).stops for thing in stop.things]
    with store.read() as reader:
        return reader.rounds.spoken_for(things, on=cast.today)


def offered(store: Store, runs: tuple[str, str]) -> str:
    """Let Bính offer his first stop to Yến; return its name."""
    stop = run(store, runs[0]).stops[0].name
    moving.offer(store, runs[0], stop, to=runs[1], by=binh, at=cast.monday)
    return stop


def test_an_offered_stop_stays_until_the_other_postman_takes_it(seeded: Store, runs: tuple[str, str]) -> None:
    before = [run(seeded, code) for code in runs]
    stop = offered(seeded, runs)
    assert [each.stops for each in (run(seeded, code) for code in runs)] == [each.stops for each in before]
    left, more = moving.take(seeded, runs[0], stop, by=yen, at=cast.monday)
    assert stop not in left.items
    assert stop in more.items
    assert left.offers == ()
    assert more.seconds > before[1].seconds
    assert left.seconds < before[0].seconds
    assert more.metres > before[1].metres
    times = [each.arrives_at for each in more.stops if each.arrives_at]
    assert times == sorted(times)
    assert [each.number for each in more.stops] == [1, 2, 3]
    assert claimed(seeded, *runs) == dict.fromkeys(left.items, runs[0]) | dict.fromkeys(more.items, runs[1])


def test_an_offer_is_refused_by_the_other_side_or_withdrawn_by_its_own(seeded: Store, runs: tuple[str, str]) -> None:
    stop = offered(seeded, runs)
    with pytest.raises(transfers.OfferedAlready):
        offered(seeded, runs)
    moving.refuse(seeded, runs[0], stop, by=yen, at=cast.monday)
    with pytest.raises(transfers.NothingOffered):
        moving.take(seeded, runs[0], stop, by=yen, at=cast.monday)
    offered(seeded, runs)
    moving.withdraw(seeded, runs[0], stop, by=binh, at=cast.monday)
    found = run(seeded, runs[0])
    assert (found.offers, stop in found.items, found.misfits) == ((), True, 0)


def test_who_may_offer_and_answer(seeded: Store, runs: tuple[str, str]) -> None:
    stop = run(seeded, runs[0]).stops[0].name

    def refusal(act: Callable[[], object]) -> type[Refused]:
        with pytest.raises(Refused) as refused:
            act()
        return type(refused.value)

    offer, take = moving.offer, moving.take
    stranger = replace(cast.minh, account="khac", roles=frozenset({Role.CONTROLLER}), place="551170")
    assert refusal(lambda: offer(seeded, runs[0], stop, to=runs[1], by=yen, at=cast.monday)) is transfers.NotOfRoute
    assert (
        refusal(lambda: offer(seeded, runs[0], stop, to=runs[1], by=stranger, at=cast.monday)) is transfers.NotOfRoute
    )
    assert (
        refusal(lambda: offer(seeded, runs[0], stop, to=runs[0], by=binh, at=cast.monday)) is transfers.OtherDayOrOffice
    )
    assert (
        refusal(lambda: offer(seeded, runs[0], "PXXXXXXXXX", to=runs[1], by=binh, at=cast.monday))
        is transfers.NotOfThisRun
    )
    moving.offer(seeded, runs[0], stop, to=runs[1], by=head, at=cast.monday)
    assert refusal(lambda: take(seeded, runs[0], stop, by=head, at=cast.monday)) is transfers.NotTheOtherSide
    assert refusal(lambda: take(seeded, runs[0], stop, by=binh, at=cast.monday)) is transfers.NotOfRoute
    other_head = replace(head, account="hung")
    assert stop in take(seeded, runs[0], stop, by=other_head, at=cast.monday)[1].items


def test_a_run_that_is_loaded_or_has_left_is_never_reshuffled(seeded: Store, runs: tuple[str, str]) -> None:
    stop = offered(seeded, runs)
    record = delivery.hand_to_postman(seeded, runs[0], by=cast.hung, at=cast.monday, below=arrivals.below(8))
    assert record is not None
    with pytest.raises(transfers.RunLoaded, match="bàn giao thẳng cho bưu tá kia"):
        moving.take(seeded, runs[0], stop, by=yen, at=cast.monday)
    with pytest.raises(transfers.RunLoaded):
        moving.offer(seeded, runs[1], run(seeded, runs[1]).stops[0].name, to=runs[0], by=yen, at=cast.monday)


def test_an_offer_ends_when_its_run_leaves(seeded: Store, runs: tuple[str, str]) -> None:
    stop = offered(seeded, runs)
    arrivals.signed_for(seeded, run(seeded, runs[0]))
    started = delivery.start_run(seeded, runs[0], by=binh, at=cast.monday)
    assert started.offers == ()
    with pytest.raises(transfers.NothingOffered):
        moving.refuse(seeded, runs[0], stop, by=yen, at=cast.monday)


def race(store: Store, *acts: Callable[[], object]) -> list[str]:
    ready, outcomes = threading.Barrier(len(acts)), list[str]()

    def go(act: Callable[[], object]) -> None:
        ready.wait(timeout=10)
        try:
            act()
            outcomes.append("won")
        except (transfers.NothingOffered, transfers.NotOfThisRun, transfers.RunLoaded, Overtaken) as refused:
            outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=go, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


def test_of_two_who_answer_at_once_one_is_heard_and_a_thing_is_on_one_run(seeded: Store, runs: tuple[str, str]) -> None:
    stop = offered(seeded, runs)
    other_head = replace(head, account="hung")
    outcomes = race(
        seeded,
        lambda: moving.take(seeded, runs[0], stop, by=yen, at=cast.monday),
        lambda: moving.take(seeded, runs[0], stop, by=other_head, at=cast.monday),
        lambda: moving.withdraw(seeded, runs[0], stop, by=binh, at=cast.monday),
    )
    assert outcomes.count("won") == 1, outcomes
    both = [run(seeded, code) for code in runs]
    assert sum(stop in each.items for each in both) == 1
    assert claimed(seeded, *runs) == {item: each.code for each in both for item in each.items}


def test_a_stop_is_loaded_or_taken_and_never_both(seeded: Store, runs: tuple[str, str]) -> None:
    stop = offered(seeded, runs)
    outcomes = race(
        seeded,
        lambda: moving.take(seeded, runs[0], stop, by=yen, at=cast.monday),
        lambda: delivery.hand_to_postman(seeded, runs[0], by=cast.hung, at=cast.monday, below=arrivals.below(8)),
    )
    assert "won" in outcomes
    with seeded.begin(at=cast.monday) as ledger:
        offered_to = {each.code for each in ledger.items(ledger.run(runs[0]).items) if each.offered_to}
        lies_there = ledger.item(stop).offered_to is None
    assert (stop in run(seeded, runs[1]).items) == lies_there
    assert offered_to == set(run(seeded, runs[0]).items) or outcomes.count("won") == 1


def test_stops_that_cross_at_the_same_moment_wait_for_each_other(seeded: Store, runs: tuple[str, str]) -> None:
    there = offered(seeded, runs)
    back = run(seeded, runs[1]).stops[0].name
    moving.offer(seeded, runs[1], back, to=runs[0], by=yen, at=cast.monday)
    outcomes = race(
        seeded,
        lambda: moving.take(seeded, runs[0], there, by=yen, at=cast.monday),
        lambda: moving.take(seeded, runs[1], back, by=binh, at=cast.monday),
    )
    assert "won" in outcomes
    both = [run(seeded, code) for code in runs]
    assert sorted(item for each in both for item in each.items) == sorted(claimed(seeded, *runs))
    assert claimed(seeded, *runs) == {item: each.code for each in both for item in each.items}


def test_without_the_claims_a_plan_made_meanwhile_would_have_the_same_thing(
    seeded: Store, runs: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = offered(seeded, runs)
    monkeypatch.setattr(Rounds, "pass_on", lambda *_, **__: None)
    moving.take(seeded, runs[0], stop, by=yen, at=cast.monday)
    assert claimed(seeded, *runs)[stop] == runs[0], "the claim is no proof if it goes along by itself"


def test_what_was_given_to_another_run_is_not_proposed_again(seeded: Store, runs: tuple[str, str]) -> None:
    stop = offered(seeded, runs)
    moving.take(seeded, runs[0], stop, by=yen, at=cast.monday)
    with pytest.raises(Refused):
        planning.propose_day(seeded, cast.OFFICE, day=cast.today, by=head, at=cast.monday)


def test_the_steps_of_a_transfer_are_told_in_words(seeded: Store, runs: tuple[str, str]) -> None:
    stop = offered(seeded, runs)
    moving.refuse(seeded, runs[0], stop, by=yen, at=cast.monday)
    with seeded.read() as reader:
        told = [timeline.sentence(event) for *_, event in reader.events([runs[0]])]
    assert told[1].startswith("Đề nghị chuyển điểm")
    assert "không nhận điểm" in told[2]


def test_a_run_that_gave_its_last_stop_away_has_no_list_and_says_where_it_went(
    seeded: Store, runs: tuple[str, str]
) -> None:
    for stop in run(seeded, runs[0]).stops:
        moving.offer(seeded, runs[0], stop.name, to=runs[1], by=binh, at=cast.monday)
        moving.take(seeded, runs[0], stop.name, by=yen, at=cast.monday)
    with pytest.raises(NothingOnRun, match=codes.shown(runs[0])):
        runsheets.sheet_page(seeded, runs[0], actor=cast.minh, at=cast.monday)
