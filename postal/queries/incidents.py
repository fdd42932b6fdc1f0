"""The records of incidents: what a place must answer first, one record with its story, and the paper of it.

Only the two sides see a record, and whoever watches over all places, who reads no texts and sees no photo.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import func, or_, select

from postal.domain import calendars, codes, complaint, incident, permissions
from postal.domain.bag import Bag
from postal.domain.compensation import Fact
from postal.domain.dispatch import Dispatch, DispatchState
from postal.domain.events import (
    Event,
    IncidentAnswered,
    IncidentKind,
    Sighted,
)
from postal.domain.incident import INCIDENT_NAMES, OUTCOME_NAMES, Incident, IncidentState
from postal.domain.item import Item, Trouble
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.permissions import Forbidden, Permission
from postal.queries import access, answerable, receivers
from postal.queries.answerable import HoldingLine
from postal.store import Reader, Store
from postal.store.registers import StoredFile
from postal.store.tables import DispatchRow, IncidentRow, table_of

MOST_SETTLED = 40

EXPLAINED: dict[IncidentKind, str] = {
    IncidentKind.MISSING: "Có trong bảng kê hoặc biên bản, không thấy khi mở túi hoặc khi nhận.",
    IncidentKind.EXTRA: "Có trong túi, không có trong bảng kê.",
    IncidentKind.DAMAGED: "Bì rách hoặc ướt. Kiểm kê giấy tờ, lập biên bản và gói lại.",
    IncidentKind.WRONG_PLACE: "Đến nơi không phải nơi nhận, hoặc bên nhận báo không phải của mình.",
    IncidentKind.SEAL_MISMATCH: "Số niêm phong trên túi khác bảng kê, hoặc niêm phong đã rách.",
    IncidentKind.UNKNOWN_ITEM: "Có một mã mà hệ thống chưa biết.",
    IncidentKind.ACCEPT_WITHOUT_OFFER: "Một nơi báo đã nhận khi chưa ai bàn giao. Nơi đang cầm bưu gửi vẫn giữ.",
    IncidentKind.HANDOVER_BY_NON_HOLDER: "Người báo đã bàn giao không phải người đang giữ.",
    IncidentKind.DOUBLE_CUSTODY: "Hai nơi cùng báo đang giữ. Quét lại nhãn trên bưu gửi, rồi người khác kết thúc.",
    IncidentKind.LABEL_CLONE: "Nghi có hai nhãn cùng mã. Xem tờ bên trong, quét lại nhãn, rồi người khác kết thúc.",
    IncidentKind.SCAN_AFTER_DELIVERY: "Có người quét sau khi đã phát hoặc đã hủy.",
    IncidentKind.TOO_LATE: "Một việc ngoại tuyến đến muộn, không còn khớp.",
    IncidentKind.DUPLICATE_REGISTRATION: "Một hồ sơ được đăng ký hai lần.",
    IncidentKind.REVOKED_DEVICE: "Thiết bị đã thu hồi còn gửi dữ liệu.",
    IncidentKind.NOT_CARRIED_OUT: "Một việc làm ngoại tuyến chưa thực hiện được.",
    IncidentKind.SILENCE: "Lâu hơn bình thường mà chưa có tin. Xem bưu gửi hoặc túi đang ở đâu rồi quét.",
    IncidentKind.BAG_OVERDUE: "Quá giờ đến mà chuyến chưa báo đến. Hỏi người mang chuyến.",
    IncidentKind.LOST: "Tìm không thấy. Xem nơi giữ sau cùng và những nơi gợi ý.",
    IncidentKind.COMPLAINT: "Khách khiếu nại. Kết thúc bằng điều bưu điện trả lời khách, trước hết ngày đến hạn.",
}
"""What each kind means and what to do, in a sentence."""

_SHOWS_RULES = frozenset(
    {
        *(IncidentKind.MISSING, IncidentKind.LOST, IncidentKind.DAMAGED, IncidentKind.SILENCE),
        *(IncidentKind.SEAL_MISMATCH, IncidentKind.COMPLAINT),
    }
)


class NotASide(Forbidden):
    """Only the two sides of an incident see its record."""

    code = "not_a_side"
    vi = "Biên bản {incident} là việc giữa hai nơi khác. Hỏi {owner}."
    en = "Incident {incident} is between two other places. Ask {owner}."


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentLine:
    """A record as a line of a list."""

    code: str
    kind: str
    about: str
    owner: str
    other: str
    opened_at: datetime
    due_at: datetime
    is_overdue: bool
    outcome: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentsPage:
    """The records of a place: what it must answer first, what others must, what is over."""

    place: str
    watches_all: bool
    mine: tuple[IncidentLine, ...]
    others: tuple[IncidentLine, ...]
    settled: tuple[IncidentLine, ...]
    can_open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ToAnswer:
    """How many open records a place must answer, and how many of them are overdue."""

    count: int
    overdue: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What somebody wrote on a record; `words` are empty for whoever may not read them."""

    who: str
    where: str
    at: datetime
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentPage:
    """One record with its story and what whoever looks at it may do."""

    code: str
    kind: str
    explained: str
    topic: str
    is_open: bool
    is_overdue: bool
    about: str
    about_href: str
    is_item: bool
    bag: str
    owner: str
    other: str
    holder: str
    opened_at: datetime
    opened_by: str
    due_at: datetime
    usual: str
    seen: str
    seal_listed: str
    seal_seen: str
    shows_seals: bool
    note: str
    has_photo: bool
    said: tuple[Said, ...]
    outcome: str
    outcome_note: str
    amount: int | None
    settled_at: datetime | None
    settled_by: str
    answerable: str
    last_seen: Said | None
    holdings: tuple[HoldingLine, ...]
    rules: tuple[Fact, ...]
    shows_texts: bool
    can_answer: bool
    can_settle: bool
    can_sight: bool
    can_find: bool
    find_targets: tuple[tuple[str, str], ...]
    can_search: bool
    outcomes: tuple[tuple[str, str], ...]
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentPrint:
    """What stands on the paper of a record."""

    code: str
    kind: str
    items: tuple[str, ...]
    bag: str
    trip: str
    seal_seen: str
    seal_listed: str
    at: datetime
    place: str
    maker: str
    maker_person: str
    other: str
    story: tuple[str, ...]
    maker_note: str
    other_note: str
    due_at: datetime


