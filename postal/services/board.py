"""What a coordinator changes in a proposed day: read, worked out outside any transaction, kept as one step.

Whoever changes says how many steps they have seen. Somebody who was quicker is named, and nothing is written.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from postal.domain import board, calendars, codes, permissions, run
from postal.domain.board import Changed, Later, Outing, Step, StepKind, Taken
from postal.domain.doors import Door, Waiting
from postal.domain.lifecycle import Overtaken
from postal.domain.map_servers import MapServer
from postal.domain.people import Actor, Role
from postal.domain.permissions import Permission
from postal.domain.proposal import ChangedMeanwhile, Draft, LeftBehind, Proposal, UnknownProposal
from postal.domain.run import RunState
from postal.services import drafting, planning, retiming
from postal.services.retiming import Grounds
from postal.store import Ledger, Reader, Store, waiting
from postal.store.rounds import KeptProposal


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What a change came to: the step, and what it made of way and time of all the runs together."""

    step: Step
    metres: int
    seconds: int


PUT_OFF = "board"
BROUGHT_BACK = "board_undone"
"""Why a thing has the day it has, as the register of put off things says it."""

Change = Callable[[Proposal], Step]


# --- changes ----------------------------------------------------------------------------------------------------------


def move(
    store: Store,
    number: str,
    stops: Collection[str],
    *,
    to: int,
    seen: int,
    by: Actor,
    at: datetime,
    at_position: int | None = None,
    server: MapServer | None = None,
) -> Made:
    """Put stops on another run: at a position from 1, else where they cost least. What stayed behind may come along.

    Raises: NothingSelected, UnknownStop, UnknownRoute, StopLocked, OfficeElsewhere, NothingChanges, and what every
    change raises: MovedMeanwhile, AlreadyAccepted, UnknownProposal, RunElsewhere, DayGone, Forbidden.
    """

    def change(found: Proposal) -> Step:
        return board.move(found, stops, to=to, at_position=at_position)

    fit = None if at_position is not None else to
    return _change(store, number, change, stops=stops, fit=fit, seen=seen, by=by, at=at, server=server)


def reorder(
    store: Store,
    number: str,
    stops: Collection[str],
    *,
    offset: int,
    seen: int,
    by: Actor,
    at: datetime,
    server: MapServer | None = None,
) -> Made:
    """Move stops up (below 0) or down on their runs. Raises: NotOnRoute, and as `move`."""
    return _change(
        store, number, lambda p: board.reorder(p, stops, offset=offset), seen=seen, by=by, at=at, server=server
    )


def lock(store: Store, number: str, stops: Collection[str], *, seen: int, by: Actor, at: datetime) -> Made:
    """Keep stops on their runs, also when the day is planned again. Raises: NotOnRoute, and as `move`."""
    return _change(store, number, lambda found: board.lock(found, stops), seen=seen, by=by, at=at)


def unlock(store: Store, number: str, stops: Collection[str], *, seen: int, by: Actor, at: datetime) -> Made:
    """Let stops go. Raises: NotOnRoute, and as `move`."""
    return _change(store, number, lambda found: board.unlock(found, stops), seen=seen, by=by, at=at)


def to_next_working_day(
    store: Store,
    number: str,
    stops: Collection[str],
    *,
    seen: int,
    by: Actor,
    at: datetime,
    server: MapServer | None = None,
) -> Made:
    """Leave stops out of this day, all of them or none; from now on they wait for the next working day of the post.

    Raises: LegalDay, and as `move`.
    """
    with store.read(at=at) as reader:
        calendar = reader.reference.calendar(waiting.POST)

    def change(found: Proposal) -> Step:
        return board.to_next_working_day(found, stops, calendar=calendar)

    return _change(store, number, change, stops=stops, seen=seen, by=by, at=at, server=server)


def undo(store: Store, number: str, *, seen: int, by: Actor, at: datetime) -> Made:
    """Take back the last change of the proposal, whoever made it. Raises: NothingToUndo, and as `move`."""
    with store.read(at=at) as reader:
        kept = _open(reader, number, seen=seen, by=by, at=at)
    return _keep(store, kept, board.undo(kept.steps), by=by, at=at)


def plan_anew(
    store: Store,
    number: str,
    *,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    server: MapServer | None = None,
) -> str:
    """Propose the day of a kept proposal anew and return its number; locks and orders by hand stay as they are.

    The old proposal stays too, as it was. Raises: UnknownProposal, and what `planning.propose_day` raises.
    """
    permissions.require(by, Permission.PLAN_RUN)
    with store.read(at=at) as reader:
        old = _kept(reader, number, by=by).proposal
    new = planning.propose_day(store, old.place, day=old.day, by=by, at=at, server=server)
    with store.read(at=at) as reader:
        known, used = _with_stops(reader, new, board.settled_in(old))
        found = board.carried(_without_what_is_gone(reader, old), known)
        known_ways = retiming.grounds(reader, found.proposal, [found.proposal.drafts[n] for n in found.fit])
    drafts = list(found.proposal.drafts)
    for route, names in found.fit.items():
        ways = retiming.ways_of(drafts[route], known_ways, server=server, at=at)
        fitted = retiming.fitted_in(drafts[route], names, known_ways, matrix=ways)
        drafts[route] = retiming.retimed(fitted, known_ways, matrix=ways)
    made = replace(found.proposal, drafts=tuple(drafts), used=tuple(sorted({*found.proposal.used, *used})))
    return planning.keep_proposal(store, made, by=by, at=at, below=below)


