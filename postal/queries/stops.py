"""Doors of a run: who lives there, what is for them, how far it is done; and the postman's own day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import or_, select

from postal.domain import calendars, cash, codes, permissions
from postal.domain.dossier import Dossier
from postal.domain.events import (
    AttemptReason,
    InvitationLeft,
    ItemKind,
    PlannedStop,
    Receiver,
    RunClosed,
    RunStarted,
)
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.home_pickup import HomePickup, PickupState
from postal.domain.item import FOR_THE_CITIZEN, NEEDS_IDENTITY, Custody, Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, CustodianKind, Person, Role
from postal.domain.permissions import Permission
from postal.domain.run import RUN_STATE_NAMES, DeliveryRun, NotPostman, RunElsewhere, RunState
from postal.domain.status import Tone
from postal.queries import access, endings, needs
from postal.queries.endings import Ending
from postal.queries.needs import Needs
from postal.store import Reader, Store
from postal.store.tables import EventRow, HandoverRow, ItemRow, RunRow, table_of

NEAR_M = 300
"""Metres below which a point was taught by a delivery: no commune is that small."""

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
    """An item at a door. `papers` is how many sheets the receiver counts, `what` the kind of envelope it is.

    `head` is the number of the last event the page knew of it, by which what a phone does offline finds its place.
    """

    code: str
    head: str
    what: str
    receiver: str
    papers: int
    state: str
    tone: str
    is_done: bool
    is_in_hand: bool
    was_missed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StopInvitation:
    """A printed invitation to leave at a door, for an item that waits at the office until a day."""

    code: str
    head: str
    receiver: str
    number: int
    until: date | None
    is_left: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StopPickup:
    """Papers to fetch at a door; `item` is their envelope once they were fetched."""

    code: str
    sender: str
    window: str
    note: str
    state: str
    tone: str
    item: str
    is_done: bool
    was_missed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StopLine:
    """A door on a run. Without the right to personal data receiver, address and phone are empty.

    `tasks` say in a few words what is to be done there, `window` the hours promised to the citizen.
    """

    number: int
    commune: str
    where: str
    receiver: str
    address: str
    phones: tuple[tuple[str, str], ...]
    items: tuple[StopItem, ...]
    invitations: tuple[StopInvitation, ...]
    pickups: tuple[StopPickup, ...]
    tasks: tuple[str, ...]
    window: str
    state: str
    tone: str
    is_done: bool

    @property
    def count(self) -> int:
        """Return how many items are for this door."""
        return len(self.items)

    @property
    def is_waiting(self) -> bool:
        """Tell whether something is to be done at this door that nobody tried yet."""
        to_give = any(item.is_in_hand and not item.was_missed for item in self.items)
        to_fetch = any(not (pickup.is_done or pickup.was_missed) for pickup in self.pickups)
        return to_give or to_fetch or any(not invitation.is_left for invitation in self.invitations)

    @property
    def has_choice(self) -> bool:
        """Tell whether several things are to be done at this door, one after the other."""
        return self.things > 1

    @property
    def things(self) -> int:
        """Return how many things are to be done at this door."""
        return len(self.items) + len(self.invitations) + len(self.pickups)


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
    heads: dict[str, str]


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
    money: int
    waits_for_counter: int
    ending: Ending
    is_started: bool
    is_of_another_day: bool
    can_start: bool
    can_hand_back: bool
    can_hand_in: bool
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
    """One door, and the item or pickup that is served now; None while one of several is to be chosen.

    `needs` is what giving the chosen item asks for; `today` and `next_on` are the days somebody may come again.
    """

    run: str
    stop: StopLine
    stops: int
    chosen: StopItem | None
    pickup: StopPickup | None
    needs: Needs
    why_not: str
    today: date
    next_on: date

    @property
    def can_serve(self) -> bool:
        """Tell whether the chosen item can be given or missed now."""
        return self.chosen is not None and self.chosen.is_in_hand and not self.why_not

    @property
    def can_fetch(self) -> bool:
        """Tell whether the papers of the chosen pickup can be fetched or missed now."""
        return self.pickup is not None and not self.pickup.is_done and not self.why_not

    @property
    def is_chosen(self) -> bool:
        """Tell whether something is served now."""
        return self.can_serve or self.can_fetch


# --- queries ----------------------------------------------------------------------------------------------------------


def today_page(store: Store, *, actor: Actor, at: datetime) -> TodayPage:
    """Return the runs a postman drives today, what waits for his signature, and what he must bring back."""
    day = calendars.local(at).date()
    with store.read(at=at) as reader:
        runs = _runs_of(reader, actor.account, day=day)
        held = _held_by(reader, actor.account)
        on_runs = {code for found in runs for code in found.items}
        strays = tuple(item.code for item in held if _is_stray(item, on_runs))
        return TodayPage(
            day=day,
            offers=tuple(_offers(reader, actor.account)),
            runs=tuple(_today_run(reader, found, held=held, day=day) for found in runs),
            strays=strays,
        )


def stop_page(
    store: Store, code: str, number: int, *, item: str = "", pickup: str = "", actor: Actor, at: datetime
) -> StopPage:
    """Return a door of one's own run. Raises: UnknownCode, NotPostman."""
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        found = run_of(reader, code)
        must_drive(found, actor)
        planned = next((stop for stop in found.stops if stop.number == number), None)
        if planned is None:
            raise UnknownCode(thing=f"{codes.shown(code)}, điểm {number}")
        line = of_run(reader, found, stops=[planned], with_people=True)[0]
        chosen = None if pickup else _chosen(line, item)
        return StopPage(
            run=code,
            stop=line,
            stops=len(found.stops),
            chosen=chosen,
            pickup=_chosen_pickup(line, pickup) if chosen is None else None,
            needs=_needs(reader, chosen.code) if chosen else Needs(),
            why_not=_why_not(found),
            today=today,
            next_on=reader.reference.calendar("post").next_working_day(today),
        )