# --- lists ------------------------------------------------------------------------------------------------------------


def incidents_page(store: Store, *, actor: Actor, at: datetime) -> IncidentsPage:
    """Return the records that concern the actor's place, overdue and first due on top; watchers see all of them."""
    with store.read(at=at) as reader:
        watches = access.watches_all(actor)
        table = table_of(IncidentRow)
        mine = or_(table.c.owner == actor.place, table.c.other == actor.place)
        query = select(table.c.state).order_by(table.c.due_at, table.c.code)
        is_open = table.c.incident_state == IncidentState.OPEN.value
        found = reader.things(Incident, query.where(is_open) if watches else query.where(is_open, mine))
        over = select(table.c.state).where(table.c.incident_state == IncidentState.SETTLED.value)
        ended = (over if watches else over.where(mine)).order_by(table.c.due_at.desc()).limit(MOST_SETTLED)
        settled = reader.things(Incident, ended)
        names = _place_names(reader, [*found, *settled])
        is_mine = [each.owner == actor.place or watches for each in found]
        return IncidentsPage(
            place=names.get(actor.place, actor.place),
            watches_all=watches,
            mine=tuple(_line(each, names, at=at) for each, own in zip(found, is_mine, strict=True) if own),
            others=tuple(_line(each, names, at=at) for each, own in zip(found, is_mine, strict=True) if not own),
            settled=tuple(_line(each, names, at=at) for each in settled),
            can_open=permissions.may(actor, Permission.ANSWER_INCIDENT),
        )


def to_answer(reader: Reader, place: str, *, at: datetime) -> ToAnswer:
    """Return how many open records a place must answer."""
    table = table_of(IncidentRow)
    own = (table.c.owner == place) & (table.c.incident_state == IncidentState.OPEN.value)
    count = int(reader.scalar(select(func.count()).where(own)))
    is_law = table.c.kind == IncidentKind.COMPLAINT.value
    today = calendars.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    has_passed = or_(~is_law & (table.c.due_at < at), is_law & (table.c.due_at < today))
    overdue = int(reader.scalar(select(func.count()).where(own, has_passed)))
    return ToAnswer(count=count, overdue=overdue)


