"""What the runs of an office teach its next plans, worked out by the worker once a day, set back by a coordinator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from postal.domain import calendars, permissions, typed
from postal.domain.learned import (
    ENOUGH_RUNS,
    LONGEST_REASON,
    WINDOW_DAYS,
    Learned,
    NoReasonToPin,
    NothingLearned,
    RoundFigures,
    must_plan_for,
)
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.places import Place
from postal.domain.proofs import Spot
from postal.domain.run import DeliveryRun
from postal.services import measuring
from postal.store import Reader, Store, driven
from postal.store.driven import Mark
from routes import learning
from routes.learning import BOUNDS, USUAL, Driven, Figures, Hop, Lesson
from routes.model import VehicleKind

SURE_ENOUGH_M = 200
"""A place that a phone is less sure of than this tells no distance to the next door."""

PLACES_NEEDED = 0.7
"""The share of a run's stops that must have a place, until its straight way may be laid beside an odometer."""

MOST_RUNS = 300
"""So many of the newest runs are looked at together."""


# --- what plans use ---------------------------------------------------------------------------------------------------


def learned(reader: Reader, office: str, *, territory: str = "", kind: VehicleKind = VehicleKind.MOTORBIKE) -> Figures:
    """Return what a plan of an office reckons with: its territory's own, else the office's, else the usual figures.

    Where a coordinator pinned the usual figures, these.
    """
    if (office, kind.value) in reader.learned.pinned([office]):
        return USUAL[kind]
    newest = reader.learned.newest([office])
    found = newest.get((office, territory, kind.value)) or newest.get((office, "", kind.value))
    return as_route_figures(found.figures) if found else USUAL[kind]


def usual() -> dict[str, RoundFigures]:
    """Return by kind of vehicle what is reckoned with where nothing was learned."""
    return {kind.value: as_kept(figures) for kind, figures in USUAL.items()}


def as_route_figures(kept: RoundFigures) -> Figures:
    """Return kept figures as plans use them."""
    return Figures(
        detour=kept.detour,
        speed_kmh=kept.speed_kmh,
        at_the_door=timedelta(seconds=kept.door_seconds),
        each_further=timedelta(seconds=kept.further_seconds),
    )


def as_kept(figures: Figures) -> RoundFigures:
    """Return figures as they are kept, rounded to what they are worth."""
    return RoundFigures(
        detour=round(figures.detour, 3),
        speed_kmh=round(figures.speed_kmh, 2),
        door_seconds=round(figures.at_the_door.total_seconds()),
        further_seconds=round(figures.each_further.total_seconds()),
    )


# --- learning ---------------------------------------------------------------------------------------------------------


def learn(store: Store, office: str, *, at: datetime) -> int:
    """Work out what the runs of an office taught by today, and keep it; return from how many runs.

    Read and worked out outside any transaction, written in one.
    """
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        lessons = _lessons(reader, office, today=today)
    if lessons:
        with store.begin(at=at) as ledger:
            for each in lessons:
                ledger.learned.keep(each)
    return sum(each.runs for each in lessons if not each.territory)


def due(store: Store, *, at: datetime) -> list[str]:
    """Return the offices that closed a run lately and did not learn today yet."""
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        offices = driven.offices_with_runs(reader, since=today - timedelta(days=WINDOW_DAYS))
        return [office for office in offices if reader.learned.worked_on(office) != today]


def _lessons(reader: Reader, office: str, *, today: date) -> list[Learned]:
    """Return what an office's runs teach by kind of vehicle, and those of each territory that has enough of them.

    A run counts for what its territory is driven with today.
    """
    since = today - timedelta(days=WINDOW_DAYS)
    runs = driven.closed_runs(reader, office, since=since, until=today, limit=MOST_RUNS)
    if not runs:
        return []
    place, marks = reader.reference.place(office), driven.marks(reader, runs)
    told = {run.code: as_driven(run, marks[run.code], office=place) for run in runs}
    kinds = {each.code: VehicleKind(each.equipment.kind.value) for each in reader.reference.territories(office=office)}
    earlier = {key: each.figures for key, each in reader.learned.newest([office], before=today).items()}
    found = []
    for kind in VehicleKind:
        own = [run for run in runs if kinds.get(run.territory, VehicleKind.MOTORBIKE) is kind]
        teaching = _Teaching(office=office, kind=kind, told=told, earlier=earlier, today=today)
        found += teaching.lessons(own)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class _Teaching:
    """One kind of vehicle of an office, with what all its runs told and what was learned before."""

    office: str
    kind: VehicleKind
    told: Mapping[str, Driven]
    earlier: Mapping[tuple[str, str, str], RoundFigures]
    today: date

    def lessons(self, runs: Sequence[DeliveryRun]) -> list[Learned]:
        """Return what all runs teach, and those of each territory that has enough; nothing where nothing was told."""
        whole = self._lesson(runs, usual=USUAL[self.kind])
        if not (whole.runs or whole.odometers):
            return []
        found = [self._kept("", runs, whole, usual=USUAL[self.kind])]
        for territory in sorted({run.territory for run in runs}):
            own = [run for run in runs if run.territory == territory]
            lesson = self._lesson(own, usual=whole.figures)
            if lesson.runs >= ENOUGH_RUNS:
                found.append(self._kept(territory, own, lesson, usual=whole.figures))
        return found

    def _lesson(self, runs: Sequence[DeliveryRun], *, usual: Figures) -> Lesson:
        return learning.learn([self.told[run.code] for run in runs], usual=usual, bounds=BOUNDS[self.kind])

    def _kept(self, territory: str, runs: Sequence[DeliveryRun], lesson: Lesson, *, usual: Figures) -> Learned:
        return Learned(
            office=self.office,
            territory=territory,
            kind=self.kind.value,
            worked_on=self.today,
            figures=as_kept(lesson.figures),
            before=self.earlier.get((self.office, territory, self.kind.value), as_kept(usual)),
            runs=lesson.runs,
            hops=lesson.hops,
            hops_of_several=lesson.hops_of_several,
            odometers=lesson.odometers,
            left_out=lesson.left_out,
            first_on=min(run.day for run in runs),
            last_on=max(run.day for run in runs),
        )


