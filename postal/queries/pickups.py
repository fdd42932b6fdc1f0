"""What waits at an office for its citizens, by state: waiting, to be invited again, over, on its way back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from postal.domain import calendars, clocks, codes, originals, permissions
from postal.domain.calendars import WorkCalendar
from postal.domain.dossier import Dossier
from postal.domain.events import Delivered, Ground, ItemKind, ReturnWay
from postal.domain.item import ENOUGH_INVITATIONS, Custody, Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.notices import written_amount
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.places import NoSuccessor, UnknownPlace
from postal.domain.run import RunElsewhere, rests_at_its_office
from postal.queries import invitations, needs, runs, stops, timeline
from postal.queries.items import capitalised, kind_name
from postal.queries.needs import Needs
from postal.store import Reader, Store
from postal.store.tables import ItemRow, table_of

GROUNDS: tuple[tuple[str, str], ...] = tuple(
    (ground.value, capitalised(timeline.GROUNDS[ground])) for ground in Ground if ground is not Ground.TWO_INVITATIONS
)
"""The lawful grounds that somebody picks; the fifth is derived."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupLine:
    """An envelope that waits for its citizen. `waited` and `left` are days; `note` says why nothing can be done now."""

    code: str
    kind: str
    receiver: str
    phone: str
    holder: str
    until: date
    waited: int
    left: int
    is_over: bool
    invitations: int
    invited_on: date
    again_on: date
    note: str
    can_give: bool
    can_invite: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BackLine:
    """An envelope that goes back to the authority and still lies here, with what travels with it."""

    code: str
    kind: str
    ground: str
    destination: str
    destination_code: str
    holder: str
    with_it: tuple[str, ...]
    note: str
    can_give: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class WayBack:
    """Everything that one hand-over may bring to an authority."""

    place: str
    name: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupsPage:
    """What waits at an office. `mine_*` is how much the actor himself can invite for, send back or print."""

    office: str
    today: date
    until: date
    to_invite: tuple[PickupLine, ...]
    over: tuple[PickupLine, ...]
    waiting: tuple[PickupLine, ...]
    going_back: tuple[BackLine, ...]
    ways_back: tuple[WayBack, ...]
    mine_to_invite: int
    mine_over: int
    letters: int
    not_kept: int
    may_give: bool
    may_print: bool

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing waits here."""
        return not (self.to_invite or self.over or self.waiting or self.going_back)


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupPage:
    """One envelope at the counter: who gets it, what that asks for, and what else may become of it.

    Of the identity number there are the last digits only. `again_on` is set while another invitation would be too soon,
    and says from when it counts. `authority` is where it would go back to, `why_no_way_back`
    why nobody knows that.
    """

    code: str
    kind: str
    dossier: str
    official_code: str
    receiver: str
    phone: str
    proves_by: str
    papers: int
    needs: Needs
    invited_on: tuple[date, ...]
    enough: int
    until: date | None
    suggested_until: date
    again_on: date | None
    ground: str
    with_it: tuple[str, ...]
    authority: str
    why_no_way_back: str
    can_give: bool
    can_invite: bool
    can_declare: bool
    is_unanswered: bool
    can_print: bool
    why_not: str


# --- pages ------------------------------------------------------------------------------------------------------------


def pickups_page(store: Store, *, actor: Actor, at: datetime) -> PickupsPage:
    """Return what waits for citizens at the actor's office, soonest end first."""
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        here = invitations.items_at(reader, actor.place)
        kept = [item for item in here if item.pickup_until is not None and item.destination.to_citizen]
        lines = _Lines(reader, kept, actor=actor, today=today)
        unanswered = [item for item in kept if item.is_unanswered(on=today)]
        due = [item for item in kept if item.is_to_be_invited(on=today, calendar=lines.calendar)]
        rest = [item for item in kept if item not in unanswered and item not in due]
        back = [item for item in here if item.still_lies_here]
        return PickupsPage(
            office=reader.reference.place(actor.place).name,
            today=today,
            until=clocks.held_until(today, lines.calendar),
            to_invite=lines.of(due),
            over=lines.of(unanswered),
            waiting=lines.of(rest),
            going_back=_back_lines(reader, back, actor=actor),
            ways_back=_ways_back(back, actor=actor),
            mine_to_invite=sum(actor.acts_for(item.custodian) for item in due),
            mine_over=sum(_is_mine(item, actor) for item in unanswered),
            letters=len(invitations.of_day(here, today)),
            not_kept=_not_kept(reader, actor.place),
            may_give=permissions.may(actor, Permission.DELIVER_AT_COUNTER),
            may_print=permissions.may(actor, Permission.SEE_PERSONAL_DATA),
        )


