"""What would be if, worked out by the planner itself: somebody absent, a stop more, a road closed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bench import solving as bench
from postal.domain import comparing
from postal.domain.comparing import LEFT, Because, Comparison
from postal.domain.proposal import Proposal, Why
from postal.domain.solving import Result
from postal.domain.whatif import Added, Closed, NoSuchPostman, NoSuchThing, OfficeClosed, Question
from postal.services import board as boards
from postal.services import improving, planning, solving
from postal.services.solving import Prepared
from postal.store import Store
from routes import depots
from routes.day import Progress
from routes.search.engine import Limit
from tests import arrivals, cast


@pytest.fixture
def board(seeded: Store) -> str:
    """Return the number of a proposal of six rounds with 18 doors."""
    bench.fill(seeded, stops=18)
    made = planning.propose_day(seeded, cast.OFFICE, day=cast.today, by=bench.coordinator, at=cast.monday)
    return planning.keep_proposal(seeded, made, by=bench.coordinator, at=cast.monday, below=arrivals.below("plan"))


def prepared(store: Store, board: str, question: Question | None) -> Prepared:
    """Ask, and read what a worker would work on."""
    seed = repr(question)
    solving.ask(store, board, by=bench.coordinator, at=cast.monday, below=arrivals.below(seed), question=question)
    found = solving.claim(store, worker="w", at=cast.monday)
    assert found is not None
    return solving.prepare(store, found, at=cast.monday)


def worked_out(ready: Prepared, *, iterations: int = 60) -> Result:
    """Do in this process what another one does."""
    task = replace(improving.task_of(ready), limit=Limit(iterations=iterations))
    return improving.result_of(ready, depots.plan_all(task, lambda _: False))


def answered(store: Store, board: str, question: Question) -> tuple[Proposal, Proposal, Comparison]:
    """Return the board, the answer, and both side by side."""
    ready = prepared(store, board, question)
    made = worked_out(ready).proposal
    return ready.base, made, comparing.compare(ready.base, made, question=question)


def test_without_a_postman_everybody_else_keeps_what_he_has_in_its_order(seeded: Store, board: str) -> None:
    question = Question(absent=("buuta2",))
    before, after, compared = answered(seeded, board, question)
    assert {each.before for each in compared.changes} == {"buuta2"}
    assert {each.because for each in compared.changes} == {Because.DRIVER_ABSENT}
    assert "buuta2" not in {draft.postman for draft in after.drafts}
    for draft in before.drafts:
        kept = [stop.name for other in after.drafts if other.postman == draft.postman for stop in other.stops]
        own = [stop.name for stop in draft.stops]
        assert draft.postman == "buuta2" or [name for name in kept if name in own] == own
    things = {thing for draft in before.drafts for thing in draft.things}
    assert {thing for draft in after.drafts for thing in draft.things} == things


def test_without_all_postmen_but_one_the_rest_stays_behind_with_its_reason_and_its_price(
    seeded: Store, board: str
) -> None:
    everybody = tuple(f"buuta{number}" for number in range(1, 9))
    before, _, _ = answered(seeded, board, Question(absent=("buuta1",)))
    question = Question(absent=tuple(n for n in everybody[1:] if n in {d.postman for d in before.drafts}))
    ready = prepared(seeded, board, question)
    offices = tuple(replace(office, spare=()) for office in ready.day.offices)
    made = worked_out(replace(ready, day=replace(ready.day, offices=offices))).proposal
    left = [each for each in made.left if each.until is None]
    assert left
    assert all(each.price is not None for each in left)
    compared = comparing.compare(ready.base, made, question=question)
    assert {each.because for each in compared.changes if each.after == LEFT} == {Because.DRIVER_ABSENT}


def test_a_thing_that_came_later_is_put_where_it_costs_least_and_rests_on_its_version(
    seeded: Store, board: str
) -> None:
    citizen = replace(arrivals.hanh, address="77 đường mới", commune=_commune(seeded, board))
    (thing,) = arrivals.arrived(seeded, citizen, serial=900)
    before, after, compared = answered(seeded, board, Question(added=(Added(thing=thing),)))
    (change,) = compared.changes
    assert (change.stop, change.because, change.before) == (thing, Because.ADDED, LEFT)
    assert thing in dict(after.used)
    assert thing not in dict(before.used)


def test_a_visit_that_is_only_tried_takes_the_minutes_somebody_says(seeded: Store, board: str) -> None:
    question = Question(added=(Added(commune=_commune(seeded, board), minutes=50),))
    assert not question.can_be_applied
    before, after, compared = answered(seeded, board, question)
    (change,) = compared.changes
    assert change.stop == "THU-1"
    longer = sum(draft.seconds for draft in after.drafts) - sum(draft.seconds for draft in before.drafts)
    assert timedelta(seconds=longer) >= timedelta(minutes=50)


def test_inside_a_closed_circle_nothing_is_reached_and_ways_through_it_become_longer(seeded: Store, board: str) -> None:
    with seeded.read() as reader:
        kept = reader.rounds.proposal(board)
    assert kept is not None
    office_km = {stop.commune: draft.metres for draft in kept.proposal.drafts for stop in draft.stops[-1:]}
    commune = max(office_km, key=lambda code: office_km[code])
    _, after, compared = answered(seeded, board, Question(closed=(Closed(commune=commune, radius_m=1500),)))
    shut = [each for each in after.left if each.why is Why.ROAD_CLOSED]
    assert shut
    assert {each.commune for each in shut} == {commune}
    told = {each.stop: each for each in compared.changes}
    assert all(told[each.name].because is Because.LEFT_OUT for each in shut)
    assert all(told[each.name].why == "nằm trong vùng đường bị chặn" for each in shut)
    assert {thing for each in shut for thing in each.things}.isdisjoint(
        thing for draft in after.drafts for thing in draft.things
    )


def test_what_cannot_be_supposed_is_refused_by_name(seeded: Store, board: str) -> None:
    for question, refused in (
        (Question(absent=("buuta9",)), NoSuchPostman),
        (Question(added=(Added(thing="P3FHJ8QXV9"),)), NoSuchThing),
        (Question(closed=(Closed(commune="20242", radius_m=20_000),)), OfficeClosed),
    ):
        with pytest.raises(refused):
            prepared(seeded, board, question)


def test_a_plan_nobody_touched_is_improved_freely_and_keeps_everything_it_is_about(seeded: Store, board: str) -> None:
    ready = prepared(seeded, board, None)
    assert all(each.prior is None for each in improving.task_of(ready).depots)
    made = worked_out(ready)
    assert made.best.rank <= made.first.rank
    assert sorted(thing for draft in made.proposal.drafts for thing in draft.things) == sorted(
        thing for draft in ready.base.drafts for thing in draft.things
    )
    assert made.uneven is not None


def test_a_locked_stop_stays_locked_on_its_run_when_the_board_is_improved(seeded: Store, board: str) -> None:
    with seeded.read() as reader:
        kept = reader.rounds.proposal(board)
    assert kept is not None
    donor = next(draft for draft in kept.proposal.drafts if len(draft.stops) > 1)
    to = next(n for n, draft in enumerate(kept.proposal.drafts) if draft.postman != donor.postman)
    name = donor.stops[0].name
    given = {"by": bench.coordinator, "at": cast.monday}
    boards.move(seeded, board, [name], to=to, at_position=None, seen=0, **given)  # type: ignore[arg-type]
    boards.lock(seeded, board, [name], seen=1, **given)  # type: ignore[arg-type]
    made = worked_out(prepared(seeded, board, None)).proposal
    (there,) = [draft for draft in made.drafts if name in {stop.name for stop in draft.stops}]
    assert there.postman == kept.proposal.drafts[to].postman
    assert there.locked == (name,)


def test_several_depots_share_the_time_and_tell_what_they_come_to_together(seeded: Store, board: str) -> None:
    ready = prepared(seeded, board, None)
    (one,) = improving.task_of(ready).depots
    task = depots.Task(depots=(one, one), limit=Limit(iterations=60))
    told: list[Progress] = []

    def tell(progress: Progress) -> bool:
        told.append(progress)
        return len(told) > 2

    first, second = depots.plan_all(task, tell)
    assert told[0].first == depots.total([first.first, second.first])
    assert first.is_stopped or second.is_stopped
    assert depots.total([first.score, second.score]).rank <= told[0].first.rank


def _commune(store: Store, board: str) -> str:
    """Return a commune that a run of the board goes to."""
    with store.read() as reader:
        kept = reader.rounds.proposal(board)
    assert kept is not None
    return kept.proposal.drafts[0].stops[0].commune