# --- one run ----------------------------------------------------------------------------------------------------------


def as_driven(run: DeliveryRun, marks: Sequence[Mark], *, office: Place) -> Driven:
    """Return what a run teaches: its hops from door to door, and its straight way where an odometer lies beside it."""
    way = measuring.way_of(marks, office=office)
    is_known = way.metres is not None and len(way.stops) >= PLACES_NEEDED * len(run.stops)
    return Driven(
        hops=hops_of(marks), straight_m=float(way.metres or 0) if is_known else None, odometer_m=run.odometer_m
    )


def hops_of(marks: Sequence[Mark]) -> tuple[Hop, ...]:
    """Return the ways between doors told one after the other.

    Both were told on line, or both waited on the phone: times of two clocks are not laid side by side. What nobody
    trusts the time of, or where nobody was sure of the place, ends the chain.
    """
    doors = measuring.by_door(sorted(marks, key=lambda mark: mark.turn))
    return tuple(
        Hop(
            metres=measuring.straight(first, second),
            seconds=(after[-1].at - before[-1].at).total_seconds(),
            things=len({mark.thing for mark in after}),
        )
        for before, after in pairwise(doors)
        if _is_one_clock((*before, *after)) and (first := _sure(before)) and (second := _sure(after))
    )


def _is_one_clock(marks: Sequence[Mark]) -> bool:
    return all(mark.has_time for mark in marks) and len({mark.was_offline for mark in marks}) == 1


def _sure(marks: Sequence[Mark]) -> Spot | None:
    """Return the surest place of a door's records, None where none is sure enough."""
    spots = [mark.spot for mark in marks if mark.spot and mark.spot.accuracy_m <= SURE_ENOUGH_M]
    return min(spots, key=lambda spot: spot.accuracy_m, default=None)


# --- what a coordinator decides ---------------------------------------------------------------------------------------


def pin(store: Store, office: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Put the usual figures in the stead of the learned ones for an office; the audit trail says who and why.

    Raises: Forbidden, RunElsewhere, NoReasonToPin, NothingLearned, UnknownPlace.
    """
    said = _must_decide(reason, by=by)
    with store.begin(at=at) as ledger:
        place = ledger.reference.place(office)
        must_plan_for(place, by=by)
        if not ledger.learned.newest([office]):
            raise NothingLearned(office=place.name)
        for kind in VehicleKind:
            ledger.learned.pin(office, kind.value, account=by.account, reason=said)
        detail = f"dùng mức thường: {said}"[:LONGEST_REASON]
        ledger.audit.note(account=by.account, place=by.place, what="figures_pinned", subject=office, detail=detail)


def unpin(store: Store, office: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Let the learned figures of an office stand again; the audit trail says who and why.

    Raises: Forbidden, RunElsewhere, NoReasonToPin, UnknownPlace.
    """
    said = _must_decide(reason, by=by)
    with store.begin(at=at) as ledger:
        must_plan_for(ledger.reference.place(office), by=by)
        for kind in VehicleKind:
            ledger.learned.unpin(office, kind.value)
        detail = f"dùng lại mức đã học: {said}"[:LONGEST_REASON]
        ledger.audit.note(account=by.account, place=by.place, what="figures_unpinned", subject=office, detail=detail)


def _must_decide(reason: str, *, by: Actor) -> str:
    permissions.require(by, Permission.PLAN_RUN)
    said = typed.line(reason)
    if not said:
        raise NoReasonToPin
    return said[:LONGEST_REASON]