# --- accepting --------------------------------------------------------------------------------------------------------


def accept(
    store: Store,
    number: str,
    *,
    seen: int,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    only: Collection[int] | None = None,
    postmen: Mapping[int, str] | None = None,
) -> tuple[str, ...]:
    """Plan the runs of a kept proposal as it was seen; accepted once, asking again gives the same runs.

    Raises: MovedMeanwhile, TwoRunsAtOnce, and what `planning.accept_kept` raises.
    """
    permissions.require(by, Permission.PLAN_RUN)
    with store.begin(at=at) as ledger:
        kept = _kept(ledger, number, by=by)
        if not kept.runs:
            _must_be_newest(ledger, kept, seen=seen)
            chosen = kept.proposal.chosen(only)
            board.must_not_overlap(_outings(ledger, kept.proposal, chosen, postmen or {}))
        return planning.accept_kept(store.inside(ledger), number, by=by, at=at, below=below, only=only, postmen=postmen)


def _outings(ledger: Ledger, found: Proposal, chosen: Mapping[int, Draft], postmen: Mapping[int, str]) -> list[Outing]:
    """Return who would be out from when to when: the chosen runs, and the planned ones of the same postmen."""
    names = {code: ledger.reference.territory(code).name for code in {draft.territory for draft in chosen.values()}}
    made = [
        Outing(
            name=names[draft.territory] + (f" ({draft.part + 1})" if draft.part else ""),
            postman=wanted,
            begins_at=draft.starts_at,
            ends_at=draft.starts_at + timedelta(seconds=draft.seconds),
        )
        for number, draft in chosen.items()
        if (wanted := postmen.get(number) or draft.postman)
    ]
    drivers = {each.postman for each in made}
    runs = ledger.rounds.runs_on({draft.office for draft in chosen.values()}, day=found.day)
    timed = [(each, [s.arrives_at for s in each.stops if s.arrives_at]) for each in runs if each.postman in drivers]
    return made + [
        Outing(name=f"chuyến {codes.shown(each.code)}", postman=each.postman, begins_at=min(times), ends_at=max(times))
        for each, times in timed
        if times and each.state is not RunState.CLOSED
    ]


# --- one change -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ready:
    """A change of a kept proposal before its times are known, and what they rest on."""

    kept: KeptProposal
    step: Step
    grounds: Grounds


def _change(
    store: Store,
    number: str,
    change: Change,
    *,
    seen: int,
    by: Actor,
    at: datetime,
    stops: Collection[str] = (),
    fit: int | None = None,
    server: MapServer | None = None,
) -> Made:
    """Take one step: read, work out the times of the touched runs, write. `fit` is the run that takes up the stops."""
    with store.read(at=at) as reader:
        kept = _open(reader, number, seen=seen, by=by, at=at)
        known, used = _with_stops(reader, kept.proposal, stops)
        step = replace(change(known), used=used)
        ready = _Ready(kept=kept, step=step, grounds=_grounds(reader, known, step))
    return _keep(store, kept, _timed(ready, fit=fit, server=server, at=at), by=by, at=at)


def _grounds(reader: Reader, found: Proposal, step: Step) -> Grounds:
    return retiming.grounds(reader, found, [each.draft for each in step.drafts])


def _timed(ready: _Ready, *, fit: int | None, server: MapServer | None, at: datetime) -> Step:
    if ready.step.kind in (StepKind.LOCKED, StepKind.UNLOCKED):
        return ready.step
    drafts = []
    for each in ready.step.drafts:
        draft = each.draft
        ways = retiming.ways_of(draft, ready.grounds, server=server, at=at)
        if each.number == fit:
            draft = retiming.fitted_in(draft, ready.step.stops, ready.grounds, matrix=ways)
        drafts.append(Changed(number=each.number, draft=retiming.retimed(draft, ready.grounds, matrix=ways)))
    return replace(ready.step, drafts=tuple(drafts))


def _keep(store: Store, kept: KeptProposal, step: Step, *, by: Actor, at: datetime) -> Made:
    try:
        with store.begin(at=at) as ledger:
            ledger.rounds.take_step(kept.id, step, seen=kept.seen, by=by.as_author())
            note_days(ledger, step, day=kept.proposal.day, by=by.account)
    except Overtaken:
        with store.read(at=at) as reader:
            _must_be_newest(reader, _kept(reader, kept.id, by=by), seen=kept.seen)
        raise
    return _made(kept, step, by=by, at=at)


