"""Changes of a proposed day: worked out again, seen by the next one, kept apart, and taken back."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from postal.domain import board, run
from postal.domain.permissions import Forbidden
from postal.domain.proposal import NothingProposed, Why
from postal.domain.refusals import Refused
from postal.services import board as boards_service
from postal.services import planning
from postal.store import Store, waiting
from tests import arrivals, cast
from tests.services import boards
from tests.services.boards import EAST, WEST

TOMORROW = cast.today + timedelta(days=1)
NEXT_WEEK = cast.monday + timedelta(days=7)


@pytest.fixture
def number(seeded: Store) -> str:
    """Return the number of a kept proposal: three doors in the east, two in the west."""
    return boards.kept(seeded)


def test_a_stop_on_another_run_changes_way_hours_and_times_of_both(seeded: Store, number: str) -> None:
    before = boards.look(seeded, number).proposal
    stop = boards.names(before, EAST)[0]
    boards_service.move(seeded, number, [stop], to=WEST, seen=0, by=cast.minh, at=cast.monday)
    after = boards.look(seeded, number).proposal
    assert stop in boards.names(after, WEST)
    assert stop not in boards.names(after, EAST)
    assert after.drafts[WEST].metres > before.drafts[WEST].metres
    assert after.drafts[WEST].seconds > before.drafts[WEST].seconds
    assert after.drafts[EAST].seconds < before.drafts[EAST].seconds
    for draft in after.drafts:
        times = [each.arrives_at for each in draft.stops if each.arrives_at]
        assert len(times) == len(draft.stops)
        assert times == sorted(times)
        assert [each.number for each in draft.stops] == list(range(1, len(draft.stops) + 1))
    assert sorted(after.used) == sorted(before.used)


def test_a_run_that_nobody_changed_in_the_end_has_the_times_it_was_proposed_with(seeded: Store, number: str) -> None:
    before = boards.look(seeded, number).proposal
    stop = boards.names(before, EAST)[1]
    boards_service.move(seeded, number, [stop], to=WEST, seen=0, by=cast.minh, at=cast.monday)
    boards_service.move(seeded, number, [stop], to=EAST, at_position=2, seen=1, by=cast.minh, at=cast.monday)
    after = boards.look(seeded, number).proposal
    assert after.drafts[EAST] == replace(before.drafts[EAST], by_hand=True)
    assert after.drafts[WEST] == before.drafts[WEST]


def test_what_was_done_is_taken_back_step_by_step_and_nothing_is_forgotten(seeded: Store, number: str) -> None:
    first = boards.look(seeded, number).proposal
    stops = boards.names(first, EAST)
    boards_service.lock(seeded, number, stops[:1], seen=0, by=cast.minh, at=cast.monday)
    boards_service.reorder(seeded, number, stops[:1], offset=1, seen=1, by=cast.minh, at=cast.monday)
    assert boards.names(boards.look(seeded, number).proposal, EAST)[:2] == [stops[1], stops[0]]
    boards_service.undo(seeded, number, seen=2, by=cast.minh, at=cast.monday)
    assert boards.look(seeded, number).proposal.drafts[EAST].locked == (stops[0],)
    boards_service.undo(seeded, number, seen=3, by=cast.minh, at=cast.monday)
    found = boards.look(seeded, number)
    assert found.proposal == found.first == first
    assert [each.step.kind.value for each in found.steps] == ["locked", "reordered", "undone", "undone"]
    with pytest.raises(board.NothingToUndo):
        boards_service.undo(seeded, number, seen=4, by=cast.minh, at=cast.monday)


def test_a_stop_of_the_next_working_day_waits_for_that_day_and_comes_up_on_it(seeded: Store, number: str) -> None:
    stop = boards.names(boards.look(seeded, number).proposal, EAST)[0]
    boards_service.to_next_working_day(seeded, number, [stop], seen=0, by=cast.minh, at=cast.monday)
    (left,) = boards.look(seeded, number).proposal.left
    assert (left.name, left.why, left.until) == (stop, Why.NEXT_DAY, TOMORROW)
    assert left.reason == f"điều phối chuyển sang ngày {TOMORROW:%d/%m/%Y}"
    again = planning.propose_day(seeded, cast.OFFICE, day=cast.today, by=cast.minh, at=cast.monday)
    assert all(stop not in draft.things for draft in again.drafts)
    tomorrow = planning.propose_day(seeded, cast.OFFICE, day=TOMORROW, by=cast.minh, at=cast.monday)
    assert any(stop in draft.things for draft in tomorrow.drafts)
    boards_service.undo(seeded, number, seen=1, by=cast.minh, at=cast.monday)
    again = planning.propose_day(seeded, cast.OFFICE, day=cast.today, by=cast.minh, at=cast.monday)
    assert any(stop in draft.things for draft in again.drafts)


def test_no_stop_moves_past_its_last_lawful_day_and_the_day_is_named(seeded: Store) -> None:
    boards.kept(seeded, doors=2, west=0)
    due = cast.today + timedelta(days=2)
    proposed = planning.propose_day(seeded, cast.OFFICE, day=due, by=cast.minh, at=cast.monday)
    number = planning.keep_proposal(seeded, proposed, by=cast.minh, at=cast.monday, below=arrivals.below(9))
    stops = boards.names(proposed, 0)
    with pytest.raises(board.LegalDay, match="18/11/2026"):
        boards_service.to_next_working_day(seeded, number, stops, seen=0, by=cast.minh, at=cast.monday)
    found = boards.look(seeded, number)
    assert found.seen == 0
    assert found.proposal == proposed
    with seeded.read(at=cast.monday) as reader:
        assert len(waiting.at(reader, [cast.OFFICE], on=due)) == 2


def test_what_was_moved_to_the_next_day_is_brought_back_onto_a_run(seeded: Store, number: str) -> None:
    stop = boards.names(boards.look(seeded, number).proposal, EAST)[0]
    boards_service.to_next_working_day(seeded, number, [stop], seen=0, by=cast.minh, at=cast.monday)
    boards_service.move(seeded, number, [stop], to=WEST, seen=1, by=cast.minh, at=cast.monday)
    found = boards.look(seeded, number).proposal
    assert stop in boards.names(found, WEST)
    assert found.left == ()
    with seeded.read(at=cast.monday) as reader:
        assert stop in {each.code for each in waiting.at(reader, [cast.OFFICE], on=cast.today)}


def test_a_door_that_stayed_behind_is_put_on_a_run_and_accepted_with_it(seeded: Store) -> None:
    arrivals.keep_postmen(seeded)
    west, nobodys = (replace(arrivals.hanh, commune=commune) for commune in ("20209", "20275"))
    _, _, stayed = arrivals.arrived(seeded, arrivals.hanh, west, nobodys)
    proposed = planning.propose_day(seeded, cast.OFFICE, day=cast.today, by=cast.minh, at=cast.monday)
    assert [(each.name, each.why) for each in proposed.left] == [(stayed, Why.NO_POSTMAN)]
    number = planning.keep_proposal(seeded, proposed, by=cast.minh, at=cast.monday, below=arrivals.below(3))
    boards_service.move(seeded, number, [stayed], to=EAST, seen=0, by=cast.minh, at=cast.monday)
    made = boards_service.accept(seeded, number, seen=1, by=cast.minh, at=cast.monday, below=arrivals.below(4))
    with seeded.begin(at=cast.monday) as ledger:
        assert [stayed in ledger.run(code).items for code in made] == [True, False]


def test_the_second_of_two_who_change_one_board_is_told_who_was_first(seeded: Store, number: str) -> None:
    boards.known_as(cast.minh, seeded)
    stops = boards.names(boards.look(seeded, number).proposal, EAST)
    boards_service.lock(seeded, number, stops[:1], seen=0, by=cast.minh, at=cast.monday)
    with pytest.raises(board.MovedMeanwhile, match=cast.minh.name):
        boards_service.lock(seeded, number, stops[1:2], seen=0, by=boards.coordinator, at=cast.monday)
    with pytest.raises(board.MovedMeanwhile):
        boards_service.accept(seeded, number, seen=0, by=cast.minh, at=cast.monday, below=arrivals.below(4))
    assert boards.look(seeded, number).proposal.drafts[EAST].locked == (stops[0],)


def test_of_changes_at_the_same_moment_one_is_kept(seeded: Store, number: str) -> None:
    stops = boards.names(boards.look(seeded, number).proposal, EAST)
    ready, outcomes = threading.Barrier(3), list[str]()

    def change(stop: str) -> None:
        ready.wait(timeout=10)
        try:
            boards_service.move(seeded, number, [stop], to=WEST, seen=0, by=cast.minh, at=cast.monday)
            outcomes.append("kept")
        except board.MovedMeanwhile:
            outcomes.append("told")

    threads = [threading.Thread(target=change, args=(stop,)) for stop in stops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["kept", "told", "told"]
    found = boards.look(seeded, number)
    assert found.seen == 1
    assert sorted([*boards.names(found.proposal, EAST), *boards.names(found.proposal, WEST)]) == sorted(
        [*boards.names(found.first, EAST), *boards.names(found.first, WEST)]
    )


def test_a_new_plan_keeps_what_was_locked_moved_and_put_into_an_order(seeded: Store, number: str) -> None:
    first, second, third = boards.names(boards.look(seeded, number).proposal, EAST)
    said = {"by": cast.minh, "at": cast.monday}
    boards_service.move(seeded, number, [first], to=WEST, seen=0, **said)  # type: ignore[arg-type] # by name
    boards_service.lock(seeded, number, [first], seen=1, **said)  # type: ignore[arg-type] # by name
    boards_service.reorder(seeded, number, [third], offset=-1, seen=2, **said)  # type: ignore[arg-type] # by name
    old = boards.look(seeded, number).proposal
    again = boards_service.plan_anew(
        seeded, number, by=cast.minh, at=cast.monday + timedelta(minutes=1), below=arrivals.below(31)
    )
    new = boards.look(seeded, again).proposal
    assert boards.names(new, EAST) == [third, second]
    assert first in boards.names(new, WEST)
    assert new.drafts[WEST].locked == (first,)
    assert [each.stops for each in new.drafts] == [each.stops for each in old.drafts]
    assert [each.seconds for each in new.drafts] == [each.seconds for each in old.drafts]
    assert len(boards_service.accept(seeded, again, seen=0, below=arrivals.below(6), **said)) == 2  # type: ignore[arg-type] # by name


def test_a_new_plan_says_of_nothing_that_it_goes_later_which_is_gone_meanwhile(seeded: Store, number: str) -> None:
    stays, lost = boards.names(boards.look(seeded, number).proposal, EAST)[:2]
    boards_service.to_next_working_day(seeded, number, [stays, lost], seen=0, by=cast.minh, at=cast.monday)
    with seeded.begin(at=cast.monday) as ledger:
        item = ledger.item(lost)
        ledger.append(item, item.report_missing(by=cast.hung, at=cast.monday))
    again = boards_service.plan_anew(seeded, number, by=cast.minh, at=cast.monday, below=arrivals.below(5))
    assert [each.name for each in boards.look(seeded, again).proposal.left if each.until] == [stays]


def test_two_runs_of_the_same_hours_are_not_given_to_one_postman(seeded: Store, number: str) -> None:
    with pytest.raises(board.TwoRunsAtOnce, match="buuta1"):
        boards_service.accept(
            seeded, number, seen=0, postmen={WEST: "buuta1"}, by=cast.minh, at=cast.monday, below=arrivals.below(4)
        )
    made = boards_service.accept(seeded, number, seen=0, by=cast.minh, at=cast.monday, below=arrivals.below(4))
    assert len(made) == 2


def test_a_postman_of_another_office_is_not_sent_although_a_form_names_him(seeded: Store, number: str) -> None:
    boards.known_as(replace(arrivals.binh, account="la", name="Người lạ", place="551170"), seeded)
    said = {"by": cast.minh, "at": cast.monday, "below": arrivals.below(4)}
    with pytest.raises(run.PostmanElsewhere, match="Người lạ"):
        boards_service.accept(seeded, number, seen=0, postmen={WEST: "la"}, **said)  # type: ignore[arg-type] # by name
    with pytest.raises(run.PostmanElsewhere):
        planning.plan_run(seeded, "551000-01", day=cast.today, postman="la", **said)  # type: ignore[arg-type] # by name
    assert boards.look(seeded, number).runs == ()


def test_a_run_without_any_stop_left_is_not_planned(seeded: Store, number: str) -> None:
    stops = boards.names(boards.look(seeded, number).proposal, EAST)
    boards_service.move(seeded, number, stops, to=WEST, seen=0, by=cast.minh, at=cast.monday)
    (code,) = boards_service.accept(seeded, number, seen=1, by=cast.minh, at=cast.monday, below=arrivals.below(4))
    with seeded.begin(at=cast.monday) as ledger:
        assert len(ledger.run(code).stops) == 5


def test_a_board_is_changed_by_its_office_while_its_day_lasts_and_until_it_is_accepted(
    seeded: Store, number: str
) -> None:
    stops = boards.names(boards.look(seeded, number).proposal, EAST)

    def refusal(**changes: object) -> type[Refused]:
        said = {"seen": 0, "by": cast.minh, "at": cast.monday} | changes
        with pytest.raises(Refused) as refused:
            boards_service.lock(seeded, number, stops, **said)  # type: ignore[arg-type] # by name
        return type(refused.value)

    assert refusal(by=replace(cast.minh, place="551170")) is run.RunElsewhere
    assert refusal(by=arrivals.binh) is Forbidden
    assert refusal(at=NEXT_WEEK) is run.DayGone
    boards_service.accept(seeded, number, seen=0, by=cast.minh, at=cast.monday, below=arrivals.below(4))
    assert refusal() is board.AlreadyAccepted


def test_nothing_is_left_to_propose_when_all_waits_for_the_next_day(seeded: Store, number: str) -> None:
    found = boards.look(seeded, number).proposal
    everything = [*boards.names(found, EAST), *boards.names(found, WEST)]
    boards_service.to_next_working_day(seeded, number, everything, seen=0, by=cast.minh, at=cast.monday)
    with pytest.raises(NothingProposed):
        planning.propose_day(seeded, cast.OFFICE, day=cast.today, by=cast.minh, at=cast.monday)
