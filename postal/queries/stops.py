"""Doors of a run: who lives there, what is for them, how far it is done; and the postman's own day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import or_, select

from postal.domain import calendars, codes, permissions
from postal.domain.events import AttemptReason, PlannedStop, Receiver, RunClosed, RunStarted
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, CustodianKind, Person, Role
from postal.domain.permissions import Permission
from postal.domain.run import RUN_STATE_NAMES, DeliveryRun, NotPostman, RunElsewhere, RunState
from postal.domain.status import Tone
from postal.queries import access
from postal.store import Reader, Store
from postal.store.tables import HandoverRow, ItemRow, RunRow, table_of

ATTEMPT_NAMES: dict[AttemptReason, str] = {
    AttemptReason.NOBODY_THERE: "Không có người nhận",
    AttemptReason.NO_ANSWER: "Không liên lạc được",
    AttemptReason.ANOTHER_DAY: "Hẹn ngày khác",
    AttemptReason.NO_AUTHORISATION: "Không có giấy tờ ủy quyền",
}

RECEIVER_NAMES: dict[Receiver, str] = {
    Receiver.ADDRESSEE: "Người có tên trên phiếu",
    Receiver.DELEGATE: "Người được ủy quyền",
    Receiver.ORGANISATION: "Cơ quan, tổ chức",
}


# --- what pages show --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class StopItem:
    """An item at a door. `papers` is how many sheets the receiver counts."""

    code: str
    receiver: str
    papers: int
    state: str
    tone: str
    is_done: bool
    is_in_hand: bool
    was_missed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StopLine:
    """A door on a run. Without the right to personal data receiver, address and phone are empty."""

    number: int
    commune: str
    where: str
    receiver: str
    address: str
    phones: tuple[tuple[str, str], ...]
    items: tuple[StopItem, ...]
    state: str
    tone: str
    is_done: bool

    @property
    def count(self) -> int:
        """Return how many items are for this door."""
        return len(self.items)

    @property
    def is_open(self) -> bool:
        """Tell whether the postman still has something for this door."""
        return any(item.is_in_hand for item in self.items)


@dataclass(frozen=True, kw_only=True, slots=True)
class CommuneStops:
    """The doors of a commune, in the order of the round."""

    name: str
    where: str
    stops: tuple[StopLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A hand-over record that waits for the postman's signature."""

    code: str
    giver: str
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TodayRun:
    """A run as its postman sees it."""

    code: str
    territory: str
    state: str
    day: date
    communes: tuple[CommuneStops, ...]
    stops: int
    stops_done: int
    items: int
    in_hand: int
    waits_for_office: int
    is_started: bool
    is_of_another_day: bool
    can_start: bool
    can_hand_back: bool
    can_close: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TodayPage:
    """The postman's day. `strays` are items in his hands that no run of his has."""

    day: date
    offers: tuple[Offer, ...]
    runs: tuple[TodayRun, ...]
    strays: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to do."""
        return not self.offers and not self.runs and not self.strays


@dataclass(frozen=True, kw_only=True, slots=True)
class StopPage:
    """One door, and the item that is being given; None while one of several is to be chosen."""

    run: str
    stop: StopLine
    stops: int
    chosen: StopItem | None
    why_not: str
    next_on: date

    @property
    def can_serve(self) -> bool:
        """Tell whether the chosen item can be given or missed now."""
        return self.chosen is not None and self.chosen.is_in_hand and not self.why_not


# --- queries ----------------------------------------------------------------------------------------------------------


def today_page(store: Store, *, actor: Actor, at: datetime) -> TodayPage:
    """Return the runs a postman drives today, what waits for his signature, and what he must bring back."""
    day = calendars.local(at).date()
    with store.read(at=at) as reader:
        runs = _runs_of(reader, actor.account, day=day)
        held = _held_by(reader, actor.account)
        on_runs = {code for found in runs for code in found.items}
        strays = tuple(item.code for item in held if item.code not in on_runs and item.custody is Custody.HELD)
        return TodayPage(
            day=day,
            offers=tuple(_offers(reader, actor.account)),
            runs=tuple(_today_run(reader, found, held=held, day=day) for found in runs),
            strays=strays,
        )


def stop_page(store: Store, code: str, number: int, *, item: str = "", actor: Actor, at: datetime) -> StopPage:
    """Return a door of one's own run. Raises: UnknownCode, NotPostman."""
    with store.read(at=at) as reader:
        found = run_of(reader, code)
        must_drive(found, actor)
        planned = next((stop for stop in found.stops if stop.number == number), None)
        if planned is None:
            raise UnknownCode(thing=f"{codes.shown(code)}, điểm {number}")
        line = of_run(reader, found, stops=[planned], with_people=True)[0]
        calendar = reader.reference.calendar("post")
        return StopPage(
            run=code,
            stop=line,
            stops=len(found.stops),
            chosen=_chosen(line, item),
            why_not=_why_not(found),
            next_on=calendar.next_working_day(calendars.local(at).date()),
        )


