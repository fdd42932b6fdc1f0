"""What a process of its own works on: a proposal's day as depots, vehicles and stops; and its answer as a proposal."""

import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from postal.domain import comparing
from postal.domain.proposal import Draft, Proposal
from postal.domain.solving import Progress, Result, Tally, Trouble
from postal.services import drafting, solving, yards
from postal.services.laying_out import OfficeDay
from postal.services.solving import Prepared
from routes import depots, fairness, parking
from routes.apart import Answered, Apart, Broke, Work
from routes.closures import ClosedMatrix, Closure
from routes.day import DayPlan, Known, Prior, Score
from routes.fairness import Hours
from routes.matrix import ByKind, Matrix, Table, table_of
from routes.parking import ParkingStop
from routes.search.engine import Limit

_log = logging.getLogger("postal.improving")


class Begun:
    """A solving that runs in a process of its own.

    What it needs to know of ways may have to be asked over the network first; that happens beside, so that whoever
    looks at it never waits.
    """

    def __init__(self, prepared: Prepared, *, work: Work = depots.plan_all) -> None:
        self._prepared, self._work = prepared, work
        self._lock = threading.Lock()
        self._apart: Apart | None = None
        self._is_to_stop = self._is_killed = self._is_broken = False
        threading.Thread(target=self._begin, name="postal-ways", daemon=True).start()

    @property
    def process_id(self) -> int | None:
        """Return the number of its process, None before there is one."""
        return self._apart.process_id if self._apart else None

    @property
    def progress(self) -> Progress | None:
        """Return how far it has come, None while it has told nothing."""
        told = self._apart.told if self._apart else None
        if told is None:
            return None
        tallies = {"first": _tally(told.first), "best": _tally(told.best)}
        return Progress(seconds=told.seconds, iterations=told.iterations, **tallies)

    def look(self) -> Result | Trouble | None:
        """Return what came of it, or why nothing did; None while it goes on."""
        if self._is_broken:
            return Trouble.BROKEN
        ending = self._apart.look() if self._apart else None
        if ending is None:
            return None
        if isinstance(ending, Answered):
            return result_of(self._prepared, ending.value)
        if isinstance(ending, Broke):
            _log.error("Việc tính phương án hỏng ở tiến trình riêng (%s).", ending.kind)
            return Trouble.BROKEN
        return Trouble.KILLED

    def ask_to_stop(self) -> None:
        """Ask for the best so far."""
        with self._lock:
            self._is_to_stop = True
            if self._apart is not None:
                self._apart.ask_to_stop()

    def kill(self) -> None:
        """End it at once."""
        with self._lock:
            self._is_killed = True
            if self._apart is not None:
                self._apart.kill()

    def _begin(self) -> None:
        """Find out about ways, then start the process, unless nobody wants it any more."""
        try:
            task = task_of(self._prepared)
        except Exception as error:  # noqa: BLE001 - told as broken; the worker must go on
            _log.error("Chưa chuẩn bị được việc tính phương án (%s).", type(error).__name__)
            self._is_broken = True
            return
        with self._lock:
            if self._is_killed:
                return
            self._apart = Apart(self._work, task)
            if self._is_to_stop:
                self._apart.ask_to_stop()


# --- what it works on -------------------------------------------------------------------------------------------------


def task_of(prepared: Prepared) -> depots.Task:
    """Return what the other process works on: what is asked, from the board as it is.

    A plan nobody has touched is improved without holding on to itself; a board that somebody worked on changes as
    little as possible, and so does the answer to a question.
    """
    question, holds = prepared.solving.asked.question, _holds(prepared)
    absent = question.absent if question is not None else ()
    keeps = question is not None and question.keeps_rest
    found = [
        depots.Depot(
            yard=yards.yard_of(office),
            prior=_prior(office, prepared.base, absent=absent, keeps=keeps) if holds else None,
            matrix=_ways(office, prepared),
        )
        for office in _offices(prepared)
    ]
    return depots.Task(depots=tuple(found), limit=Limit(seconds=prepared.solving.asked.seconds))


def _holds(prepared: Prepared) -> bool:
    """Tell whether the answer holds on to the board as it is."""
    return prepared.solving.asked.question is not None or prepared.seen > 0


def _offices(prepared: Prepared) -> list[OfficeDay]:
    """Return the offices as they are worked on: doors of one building that are on two runs stay two stops."""
    return [
        replace(
            office,
            minutes=prepared.day.minutes,
            apart=_on_runs(office, prepared.base) if _holds(prepared) else (),
        )
        for office in prepared.day.offices
    ]