def of_run(
    reader: Reader, found: DeliveryRun, *, with_people: bool, stops: Sequence[PlannedStop] | None = None
) -> tuple[StopLine, ...]:
    """Return the doors of a run in its order, all of them unless `stops` says which."""
    wanted = found.stops if stops is None else stops
    doors = _Doors(reader, found, wanted, with_people=with_people)
    return tuple(doors.line(stop) for stop in wanted)


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


class _Doors:
    """Doors of a run with everything that is to be done there, read in a few queries."""

    def __init__(self, reader: Reader, run: DeliveryRun, stops: Sequence[PlannedStop], *, with_people: bool) -> None:
        self.run = run
        self.items = reader.many(Item, [code for stop in stops for code in (*stop.items, *stop.invitations)])
        self.pickups = reader.many(HomePickup, [code for stop in stops for code in stop.pickups])
        self.dossiers = reader.many(Dossier, sorted({i.dossier for i in self.items.values()}))
        self.names = reader.reference.units([stop.commune for stop in stops], on=run.day)
        self.heads = _heads(reader, list(self.items))
        self.left = _left(reader, run, [code for stop in stops for code in stop.invitations])
        self.receivers = receivers_of(reader, self.items.values()) if with_people else {}
        self.senders = _senders_of(reader, self.pickups.values()) if with_people else {}
        self.notes = reader.texts.get([p.note for p in self.pickups.values()]) if with_people else {}

    def line(self, stop: PlannedStop) -> StopLine:
        """Return one door."""
        items = [self.items[code] for code in stop.items if code in self.items]
        lines = tuple(self._item(item) for item in items)
        invitations = tuple(self._invitation(self.items[code]) for code in stop.invitations if code in self.items)
        pickups = tuple(self._pickup(self.pickups[code]) for code in stop.pickups if code in self.pickups)
        people = self._people(stop)
        state, tone = _stop_state(lines, invitations, pickups)
        return StopLine(
            number=stop.number,
            commune=self.names[stop.commune].name if stop.commune in self.names else "",
            where=_where(stop),
            receiver=", ".join(dict.fromkeys(person.name for person in people)),
            address=people[0].address if people else "",
            phones=tuple(dict.fromkeys((person.phone, spoken(person.phone)) for person in people if person.phone)),
            items=lines,
            invitations=invitations,
            pickups=pickups,
            tasks=tuple(self._tasks(items, invitations, pickups)),
            window=_window(stop.opens_at, stop.closes_at),
            state=state,
            tone=tone.value,
            is_done=_is_done(lines, invitations, pickups),
        )

    def _item(self, item: Item) -> StopItem:
        person, head = self.receivers.get(item.dossier), self.heads.get(item.code, "")
        return _item(item, run=self.run, person=person, head=head)

    def _people(self, stop: PlannedStop) -> list[Person]:
        """Return who is at a door, each once, receivers first."""
        items = [self.items[code] for code in (*stop.items, *stop.invitations) if code in self.items]
        found = [self.receivers.get(item.dossier) for item in items]
        found += [self.senders.get(self.pickups[code].dossier) for code in stop.pickups if code in self.pickups]
        return [person for person in found if person is not None]

    def _invitation(self, item: Item) -> StopInvitation:
        person = self.receivers.get(item.dossier)
        return StopInvitation(
            code=item.code,
            head=self.heads.get(item.code, ""),
            receiver=person.name if person else "",
            number=len(item.invited_on),
            until=item.pickup_until,
            is_left=item.code in self.left,
        )

    def _pickup(self, pickup: HomePickup) -> StopPickup:
        person = self.senders.get(pickup.dossier)
        state, tone = _pickup_state(pickup)
        return StopPickup(
            code=pickup.code,
            sender=person.name if person else "",
            window=_window(pickup.opens_at, pickup.closes_at),
            note=self.notes.get(pickup.note, ""),
            state=state,
            tone=tone.value,
            item=pickup.item,
            is_done=pickup.state is not PickupState.ASKED,
            was_missed=pickup.attempt_reason is not None,
        )

    def _tasks(
        self, items: Sequence[Item], invitations: Sequence[StopInvitation], pickups: Sequence[StopPickup]
    ) -> Iterator[str]:
        """Say what is still to be done at a door."""
        todo = [item for item in items if not item.is_final]
        for kind, (verb, noun) in _TASKS.items():
            if count := sum(item.kind is kind for item in todo):
                yield f"{verb} {count} {noun}"
        owing = {item.dossier for item in todo if item.kind in NEEDS_IDENTITY and item.dossier in self.dossiers}
        if owed := sum(amount for code in owing for _, amount in needs.sums_of(self.dossiers[code])):
            yield f"Thu {cash.grouped(owed)} đ"
        if papers := sum(item.to_recover for item in todo):
            yield f"Thu hồi {papers} giấy tờ"
        if count := sum(not each.is_left for each in invitations):
            yield f"Để {count} giấy mời"
        if count := sum(not each.is_done for each in pickups):
            yield f"Lấy giấy tờ của {count} hồ sơ"


