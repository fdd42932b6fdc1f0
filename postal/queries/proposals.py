"""A proposed day of rounds as a page: who would drive what, how long, what comes too late, what stays and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars
from postal.domain.people import Actor, Role
from postal.domain.places import Territory
from postal.domain.proposal import NEXT_STEPS, WHY_NAMES, Draft, LeftBehind, Proposal, UnknownProposal
from postal.domain.run import RunElsewhere
from postal.queries import runs, stops
from postal.store import Reader, Store

FULL = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftLine:
    """A proposed run. `late` says in words which promised hours it misses, `load` how much of its hours it takes."""

    number: int
    territory: str
    part: str
    office: str
    postman: str
    postmen: tuple[tuple[str, str], ...]
    by_spare: bool
    stops: int
    things: int
    promised: int
    kilometres: str
    duration: str
    load: int
    is_full: bool
    communes: tuple[str, ...]
    late: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftLine:
    """What is for one door and would be on no run, why, and what to do."""

    things: tuple[str, ...]
    commune: str
    territory: str
    office: str
    why: str
    next_step: str
    is_promised: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalPage:
    """A kept proposal; `runs` is what it became, empty while it waits for an answer."""

    id: str
    place: str
    place_name: str
    day: date
    made_at: datetime
    drafts: tuple[DraftLine, ...]
    left: tuple[LeftLine, ...]
    outside: tuple[LeftLine, ...]
    runs: tuple[str, ...]
    stops: int
    things: int
    kilometres: str
    can_accept: bool


def proposal_page(store: Store, number: str, *, actor: Actor, at: datetime) -> ProposalPage:
    """Return a kept proposal. Raises: UnknownProposal, RunElsewhere."""
    with store.read(at=at) as reader:
        kept = reader.rounds.proposal(number)
        if kept is None:
            raise UnknownProposal
        found = kept.proposal
        _must_see(reader, found, actor)
        lines = _Lines(reader, found)
        left = [lines.left(each) for each in found.left]
        return ProposalPage(
            id=number,
            place=found.place,
            place_name=_place_name(reader, found),
            day=found.day,
            made_at=found.made_at,
            drafts=tuple(lines.draft(n, draft) for n, draft in enumerate(found.drafts)),
            left=tuple(line for line, each in zip(left, found.left, strict=True) if each.territory),
            outside=tuple(line for line, each in zip(left, found.left, strict=True) if not each.territory),
            runs=kept.runs,
            stops=sum(len(draft.stops) for draft in found.drafts),
            things=sum(len(draft.things) for draft in found.drafts),
            kilometres=runs.kilometres(sum(draft.metres for draft in found.drafts)),
            can_accept=not kept.runs and bool(found.drafts) and found.day >= calendars.local(at).date(),
        )


class _Lines:
    """Turns drafts into lines, with the names they need read once."""

    def __init__(self, reader: Reader, found: Proposal) -> None:
        self.day = found.day
        self.territories: Mapping[str, Territory] = {each.code: each for each in reader.reference.territories()}
        offices = {each.office for each in (*found.drafts,)} | {each.office for each in found.left}
        self.offices = {code: place.name for code, place in reader.reference.places(offices).items()}
        self.postmen = {office: tuple(stops.postmen_of(reader, office)) for office in offices}
        self.names = {account.username: account.name for account in reader.accounts.all()}
        visited = {stop.commune for draft in found.drafts for stop in draft.stops}
        self.communes = reader.reference.units(visited | {each.commune for each in found.left}, on=found.day)
        self.parts = {draft.territory for draft in found.drafts if draft.part}

    def draft(self, number: int, draft: Draft) -> DraftLine:
        """Return a proposed run."""
        promised = sum(stop.closes_at is not None or _is_due(stop.due_on, self.day) for stop in draft.stops)
        return DraftLine(
            number=number,
            territory=self.territory(draft.territory),
            part=f"phần {draft.part + 1}" if draft.territory in self.parts else "",
            office=self.offices.get(draft.office, draft.office),
            postman=draft.postman,
            postmen=self.postmen[draft.office],
            by_spare=draft.by_spare,
            stops=len(draft.stops),
            things=len(draft.things),
            promised=promised,
            kilometres=runs.kilometres(draft.metres),
            duration=runs.duration(draft.seconds),
            load=draft.load_percent,
            is_full=draft.load_percent > FULL,
            communes=tuple(dict.fromkeys(self.commune(stop.commune) for stop in draft.stops)),
            late=tuple(f"Điểm {e.number} muộn {e.minutes} phút: {WHY_NAMES[e.why]}." for e in draft.late),
        )

    def left(self, each: LeftBehind) -> LeftLine:
        """Return what stays behind."""
        return LeftLine(
            things=each.things,
            commune=self.commune(each.commune),
            territory=self.territory(each.territory) if each.territory else "",
            office=self.offices.get(each.office, each.office),
            why=WHY_NAMES[each.why],
            next_step=NEXT_STEPS[each.why],
            is_promised=each.is_promised,
        )

    def territory(self, code: str) -> str:
        """Return what a round is called."""
        return self.territories[code].name if code in self.territories else code

    def commune(self, code: str) -> str:
        """Return what a commune is called."""
        return self.communes[code].name if code in self.communes else code


def _is_due(due_on: date | None, day: date) -> bool:
    return due_on is not None and due_on <= day


def _must_see(reader: Reader, found: Proposal, actor: Actor) -> None:
    if actor.place != found.place and Role.COORDINATOR not in actor.roles:
        raise RunElsewhere(thing="Phương án chia chuyến", office=_place_name(reader, found))


def _place_name(reader: Reader, found: Proposal) -> str:
    if found.place in reader.reference.places([found.place]):
        return reader.reference.place(found.place).name
    province = found.place.partition(":")[2]
    names = {unit.code: unit.name for unit in reader.reference.provinces(on=found.day)}
    return names.get(province, found.place)
