"""Home pickups: what an office's postmen fetch on a day, one promise, and whether a dossier may have one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from postal.domain import calendars, codes, home_pickup, permissions, supplements
from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind, PickupCancelled
from postal.domain.home_pickup import PICKUP_STATE_NAMES, HomePickup, NothingToFetch, PickupState
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.places import OutsideEveryTerritory, Territory
from postal.domain.status import Tone
from postal.queries import access, counter, dossiers, stops, timeline
from postal.queries.timeline import Line
from postal.store import Reader, Store
from postal.store.tables import HomePickupRow, table_of

_TONES: dict[PickupState, Tone] = {
    PickupState.ASKED: Tone.MOVING,
    PickupState.MADE: Tone.DONE,
    PickupState.CANCELLED: Tone.PROBLEM,
}
_KINDS: dict[ItemKind, str] = {
    ItemKind.OUTBOUND: "Giấy tờ của hồ sơ mới",
    ItemKind.SUPPLEMENT: "Giấy tờ bổ sung",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupLine:
    """A promise. Name, address, phone and note are empty for whoever may not read them; `item` once it was made."""

    code: str
    dossier: str
    kind: str
    day: date
    window: str
    state: str
    tone: str
    commune: str
    name: str
    address: str
    phone: str
    note: str
    attempts: int
    attempt: str
    item: str
    is_overdue: bool
    can_cancel: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DayCount:
    """A day on which visits are promised, and how many."""

    day: date
    count: int
    is_shown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class HomePickupsPage:
    """The promises of an office on a day; on today also those of earlier days that nobody kept."""

    office: str
    day: date
    is_today: bool
    lines: tuple[PickupLine, ...]
    days: tuple[DayCount, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperToFetch:
    """A paper the postman asks for at the door. `line` is the request's, or the list's, from 1."""

    line: int
    name: str
    originals: int
    certified: int
    copies: int
    to_return: bool
    is_required: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class HomePickupPage:
    """One promise with what is fetched and what has happened; `papers` only for whoever may read them."""

    pickup: PickupLine
    office: str
    papers: tuple[PaperToFetch, ...]
    timeline: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrangingPage:
    """Whether a postman may be sent for a dossier, and from where. `problem` says why not."""

    dossier: str
    kind: str
    commune: str
    office: str
    round: str
    first_day: date
    papers: tuple[PaperToFetch, ...]
    problem: str
    open_pickup: str


def home_pickups_page(store: Store, *, actor: Actor, day: date | None, at: datetime) -> HomePickupsPage:
    """Return what the postmen of the actor's office fetch on a day, today when none is named."""
    today = calendars.local(at).date()
    shown = day or today
    with store.read(at=at) as reader:
        mine = _of_office(reader, actor.place)
        waiting = [p for p in mine if p.state is PickupState.ASKED]
        late = [p for p in waiting if p.day < today] if shown == today else []
        wanted = [*late, *(p for p in mine if p.day == shown)]
        counts = Counter(p.day for p in waiting)
        return HomePickupsPage(
            office=reader.reference.place(actor.place).name,
            day=shown,
            is_today=shown == today,
            lines=tuple(_lines(reader, wanted, actor=actor, today=today)),
            days=tuple(DayCount(day=on, count=counts[on], is_shown=on == shown) for on in sorted(counts)),
        )


def is_open_to(store: Store, code: str, *, actor: Actor) -> bool:
    """Tell whether somebody may open a promise: any counter may make one, not every counter may read it."""
    with store.read() as reader:
        found = reader.thing(HomePickup, code)
        return found is not None and may_open(reader, found, actor)


def home_pickup_page(store: Store, code: str, *, actor: Actor, at: datetime) -> HomePickupPage:
    """Return one promise to whoever's place goes out for it or takes part in its dossier.

    Raises: UnknownCode, NotTakingPart.
    """
    with store.read(at=at) as reader:
        found = reader.thing(HomePickup, code)
        if found is None:
            raise UnknownCode(thing=codes.shown(code))
        dossier = _dossier(reader, found.dossier)
        if not may_open(reader, found, actor):
            raise access.NotTakingPart(dossier=codes.shown(found.dossier))
        sees = permissions.may(actor, Permission.SEE_PERSONAL_DATA)
        (line,) = _lines(reader, [found], actor=actor, today=calendars.local(at).date())
        return HomePickupPage(
            pickup=line,
            office=_place_name(reader, found.office),
            papers=to_fetch(reader, dossier, kind=found.kind) if sees else (),
            timeline=tuple(reversed(timeline.lines(reader, [code], sees_texts=sees))),
        )


def arranging_page(store: Store, code: str, *, actor: Actor, at: datetime) -> ArrangingPage:
    """Return whether somebody may be sent for a dossier, for any counter: nothing personal. Raises: UnknownCode."""
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        dossier = _dossier(reader, code)
        items = counter.items_by_dossier(reader, [code])[code]
        kind = home_pickup.awaited(dossier, items)
        sender = reader.people.of([code]).get((code, "sender"))
        round_ = _round(reader, sender, on=today) if sender else None
        sees = access.sees_people(actor, dossier, items)
        return ArrangingPage(
            dossier=code,
            kind=_KINDS[kind] if kind else "",
            commune=_commune_name(reader, sender.commune if sender else "", on=today),
            office=_place_name(reader, round_.office) if round_ else "",
            round=round_.name if round_ else "",
            first_day=reader.reference.calendar("post").next_working_day(today),
            papers=to_fetch(reader, dossier, kind=kind) if kind and sees else (),
            problem=_problem(dossier, items),
            open_pickup=next(
                (p.code for p in dossiers.home_pickups_of(reader, code) if p.state is PickupState.ASKED), ""
            ),
        )