def _made(kept: KeptProposal, step: Step, *, by: Actor, at: datetime) -> Made:
    taken = Taken(number=kept.seen + 1, step=step, by=by.as_author(), at=at)
    now = board.after(kept.first, [*kept.steps, taken])
    return Made(
        step=step,
        metres=sum(draft.metres for draft in now.drafts) - sum(draft.metres for draft in kept.proposal.drafts),
        seconds=sum(draft.seconds for draft in now.drafts) - sum(draft.seconds for draft in kept.proposal.drafts),
    )


def note_days(ledger: Ledger, step: Step, *, day: date, by: str) -> None:
    """Say on which day things go out from now on: later, or again on the day of the proposal."""
    for reason, days in (
        (BROUGHT_BACK, [replace(each, day=day) for each in step.freed]),
        (PUT_OFF, list(step.put_off)),
    ):
        for (on, due_on), things in _by_day(days).items():
            ledger.weeks.put_off(things, day=on, by=by, reason=reason, until=due_on)


def _by_day(later: Collection[Later]) -> dict[tuple[date, date | None], list[str]]:
    found: dict[tuple[date, date | None], list[str]] = {}
    for each in sorted(later, key=lambda each: (each.day, each.thing)):
        found.setdefault((each.day, each.due_on), []).append(each.thing)
    return found


# --- what stayed behind -----------------------------------------------------------------------------------------------


def _with_stops(
    reader: Reader, found: Proposal, names: Collection[str]
) -> tuple[Proposal, tuple[tuple[str, int], ...]]:
    """Return a proposal in which the named doors that stayed behind are stops, and the versions this rests on.

    Raises: ChangedMeanwhile where one does not wait any more.
    """
    wanted = [each for each in found.left if each.name in names and each.stop is None]
    if not wanted:
        return found, ()
    waits = {each.code: each for each in waiting.whenever(reader, {each.office for each in wanted}, on=found.day)}
    communes = reader.reference.units({each.commune for each in wanted}, on=found.day)
    made: dict[str, LeftBehind] = {}
    used: set[tuple[str, int]] = set()
    for each in wanted:
        door = Door(waiting=_waiting(each, waits))
        made[each.name] = replace(each, stop=drafting.planned_stop(door, 0, communes=communes))
        used |= {(w.code, w.version) for w in door.waiting} | {(w.dossier, w.dossier_version) for w in door.waiting}
    return replace(found, left=tuple(made.get(each.name, each) for each in found.left)), tuple(sorted(used))


def _without_what_is_gone(reader: Reader, old: Proposal) -> Proposal:
    """Return a proposal that moves nothing to a later day which waits no more: taken back, visited, on a run."""
    later = [each for each in old.left if each.until is not None]
    if not later:
        return old
    waits = {each.code for each in waiting.whenever(reader, {each.office for each in later}, on=old.day)}
    return replace(old, left=tuple(each for each in old.left if not each.until or waits.intersection(each.things)))


def _waiting(each: LeftBehind, waits: Mapping[str, Waiting]) -> tuple[Waiting, ...]:
    for thing in each.things:
        if thing not in waits:
            raise ChangedMeanwhile(thing=codes.shown(thing))
    return tuple(waits[thing] for thing in each.things)


# --- who may, and what was seen ---------------------------------------------------------------------------------------


def _open(reader: Reader, number: str, *, seen: int, by: Actor, at: datetime) -> KeptProposal:
    """Return a kept proposal that somebody may change and has seen as it stands."""
    permissions.require(by, Permission.PLAN_RUN)
    kept = _kept(reader, number, by=by)
    if kept.runs:
        raise board.AlreadyAccepted
    run.must_lie_ahead(kept.proposal.day, at=at)
    _must_be_newest(reader, kept, seen=seen)
    return kept


def _kept(reader: Reader | Ledger, number: str, *, by: Actor) -> KeptProposal:
    kept = reader.rounds.proposal(number)
    if kept is None:
        raise UnknownProposal
    if by.place != kept.proposal.place and Role.COORDINATOR not in by.roles:
        raise run.RunElsewhere(thing="Phương án chia chuyến", office=planning.name_of(reader, kept.proposal))
    return kept


def _must_be_newest(reader: Reader | Ledger, kept: KeptProposal, *, seen: int) -> None:
    """Refuse a change of what somebody has not seen. Raises: MovedMeanwhile."""
    if kept.seen == seen:
        return
    last = kept.steps[-1] if kept.steps else None
    raise board.MovedMeanwhile(name=_author(reader, last), clock=_clock(last), what=_what(last))


def _author(reader: Reader | Ledger, taken: Taken | None) -> str:
    account = reader.accounts.get(taken.by.account) if taken else None
    return account.name if account else "Người khác"


def _clock(taken: Taken | None) -> str:
    return f"{calendars.local(taken.at):%H:%M}" if taken else "?"


def _what(taken: Taken | None) -> str:
    return board.STEP_NAMES[taken.step.kind].lower() if taken else ""
