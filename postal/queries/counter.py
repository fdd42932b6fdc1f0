"""The counter: today's numbers, and what the registration form looks up while it is filled in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from postal.domain import calendars, clocks, permissions, search, status, who_decides
from postal.domain.bag import BagState
from postal.domain.calendars import VIETNAM
from postal.domain.clocks import Due, Step
from postal.domain.competence import Competence, Subject
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.item import Custody, Item
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.places import CommuneGone, Lane, Place, PlaceKind
from postal.queries import bag_lists, competence, incidents, messages, places, procedures
from postal.queries.bag_lists import Coming
from postal.queries.incidents import ToAnswer
from postal.queries.places import CommuneFound
from postal.queries.procedures import ProcedureFound
from postal.store import Reader, Store
from postal.store.reference import short_name
from postal.store.tables import BagRow, DossierRow, HandoverRow, ItemRow, RequestRow, table_of

LAST = 5
CHOSEN_BY_CLERK = "Giao dịch viên chọn cơ quan, vì danh mục chưa có quy tắc thẩm quyền đã xác minh."


# --- the home page ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class RecentLine:
    """One of the last dossiers of an office."""

    code: str
    opened_at: datetime
    procedure: str
    status: str
    tone: str
    is_unsealed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CounterPage:
    """Today at the counter of an office. `offers` wait for this account's signature, `failed_messages` for its care."""

    today: date
    office: str
    holds_counter: bool
    registered: int
    turned_back: int
    not_sealed: int
    waiting: int
    offers: int
    failed_messages: int
    bags_begun: int
    bags_waiting: int
    coming: Coming
    incidents: ToAnswer
    recent: tuple[RecentLine, ...]


def counter_page(store: Store, *, actor: Actor, at: datetime) -> CounterPage:
    """Return today's numbers of the actor's office and its last dossiers."""
    with store.read() as reader:
        held = _held_here(reader, actor.place)
        by_status = _opened_today(reader, actor.place, at=at)
        found = reader.reference.places([actor.place])
        return CounterPage(
            today=calendars.local(at).date(),
            office=found[actor.place].name if actor.place in found else actor.place,
            holds_counter=any(key.startswith(f"{actor.place}:counter") for key in actor.positions),
            registered=sum(n for s, n in by_status.items() if s not in _NOT_REGISTERED),
            turned_back=by_status.get(AgencyStatus.TURNED_BACK, 0),
            not_sealed=sum(not item.seal for item in held),
            waiting=sum(bool(item.seal) for item in held if item.custody is Custody.HELD),
            offers=_offers(reader, actor),
            failed_messages=messages.failed_messages(reader, actor),
            bags_begun=_bags(reader, actor.place, BagState.PACKING),
            bags_waiting=_bags(reader, actor.place, BagState.SEALED),
            coming=bag_lists.coming(reader, actor=actor, at=at),
            incidents=incidents.to_answer(reader, actor.place, at=at),
            recent=_recent(reader, actor.place),
        )


_NOT_REGISTERED = frozenset({AgencyStatus.TURNED_BACK, AgencyStatus.VOIDED})


def day_began(at: datetime) -> datetime:
    """Return the midnight in Vietnam that began the day of an instant."""
    return datetime.combine(calendars.local(at).date(), datetime.min.time(), VIETNAM)


def _opened_today(reader: Reader, office: str, *, at: datetime) -> dict[AgencyStatus, int]:
    table = table_of(DossierRow)
    begun = day_began(at)
    today = (table.c.opened_at >= begun) & (table.c.opened_at < begun + timedelta(days=1))
    counted = select(table.c.status, func.count().label("many"))
    query = counted.where(table.c.office == office, today).group_by(table.c.status)
    return {AgencyStatus(row.status): row.many for row in reader.rows(query)}


def _held_here(reader: Reader, office: str) -> list[Item]:
    """Return what the office registered and still holds: it has not left the counter."""
    table = table_of(ItemRow)
    alive = table.c.custody.in_((Custody.HELD.value, Custody.OFFERED.value))
    query = select(table.c.state).where(table.c.custodian_place == office, alive)
    return [item for item in reader.things(Item, query) if item.origin == office and not item.has_left]


def _bags(reader: Reader, office: str, state: BagState) -> int:
    """Return how many bags of the office are begun, or wait to leave."""
    table = table_of(BagRow)
    here = (table.c.custodian_place == office) & (table.c.origin == office) & (table.c.bag_state == state.value)
    return int(reader.scalar(select(func.count()).where(here)))