def open_about(reader: Reader, things: Sequence[str]) -> list[Incident]:
    """Return the open records about some things, oldest first."""
    table = table_of(IncidentRow)
    wanted = table.c.about.in_([each for each in things if each])
    query = select(table.c.state).where(wanted, table.c.incident_state == IncidentState.OPEN.value)
    return sorted(reader.things(Incident, query), key=lambda each: (each.opened_at, each.code))


def silence_asked(reader: Reader, item: Item, *, at: datetime) -> Incident | None:
    """Return the open question about an envelope, its bag or the trip of its bag, when its last news is of another day.

    What a citizen is told of silence follows from it: somebody was really asked.
    """
    if calendars.local(item.last_at).date() >= calendars.local(at).date():
        return None
    trips = _trips_of(reader, item.bag) if item.bag else []
    asked = open_about(reader, [item.code, item.bag, *trips])
    return next((each for each in asked if each.kind in incident.SILENT), None)


def _trips_of(reader: Reader, bag: str) -> list[str]:
    table = table_of(DispatchRow)
    under_way = select(table.c.state).where(table.c.dispatch_state == DispatchState.ON_THE_WAY.value)
    return [trip.code for trip in reader.things(Dispatch, under_way) if bag in trip.bags]


# --- one record -------------------------------------------------------------------------------------------------------


def incident_page(store: Store, code: str, *, actor: Actor, at: datetime) -> IncidentPage:
    """Return a record for one of its sides or a watcher. Raises: UnknownCode, NotASide."""
    with store.read(at=at) as reader:
        found = _seen_by(reader, code, actor)
        return _page(reader, found, actor=actor, at=at)


def refused(page: IncidentPage, *, step: str, sentence: str, typed: dict[str, str]) -> IncidentPage:
    """Return the page with what was wrong beside the step, and what was typed still there."""
    return replace(page, errors={step: sentence}, typed=typed)


def photo(store: Store, code: str, *, actor: Actor) -> StoredFile:
    """Return the photo of a record for one of its sides. Raises: UnknownCode, NotASide."""
    with store.read() as reader:
        found = _seen_by(reader, code, actor)
        _must_be_a_side(reader, found, actor)
        file = reader.files.get(found.photo) if found.photo else None
        if file is None:
            raise UnknownCode(thing=codes.shown(code))
        return file


def incident_print(store: Store, code: str, *, actor: Actor) -> IncidentPrint:
    """Return what stands on the paper, for one of the two sides. Raises: UnknownCode, NotASide."""
    with store.read() as reader:
        found = _seen_by(reader, code, actor)
        _must_be_a_side(reader, found, actor)
        names, people = _place_names(reader, [found]), _people(reader, [found.opened_by])
        said = _said(reader, found, reads_texts=True)
        listed, seen = _seals(reader, found)
        note = reader.texts.get([found.note]).get(found.note, "")
        maker = found.other or found.owner
        other = found.owner if found.other else ""
        return IncidentPrint(
            code=found.code,
            kind=INCIDENT_NAMES[found.kind],
            items=(found.about,) if found.about.startswith(codes.CodeKind.ITEM.value) else (),
            bag=found.bag or (found.about if found.about.startswith(codes.CodeKind.BAG.value) else ""),
            trip=codes.shown(found.about) if found.about.startswith(codes.CodeKind.DISPATCH.value) else "",
            seal_seen=seen,
            seal_listed=listed,
            at=found.opened_at,
            place=names.get(maker, maker),
            maker=names.get(maker, maker),
            maker_person=people.get(found.opened_by, ""),
            other=names.get(other, other),
            story=tuple(
                each for each in (EXPLAINED[found.kind], _of_complaint(found), note, _seen_words(found)) if each
            ),
            maker_note=_words_of(said, names.get(maker, maker)),
            other_note=_words_of(said, names.get(other, other)) if other else "",
            due_at=found.due_at,
        )


# --- parts ------------------------------------------------------------------------------------------------------------


def _seen_by(reader: Reader, code: str, actor: Actor) -> Incident:
    found = reader.thing(Incident, code)
    if found is None:
        raise UnknownCode(thing=codes.shown(code))
    if not found.concerns(actor.place) and not access.watches_all(actor):
        raise NotASide(incident=codes.shown(code), owner=_name(reader, found.owner))
    return found


