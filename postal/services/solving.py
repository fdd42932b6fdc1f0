"""Solving a day apart: what is known is read, a process of its own works on it, what comes of it is checked and kept.

A plan that becomes better is a further step of its proposal, unless somebody changed the board meanwhile or something
it rests on is not as it was; then nothing is lost, and nothing is applied by itself. An answer to a question, what
would be if, waits until somebody applies it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from postal.domain import board, codes, permissions, run, solving
from postal.domain.doors import Door, Waiting
from postal.domain.lifecycle import Overtaken
from postal.domain.map_servers import MapServer
from postal.domain.people import Actor, Role
from postal.domain.permissions import Permission
from postal.domain.proposal import Proposal, UnknownProposal
from postal.domain.run import RunElsewhere
from postal.domain.solving import TROUBLE_NAMES, Asked, Fate, Progress, Result, Solving, Stage, Trouble
from postal.domain.whatif import NoSuchThing, Question
from postal.services import board as boards
from postal.services import laying_out, planning, whatif
from postal.services.laying_out import OfficeDay
from postal.services.whatif import Supposed
from postal.store import Ledger, Reader, Store
from postal.store.rounds import KeptProposal

USUAL_SECONDS = 60
"""How long a plan is improved when nobody stops it."""

ANSWER_SECONDS = 15
"""How long at most what would be if is worked out: somebody waits for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """What a worker has read for a solving, and when: its day as it is or as it is supposed, the board it begins with.

    `server` knows the ways, where there is one.
    """

    solving: Solving
    base: Proposal
    seen: int
    day: Supposed
    at: datetime
    server: MapServer | None = None


# --- asking -----------------------------------------------------------------------------------------------------------


def ask(
    store: Store,
    proposal: str,
    *,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    seconds: int = USUAL_SECONDS,
    question: Question | None = None,
) -> str:
    """Ask for a better plan, or what would be if; return the number under which its progress is shown.

    Raises: AlreadySolving, AlreadyAccepted, UnknownProposal, RunElsewhere, DayGone, Forbidden.
    """
    permissions.require(by, Permission.PLAN_RUN)
    number = "".join(f"{below(256):02x}" for _ in range(16))
    with store.begin(at=at) as ledger:
        kept = _kept(ledger, proposal)
        _must_plan(ledger, kept, by=by)
        if kept.runs:
            raise board.AlreadyAccepted
        run.must_lie_ahead(kept.proposal.day, at=at)
        longest = seconds if question is None else min(seconds, ANSWER_SECONDS)
        wanted = Asked(by=by.as_author(), proposal=proposal, base=kept.seen, seconds=longest, question=question)
        ledger.solvings.open(number, wanted)
    return number


def stop(store: Store, number: str, *, by: Actor, at: datetime) -> Solving:
    """Ask for the best so far; what is over already stays as it is. Raises: UnknownSolving, RunElsewhere, Forbidden."""
    permissions.require(by, Permission.PLAN_RUN)
    with store.begin(at=at) as ledger:
        found = _solving(ledger, number)
        _must_plan(ledger, _kept(ledger, found.asked.proposal), by=by)
        ledger.solvings.ask_to_stop(number)
        return _solving(ledger, number)


def apply(store: Store, number: str, *, seen: int, by: Actor, at: datetime) -> Solving:
    """Make a result that waits for an answer the next step of its board; asking again changes nothing.

    `seen` is how many steps the board had that it was compared with.

    Raises: UnknownSolving, NothingToApply, OnlyTried, BoardChanged, ChangedMeanwhile, RunElsewhere, DayGone, Forbidden.
    """
    permissions.require(by, Permission.PLAN_RUN)
    with store.begin(at=at) as ledger:
        found = _solving(ledger, number)
        kept = _kept(ledger, found.asked.proposal)
        _must_plan(ledger, kept, by=by)
        if found.fate is Fate.APPENDED:
            return found
        if not found.waits_for_an_answer or found.result is None or kept.runs:
            raise solving.NothingToApply
        if found.asked.question is not None and not found.asked.question.can_be_applied:
            raise solving.OnlyTried
        run.must_lie_ahead(kept.proposal.day, at=at)
        if kept.seen != seen:
            raise solving.BoardChanged
        made = found.result.proposal
        planning.must_still_hold(ledger, made, list(made.drafts))
        if not ledger.solvings.settle(number, was=found.fate, fate=Fate.APPENDED, step=kept.seen + 1):
            raise solving.NothingToApply
        step = board.planned_again(made, instead_of=kept.proposal)
        ledger.rounds.take_step(kept.id, step, seen=kept.seen, by=by.as_author())
        boards.note_days(ledger, step, day=kept.proposal.day, by=by.account)
        return _solving(ledger, number)