def _offers(reader: Reader, actor: Actor) -> int:
    table = table_of(HandoverRow)
    mine = table.c.receiver_key.in_([*actor.positions, actor.account])
    return int(reader.scalar(select(func.count()).where(mine, table.c.record_state == "offered")))


def _recent(reader: Reader, office: str) -> tuple[RecentLine, ...]:
    table = table_of(DossierRow)
    newest = select(table.c.state).where(table.c.office == office).order_by(table.c.opened_at.desc(), table.c.code)
    dossiers = reader.things(Dossier, newest.limit(LAST))
    items = items_by_dossier(reader, [dossier.code for dossier in dossiers])
    names = _procedure_names(reader, dossiers)
    return tuple(_recent_line(dossier, items[dossier.code], names) for dossier in dossiers)


def _recent_line(dossier: Dossier, items: Sequence[Item], names: dict[str, str]) -> RecentLine:
    word = status.word(dossier, items)
    return RecentLine(
        code=dossier.code,
        opened_at=dossier.opened_at,
        procedure=names.get(dossier.procedure, dossier.procedure),
        status=status.WORDS[word].staff.format(place=_where(items), date="", count="", amount="", reason=""),
        tone=status.WORDS[word].tone.value,
        is_unsealed=any(not item.seal and not item.is_final and not item.has_left for item in items),
    )


def _where(items: Sequence[Item]) -> str:
    leading = status.leading(items)
    return str(leading.custodian) if leading else ""


def items_by_dossier(reader: Reader, dossiers: Sequence[str]) -> dict[str, list[Item]]:
    """Return the items of dossiers, oldest first; a dossier without any has an empty list."""
    table = table_of(ItemRow)
    found: dict[str, list[Item]] = {code: [] for code in dossiers}
    for item in reader.things(Item, select(table.c.state).where(table.c.dossier.in_(dossiers))):
        found[item.dossier].append(item)
    return {code: sorted(items, key=lambda i: (i.registered_at, i.code)) for code, items in found.items()}


def _procedure_names(reader: Reader, dossiers: Iterable[Dossier]) -> dict[str, str]:
    wanted = {(d.procedure, d.procedure_version) for d in dossiers if d.procedure and d.procedure_version}
    return {code: reader.reference.procedure_version(code, version).name for code, version in sorted(wanted)}


# --- what the form looks up -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class CommuneChoice:
    """What a typed commune may mean: the one it is, or the ones to choose from."""

    chosen: CommuneFound | None
    matches: tuple[CommuneFound, ...] = ()


def find_commune(store: Store, words: str, *, near: str | None, on: date) -> CommuneChoice:
    """Return the commune somebody typed by name, old name or code; what is not clear is left to the clerk.

    Raises: CommuneGone, UnknownPlace for a code that no commune of today has.
    """
    typed = search.fold(words)
    if typed.isdigit() and len(typed) == 5:
        unit = places.commune(store, typed, on=on)
        words = unit.name
        matches = places.search_communes(store, words, on=on, near=unit.province_code)
        return CommuneChoice(chosen=next((found for found in matches if found.code == unit.code), None))
    matches = places.search_communes(store, words, limit=8, on=on, near=near)
    if not matches:
        return _read(store, words, on=on)
    meant = _meant(matches, words)
    if meant is not None and not _stands(store, meant.code, on=on):
        return _read(store, f"{meant.name}, {meant.province}", on=on, ended=meant)
    return CommuneChoice(chosen=meant, matches=matches)


def _stands(store: Store, code: str, *, on: date) -> bool:
    """Tell whether a commune stands; one that was merged leads to the one that continues it, and that is said."""
    try:
        return bool(places.commune(store, code, on=on))
    except CommuneGone:
        return False


def _read(store: Store, address: str, *, on: date, ended: CommuneFound | None = None) -> CommuneChoice:
    """Return what a whole address was read as: street, old ward, old district and all."""
    located = competence.locate(store, address, on=on, chosen=ended.code if ended else "")
    found = tuple(
        CommuneFound(
            code=each.code,
            name=each.name,
            province_code="",
            province=each.province,
            formerly=(each.formerly,) if each.formerly else (),
        )
        for each in located.candidates
    )
    if located.commune is None:
        return CommuneChoice(chosen=None, matches=found)
    former = (f"{ended.name}, {ended.province}",) if ended else ()
    return CommuneChoice(chosen=replace(commune_named(store, located.commune.code, on=on), formerly=former))