def pickup_page(store: Store, code: str, *, actor: Actor, at: datetime) -> PickupPage:
    """Return an envelope that lies at the actor's office, or did before it went back. Raises: UnknownCode,
    RunElsewhere."""
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        item, dossier = _known(reader, code)
        _must_be_of(item, actor)
        sees_people = permissions.may(actor, Permission.SEE_PERSONAL_DATA)
        person = stops.receivers_of(reader, [item]).get(dossier.code) if sees_people else None
        why_not = _why_not(item, dossier, actor)
        authority, why_no_way_back = _authority(reader, dossier, on=today)
        calendar = reader.reference.calendar("post")
        may_hold = _is_mine(item, actor) and rests_at_its_office(item) and item.destination.to_citizen
        again_on = _again_on(item, calendar, today=today) if may_hold else None
        return PickupPage(
            code=code,
            kind=kind_name(item),
            dossier=dossier.code,
            official_code=dossier.official_code,
            receiver=person.name if person else "",
            phone=stops.spoken(person.phone) if person else "",
            proves_by=_last_digits(person),
            papers=sum(paper.total for paper in item.papers),
            needs=needs.of_item(reader, item, dossier),
            invited_on=item.invited_on,
            enough=ENOUGH_INVITATIONS,
            until=item.pickup_until,
            suggested_until=clocks.held_until(today, calendar),
            again_on=again_on,
            ground=timeline.GROUNDS[item.ground] if item.ground else "",
            with_it=_with_it(item, dossier, _items_of(reader, [dossier.code])),
            authority=authority,
            why_no_way_back=why_no_way_back,
            can_give=not why_not,
            can_invite=may_hold and again_on is None and permissions.may(actor, Permission.INVITE),
            can_declare=may_hold and permissions.may(actor, Permission.SEND_BACK),
            is_unanswered=item.is_unanswered(on=today),
            can_print=invitations.may_be_printed(item, actor),
            why_not=why_not,
        )


# --- lines ------------------------------------------------------------------------------------------------------------


class _Lines:
    """Makes lines of envelopes; who may not see people reads no name."""

    def __init__(self, reader: Reader, items: Sequence[Item], *, actor: Actor, today: date) -> None:
        self.calendar = reader.reference.calendar("post")
        self.actor = actor
        self.today = today
        sees_people = permissions.may(actor, Permission.SEE_PERSONAL_DATA)
        self.people = stops.receivers_of(reader, items) if sees_people else {}

    def of(self, items: Iterable[Item]) -> tuple[PickupLine, ...]:
        """Return the lines, soonest end first."""
        return tuple(sorted(map(self._line, items), key=lambda line: (line.until, line.code)))

    def _line(self, item: Item) -> PickupLine:
        assert item.pickup_until is not None
        person = self.people.get(item.dossier)
        again_on = clocks.second_invitation_from(item.invited_on[-1], self.calendar)
        is_mine = _is_mine(item, self.actor)
        return PickupLine(
            code=item.code,
            kind=kind_name(item),
            receiver=person.name if person else "",
            phone=stops.spoken(person.phone) if person else "",
            holder=str(item.custodian),
            until=item.pickup_until,
            waited=(self.today - item.invited_on[0]).days,
            left=max(0, (item.pickup_until - self.today).days),
            is_over=item.pickup_until < self.today,
            invitations=len(item.invited_on),
            invited_on=item.invited_on[-1],
            again_on=again_on,
            note=_note(item, is_mine=is_mine),
            can_give=is_mine and permissions.may(self.actor, Permission.DELIVER_AT_COUNTER),
            can_invite=is_mine and item.is_to_be_invited(on=self.today, calendar=self.calendar),
        )


def _back_lines(reader: Reader, items: Sequence[Item], *, actor: Actor) -> tuple[BackLine, ...]:
    wanted = sorted({item.dossier for item in items})
    dossiers, others = reader.many(Dossier, wanted), _items_of(reader, wanted)
    return tuple(_back_line(item, dossiers[item.dossier], others, actor=actor) for item in items)


def _back_line(item: Item, dossier: Dossier, others: Sequence[Item], *, actor: Actor) -> BackLine:
    assert item.ground is not None
    is_mine = _is_mine(item, actor)
    return BackLine(
        code=item.code,
        kind=kind_name(item),
        ground=timeline.GROUNDS[item.ground],
        destination=item.destination.name,
        destination_code=item.destination.place,
        holder=str(item.custodian),
        with_it=_with_it(item, dossier, others),
        note=_note(item, is_mine=is_mine),
        can_give=is_mine and permissions.may(actor, Permission.DELIVER_AT_COUNTER),
    )