def _on_runs(office: OfficeDay, base: Proposal) -> tuple[tuple[str, str], ...]:
    run_of = {thing: str(number) for number, draft in enumerate(base.drafts) for thing in draft.things}
    return tuple((key, run_of[key]) for key in sorted(office.doors) if key in run_of)


def _ways(office: OfficeDay, prepared: Prepared) -> Matrix:
    known = yards.ways_of(office, server=prepared.server, at=prepared.at)
    return _closed(known, prepared.day.closures) if prepared.day.closures else known


def _closed(known: Matrix, closures: Sequence[Closure]) -> Matrix:
    """Return ways that lead around what is closed, as one snapshot again."""
    if isinstance(known, ByKind):
        return ByKind(
            _closed(known.usual, closures), {kind: _closed(each, closures) for kind, each in known.others.items()}
        )
    around = ClosedMatrix(known, closures)
    return table_of(around, known.places) if isinstance(known, Table) else around


def _prior(office: OfficeDay, base: Proposal, *, absent: Collection[str], keeps: bool) -> Prior:
    """Return an office's runs as they are on the board; `keeps` locks what is not of somebody absent."""
    door_of = {each.code: key for key, (_, door) in office.doors.items() for each in door.waiting}
    parked = [each for round_ in office.rounds for each in yards.parked_of(round_, office)]
    drafts = [draft for draft in base.drafts if draft.office == office.place.code]
    return Prior(
        routes=tuple(_known(draft, door_of, parked, keeps=keeps and draft.postman not in absent) for draft in drafts)
    )


def _known(draft: Draft, door_of: Mapping[str, str], parked: Sequence[ParkingStop], *, keeps: bool) -> Known:
    stops = [(stop.name, door_of[thing]) for stop in draft.stops for thing in stop.things[:1] if thing in door_of]
    held = [key for name, key in stops if keeps or draft.by_hand or name in draft.locked]
    return Known(
        round=draft.territory,
        part=draft.part,
        driver=comparing.driver_of(draft),
        stops=parking.named([key for _, key in stops], parked),
        locked=frozenset(parking.named(held, parked)),
    )


# --- what came of it --------------------------------------------------------------------------------------------------


def result_of(prepared: Prepared, plans: Sequence[DayPlan]) -> Result:
    """Return the answer of the other process as a proposal; what was put off or locked stays so."""
    base = prepared.base
    parts = [drafting.drafts_of(office, plan.laid) for office, plan in zip(_offices(prepared), plans, strict=True)]
    put_off = tuple(each for each in base.left if each.until is not None)
    made = replace(
        base,
        drafts=tuple(_as_locked(draft, base) for drafts, _ in parts for draft in drafts),
        left=(*(each for _, left in parts for each in left), *prepared.day.unreachable, *put_off),
    )
    made = replace(made, used=solving.rests_on(prepared.day.offices, made))
    first, best = (_tally(depots.total([getattr(plan, name) for plan in plans])) for name in ("first", "score"))
    return Result(proposal=made, first=first, best=best, uneven=_uneven(base, made))


def _as_locked(draft: Draft, base: Proposal) -> Draft:
    """Return a run on which is locked what was locked before, and which is by hand where it was."""
    locked = {name for each in base.drafts for name in each.locked}
    by_hand = any(each.by_hand and comparing.driver_of(each) == comparing.driver_of(draft) for each in base.drafts)
    return replace(
        draft, locked=tuple(sorted(stop.name for stop in draft.stops if stop.name in locked)), by_hand=by_hand
    )


def _uneven(before: Proposal, after: Proposal) -> tuple[int, int] | None:
    """Return how unevenly the hours lie between everybody who drives in either plan, in hundredths."""
    available = {
        comparing.driver_of(draft): timedelta(minutes=draft.longest_minutes)
        for draft in (*before.drafts, *after.drafts)
    }
    if not available:
        return None
    found = [fairness.fairness(_hours(each, available)).gini for each in (before, after)]
    return round(100 * found[0]), round(100 * found[1])


def _hours(proposal: Proposal, available: Mapping[str, timedelta]) -> list[Hours]:
    worked = dict.fromkeys(available, timedelta())
    for draft in proposal.drafts:
        worked[comparing.driver_of(draft)] += timedelta(seconds=draft.seconds)
    return [Hours(driver=name, worked=worked[name], available=hours) for name, hours in available.items()]


def _tally(score: Score) -> Tally:
    return Tally(
        legal=score.legal,
        repeats=score.repeats,
        promised=score.promised,
        usual=score.usual,
        metres=score.metres,
        seconds=score.seconds,
        cost=score.cost,
    )