def _must_be_a_side(reader: Reader, found: Incident, actor: Actor) -> None:
    if not _reads_texts(found, actor):
        raise NotASide(incident=codes.shown(found.code), owner=_name(reader, found.owner))


def _reads_texts(found: Incident, actor: Actor) -> bool:
    """Tell whether somebody may read what the sides wrote: who answers for a side, not who watches over all."""
    return found.concerns(actor.place) and permissions.may(actor, Permission.ANSWER_INCIDENT)


def _page(reader: Reader, found: Incident, *, actor: Actor, at: datetime) -> IncidentPage:
    names, people = _place_names(reader, [found]), _people(reader, [found.opened_by, found.settled_by])
    reads_texts = _reads_texts(found, actor)
    texts = reader.texts.get([found.note, found.outcome_note]) if reads_texts else {}
    thing = _thing(reader, found.about)
    listed, seen = _seals(reader, found)
    is_side = found.concerns(actor.place) and found.is_open
    said = _said(reader, found, reads_texts=reads_texts)
    item = thing if isinstance(thing, Item) else None
    held = answerable.holdings(reader, thing) if isinstance(thing, Item | Bag) else ()
    needs_sight = found.kind in incident.NEEDS_SIGHT
    settles = is_side and permissions.may(actor, Permission.SETTLE_INCIDENT)
    targets = _targets(reader, actor) if is_side and _is_missing(thing) else ()
    return IncidentPage(
        code=found.code,
        kind=INCIDENT_NAMES[found.kind],
        explained=EXPLAINED[found.kind],
        topic=complaint.TOPIC_NAMES[found.topic] if found.topic else "",
        is_open=found.is_open,
        is_overdue=found.is_overdue(at=at),
        about=found.about,
        about_href=f"/dossiers/{found.about}" if found.is_about_dossier else _href(found.about),
        is_item=item is not None,
        bag=found.bag if found.bag != found.about else "",
        owner=names.get(found.owner, found.owner),
        other=names.get(found.other, found.other),
        holder=str(found.holder or ""),
        opened_at=found.opened_at,
        opened_by=people.get(found.opened_by, found.opened_by),
        due_at=found.due_at,
        usual=found.expected if found.kind in incident.SILENT else "",
        seen=found.seen if found.kind is IncidentKind.UNKNOWN_ITEM else "",
        seal_listed=listed,
        seal_seen=seen,
        shows_seals=found.kind is IncidentKind.SEAL_MISMATCH or bool(found.bag and (listed or seen)),
        note=texts.get(found.note, ""),
        has_photo=bool(found.photo) and reads_texts,
        said=said,
        outcome=OUTCOME_NAMES[found.outcome] if found.outcome else "",
        outcome_note=texts.get(found.outcome_note, ""),
        amount=found.amount,
        settled_at=found.settled_at,
        settled_by=people.get(found.settled_by, found.settled_by),
        answerable=_answerable(found, held),
        last_seen=_last_seen(reader, found) if needs_sight else None,
        holdings=held,
        rules=answerable.facts(reader, item, at=at) if item and found.kind in _SHOWS_RULES else (),
        shows_texts=reads_texts and bool(texts or any(each.words for each in said)),
        can_answer=is_side and permissions.may(actor, Permission.ANSWER_INCIDENT),
        can_settle=settles,
        can_sight=is_side and needs_sight and isinstance(thing, Item | Bag) and thing.may(Sighted),
        can_find=bool(targets) or (_is_missing(thing) and is_side and _acts_for(actor, thing)),
        find_targets=targets,
        can_search=item is not None and not item.is_final and permissions.may(actor, Permission.SEARCH_LOST),
        outcomes=tuple((each.value, OUTCOME_NAMES[each].capitalize()) for each in incident.outcomes(found.kind)),
    )


def _line(found: Incident, names: Mapping[str, str], *, at: datetime) -> IncidentLine:
    return IncidentLine(
        code=found.code,
        kind=INCIDENT_NAMES[found.kind],
        about=found.about,
        owner=names.get(found.owner, found.owner),
        other=names.get(found.other, found.other),
        opened_at=found.opened_at,
        due_at=found.due_at,
        is_overdue=found.is_overdue(at=at),
        outcome=OUTCOME_NAMES[found.outcome].capitalize() if found.outcome else "",
    )