def of_run(
    reader: Reader, found: DeliveryRun, *, with_people: bool, stops: Sequence[PlannedStop] | None = None
) -> tuple[StopLine, ...]:
    """Return the doors of a run in its order, all of them unless `stops` says which."""
    wanted = found.stops if stops is None else stops
    items = reader.many(Item, [code for stop in wanted for code in stop.items])
    people = receivers_of(reader, items.values()) if with_people else {}
    names = reader.reference.units([stop.commune for stop in wanted], on=found.day)
    return tuple(
        _line(
            stop,
            run=found,
            items=[items[code] for code in stop.items if code in items],
            people=people,
            commune=names[stop.commune].name if stop.commune in names else "",
        )
        for stop in wanted
    )


def run_of(reader: Reader, code: str) -> DeliveryRun:
    """Return a run. Raises: UnknownCode."""
    found = reader.thing(DeliveryRun, code)
    if found is None:
        raise UnknownCode(thing=codes.shown(code))
    return found


# --- who may look -----------------------------------------------------------------------------------------------------


def must_see(reader: Reader, found: DeliveryRun, actor: Actor) -> None:
    """Let the postman see his own runs, his office those that start there, the coordinator all.

    Raises: NotPostman, RunElsewhere.
    """
    if found.postman == actor.account or access.watches_all(actor):
        return
    if not permissions.may(actor, Permission.SORT_RESULTS):
        must_drive(found, actor)
    if actor.place != found.office:
        name = reader.reference.place(found.office).name
        raise RunElsewhere(thing=f"Chuyến {codes.shown(found.code)}", office=name)


def must_drive(found: DeliveryRun, actor: Actor) -> None:
    """Let only the postman of a run pass. Raises: NotPostman."""
    if found.postman != actor.account:
        raise NotPostman(run=codes.shown(found.code), postman=found.postman)


def sees_people(found: DeliveryRun, actor: Actor) -> bool:
    """Tell whether somebody may read names and doors of a run."""
    is_near = actor.place == found.office or actor.account == found.postman
    return is_near and permissions.may(actor, Permission.SEE_PERSONAL_DATA)


# --- a line -----------------------------------------------------------------------------------------------------------


def _line(
    stop: PlannedStop, *, run: DeliveryRun, items: Sequence[Item], people: dict[str, Person], commune: str
) -> StopLine:
    lines = tuple(_item(item, run=run, person=people.get(item.dossier)) for item in items)
    here = [people[item.dossier] for item in items if item.dossier in people]
    state, tone = _stop_state(lines)
    return StopLine(
        number=stop.number,
        commune=commune,
        where=_where(stop),
        receiver=", ".join(dict.fromkeys(person.name for person in here)),
        address=here[0].address if here else "",
        phones=tuple(dict.fromkeys((person.phone, spoken(person.phone)) for person in here if person.phone)),
        items=lines,
        state=state,
        tone=tone.value,
        is_done=all(line.is_done for line in lines),
    )


def _item(item: Item, *, run: DeliveryRun, person: Person | None) -> StopItem:
    state, tone = _item_state(item, run)
    return StopItem(
        code=item.code,
        receiver=person.name if person else "",
        papers=sum(paper.total for paper in item.papers),
        state=state,
        tone=tone.value,
        is_done=item.custody is Custody.DELIVERED,
        is_in_hand=_is_in_hand(item, run.postman) and item.custody is Custody.HELD,
        was_missed=item.attempt_reason is not None,
    )


def _item_state(item: Item, run: DeliveryRun) -> tuple[str, Tone]:
    if item.custody is Custody.DELIVERED:
        return "Đã giao", Tone.DONE
    if item.offered_to is not None and item.offered_to.key == run.postman:
        return "Chờ bưu tá ký nhận", Tone.NEEDS_CITIZEN
    if _is_in_hand(item, run.postman) and item.custody is Custody.OFFERED:
        return "Đã bàn giao lại, chờ bưu cục ký", Tone.NEEDS_CITIZEN
    if item.attempt_reason is not None:
        return _missed(item, item.attempt_reason), Tone.NEEDS_CITIZEN
    if _is_in_hand(item, run.postman):
        return "Chưa giao", Tone.MOVING
    return ("Chưa bàn giao cho bưu tá" if run.state is RunState.PLANNED else "Ở bưu cục"), Tone.MOVING


def _missed(item: Item, reason: AttemptReason) -> str:
    again = f", hẹn {item.next_attempt_on:%d/%m}" if item.next_attempt_on else ""
    return f"Chưa giao được: {ATTEMPT_NAMES[reason].lower()}{again}"


def _stop_state(lines: Sequence[StopItem]) -> tuple[str, Tone]:
    """Return one word for a door: what is still to do comes first."""
    if all(line.is_done for line in lines):
        return "Đã giao", Tone.DONE
    open_lines = [line for line in lines if not line.is_done]
    if len(lines) > 1 and len(open_lines) < len(lines):
        return f"Đã giao {len(lines) - len(open_lines)}/{len(lines)}", Tone.MOVING
    first = next((line for line in open_lines if not line.was_missed), open_lines[0])
    return first.state, Tone(first.tone)


