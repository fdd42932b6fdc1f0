"""Letters that invite citizens to the office: what stands on them, for one envelope or for all of a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from postal.domain import calendars, codes, permissions
from postal.domain.dossier import Dossier
from postal.domain.item import ENOUGH_INVITATIONS, Custody, Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.notices import written_amount
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import needs, stops
from postal.store import Reader, Store
from postal.store.tables import ItemRow, table_of

BRING = (
    "Căn cước hoặc hộ chiếu còn hạn của ông/bà.",
    "Người nhận thay: giấy ủy quyền còn hiệu lực và căn cước của người nhận thay.",
    "Nhận cho tổ chức: giấy giới thiệu và căn cước.",
)
"""What whoever comes must show (QĐ 45/2016 Đ.10); the letter does not say what is inside."""


class NoInvitation(Refused):
    """A letter tells of an invitation that was made and still holds."""

    code = "no_invitation"
    vi = "{item} không có giấy mời để in: chưa mời, đã giao hoặc đã chuyển trả. Giữ tại bưu cục và mời trước."
    en = "There is no invitation to print for {item}: not invited, delivered, or sent back."


class NoLettersToday(Refused):
    """Nobody was invited today."""

    code = "no_letters_today"
    vi = "Hôm nay chưa mời ai nên không có giấy mời để in. Mời trước, hoặc in lại từng giấy ở trang bưu gửi."
    en = "Nobody was invited today, so there is no letter to print."


@dataclass(frozen=True, kw_only=True, slots=True)
class InvitationPrint:
    """One letter: nothing about procedures, papers by name, identity numbers or the citizen's telephone."""

    code: str
    number: int
    of: int
    office: str
    office_address: str
    office_phone: str
    hours: str
    until: str
    receiver: str
    address: str
    bring: tuple[str, ...]
    printed_on: str


def letter(store: Store, code: str, *, actor: Actor, at: datetime) -> InvitationPrint:
    """Return the letter of an envelope's last invitation. Raises: NoInvitation, UnknownCode, Forbidden."""
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    with store.read(at=at) as reader:
        item = reader.thing(Item, code)
        if item is None:
            raise UnknownCode(thing=codes.shown(code))
        if not may_be_printed(item, actor):
            raise NoInvitation(item=codes.shown(code))
        return _letters(reader, [item], on=calendars.local(at).date())[0]


def letters_of_day(store: Store, *, actor: Actor, at: datetime) -> tuple[InvitationPrint, ...]:
    """Return the letters of everybody whom the actor's office invited today. Raises: NoLettersToday, Forbidden."""
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        invited = of_day(items_at(reader, actor.place), today)
        if not invited:
            raise NoLettersToday
        return _letters(reader, invited, on=today)


def items_at(reader: Reader, office: str) -> list[Item]:
    """Return everything that an office has in hand, oldest first."""
    table = table_of(ItemRow)
    alive = table.c.custody.in_((Custody.HELD.value, Custody.OFFERED.value))
    found = reader.things(Item, select(table.c.state).where(table.c.custodian_place == office, alive))
    return sorted(found, key=lambda item: (item.registered_at, item.code))


def of_day(items: Iterable[Item], day: date) -> list[Item]:
    """Return what citizens were invited for on a day and still are."""
    return [item for item in items if _holds(item) and item.invited_on[-1:] == (day,)]


def may_be_printed(item: Item, actor: Actor) -> bool:
    """Tell whether the actor's office invites for an envelope and may print the letter."""
    is_here = actor.place == item.custodian.place
    return is_here and _holds(item) and permissions.may(actor, Permission.SEE_PERSONAL_DATA)


def _holds(item: Item) -> bool:
    is_kept = item.pickup_until is not None and bool(item.invited_on)
    return is_kept and not item.goes_back and not item.is_final


def _letters(reader: Reader, items: Sequence[Item], *, on: date) -> tuple[InvitationPrint, ...]:
    dossiers = reader.many(Dossier, sorted({item.dossier for item in items}))
    people = stops.receivers_of(reader, items)
    communes = reader.reference.units([person.commune for person in people.values()], on=on)
    names = {code: unit.name for code, unit in communes.items()}
    return tuple(
        _letter(reader, item, dossiers[item.dossier], people.get(item.dossier), communes=names, on=on) for item in items
    )


def _letter(
    reader: Reader, item: Item, dossier: Dossier, person: Person | None, *, communes: dict[str, str], on: date
) -> InvitationPrint:
    assert item.pickup_until is not None
    office = reader.reference.place(item.destination.place)
    return InvitationPrint(
        code=item.code,
        number=len(item.invited_on),
        of=max(ENOUGH_INVITATIONS, len(item.invited_on)),
        office=office.name,
        office_address=office.address,
        office_phone=office.phone,
        hours=reader.reference.calendar("post").hours_in_words,
        until=calendars.written(item.pickup_until),
        receiver=person.name if person else "người nhận bưu gửi này",
        address=_address(person, communes),
        bring=(*BRING, *_more(item, dossier)),
        printed_on=f"{on:%d/%m/%Y}",
    )


def _address(person: Person | None, communes: dict[str, str]) -> str:
    if person is None:
        return ""
    return ", ".join(part for part in (person.address, communes.get(person.commune, "")) if part)


def _more(item: Item, dossier: Dossier) -> Iterable[str]:
    """Yield what else to bring: papers for the authority by number, and money."""
    if item.to_recover:
        yield f"{item.to_recover} giấy tờ cũ phải nộp lại cho cơ quan; gọi bưu cục để biết giấy nào."
    owed = sum(amount for _, amount in needs.sums_of(dossier))
    if owed:
        yield f"{written_amount(owed)} phải nộp khi nhận."