def drop(store: Store, number: str, *, by: Actor, at: datetime) -> None:
    """Note that nobody wants a result. Raises: UnknownSolving, RunElsewhere, Forbidden."""
    permissions.require(by, Permission.PLAN_RUN)
    with store.begin(at=at) as ledger:
        found = _solving(ledger, number)
        _must_plan(ledger, _kept(ledger, found.asked.proposal), by=by)
        if found.waits_for_an_answer:
            ledger.solvings.settle(number, was=found.fate, fate=Fate.DROPPED)


# --- what a worker does -----------------------------------------------------------------------------------------------


def claim(store: Store, *, worker: str, at: datetime) -> Solving | None:
    """Take what was asked first and nobody has; None when there is nothing, or another worker was quicker."""
    with store.read(at=at) as reader:
        waiting = reader.solvings.waiting(limit=1)
    for number in waiting:
        with store.begin(at=at) as ledger:
            if ledger.solvings.claim(number, worker=worker):
                return ledger.solvings.get(number)
    return None


def prepare(store: Store, found: Solving, *, at: datetime, server: MapServer | None = None) -> Prepared:
    """Read what a solving works on.

    Raises: ChangedMeanwhile, UnknownProposal, NothingToApply where it became runs, and what a question
    cannot suppose: NoSuchThing, NoSuchPostman, UnknownMiddle, OfficeClosed.
    """
    with store.read(at=at) as reader:
        kept = reader.rounds.proposal(found.asked.proposal)
        if kept is None:
            raise UnknownProposal
        if kept.runs:
            raise solving.NothingToApply
        question = found.asked.question
        offices = _read(reader, kept.proposal, question)
        units = reader.reference.units(sorted(question.communes) if question else (), on=kept.proposal.day)
    day = whatif.supposed(offices, question, base=kept.proposal, units=units)
    return Prepared(solving=found, base=kept.proposal, seen=kept.seen, day=day, at=at, server=server)


def note(store: Store, found: Solving, progress: Progress | None, *, at: datetime) -> Stage | None:
    """Show a sign of life and how far it is; return the stage, None when somebody else has it."""
    with store.begin(at=at) as ledger:
        return ledger.solvings.beat(found.id, worker=found.worker, progress=progress)


def finish(store: Store, prepared: Prepared, result: Result, *, at: datetime) -> None:
    """Keep what came of it: as a step of the board where that is as it was, else aside. Raises: ChangedMeanwhile."""
    try:
        with store.begin(at=at) as ledger:
            _finish(ledger, prepared, result)
    except Overtaken:  # somebody changed the board in this moment: it is kept aside now
        with store.begin(at=at) as ledger:
            _finish(ledger, prepared, result)


def fail(store: Store, found: Solving, *, why: Trouble | str, at: datetime) -> None:
    """Note that nothing came of it; `why` may be a sentence of its own."""
    with store.begin(at=at) as ledger:
        trouble = why if isinstance(why, str) else TROUBLE_NAMES[why]
        ledger.solvings.fail(found.id, worker=found.worker, trouble=trouble)


def give_back(store: Store, found: Solving, *, at: datetime) -> None:
    """Let another worker take what this one will not end."""
    with store.begin(at=at) as ledger:
        ledger.solvings.give_back(_solving(ledger, found.id))


def give_back_silent(store: Store, *, at: datetime) -> int:
    """Let others take what workers left that show no sign of life; return how many."""
    with store.read(at=at) as reader:
        silent = reader.solvings.silent()
    for found in silent:
        with store.begin(at=at) as ledger:
            ledger.solvings.give_back(found)
    return len(silent)


def _finish(ledger: Ledger, prepared: Prepared, result: Result) -> None:
    found = prepared.solving
    if ledger.solvings.beat(found.id, worker=found.worker, progress=None) is None:
        return  # another worker has it: this one was thought dead
    kept = _kept(ledger, found.asked.proposal)
    if kept.runs:
        ledger.solvings.fail(found.id, worker=found.worker, trouble=TROUBLE_NAMES[Trouble.TOO_LATE])
        return
    fate, step = Fate.TO_SHOW, None
    if found.asked.improves:
        fate, step = _improved(ledger, prepared, kept, result)
    ledger.solvings.finish(found.id, worker=found.worker, result=result, fate=fate, step=step)