def _said(reader: Reader, found: Incident, *, reads_texts: bool) -> tuple[Said, ...]:
    """Return who wrote what on a record and when, oldest first."""
    answers = [event for *_, event in reader.events([found.code]) if isinstance(event, IncidentAnswered)]
    people = _people(reader, [event.by.account for event in answers])
    places = {code: place.name for code, place in reader.reference.places({e.by.place for e in answers}).items()}
    texts = reader.texts.get([event.note for event in answers]) if reads_texts else {}
    return tuple(
        Said(
            who=people.get(event.by.account, event.by.account),
            where=places.get(event.by.place, event.by.place),
            at=event.occurred_at,
            words=texts.get(event.note, ""),
        )
        for event in answers
    )


def _words_of(said: Iterable[Said], place: str) -> str:
    return " ".join(each.words for each in said if each.where == place and each.words)


def _of_complaint(found: Incident) -> str:
    """Return which dossier or item a complaint is about and what it says, in words for the paper."""
    if found.topic is None:
        return ""
    thing = "hồ sơ" if found.is_about_dossier else "bưu gửi"
    return f"Khiếu nại về {thing} {codes.shown(found.about)}: {complaint.TOPIC_NAMES[found.topic]}."


def _seen_words(found: Incident) -> str:
    return f"Đọc được trên bì: {found.seen}." if found.kind is IncidentKind.UNKNOWN_ITEM and found.seen else ""


def _seals(reader: Reader, found: Incident) -> tuple[str, str]:
    """Return the seal number of the list and the one that was read, empty where nobody knows."""
    code = found.bag or found.about
    bag = reader.thing(Bag, code) if code.startswith(codes.CodeKind.BAG.value) else None
    return (bag.seal, bag.seal_seen) if bag else ("", "")


def _answerable(found: Incident, held: Sequence[HoldingLine]) -> str:
    """Return who answers for a loss: whoever held it when the record was opened, else who holds it now."""
    return str(found.holder) if found.holder else (held[-1].holder if held else "")


def _last_seen(reader: Reader, found: Incident) -> Said | None:
    happened: list[Event] = [event for *_, event in reader.events([found.about])]
    seen = [e for e in happened if isinstance(e, Sighted) and e.occurred_at >= found.opened_at]
    if not seen:
        return None
    people = _people(reader, [seen[-1].by.account])
    who = people.get(seen[-1].by.account, seen[-1].by.account)
    return Said(who=who, where=_name(reader, seen[-1].by.place), at=seen[-1].occurred_at, words="")


def _thing(reader: Reader, code: str) -> Item | Bag | Dispatch | None:
    return reader.thing(Item, code) or reader.thing(Bag, code) or reader.thing(Dispatch, code)


def _is_missing(thing: Item | Bag | Dispatch | None) -> bool:
    if isinstance(thing, Item):
        return thing.trouble is Trouble.MISSING
    return isinstance(thing, Bag) and thing.is_missing


def _acts_for(actor: Actor, thing: Item | Bag | Dispatch | None) -> bool:
    return isinstance(thing, Item | Bag) and actor.acts_for(thing.custodian)


def _targets(reader: Reader, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Return where somebody may take what he found: value and name of his positions."""
    return tuple((receivers.value_of(c), c.name) for c in receivers.custodians_of(reader, actor))


_PAGES: dict[str, str] = {
    codes.CodeKind.ITEM.value: "/items/{code}",
    codes.CodeKind.BAG.value: "/bags/{code}",
    codes.CodeKind.DISPATCH.value: "/trips/{code}",
}


def _href(about: str) -> str:
    """Return the page of what a record is about, empty when there is none."""
    return _PAGES.get(about[:1], "").format(code=about)


def _place_names(reader: Reader, found: Iterable[Incident]) -> dict[str, str]:
    wanted = {place for each in found for place in (each.owner, each.other) if place}
    return {code: place.name for code, place in reader.reference.places(wanted).items()}


def _name(reader: Reader, place: str) -> str:
    found = reader.reference.places([place])
    return found[place].name if place in found else place


def _people(reader: Reader, wanted: Iterable[str]) -> dict[str, str]:
    accounts = (reader.accounts.get(account) for account in sorted({each for each in wanted if each}))
    return {account.username: account.name for account in accounts if account}
