"""Results that wait at an office for their citizens: invited when, until when, and what is given to whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, clocks, codes
from postal.domain.dossier import Dossier
from postal.domain.events import Delivered, HeldForPickup, ReturnWay
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Person
from postal.domain.run import RunElsewhere
from postal.queries import runs, sorting, stops
from postal.store import Reader, Store

ENOUGH_INVITATIONS = 2
"""Invitations two working days apart after which a result goes back to the authority (TT 17/2017 Đ.5.2h)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupLine:
    """A result that waits for its citizen."""

    code: str
    dossier: str
    receiver: str
    phone: str
    holder: str
    until: date
    is_over: bool
    invitations: int
    invited_on: date
    can_give: bool
    can_invite: bool
    goes_back: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupsPage:
    """What waits at an office. `not_kept`: they fetch it here and nobody has invited them yet."""

    office: str
    today: date
    until: date
    lines: tuple[PickupLine, ...]
    not_kept: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupPage:
    """One result at the counter, with whoever may get it. `proves_by` shows the last digits only."""

    code: str
    dossier: str
    official_code: str
    receiver: str
    phone: str
    proves_by: str
    papers: int
    until: date | None
    can_give: bool
    why_not: str


def pickups_page(store: Store, *, actor: Actor, at: datetime) -> PickupsPage:
    """Return what waits for citizens at the actor's office, soonest end first."""
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        held = runs.results_at(reader, actor.place)
        waiting = [pair for pair in held if pair[0].pickup_until is not None]
        lines = _lines(reader, waiting, actor=actor, today=today)
        return PickupsPage(
            office=reader.reference.place(actor.place).name,
            today=today,
            until=sorting.collect_until(reader, today),
            lines=tuple(sorted(lines, key=lambda line: (line.until, line.code))),
            not_kept=sum(i.pickup_until is None and d.return_way is not ReturnWay.HOME for i, d in held),
        )


def pickup_page(store: Store, code: str, *, actor: Actor, at: datetime) -> PickupPage:
    """Return a result that lies at the actor's office. Raises: UnknownCode, RunElsewhere."""
    with store.read(at=at) as reader:
        item = reader.thing(Item, code)
        dossier = reader.thing(Dossier, item.dossier) if item else None
        if item is None or dossier is None:
            raise UnknownCode(thing=codes.shown(code))
        if actor.place not in (item.custodian.place, item.destination.place):
            raise RunElsewhere(thing=codes.shown(code), office=item.destination.name)
        person = stops.receivers_of(reader, [item]).get(dossier.code)
        why_not = _why_not(item, actor)
        return PickupPage(
            code=code,
            dossier=dossier.code,
            official_code=dossier.official_code,
            receiver=person.name if person else "",
            phone=stops.spoken(person.phone) if person else "",
            proves_by=_last_digits(person),
            papers=sum(paper.total for paper in item.papers),
            until=item.pickup_until,
            can_give=not why_not,
            why_not=why_not,
        )


def _lines(reader: Reader, waiting: Iterable[tuple[Item, Dossier]], *, actor: Actor, today: date) -> list[PickupLine]:
    pairs = list(waiting)
    people = stops.receivers_of(reader, [item for item, _ in pairs])
    invited = _invitations(reader, [item.code for item, _ in pairs])
    calendar = reader.reference.calendar("post")
    return [
        _line(
            item,
            person=people.get(dossier.code),
            invited=invited[item.code],
            again_from=clocks.second_invitation_from(invited[item.code][-1], calendar),
            actor=actor,
            today=today,
        )
        for item, dossier in pairs
    ]


def _line(
    item: Item, *, person: Person | None, invited: list[date], again_from: date, actor: Actor, today: date
) -> PickupLine:
    assert item.pickup_until is not None
    is_over = item.pickup_until < today
    is_mine = actor.acts_for(item.custodian) and item.custody is Custody.HELD
    goes_back = is_over and len(invited) >= ENOUGH_INVITATIONS
    return PickupLine(
        code=item.code,
        dossier=item.dossier,
        receiver=person.name if person else "",
        phone=stops.spoken(person.phone) if person else "",
        holder=str(item.custodian),
        until=item.pickup_until,
        is_over=is_over,
        invitations=len(invited),
        invited_on=invited[-1],
        can_give=is_mine,
        can_invite=is_mine and not goes_back and today >= again_from,
        goes_back=goes_back,
    )


def _invitations(reader: Reader, items: list[str]) -> dict[str, list[date]]:
    """Return the days on which citizens were invited for items, oldest first."""
    days: dict[str, list[date]] = {code: [] for code in items}
    for stream, _, _, event in reader.events(items):
        if isinstance(event, HeldForPickup):
            days[stream].append(calendars.local(event.occurred_at).date())
    return days


def _why_not(item: Item, actor: Actor) -> str:
    if not item.may(Delivered):
        return "Bưu gửi này đã giao hoặc đang chờ ký nhận bàn giao, chưa trả tại quầy được."
    if not actor.acts_for(item.custodian):
        return f"Bưu gửi đang do {item.custodian} giữ. Nhờ bên đó bàn giao về quầy rồi trả cho người dân."
    return ""


def _last_digits(person: Person | None) -> str:
    """Return what is enough to compare with the paper in the citizen's hand."""
    number = person.proves_by if person else ""
    return f"…{number[-4:]}" if number else ""
