"""Plans are worked out beside everything else: progress, stopping, a killed process, a dead worker, two for one."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from postal import worker
from postal.domain import board
from postal.domain import solving as domain
from postal.domain.people import Role
from postal.domain.solving import AlreadySolving, Fate, Progress, Result, Solving, Stage, Tally, Trouble
from postal.services import planning, solving
from postal.services.improving import Begun
from postal.services.solving import Prepared
from postal.store import Store
from postal.worker import Solver
from tests import arrivals, cast
from tests.arrivals import hanh, tam, vy
from tests.routes import test_apart

SECONDS = 30.0
coordinator = replace(cast.minh, roles=frozenset({Role.COORDINATOR}))

FIRST = Tally(metres=10_000, seconds=9_000, cost=1_000)
"""What the plans of these tests begin with."""


# --- what does the work in these tests --------------------------------------------------------------------------------


class Pretended:
    """Work without a process: it goes on until it is told to stop, or is `over` at once."""

    def __init__(self, prepared: Prepared, *, over: Result | Trouble | None = None) -> None:
        self.prepared = prepared
        self.over = over
        self.progress: Progress | None = Progress(
            seconds=12, iterations=40, first=FIRST, best=replace(FIRST, metres=9_200, cost=900)
        )
        self.is_killed = False

    def look(self) -> Result | Trouble | None:
        """Return what came of it."""
        return self.over

    def ask_to_stop(self) -> None:
        """Give a plan of half the length."""
        self.over = halved(self.prepared)

    def kill(self) -> None:
        """Be gone."""
        self.is_killed = True


def pretending(name: str = "may-1", *, over: Callable[[Prepared], Result | Trouble] | None = None) -> Solver:
    """Return a solver whose work goes on until it is stopped, or ends as `over` says."""
    return Solver(name=name, begin=lambda prepared: Pretended(prepared, over=over(prepared) if over else None))


def halved(prepared: Prepared) -> Result:
    base = prepared.base
    shorter = replace(base, drafts=tuple(replace(draft, metres=draft.metres // 2) for draft in base.drafts))
    return Result(proposal=shorter, first=FIRST, best=replace(FIRST, cost=FIRST.cost // 2))


def unchanged(prepared: Prepared) -> Result:
    return Result(proposal=prepared.base, first=FIRST, best=FIRST)


# --- a day to work on -------------------------------------------------------------------------------------------------


class Clock:
    """A clock that goes on with every look at it, from Monday on, and can be put forward."""

    def __init__(self) -> None:
        self._at = cast.monday

    def __call__(self) -> datetime:
        self.forward(timedelta(seconds=0.4))
        return self._at

    def forward(self, more: timedelta) -> None:
        """Let time pass."""
        self._at += more


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def proposal(seeded: Store) -> str:
    """Return the number of a kept proposal of three stops."""
    arrivals.keep_postmen(seeded)
    arrivals.arrived(seeded, hanh, tam, vy)
    made = planning.propose_day(seeded, cast.OFFICE, day=cast.today, by=coordinator, at=cast.monday)
    return planning.keep_proposal(seeded, made, by=coordinator, at=cast.monday, below=arrivals.below("plan"))


def asked(store: Store, proposal: str, *, seed: str = "a", seconds: int = 60, at: datetime = cast.monday) -> str:
    return solving.ask(store, proposal, by=coordinator, at=at, below=arrivals.below(seed), seconds=seconds)


def found(store: Store, number: str) -> Solving:
    with store.read() as reader:
        known = reader.solvings.get(number)
    assert known is not None
    return known


def kept(store: Store, proposal: str) -> Any:
    with store.read() as reader:
        return reader.rounds.proposal(proposal)


def looked_until(
    store: Store, solver: Solver, clock: Clock, number: str, is_so: Callable[[Solving], object]
) -> Solving:
    """Let a worker look again and again until a solving is so; a process of its own gets the time it needs."""
    deadline = time.monotonic() + SECONDS
    while not is_so(now := found(store, number)):
        assert time.monotonic() < deadline, f"it stays {now}"
        worker.solve_once(store, solver, clock=clock)
        if solver.begin is Begun:
            time.sleep(0.05)
    return now


def is_over(now: Solving) -> bool:
    return not now.is_open


def a_process(solver: Solver) -> int | None:
    """Return the number of the only process, None while it is not there yet."""
    begun = [work.begun for work in list(solver.running.values())]
    return begun[0].process_id if begun and isinstance(begun[0], Begun) else None


def one_process(solver: Solver) -> int:
    (work,) = solver.running.values()
    assert isinstance(work.begun, Begun)
    assert work.begun.process_id
    return work.begun.process_id


# --- progress and stopping --------------------------------------------------------------------------------------------


def test_a_plan_becomes_better_until_somebody_stops_it_and_is_then_a_step_of_the_board(
    seeded: Store, proposal: str, clock: Clock
) -> None:
    solver, number = pretending(), asked(seeded, proposal)
    assert found(seeded, number).sentence == "Đang chờ đến lượt tính."
    now = looked_until(seeded, solver, clock, number, lambda each: each.progress)
    assert now.sentence == "Đang tính 12 giây – đã giảm 8% km."
    before = kept(seeded, proposal)
    solving.stop(seeded, number, by=coordinator, at=clock())
    assert found(seeded, number).stage is Stage.STOPPING
    now = looked_until(seeded, solver, clock, number, is_over)
    assert (now.stage, now.fate, now.step) == (Stage.DONE, Fate.APPENDED, 1)
    after = kept(seeded, proposal)
    assert [each.step.kind for each in after.steps] == [board.StepKind.PLANNED_AGAIN]
    assert after.proposal.drafts[0].metres == before.proposal.drafts[0].metres // 2


def test_stopped_before_a_worker_has_it_nothing_is_begun(seeded: Store, proposal: str, clock: Clock) -> None:
    number = asked(seeded, proposal)
    solving.stop(seeded, number, by=coordinator, at=clock())
    now = found(seeded, number)
    assert (now.stage, now.sentence) == (Stage.GIVEN_UP, domain.TROUBLE_NAMES[Trouble.STOPPED_EARLY])
    assert solving.claim(seeded, worker="w", at=clock()) is None
    assert kept(seeded, proposal).seen == 0


def test_stopped_before_it_has_told_anything_the_best_so_far_is_used(
    seeded: Store, proposal: str, clock: Clock
) -> None:
    solver, number = pretending(), asked(seeded, proposal)
    worker.solve_once(seeded, solver, clock=clock)
    solving.stop(seeded, number, by=coordinator, at=clock())
    now = looked_until(seeded, solver, clock, number, is_over)
    assert (now.stage, now.fate) == (Stage.DONE, Fate.APPENDED)


def test_a_plan_that_is_no_better_changes_nothing(seeded: Store, proposal: str, clock: Clock) -> None:
    solver, number = pretending(over=unchanged), asked(seeded, proposal)
    assert looked_until(seeded, solver, clock, number, is_over).fate is Fate.NO_BETTER
    assert kept(seeded, proposal).seen == 0


def test_one_proposal_is_improved_once_at_a_time(seeded: Store, proposal: str, clock: Clock) -> None:
    number = asked(seeded, proposal)
    with pytest.raises(AlreadySolving):
        asked(seeded, proposal, seed="b")
    solving.stop(seeded, number, by=coordinator, at=clock())
    asked(seeded, proposal, seed="c")


def test_past_its_time_it_is_asked_to_stop_and_ended_when_it_does_not(
    seeded: Store, proposal: str, clock: Clock
) -> None:
    solver, number = pretending(), asked(seeded, proposal, seconds=5)
    worker.solve_once(seeded, solver, clock=clock)
    clock.forward(timedelta(seconds=5) + worker.LATE)
    assert looked_until(seeded, solver, clock, number, is_over).fate is Fate.APPENDED
    other = asked(seeded, proposal, seed="hangs", seconds=5, at=clock())
    worker.solve_once(seeded, solver, clock=clock)
    (work,) = solver.running.values()
    clock.forward(timedelta(seconds=5) + worker.HANGS)
    worker.solve_once(seeded, solver, clock=clock)
    assert found(seeded, other).sentence == domain.TROUBLE_NAMES[Trouble.KILLED]
    assert isinstance(work.begun, Pretended)
    assert work.begun.is_killed


# --- what changes meanwhile -------------------------------------------------------------------------------------------


def test_a_board_that_was_changed_meanwhile_keeps_the_change_and_the_result_waits_aside(
    seeded: Store, proposal: str, clock: Clock
) -> None:
    solver, number = pretending(), asked(seeded, proposal)
    looked_until(seeded, solver, clock, number, lambda each: each.progress)
    before = kept(seeded, proposal)
    first = before.proposal.drafts[0].stops[0].name
    with seeded.begin(at=clock()) as ledger:
        step = board.lock(before.proposal, [first])
        ledger.rounds.take_step(proposal, step, seen=0, by=coordinator.as_author())
    solving.stop(seeded, number, by=coordinator, at=clock())
    now = looked_until(seeded, solver, clock, number, is_over)
    assert (now.stage, now.fate) == (Stage.DONE, Fate.ASIDE)
    assert kept(seeded, proposal).proposal.drafts[0].locked == (first,)
    with pytest.raises(domain.BoardChanged):
        solving.apply(seeded, number, seen=0, by=coordinator, at=clock())
    solving.apply(seeded, number, seen=1, by=coordinator, at=clock())
    assert kept(seeded, proposal).proposal.drafts[0].metres == before.proposal.drafts[0].metres // 2
    assert solving.apply(seeded, number, seen=1, by=coordinator, at=clock()).fate is Fate.APPENDED
    assert kept(seeded, proposal).seen == 2


def test_a_plan_that_became_runs_meanwhile_is_left_alone(seeded: Store, proposal: str, clock: Clock) -> None:
    solver, number = pretending(), asked(seeded, proposal)
    worker.solve_once(seeded, solver, clock=clock)
    planning.accept_kept(seeded, proposal, by=coordinator, at=clock(), below=arrivals.below("accept"))
    solving.stop(seeded, number, by=coordinator, at=clock())
    now = looked_until(seeded, solver, clock, number, is_over)
    assert now.sentence == domain.TROUBLE_NAMES[Trouble.TOO_LATE]
    assert kept(seeded, proposal).seen == 0
    with pytest.raises(board.AlreadyAccepted):
        asked(seeded, proposal, seed="again")


def test_what_a_plan_rests_on_must_be_as_it_was(seeded: Store, proposal: str, clock: Clock) -> None:
    solver, number = pretending(), asked(seeded, proposal)
    looked_until(seeded, solver, clock, number, lambda each: each.progress)
    thing = kept(seeded, proposal).proposal.drafts[0].things[0]
    with seeded.begin(at=clock()) as ledger:
        item = ledger.item(thing)
        ledger.append(item, item.report_missing(by=cast.hung, at=clock()))
    solving.stop(seeded, number, by=coordinator, at=clock())
    now = looked_until(seeded, solver, clock, number, is_over)
    assert now.stage is Stage.FAILED
    assert "đã thay đổi từ lúc lập phương án" in now.sentence
    assert kept(seeded, proposal).seen == 0
    again = asked(seeded, proposal, seed="again")
    assert looked_until(seeded, solver, clock, again, is_over).stage is Stage.FAILED


# --- what dies --------------------------------------------------------------------------------------------------------


def test_a_killed_process_is_told_in_words_and_the_plan_stays(seeded: Store, proposal: str, clock: Clock) -> None:
    solver, number = Solver(name="may-1"), asked(seeded, proposal)
    looked_until(seeded, solver, clock, number, lambda each: each.progress)
    before = kept(seeded, proposal)
    os.kill(one_process(solver), signal.SIGKILL)
    now = looked_until(seeded, solver, clock, number, is_over)
    assert (now.stage, now.sentence) == (Stage.FAILED, domain.TROUBLE_NAMES[Trouble.KILLED])
    assert kept(seeded, proposal) == before
    asked(seeded, proposal, seed="again")


def test_work_that_breaks_is_told_in_words(seeded: Store, proposal: str, clock: Clock) -> None:
    solver, number = pretending(over=lambda _: Trouble.BROKEN), asked(seeded, proposal)
    assert looked_until(seeded, solver, clock, number, is_over).sentence == domain.TROUBLE_NAMES[Trouble.BROKEN]


def test_a_fault_in_the_other_process_is_named_in_the_log(
    seeded: Store, proposal: str, caplog: pytest.LogCaptureFixture
) -> None:
    asked(seeded, proposal)
    claimed = solving.claim(seeded, worker="may-1", at=cast.monday)
    assert claimed is not None
    begun = Begun(solving.prepare(seeded, claimed, at=cast.monday), work=test_apart.breaks)
    assert test_apart.until(begun.look) is Trouble.BROKEN
    assert "(ValueError)" in caplog.text


def test_what_a_dead_worker_left_is_taken_by_another_and_the_dead_one_writes_nothing_any_more(
    seeded: Store, proposal: str, clock: Clock
) -> None:
    dead, number = pretending(), asked(seeded, proposal)
    worker.solve_once(seeded, dead, clock=clock)
    (lost,) = dead.running.values()
    clock.forward(domain.SILENT + timedelta(seconds=1))
    other = pretending("may-2", over=halved)
    assert looked_until(seeded, other, clock, number, is_over).tries == 2
    assert kept(seeded, proposal).seen == 1
    worker.solve_once(seeded, dead, clock=clock)  # it was only slow, and learns that it has lost
    assert not dead.running
    solving.finish(seeded, lost.prepared, halved(lost.prepared), at=clock())
    assert kept(seeded, proposal).seen == 1
    assert found(seeded, number).fate is Fate.APPENDED


def test_a_worker_that_was_thought_dead_does_not_change_the_board_while_another_is_at_work(
    seeded: Store, proposal: str, clock: Clock
) -> None:
    slow, number = pretending(), asked(seeded, proposal)
    worker.solve_once(seeded, slow, clock=clock)
    (lost,) = slow.running.values()
    clock.forward(domain.SILENT + timedelta(seconds=1))
    worker.solve_once(seeded, pretending("may-2"), clock=clock)
    solving.finish(seeded, lost.prepared, halved(lost.prepared), at=clock())
    assert kept(seeded, proposal).seen == 0
    assert found(seeded, number).stage is Stage.RUNNING


def test_what_is_begun_again_and_again_is_given_up(seeded: Store, proposal: str, clock: Clock) -> None:
    number = asked(seeded, proposal)
    for _ in range(domain.TRIES):
        assert solving.claim(seeded, worker="w", at=clock())
        clock.forward(domain.SILENT + timedelta(seconds=1))
        solving.give_back_silent(seeded, at=clock())
    assert found(seeded, number).sentence == domain.TROUBLE_NAMES[Trouble.SILENT]


def test_a_worker_that_dies_while_stopping_says_that_its_result_is_lost(
    seeded: Store, proposal: str, clock: Clock
) -> None:
    number = asked(seeded, proposal)
    solving.claim(seeded, worker="w", at=clock())
    solving.stop(seeded, number, by=coordinator, at=clock())
    clock.forward(domain.SILENT + timedelta(seconds=1))
    assert solving.give_back_silent(seeded, at=clock()) == 1
    assert found(seeded, number).sentence == domain.TROUBLE_NAMES[Trouble.LOST_STOPPING]


def test_a_worker_that_is_stopped_gives_back_what_it_had(seeded: Store, proposal: str, clock: Clock) -> None:
    solver, number, stop = Solver(name="may-1"), asked(seeded, proposal), threading.Event()
    given: dict[str, Any] = {"clock": clock, "stop": stop, "seconds": 0.05, "solver": solver}
    running = threading.Thread(target=worker.run, args=(seeded, None), kwargs=given)
    running.start()
    deadline = time.monotonic() + SECONDS
    while not (process := a_process(solver)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    stop.set()
    running.join(timeout=SECONDS)
    assert found(seeded, number).stage is Stage.WAITING
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_two_workers_who_want_one_plan_at_the_same_moment_do_not_both_get_it(
    seeded: Store, proposal: str, clock: Clock
) -> None:
    number, gate, got = asked(seeded, proposal), threading.Barrier(4), list[str]()

    def wants(name: str) -> None:
        gate.wait()
        claimed = solving.claim(seeded, worker=name, at=clock())
        if claimed is not None:
            got.append(claimed.worker)

    threads = [threading.Thread(target=wants, args=(f"may-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [found(seeded, number).worker]


def test_a_worker_begins_no_more_at_a_time_than_it_may(seeded: Store, proposal: str, clock: Clock) -> None:
    solver = pretending()
    other = planning.keep_proposal(
        seeded, kept(seeded, proposal).proposal, by=coordinator, at=cast.monday, below=arrivals.below("other")
    )
    numbers = [asked(seeded, proposal), asked(seeded, other, seed="b", at=cast.monday + timedelta(seconds=1))]
    worker.solve_once(seeded, solver, clock=clock)
    assert [found(seeded, number).stage for number in numbers] == [Stage.RUNNING, Stage.WAITING]