def _ways_back(items: Iterable[Item], *, actor: Actor) -> tuple[WayBack, ...]:
    """Return where the actor can hand things over to now, each authority once."""
    mine = [item for item in items if _is_mine(item, actor)]
    ends = sorted({(item.destination.place, item.destination.name) for item in mine})
    counts = {place: sum(item.destination.place == place for item in mine) for place, _ in ends}
    return tuple(WayBack(place=place, name=name, count=counts[place]) for place, name in ends)


def _with_it(item: Item, dossier: Dossier, others: Iterable[Item]) -> tuple[str, ...]:
    """Return in words what travels back with an envelope: originals inside, papers recovered, fees taken."""
    owed = sum(paper.originals for paper in item.papers if paper.to_return)
    envelopes = [
        f"phong bì giấy tờ thu hồi {codes.shown(other.code)}"
        for other in others
        if other.dossier == item.dossier and _travels_along(other, item)
    ]
    fees = f"{written_amount(dossier.fees.balance)} phí, lệ phí đã thu" if dossier.fees.balance else ""
    inside = f"{owed} bản chính của người dân bên trong" if owed else ""
    return tuple(words for words in (inside, *envelopes, fees) if words)


# --- parts ------------------------------------------------------------------------------------------------------------


def _travels_along(other: Item, item: Item) -> bool:
    is_here = other.custodian.place == item.custodian.place and not other.is_final
    return other.kind is ItemKind.RECOVERED and is_here


def _items_of(reader: Reader, dossiers: Sequence[str]) -> list[Item]:
    table = table_of(ItemRow)
    return reader.things(Item, select(table.c.state).where(table.c.dossier.in_(dossiers)).order_by(table.c.code))


def _known(reader: Reader, code: str) -> tuple[Item, Dossier]:
    item = reader.thing(Item, code)
    dossier = reader.thing(Dossier, item.dossier) if item else None
    if item is None or dossier is None:
        raise UnknownCode(thing=codes.shown(code))
    return item, dossier


def _must_be_of(item: Item, actor: Actor) -> None:
    office = item.was_for or item.destination
    if actor.place not in (item.custodian.place, item.destination.place, office.place):
        raise RunElsewhere(thing=codes.shown(item.code), office=office.name)


def _not_kept(reader: Reader, office: str) -> int:
    """Count what citizens want to collect here and were not invited for yet."""
    held = runs.results_at(reader, office)
    return sum(item.pickup_until is None and dossier.return_way is not ReturnWay.HOME for item, dossier in held)


def _is_mine(item: Item, actor: Actor) -> bool:
    return actor.acts_for(item.custodian) and item.custody is Custody.HELD


def _again_on(item: Item, calendar: WorkCalendar, *, today: date) -> date | None:
    """Return from which later day on another invitation counts, None when it would count today."""
    first_day = clocks.second_invitation_from(item.invited_on[-1], calendar) if item.invited_on else today
    return first_day if today < first_day else None


def _authority(reader: Reader, dossier: Dossier, *, on: date) -> tuple[str, str]:
    """Return the name of who would get it back, or why nobody knows that."""
    try:
        return reader.reference.standing_place(dossier.desk, on=on).name, ""
    except (NoSuccessor, UnknownPlace) as why:
        return "", str(why)


def _note(item: Item, *, is_mine: bool) -> str:
    if item.custody is Custody.OFFERED:
        return f"Đã bàn giao cho {item.offered_to}, chờ ký."
    if item.trouble is not None:
        return "Có sự cố, xem bưu gửi."
    return "" if is_mine else "Bàn giao về quầy rồi trả."


def _why_not(item: Item, dossier: Dossier, actor: Actor) -> str:
    is_back = item.is_at_destination and actor.acts_for(item.custodian)
    if item.goes_back and not item.still_lies_here and not is_back:
        where = f"Không phát được nên đã chuyển trả {item.destination.name}, nay do {item.custodian} giữ."
        return f"{where} Mời người dân hỏi {item.destination.name}."
    is_fetched = item.is_at_destination and originals.may_be_fetched(dossier, item)
    if not (item.destination.to_citizen or item.still_lies_here or is_fetched):
        return f"Bưu gửi này gửi {item.destination.name}, không phải để trả cho người dân."
    if not item.may(Delivered):
        return "Bưu gửi này đã giao hoặc đang chờ ký nhận bàn giao, chưa trả tại quầy được."
    if not actor.acts_for(item.custodian):
        return f"Bưu gửi đang do {item.custodian} giữ. Nhờ bên đó bàn giao về quầy rồi trả cho người dân."
    return ""


def _last_digits(person: Person | None) -> str:
    """Return what is enough to compare with the paper in the citizen's hand."""
    number = person.proves_by if person else ""
    return f"…{number[-4:]}" if number else ""