def _meant(matches: Sequence[CommuneFound], words: str) -> CommuneFound | None:
    """Return the only match, or the only one that is or was called exactly so."""
    if len(matches) == 1:
        return matches[0]
    exact = [found for found in matches if _is_called_so(found, words) or _was_called_so(found, words)]
    return exact[0] if len(exact) == 1 else None


def _is_called_so(found: CommuneFound, words: str) -> bool:
    names = {found.name, short_name(found.name)}
    around = {"", f" {found.province}", f" {short_name(found.province)}"}
    return not found.formerly and search.fold(words) in {search.fold(n + above) for n in names for above in around}


def _was_called_so(found: CommuneFound, words: str) -> bool:
    """Tell whether the commune part of what was typed, before the first comma, is one of its old names."""
    typed = search.fold(words.split(",", maxsplit=1)[0])
    old = [name.split(",", maxsplit=1)[0] for name in found.formerly]
    return typed in {search.fold(each) for name in old for each in (name, short_name(name))}


def commune_named(store: Store, code: str, *, on: date) -> CommuneFound:
    """Return a commune of today with its province. Raises: CommuneGone, UnknownPlace."""
    unit = places.commune(store, code, on=on)
    with store.read() as reader:
        province = reader.reference.units([unit.province_code], on=on)[unit.province_code]
    return CommuneFound(code=unit.code, name=unit.name, province_code=province.code, province=province.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcedureChoice:
    """What a typed procedure may mean: the code it is, empty when the clerk must choose among the matches."""

    chosen: str
    matches: tuple[ProcedureFound, ...] = ()


def find_procedure(store: Store, words: str, *, on: date) -> ProcedureChoice:
    """Return the procedure somebody typed by short name, code or words; what is not clear is left to the clerk."""
    matches = procedures.search_procedures(store, words, limit=8, on=on)
    if len(matches) == 1:
        return ProcedureChoice(chosen=matches[0].code)
    typed = search.fold(words)
    exact = [found.code for found in matches if _is_short_name(store, found.code, typed, on=on)]
    return ProcedureChoice(chosen=exact[0] if len(exact) == 1 else "", matches=matches)


def _is_short_name(store: Store, code: str, typed: str, *, on: date) -> bool:
    version = procedures.procedure(store, code, on=on).version
    return typed == code or typed in {search.fold(name) for name in (version.name, *version.short_names)}


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteView:
    """Where the envelope goes and why, before anything is saved. `expected` is the postal leg, with its steps."""

    desk: str
    department: str
    reason: str
    basis: str
    carrier: str
    tier_days: int
    lane_basis: str
    expected: Due | None
    desk_place: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def is_provisional(self) -> bool:
        """Tell whether the expected day lies in a year whose days off nobody has published."""
        return self.expected is not None and self.expected.provisional

    @property
    def expected_on(self) -> date | None:
        """Return the day on which the post must have brought it to the desk."""
        return self.expected.due_on if self.expected else None


def route(
    store: Store,
    *,
    procedure: str,
    case_commune: str,
    office: str,
    sends: bool,
    at: datetime,
    desk: str = "",
    department: str = "",
    subject: Subject = Subject.PERSON,
) -> RouteView:
    """Return who decides, at which desk, on which lane and by when; `desk` and `department` as the clerk chose.

    Raises: NoCompetentPlace, UnknownProcedure, UnknownPlace, CommuneGone, NoLane.
    """
    on = calendars.local(at).date()
    with store.read() as reader:
        found = _competence(reader, procedure, case_commune, desk=desk, department=department, on=on, subject=subject)
        origin = reader.reference.place(office)
        lane = reader.reference.lane(origin, found.desk, on=on) if sends else None
        leg = None
        if lane is not None:
            calendar = reader.reference.calendar("post")
            leg = clocks.postal_leg(
                lane.tier_days, accepted_at=at, cutoff=lane.cutoff, calendar=calendar, basis=lane.basis
            )
    return RouteView(
        desk=found.desk.name,
        department=found.authority.name,
        reason=found.reason,
        basis=found.basis,
        carrier=lane.carrier if lane else "",
        tier_days=lane.tier_days if lane else 0,
        lane_basis=lane.basis if lane else "",
        expected=leg,
        desk_place=found.desk.code,
        steps=_why(found, lane, origin=origin.name, leg=leg),
    )


def _why(found: Competence, lane: Lane | None, *, origin: str, leg: Due | None) -> tuple[Step, ...]:
    """Return every step from the rule to the day at the desk; where a clerk chose, that is the first."""
    chosen = found.steps or (Step(text=found.reason, basis=found.basis),)
    way = (who_decides.lane_step(lane, origin, found.desk.name),) if lane else ()
    return (*chosen, *way, *(leg.steps if leg else ()))


def _competence(
    reader: Reader, procedure: str, case_commune: str, *, desk: str, department: str, on: date, subject: Subject
) -> Competence:
    if desk and department:
        place = reader.reference.place
        return Competence(desk=place(desk), authority=place(department), reason=CHOSEN_BY_CLERK, basis="")
    version = reader.reference.procedure(procedure, on=on)
    return reader.reference.competent(version, case_commune=case_commune, on=on, subject=subject)


def places_near(store: Store, province: str, kind: PlaceKind) -> tuple[Place, ...]:
    """Return the places of a kind in a province by name, for a list to choose from."""
    with store.read() as reader:
        return tuple(sorted(reader.reference.places_of(province, kinds=(kind,)), key=lambda place: place.name))


def province_of(store: Store, place: str) -> str:
    """Return the province of a place, empty when nobody knows it."""
    with store.read() as reader:
        found = reader.reference.places([place])
    return (found[place].province_code or "") if place in found else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownSender:
    """Somebody who sent from this office before, and the dossier it is known from."""

    person: Person
    dossier: str


def known_sender(store: Store, *, actor: Actor, phone: str = "", number: str = "") -> KnownSender | None:
    """Return who last sent from the actor's office with this phone or identity number, or None."""
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    table = table_of(DossierRow)
    with store.read() as reader:
        codes = reader.people.find(phone=phone, identity=number)
        here = select(table.c.code).where(table.c.code.in_(codes), table.c.office == actor.place)
        newest = reader.scalar(here.order_by(table.c.opened_at.desc()).limit(1)) if codes else None
        return _sender_of(reader, newest) if newest else None


def sender_of(store: Store, dossier: str, *, actor: Actor) -> KnownSender | None:
    """Return the sender of a dossier of the actor's own office, to repeat it; None for any other."""
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    with store.read() as reader:
        found = reader.thing(Dossier, dossier)
        return _sender_of(reader, dossier) if found and found.office == actor.place else None


def earlier(store: Store, dossier: str, *, actor: Actor) -> Dossier | None:
    """Return a dossier of the actor's own office, to repeat what was asked for; None for any other."""
    with store.read() as reader:
        found = reader.thing(Dossier, dossier)
        return found if found and found.office == actor.place else None


def _sender_of(reader: Reader, dossier: str) -> KnownSender | None:
    person = reader.people.of([dossier]).get((dossier, "sender"))
    return KnownSender(person=person, dossier=dossier) if person else None


def saved_as(store: Store, request: str) -> str:
    """Return the dossier that a form's number was already saved as, empty when it is new."""
    table = table_of(RequestRow)
    with store.read() as reader:
        return str(reader.scalar(select(table.c.answer).where(table.c.id == request)) or "")


@dataclass(frozen=True, kw_only=True, slots=True)
class SameToday:
    """A dossier of the same sender and procedure that was registered today."""

    dossier: str
    opened_at: datetime


def same_today(store: Store, *, number: str, procedure: str, office: str, at: datetime) -> SameToday | None:
    """Return an earlier dossier of today with the same sender and procedure at this office, or None."""
    table = table_of(DossierRow)
    with store.read() as reader:
        codes = reader.people.find(identity=number)
        same = (
            table.c.code.in_(codes),
            table.c.procedure == procedure,
            table.c.office == office,
            table.c.opened_at >= day_began(at),
            table.c.status.not_in([int(status_) for status_ in _NOT_REGISTERED]),
        )
        query = select(table.c.code, table.c.opened_at).where(*same).order_by(table.c.opened_at.desc()).limit(1)
        rows = reader.rows(query) if codes else ()
    return SameToday(dossier=rows[0].code, opened_at=rows[0].opened_at) if rows else None