def _where(stop: PlannedStop) -> str:
    if stop.lat is None:
        return "chưa biết vị trí"
    if not stop.uncertainty_m:
        return ""
    kilometres = f"{stop.uncertainty_m / 1000:.1f}".replace(".", ",")
    return f"vị trí ước lượng theo xã, ±{kilometres} km"


def spoken(phone: str) -> str:
    """Return a number as people say it: 0905 550 101; empty for none."""
    if not phone:
        return ""
    national = "0" + phone.removeprefix("+84")
    return f"{national[:4]} {national[4:7]} {national[7:]}"


def receivers_of(reader: Reader, items: Iterable[Item]) -> dict[str, Person]:
    """Return by dossier who gets the result: the receiver that was named, else the sender."""
    dossiers = sorted({item.dossier for item in items})
    people = reader.people.of(dossiers)
    chosen = {code: people.get((code, "receiver")) or people.get((code, "sender")) for code in dossiers}
    return {code: person for code, person in chosen.items() if person is not None}


def _is_in_hand(item: Item, postman: str) -> bool:
    return item.custodian.kind is CustodianKind.PERSON and item.custodian.key == postman


# --- the day ----------------------------------------------------------------------------------------------------------


def _runs_of(reader: Reader, postman: str, *, day: date) -> list[DeliveryRun]:
    """Return what somebody drives today, first what was not ended on another day."""
    table = table_of(RunRow)
    is_his_day = or_(table.c.day == day, table.c.run_state == RunState.STARTED.value)
    query = select(table.c.state).where(table.c.postman == postman, is_his_day).order_by(table.c.day, table.c.code)
    return reader.things(DeliveryRun, query)


def _held_by(reader: Reader, account: str) -> list[Item]:
    table = table_of(ItemRow)
    is_held = table.c.custody.in_((Custody.HELD.value, Custody.OFFERED.value))
    return reader.things(Item, select(table.c.state).where(table.c.custodian_key == account, is_held))


def _offers(reader: Reader, account: str) -> Iterable[Offer]:
    table = table_of(HandoverRow)
    waits = (table.c.receiver_key == account) & (table.c.record_state == RecordState.OFFERED.value)
    for record in reader.things(HandoverRecord, select(table.c.state).where(waits).order_by(table.c.offered_at)):
        yield Offer(code=record.code, giver=str(record.giver), items=record.items)


def _today_run(reader: Reader, found: DeliveryRun, *, held: Sequence[Item], day: date) -> TodayRun:
    lines = of_run(reader, found, with_people=True)
    territory = reader.reference.territory(found.territory)
    mine = [item for item in held if item.code in found.items]
    in_hand = sum(item.custody is Custody.HELD for item in mine)
    is_started = found.state is RunState.STARTED
    return TodayRun(
        code=found.code,
        territory=territory.name,
        state=RUN_STATE_NAMES[found.state],
        day=found.day,
        communes=_by_commune(lines),
        stops=len(lines),
        stops_done=sum(line.is_done for line in lines),
        items=len(found.items),
        in_hand=in_hand,
        waits_for_office=len(mine) - in_hand,
        is_started=is_started,
        is_of_another_day=found.day != day,
        can_start=found.may(RunStarted) and bool(in_hand),
        can_hand_back=is_started and bool(in_hand),
        can_close=found.may(RunClosed) and not mine,
    )


def _by_commune(lines: Sequence[StopLine]) -> tuple[CommuneStops, ...]:
    """Return neighbouring doors of one commune together, the order of the round kept."""
    groups = [list(group) for _, group in groupby(lines, lambda line: line.commune)]
    return tuple(CommuneStops(name=group[0].commune, where=group[0].where, stops=tuple(group)) for group in groups)


def _chosen(line: StopLine, item: str) -> StopItem | None:
    """Return the item somebody chose, or the only one there is to give."""
    in_hand = [each for each in line.items if each.is_in_hand]
    asked = next((each for each in line.items if each.code == item), None)
    return asked or (in_hand[0] if len(in_hand) == 1 else None)


def _why_not(found: DeliveryRun) -> str:
    if found.state is RunState.PLANNED:
        return "Chuyến chưa bắt đầu. Về trang “Chuyến của tôi”, ký nhận bưu gửi rồi bấm “Bắt đầu đi phát”."
    return "" if found.state is RunState.STARTED else "Chuyến đã kết thúc ngày."


def postmen_of(reader: Reader, office: str) -> list[tuple[str, str]]:
    """Return the account and name of everybody who may drive for an office."""
    everybody = reader.accounts.all()
    return [(a.username, a.name) for a in everybody if a.place == office and a.is_active and Role.POSTMAN in a.roles]