def may_open(reader: Reader, found: HomePickup, actor: Actor) -> bool:
    """Tell whether somebody's place goes out for a promise or takes part in its dossier."""
    if actor.place == found.office:
        return True
    dossier = _dossier(reader, found.dossier)
    return access.takes_part(actor, dossier, counter.items_by_dossier(reader, [dossier.code])[dossier.code])


def to_fetch(reader: Reader, dossier: Dossier, *, kind: ItemKind) -> tuple[PaperToFetch, ...]:
    """Return the papers to ask for at a door, line by line: what was requested and is missing, or the first papers."""
    return _requested(reader, dossier) if kind is ItemKind.SUPPLEMENT else _first_papers(reader, dossier)


# --- papers -----------------------------------------------------------------------------------------------------------


def _requested(reader: Reader, dossier: Dossier) -> tuple[PaperToFetch, ...]:
    text = reader.texts.get([dossier.reason]).get(dossier.reason, "")
    items = counter.items_by_dossier(reader, [dossier.code])[dossier.code]
    left = supplements.still_missing(dossier, items)
    asked = enumerate(supplements.read(text).papers, start=1)
    return tuple(_paper(line, paper.name, is_required=True) for line, paper in asked if line in left)


def _first_papers(reader: Reader, dossier: Dossier) -> tuple[PaperToFetch, ...]:
    """Return the list of the procedure, and what else the clerk was told on the phone."""
    version = dossiers.procedure_of(reader, dossier)
    listed = {paper.name: paper for paper in version.papers} if version else {}
    told = dossiers.paper_names(reader.texts.get([dossier.contents]).get(dossier.contents, ""))
    names = [*listed, *(name for name in told if name not in listed)]
    return tuple(
        PaperToFetch(
            line=line,
            name=name,
            originals=listed[name].originals,
            certified=listed[name].certified,
            copies=listed[name].copies,
            to_return=bool(listed[name].returned_to_citizen),
            is_required=bool(version and version.papers_verified and listed[name].required),
        )
        if name in listed
        else _paper(line, name, is_required=False)
        for line, name in enumerate(names, start=1)
    )


def _paper(line: int, name: str, *, is_required: bool) -> PaperToFetch:
    return PaperToFetch(
        line=line, name=name, originals=0, certified=0, copies=0, to_return=False, is_required=is_required
    )


# --- parts ------------------------------------------------------------------------------------------------------------


def _of_office(reader: Reader, office: str) -> list[HomePickup]:
    table = table_of(HomePickupRow)
    found = reader.things(HomePickup, select(table.c.state).where(table.c.office == office))
    return sorted(found, key=lambda p: (p.day, p.opens_at is None, p.opens_at or p.asked_at, p.code))


def _lines(reader: Reader, found: Sequence[HomePickup], *, actor: Actor, today: date) -> list[PickupLine]:
    sees = permissions.may(actor, Permission.SEE_PERSONAL_DATA)
    people = reader.people.of([p.dossier for p in found]) if sees else {}
    notes = reader.texts.get([p.note for p in found]) if sees else {}
    communes = _communes(reader, found, on=today)
    return [
        _line(
            each,
            sender=people.get((each.dossier, "sender")),
            note=notes.get(each.note, ""),
            commune=communes.get(each.commune, ""),
            may_cancel=permissions.may(actor, Permission.ARRANGE_PICKUP),
            today=today,
        )
        for each in found
    ]


def _line(
    pickup: HomePickup, *, sender: Person | None, note: str, commune: str, may_cancel: bool, today: date
) -> PickupLine:
    return PickupLine(
        code=pickup.code,
        dossier=pickup.dossier,
        kind=_KINDS[pickup.kind],
        day=pickup.day,
        window=window(pickup),
        state=PICKUP_STATE_NAMES[pickup.state],
        tone=_TONES[pickup.state].value,
        commune=commune,
        name=sender.name if sender else "",
        address=sender.address if sender else "",
        phone=stops.spoken(sender.phone) if sender else "",
        note=note,
        attempts=pickup.attempts,
        attempt=timeline.ATTEMPTS[pickup.attempt_reason] if pickup.attempt_reason else "",
        item=pickup.item,
        is_overdue=pickup.state is PickupState.ASKED and pickup.day < today,
        can_cancel=may_cancel and pickup.may(PickupCancelled),
    )


def window(pickup: HomePickup) -> str:
    """Return the promised hours, empty when the whole day was promised."""
    if pickup.opens_at is None or pickup.closes_at is None:
        return ""
    return f"{calendars.local(pickup.opens_at):%H:%M} – {calendars.local(pickup.closes_at):%H:%M}"


def _round(reader: Reader, sender: Person, *, on: date) -> Territory | None:
    try:
        return reader.reference.territory_at(sender.commune, sender.address, on=on)
    except OutsideEveryTerritory:
        return None


def _problem(dossier: Dossier, items: Iterable[Item]) -> str:
    try:
        home_pickup.must_be_awaited(dossier, items)
    except NothingToFetch as refused:
        return str(refused)
    return ""


def _dossier(reader: Reader, code: str) -> Dossier:
    found = reader.thing(Dossier, code)
    if found is None:
        raise UnknownCode(thing=codes.shown(code))
    return found


def _communes(reader: Reader, found: Iterable[HomePickup], *, on: date) -> dict[str, str]:
    units = reader.reference.units({p.commune for p in found}, on=on)
    return {code: unit.name for code, unit in units.items()}


def _commune_name(reader: Reader, commune: str, *, on: date) -> str:
    unit = reader.reference.units([commune], on=on).get(commune) if commune else None
    return unit.name if unit else ""


def _place_name(reader: Reader, code: str) -> str:
    found = reader.reference.places([code])
    return found[code].name if code in found else code