_TASKS: dict[ItemKind, tuple[str, str]] = {
    ItemKind.RESULT: ("Giao", "kết quả"),
    ItemKind.RETURNED: ("Trả", "bộ giấy tờ"),
    ItemKind.SLIP: ("Giao", "phiếu"),
}
"""What a postman does with each kind of envelope that goes to a citizen."""

KIND_NAMES: dict[ItemKind, str] = {
    ItemKind.RESULT: "Kết quả",
    ItemKind.RETURNED: "Giấy tờ trả lại",
    ItemKind.SLIP: "Phiếu",
    ItemKind.RECOVERED: "Giấy tờ thu hồi",
    ItemKind.OUTBOUND: "Giấy tờ nộp",
    ItemKind.SUPPLEMENT: "Giấy tờ bổ sung",
}


def _item(item: Item, *, run: DeliveryRun, person: Person | None, head: str) -> StopItem:
    state, tone = _item_state(item, run)
    return StopItem(
        code=item.code,
        head=head,
        what=KIND_NAMES[item.kind],
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


def _pickup_state(pickup: HomePickup) -> tuple[str, Tone]:
    if pickup.state is PickupState.MADE:
        return "Đã lấy giấy tờ", Tone.DONE
    if pickup.state is PickupState.CANCELLED:
        return "Người gửi đã hủy hẹn", Tone.DONE
    if pickup.attempt_reason is not None:
        reason = ATTEMPT_NAMES[pickup.attempt_reason].lower()
        return f"Chưa lấy được: {reason}, hẹn {pickup.day:%d/%m}", Tone.NEEDS_CITIZEN
    return "Chưa lấy", Tone.MOVING


def _stop_state(
    lines: Sequence[StopItem], invitations: Sequence[StopInvitation], pickups: Sequence[StopPickup]
) -> tuple[str, Tone]:
    """Return one word for a door: what is still to do comes first."""
    if _is_done(lines, invitations, pickups):
        return ("Đã giao" if lines else "Đã xong"), Tone.DONE
    if all(line.is_done for line in lines):
        waits = [pickup for pickup in pickups if not pickup.is_done]
        return (waits[0].state, Tone(waits[0].tone)) if waits else ("Chưa để giấy mời", Tone.MOVING)
    open_lines = [line for line in lines if not line.is_done]
    if len(lines) > 1 and len(open_lines) < len(lines):
        return f"Đã giao {len(lines) - len(open_lines)}/{len(lines)}", Tone.MOVING
    first = next((line for line in open_lines if not line.was_missed), open_lines[0])
    return first.state, Tone(first.tone)


def _is_done(lines: Iterable[StopItem], invitations: Iterable[StopInvitation], pickups: Iterable[StopPickup]) -> bool:
    left = all(each.is_left for each in invitations)
    return left and all(line.is_done for line in lines) and all(pickup.is_done for pickup in pickups)


def window_of(stop: PlannedStop) -> str:
    """Return the hours promised at a stop as people say them, empty for none."""
    return _window(stop.opens_at, stop.closes_at)


def _window(opens_at: datetime | None, closes_at: datetime | None) -> str:
    """Return promised hours as people say them, empty for none."""
    if opens_at is None or closes_at is None:
        return ""
    return f"{calendars.local(opens_at):%H:%M} – {calendars.local(closes_at):%H:%M}"


def _where(stop: PlannedStop) -> str:
    if stop.lat is None:
        return "chưa biết vị trí"
    if not stop.uncertainty_m:
        return ""
    if stop.uncertainty_m < NEAR_M:
        return f"vị trí cửa đã biết, ±{stop.uncertainty_m} m"
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


def _senders_of(reader: Reader, pickups: Iterable[HomePickup]) -> dict[str, Person]:
    """Return by dossier who gives the papers of a home pickup."""
    dossiers = sorted({pickup.dossier for pickup in pickups})
    people = reader.people.of(dossiers)
    return {code: people[code, "sender"] for code in dossiers if (code, "sender") in people}


def _left(reader: Reader, run: DeliveryRun, invitations: Sequence[str]) -> set[str]:
    """Return the items whose invitation was left on this run."""
    happened = reader.events(invitations) if invitations else []
    return {stream for stream, _, _, event in happened if isinstance(event, InvitationLeft) and event.run == run.code}


def _needs(reader: Reader, code: str) -> Needs:
    item = reader.thing(Item, code)
    assert item is not None
    return needs.of_item(reader, item, reader.thing(Dossier, item.dossier))


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


def _is_stray(item: Item, on_runs: set[str]) -> bool:
    """Tell whether a result is in somebody's hands although no run of his has it."""
    return item.code not in on_runs and item.custody is Custody.HELD and item.kind in FOR_THE_CITIZEN


def _offers(reader: Reader, account: str) -> Iterable[Offer]:
    table = table_of(HandoverRow)
    waits = (table.c.receiver_key == account) & (table.c.record_state == RecordState.OFFERED.value)
    for record in reader.things(HandoverRecord, select(table.c.state).where(waits).order_by(table.c.offered_at)):
        heads = _heads(reader, record.items)
        yield Offer(code=record.code, giver=str(record.giver), items=record.items, heads=heads)


def _heads(reader: Reader, items: Sequence[str]) -> dict[str, str]:
    """Return the number of the last event of each item, in hex."""
    event, item = table_of(EventRow).c, table_of(ItemRow).c
    is_last = (event.stream == item.code) & (event.version == item.version)
    query = select(event.stream, event.id).join(table_of(ItemRow), is_last).where(event.stream.in_(items))
    return {row.stream: row.id.hex() for row in reader.rows(query)}


def _today_run(reader: Reader, found: DeliveryRun, *, held: Sequence[Item], day: date) -> TodayRun:
    lines = of_run(reader, found, with_people=True)
    territory = reader.reference.territory(found.territory)
    mine = [item for item in held if item.code in found.items or item.kind not in FOR_THE_CITIZEN]
    in_hand = sum(item.custody is Custody.HELD for item in mine)
    is_started = found.state is RunState.STARTED
    ending = endings.of_run(reader, found)
    has_work = bool(in_hand or found.invitations or found.pickups)
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
        money=ending.money,
        waits_for_counter=ending.offered,
        ending=ending,
        is_started=is_started,
        is_of_another_day=found.day != day,
        can_start=found.may(RunStarted) and has_work,
        can_hand_back=is_started and bool(in_hand),
        can_hand_in=is_started and ending.money > ending.offered,
        can_close=found.may(RunClosed) and not mine and not ending.money,
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


def _chosen_pickup(line: StopLine, pickup: str) -> StopPickup | None:
    """Return the pickup somebody chose, or the only thing there is to do."""
    asked = next((each for each in line.pickups if each.code == pickup), None)
    return asked or (line.pickups[0] if len(line.pickups) == 1 and not line.has_choice else None)


def _why_not(found: DeliveryRun) -> str:
    if found.state is RunState.PLANNED:
        return "Chuyến chưa bắt đầu. Về trang “Chuyến của tôi”, ký nhận bưu gửi rồi bấm “Bắt đầu đi phát”."
    return "" if found.state is RunState.STARTED else "Chuyến đã kết thúc ngày."


def postmen_of(reader: Reader, office: str) -> list[tuple[str, str]]:
    """Return the account and name of everybody who may drive for an office."""
    everybody = reader.accounts.all()
    return [(a.username, a.name) for a in everybody if a.place == office and a.is_active and Role.POSTMAN in a.roles]