def _improved(ledger: Ledger, prepared: Prepared, kept: KeptProposal, result: Result) -> tuple[Fate, int | None]:
    """Return what becomes of a better plan, and the step of the board that it is."""
    if not solving.is_better(result, than=prepared.base):
        return Fate.NO_BETTER, None
    made = result.proposal
    planning.must_still_hold(ledger, made, list(made.drafts))
    if kept.seen != prepared.seen:
        return Fate.ASIDE, None
    step = board.planned_again(made, instead_of=kept.proposal)
    ledger.rounds.take_step(kept.id, step, seen=kept.seen, by=prepared.solving.asked.by)
    return Fate.APPENDED, kept.seen + 1


def _kept(registers: Ledger | Reader, proposal: str) -> KeptProposal:
    found = registers.rounds.proposal(proposal)
    if found is None:
        raise UnknownProposal
    return found


def _solving(registers: Ledger | Reader, number: str) -> Solving:
    found = registers.solvings.get(number)
    if found is None:
        raise solving.UnknownSolving
    return found


def _must_plan(registers: Ledger | Reader, kept: KeptProposal, *, by: Actor) -> None:
    """A controller works on the own office; the coordinator on every office. Raises: RunElsewhere."""
    if by.place != kept.proposal.place and Role.COORDINATOR not in by.roles:
        raise RunElsewhere(thing="Phương án chia chuyến", office=planning.name_of(registers, kept.proposal))


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(reader: Reader, base: Proposal, question: Question | None) -> list[OfficeDay]:
    """Return the offices of a proposal with what it is about, at the time for which it was made.

    What has come since is not part of it, apart from what a question adds. Raises: ChangedMeanwhile, NoSuchThing.
    """
    codes = sorted({draft.office for draft in base.drafts} | {each.office for each in base.left})
    found = laying_out.read_offices(reader, codes, day=base.day, at=base.made_at)
    added = {each.thing for each in question.added if each.is_real} if question is not None else set()
    _must_wait(found, added)
    about = {*things_of_runs(base), *(thing for each in base.left if not each.until for thing in each.things)}
    offices = [_only(office, about | added) for office in found]
    now = {code: version for office in offices for each in _waiting(office) for code, version in _versions(each)}
    base.must_still_hold(now, wanted=[code for code, _ in base.used])
    return offices


def rests_on(offices: Collection[OfficeDay], made: Proposal) -> tuple[tuple[str, int], ...]:
    """Return what the runs of a proposal rest on: items, pickups and dossiers with their versions."""
    on_runs = set(things_of_runs(made))
    waiting = [each for office in offices for each in _waiting(office) if each.code in on_runs]
    return tuple(sorted({pair for each in waiting for pair in _versions(each)}))


def things_of_runs(made: Proposal) -> tuple[str, ...]:
    """Return everything on the runs of a proposal."""
    return tuple(thing for draft in made.drafts for thing in draft.things)


def _versions(each: Waiting) -> tuple[tuple[str, int], tuple[str, int]]:
    return (each.code, each.version), (each.dossier, each.dossier_version)


def _waiting(office: OfficeDay) -> list[Waiting]:
    inside = [each for _, door in office.doors.values() for each in door.waiting]
    return [*inside, *office.outside]


def _must_wait(offices: Collection[OfficeDay], added: Collection[str]) -> None:
    """Refuse to add what waits for no door. Raises: NoSuchThing."""
    waiting = {each.code for office in offices for each in _waiting(office)}
    for thing in sorted(added):
        if thing not in waiting:
            raise NoSuchThing(thing=codes.shown(thing))


def _only(office: OfficeDay, things: Collection[str]) -> OfficeDay:
    """Return an office's day with some things only; a door keeps its place also when its oldest thing is not there."""
    rounds, points = [], dict(office.points)
    for round_ in office.rounds:
        doors = []
        for door in round_.doors:
            waiting = tuple(each for each in door.waiting if each.code in things)
            if waiting:
                doors.append(Door(waiting=waiting))
                points[doors[-1].key] = office.points[door.key]
        rounds.append(replace(round_, doors=tuple(doors)))
    outside = tuple(each for each in office.outside if each.code in things)
    return replace(office, rounds=tuple(rounds), outside=outside, points=points)
