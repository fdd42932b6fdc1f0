"""Hand-over records: what waits for a signature, what can be handed over to whom, and one record with its lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Select, func, not_, select

from postal.domain import calendars, codes, events, garbling, item, permissions, scans
from postal.domain.bag import BAG_STATE_NAMES, Bag, BagState
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import DeclineReason, ItemKind
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Custodian, CustodianKind, Side, parse_position
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.scans import OurCode, PostalNumber
from postal.queries import access, bag_lists, items, receivers, timeline
from postal.queries.items import NotParty, PaperTotals
from postal.queries.receivers import Receiver
from postal.store import Reader, Store
from postal.store.registers import StoredFile
from postal.store.tables import HandoverRow, ItemRow, table_of

MOST_RECENT = 15
MOST_WAITING = 200
TAKEN = "ok"
"""What a counted line says when it is there and whole; everything else is a reason not to take it."""

CHOICES: tuple[tuple[str, str], ...] = (
    (TAKEN, "Đủ"),
    *(
        (reason.value, items.capitalised(timeline.DECLINES[reason]))
        for reason in (DeclineReason.MISSING, DeclineReason.DAMAGED, DeclineReason.WRONG_PLACE)
    ),
)
"""What the receiver may say of a line."""

_TONES: dict[RecordState, str] = {
    RecordState.OFFERED: "needs_citizen",
    RecordState.ACCEPTED: "done",
    RecordState.RECALLED: "problem",
    RecordState.ON_PAPER: "needs_citizen",
    RecordState.CONFIRMED: "done",
}


class NotAnItem(Refused):
    """What was scanned is no envelope."""

    code = "not_an_item"
    vi = "“{text}” không phải mã bưu gửi. Quét mã trên nhãn phong bì (bắt đầu bằng P)."
    en = "“{text}” is not the code of an item. Scan the label of the envelope; it begins with P."


# --- what pages show --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordSummary:
    """A record as a line of a list."""

    code: str
    giver: str
    receiver: str
    count: int
    accepted: int
    offered_at: datetime
    signed_at: datetime | None
    state: str
    tone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """What one of my positions answers for."""

    value: str
    name: str
    held: int
    offered: int
    bags: int
    bags_offered: int

    @property
    def pieces(self) -> int:
        """Return how many things can be handed over now: loose envelopes and whole bags."""
        return self.held + self.bags


@dataclass(frozen=True, kw_only=True, slots=True)
class HandoversPage:
    """What waits for me, what I wait for, and what I hold."""

    to_sign: tuple[RecordSummary, ...]
    to_confirm: tuple[RecordSummary, ...]
    waiting: tuple[RecordSummary, ...]
    holdings: tuple[Holding, ...]
    recent: tuple[RecordSummary, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LineAnswer:
    """The answer to one scanned line. `tone` is done, moving (nothing changed) or problem."""

    line: int
    text: str
    tone: str
    sentence: str
    item: str = ""
    link: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What somebody typed into the form of a new hand-over."""

    giver: str = ""
    items: tuple[str, ...] = ()
    scanned: str = ""
    receiver: str = ""
    words: str = ""
    username: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemChoice:
    """An envelope or a bag that may be handed over, or why not yet."""

    code: str
    kind: str
    seal: str
    problem: str
    is_chosen: bool
    href: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemGroup:
    """Envelopes and bags that must end at the same place."""

    place: str
    destination: str
    lines: tuple[ItemChoice, ...]

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self.lines)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPage:
    """The form of a new hand-over: what I hold, what was scanned, who may receive."""

    holdings: tuple[Holding, ...]
    giver: Holding | None
    groups: tuple[ItemGroup, ...]
    chosen: tuple[str, ...]
    answers: tuple[LineAnswer, ...]
    likely: tuple[Receiver, ...]
    found: tuple[Receiver, ...]
    draft: Draft
    errors: dict[str, str]

    @property
    def has_bad_lines(self) -> bool:
        """Tell whether a scanned line must be looked at before anything is signed."""
        return any(answer.tone == "problem" for answer in self.answers)

    @property
    def problem(self) -> str:
        """Return everything that is wrong, for the page's title."""
        return " ".join(self.errors.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordLine:
    """A line of a record: the envelope or bag, what is inside by count, and what the receiver said."""

    code: str
    href: str
    inside: int
    dossier: str
    official_code: str
    kind: str
    papers: PaperTotals
    seal: str
    postal_number: str
    destination: str
    back: int
    fee: int
    to_recover: int
    outcome: str
    tone: str
    choice: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordPage:
    """A record with its lines, who signed what and when, and what the one who looks may do now."""

    code: str
    state: str
    tone: str
    giver: str
    giver_unit: str
    giver_position: str
    giver_person: str
    drawn_up_by: str
    is_by_receiver: bool
    receiver: str
    receiver_unit: str
    receiver_position: str
    receiver_person: str
    is_legal_submission: bool
    offered_at: datetime
    signed_at: datetime | None
    confirmed_at: datetime | None
    recalled_at: datetime | None
    entered_at: datetime | None
    evidence: str
    lines: tuple[RecordLine, ...]
    taken: int
    signing: str
    agreed: str
    answers: tuple[LineAnswer, ...]
    counts_by_scanning: bool
    signer: str
    has_photo: bool
    shows_personal_data: bool
    can_accept: bool
    is_giver_himself: bool
    can_recall: bool
    can_enter_paper: bool
    can_confirm: bool
    errors: dict[str, str]
    typed: dict[str, str]
    lists_results: bool = False

    @property
    def confirming(self) -> str:
        """Return the words of the button of the side that confirms what the other one entered."""
        did = "giao" if self.is_by_receiver else "nhận"
        return f"Xác nhận đã {did} {self.taken}/{self.total}"

    @property
    def other_side(self) -> str:
        """Return the side that did not write the record."""
        return "Bên giao" if self.is_by_receiver else "Bên nhận"

    @property
    def tells_more(self) -> bool:
        """Tell whether a line gives originals back, or something is to be collected or got back with it."""
        return any(line.back or line.fee or line.to_recover for line in self.lines)

    @property
    def total(self) -> int:
        """Return how many envelopes and bags the record is about."""
        return len(self.lines)

    @property
    def noun(self) -> str:
        """Return what is counted: envelopes, bags, or both."""
        bags = sum(line.inside > 0 for line in self.lines)
        return "túi" if bags == self.total else "bưu gửi và túi" if bags else "bưu gửi"

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Return what may be said of a line."""
        return CHOICES

    @property
    def problem(self) -> str:
        """Return everything that is wrong, for the page's title."""
        return " ".join(self.errors.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Counting:
    """What the receiver counted so far: a choice by item, what was scanned now, and whether he scans at all."""

    choices: Mapping[str, str] = field(default_factory=dict)
    scanned: str = ""
    by_scanning: bool = False

    def declined(self) -> dict[str, DeclineReason]:
        """Return what is not taken, with its reason."""
        return {code: DeclineReason(choice) for code, choice in self.choices.items() if choice != TAKEN}


# --- lists ------------------------------------------------------------------------------------------------------------


def handovers_page(store: Store, *, actor: Actor) -> HandoversPage:
    """Return what waits for the actor's signature, what he waits for, and what he holds."""
    with store.read() as reader:
        mine = receivers.custodians_of(reader, actor)
        keys = [custodian.key for custodian in mine]
        table = table_of(HandoverRow)
        receiving, giving = table.c.receiver_key.in_(keys), table.c.giver_key.in_(keys)
        offered = table.c.record_state == RecordState.OFFERED.value
        on_paper = table.c.record_state == RecordState.ON_PAPER.value
        oldest = select(table.c.state).order_by(table.c.offered_at).limit(MOST_WAITING)
        newest = select(table.c.state).order_by(table.c.offered_at.desc()).limit(MOST_RECENT)
        signed = reader.things(HandoverRecord, oldest.where(giving | receiving, on_paper))
        mine_to_confirm = [record for record in signed if record.confirmed_by.key in keys]
        over = not_(offered) & table.c.code.not_in([record.code for record in mine_to_confirm])
        return HandoversPage(
            to_sign=_summaries(reader, oldest.where(receiving, offered)),
            to_confirm=tuple(map(_summary, mine_to_confirm)),
            waiting=_summaries(reader, oldest.where(giving, offered)),
            holdings=_holdings(reader, mine),
            recent=_summaries(reader, newest.where(giving | receiving, over)),
        )


def _summaries(reader: Reader, query: Select[tuple[str]]) -> tuple[RecordSummary, ...]:
    return tuple(map(_summary, reader.things(HandoverRecord, query)))


def _summary(record: HandoverRecord) -> RecordSummary:
    return RecordSummary(
        code=record.code,
        giver=str(record.giver),
        receiver=str(record.receiver),
        count=len(record.lines),
        accepted=len(record.accepted),
        offered_at=record.offered_at,
        signed_at=record.signed_at,
        state=record.state_name,
        tone=_TONES[record.state],
    )


def _holdings(reader: Reader, custodians: Sequence[Custodian]) -> tuple[Holding, ...]:
    table = table_of(ItemRow)
    columns = (table.c.custodian_key, table.c.custody, func.count().label("count"))
    alive = table.c.custodian_key.in_([c.key for c in custodians]) & table.c.custody.in_(("held", "offered"))
    rows = reader.rows(select(*columns).where(alive).group_by(table.c.custodian_key, table.c.custody))
    counts = {(row.custodian_key, row.custody): row._mapping["count"] for row in rows}  # noqa: SLF001 - `count` is a method of a row
    bags = bag_lists.counted(reader, [c.key for c in custodians])
    return tuple(
        Holding(
            value=receivers.value_of(custodian),
            name=custodian.name,
            held=counts.get((custodian.key, Custody.HELD.value), 0),
            offered=counts.get((custodian.key, Custody.OFFERED.value), 0),
            bags=bags.get((custodian.key, BagState.SEALED), 0),
            bags_offered=bags.get((custodian.key, BagState.OFFERED), 0),
        )
        for custodian in custodians
    )


# --- a new hand-over --------------------------------------------------------------------------------------------------


def new_page(store: Store, *, actor: Actor, draft: Draft, errors: dict[str, str] | None = None) -> NewPage:
    """Return the form: scanned lines are answered one by one, and the good ones are chosen."""
    with store.read() as reader:
        mine = receivers.custodians_of(reader, actor)
        holdings = _holdings(reader, mine)
        giver = _giver(mine, holdings, wanted=draft.giver)
        held = _held_by(reader, giver) if giver else []
        answers, chosen = _answer_lines(reader, draft, held=held, giver=giver)
        picked = [item for item in held if item.code in chosen]
        likely = receivers.likely(reader, giver=giver, items=picked or held, actor=actor) if giver else ()
    found = receivers.named(store, draft.words, giver=giver, actor=actor) if giver and draft.words else ()
    return NewPage(
        holdings=holdings,
        giver=next((h for h in holdings if giver and h.value == receivers.value_of(giver)), None),
        groups=_groups(held, chosen=chosen),
        chosen=tuple(item.code for item in picked),
        answers=answers,
        likely=_with_chosen(store, likely, found, draft=draft, actor=actor),
        found=found,
        draft=replace(draft, scanned=""),
        errors=errors or {},
    )


def _giver(mine: Sequence[Custodian], holdings: Sequence[Holding], *, wanted: str) -> Custodian | None:
    """Return the position asked for, else the one that holds most."""
    by_value = {receivers.value_of(custodian): custodian for custodian in mine}
    if wanted in by_value:
        return by_value[wanted]
    fullest = max(holdings, key=lambda holding: holding.pieces, default=None)
    return by_value[fullest.value] if fullest else None


def _held_by(reader: Reader, custodian: Custodian) -> list[Item | Bag]:
    table = table_of(ItemRow)
    held = (table.c.custodian_key == custodian.key) & (table.c.custody == Custody.HELD.value)
    found = reader.things(Item, select(table.c.state).where(held).order_by(table.c.last_at, table.c.code))
    loose = [item for item in found if item.custodian.is_same_as(custodian)]
    return [*bag_lists.sealed_at(reader, custodian), *loose]


def _with_chosen(
    store: Store, likely: tuple[Receiver, ...], found: tuple[Receiver, ...], *, draft: Draft, actor: Actor
) -> tuple[Receiver, ...]:
    """Return the suggestions with the one already chosen among them, so that a search never loses it."""
    if not draft.receiver or any(receiver.value == draft.receiver for receiver in (*likely, *found)):
        return likely
    try:
        custodian = receivers.custodian_of(store, draft.receiver)
    except Refused:
        return likely
    return (
        Receiver(value=draft.receiver, name=custodian.name, why="đã chọn", is_own=actor.acts_for(custodian)),
        *likely,
    )


def _groups(held: Sequence[Item | Bag], *, chosen: frozenset[str]) -> tuple[ItemGroup, ...]:
    by_place: dict[str, list[Item | Bag]] = {}
    for thing in held:
        by_place.setdefault(thing.destination.place, []).append(thing)
    return tuple(
        ItemGroup(
            place=place,
            destination=things[0].destination.name,
            lines=tuple(_choice(thing, is_chosen=thing.code in chosen) for thing in things),
        )
        for place, things in sorted(by_place.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    )


def _choice(thing: Item | Bag, *, is_chosen: bool) -> ItemChoice:
    if isinstance(thing, Bag):
        kind = f"Túi {len(thing.contents)} bưu gửi"
        href = f"/bags/{thing.code}"
        return ItemChoice(code=thing.code, kind=kind, seal=thing.seal, problem="", is_chosen=is_chosen, href=href)
    return ItemChoice(
        code=thing.code,
        kind=items.kind_name(thing),
        seal=thing.seal,
        problem="" if items.is_sealed_enough(thing) else "Chưa niêm phong",
        is_chosen=is_chosen,
        href=f"/items/{thing.code}",
    )


# --- scanned lines ----------------------------------------------------------------------------------------------------


def _answer_lines(
    reader: Reader, draft: Draft, *, held: Sequence[Item | Bag], giver: Custodian | None
) -> tuple[tuple[LineAnswer, ...], frozenset[str]]:
    """Return an answer for each scanned line, and the codes that are chosen now."""
    chosen = dict.fromkeys(draft.items, 0)
    read = _read_lines(reader, draft.scanned)
    answers = []
    for number, text, found in read:
        if isinstance(found, Refused):
            answers.append(LineAnswer(line=number, text=text, tone="problem", sentence=str(found)))
        elif found.code in chosen:
            answers.append(_again(number, text, found, first=chosen[found.code]))
        else:
            answer = _choose(number, text, found, giver=giver, count=len(chosen) + 1)
            answers.append(answer)
            if answer.tone == "done":
                chosen[found.code] = number
    holds = {item.code for item in held}
    return tuple(answers), frozenset(code for code in chosen if code in holds)


def _again(number: int, text: str, found: Item | Bag, *, first: int) -> LineAnswer:
    where = f"dòng {first}" if first else "lần trước"
    sentence = f"Đã quét ở {where} – không cộng thêm"
    return LineAnswer(line=number, text=text, tone="moving", sentence=sentence, item=found.code)


def _choose(number: int, text: str, found: Item | Bag, *, giver: Custodian | None, count: int) -> LineAnswer:
    refusal = _why_not(found, giver=giver)
    link = _href(found) if refusal else ""
    sentence = refusal or f"Đã chọn {codes.shown(found.code)} · {count}"
    tone = "problem" if refusal else "done"
    return LineAnswer(line=number, text=text, tone=tone, sentence=sentence, item=found.code, link=link)


def _href(found: Item | Bag) -> str:
    return f"/bags/{found.code}" if isinstance(found, Bag) else f"/items/{found.code}"


def _why_not(found: Item | Bag, *, giver: Custodian | None) -> str:
    """Return why an envelope or bag cannot be handed over by this position; empty when it can."""
    shown = f"Túi {codes.shown(found.code)}" if isinstance(found, Bag) else codes.shown(found.code)
    if isinstance(found, Item) and found.bag:
        return f"{shown} nằm trong túi {codes.shown(found.bag)}. Bàn giao cả túi, hoặc mở túi rồi bàn giao."
    if found.is_offered and found.custodian.is_same_as(giver):
        return f"{shown} đang chờ {found.offered_to} ký nhận, biên bản {codes.shown(found.record)}."
    if not found.custodian.is_same_as(giver):
        return str(item.NotCustodian(item=shown, holder=found.custodian))
    if not found.may(events.HandedOver):
        state = BAG_STATE_NAMES[found.state] if isinstance(found, Bag) else item.CUSTODY_NAMES[found.custody]
        return f"{shown}: {state}."
    is_enough = isinstance(found, Bag) or items.is_sealed_enough(found)
    return "" if is_enough else str(item.NotSealed(item=shown))


def _read_lines(reader: Reader, scanned: str) -> list[tuple[int, str, Item | Bag | Refused]]:
    """Return each line that is not empty with its number and the envelope or bag it names, or why it names none."""
    lines = [(number, line.strip()) for number, line in enumerate(scanned.splitlines(), start=1) if line.strip()]
    keys = [(number, text, _key(text)) for number, text in lines]
    wanted = [key.text for *_, key in keys if isinstance(key, codes.Code)]
    by_code: dict[str, Item | Bag] = {**reader.many(Item, wanted), **reader.many(Bag, wanted)}
    by_other = _by_dossier_or_number(reader, [key for *_, key in keys])
    answers: list[tuple[int, str, Item | Bag | Refused]] = []
    for number, text, key in keys:
        if isinstance(key, Refused):
            answers.append((number, text, key))
        else:
            name = str(key) if isinstance(key, codes.Code) else key
            found = by_code.get(codes.squeezed(name)) or by_other.get(codes.squeezed(name))
            answers.append((number, text, found or UnknownCode(thing=name)))
    return answers


def _key(text: str) -> codes.Code | str | Refused:
    """Return the code of an envelope or dossier, the post's own number, or why the line is neither."""
    try:
        scan = scans.read_scan(text)
    except Refused as refused:
        return refused
    if isinstance(scan, OurCode) and scan.code.kind in (CodeKind.ITEM, CodeKind.DOSSIER, CodeKind.BAG):
        return scan.code
    return scan.number.text if isinstance(scan, PostalNumber) else NotAnItem(text=text[:40])


def _by_dossier_or_number(reader: Reader, keys: Sequence[codes.Code | str | Refused]) -> dict[str, Item]:
    """Return the envelope that is under way for a dossier code, and the one of a postal number, also a garbled one."""
    ours = {key.text: (key.text,) for key in keys if isinstance(key, codes.Code)}
    meant = ours | {key: garbling.twins(key) for key in keys if isinstance(key, str)}
    wanted = {each for own in meant.values() for each in own}
    table = table_of(ItemRow)
    alive = table.c.custody.in_(("held", "offered", "bagged"))
    named = table.c.dossier.in_(wanted) | table.c.postal_number.in_(wanted)
    found = reader.things(Item, select(table.c.state).where(alive, named).order_by(table.c.last_at)) if wanted else []
    known = {key: thing for thing in found for key in (thing.dossier, thing.postal_number) if key in wanted}
    return {key: known[each] for key, own in meant.items() for each in reversed(own) if each in known}


# --- one record -------------------------------------------------------------------------------------------------------


def record_page(
    store: Store,
    code: str,
    *,
    actor: Actor,
    counting: Counting | None = None,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> RecordPage:
    """Return a record for whoever looks at it. Raises: UnknownCode, NotParty."""
    with store.read() as reader:
        record = _record(reader, code, actor=actor)
        things = _things(reader, record)
        answers, counting = _counted(reader, record, counting or Counting())
        lines = _lines(reader, record, things, counting=counting)
        names = receivers.names_of(reader, {record.giver_account, record.receiver_account})
        times = {type(event): (event.occurred_at, at) for *_, at, event in reader.events([code])}
        units = reader.reference.places({record.giver.place, record.receiver.place})
        shows = permissions.may(actor, Permission.SEE_PERSONAL_DATA) and _is_party(record, actor)
        may_see = shows and actor.place in (record.giver.place, record.receiver.place)
        signer = reader.texts.get([record.signer]).get(record.signer, "") if shows else ""
    taken = sum(line.choice == TAKEN for line in lines)
    drawer = record.receiver_account if record.by_receiver else record.giver_account
    is_open = record.state is RecordState.OFFERED
    return RecordPage(
        code=record.code,
        state=record.state_name,
        tone=_TONES[record.state],
        giver=str(record.giver),
        giver_unit=units[record.giver.place].name if record.giver.place in units else "",
        giver_position=_position_name(record.giver),
        giver_person=names.get(record.giver_account, record.giver_account),
        drawn_up_by=names.get(drawer, drawer),
        is_by_receiver=record.by_receiver,
        receiver=str(record.receiver),
        receiver_unit=units[record.receiver.place].name if record.receiver.place in units else "",
        receiver_position=_position_name(record.receiver),
        receiver_person=names.get(record.receiver_account, record.receiver_account),
        is_legal_submission=record.giver.side is Side.POST and record.receiver.side is Side.AUTHORITY,
        offered_at=record.offered_at,
        signed_at=record.signed_at,
        confirmed_at=times.get(events.RecordConfirmed, (None, None))[0],
        recalled_at=times.get(events.RecordRecalled, (None, None))[0],
        entered_at=times.get(events.RecordSignedOnPaper, (None, None))[1],
        evidence=items.evidence_name(record.evidence) if record.evidence else "",
        lines=lines,
        taken=taken,
        signing=signing(len(lines), counting.declined()),
        agreed=agreed(lines),
        answers=answers,
        counts_by_scanning=counting.by_scanning,
        signer=signer,
        has_photo=bool(record.photo),
        shows_personal_data=bool(signer),
        can_accept=is_open and actor.acts_for(record.receiver) and permissions.may(actor, Permission.RECEIVE),
        is_giver_himself=actor.account == record.giver_account,
        can_recall=is_open and actor.acts_for(record.drawn_up_by) and permissions.may(actor, Permission.HAND_OVER),
        can_enter_paper=is_open
        and actor.acts_for(record.drawn_up_by)
        and permissions.may(actor, Permission.ENTER_SIGNED_PAPER),
        can_confirm=record.state is RecordState.ON_PAPER and actor.acts_for(record.confirmed_by),
        errors=errors or {},
        typed=typed or {},
        lists_results=may_see and any(isinstance(t, Item) and t.kind is ItemKind.RESULT for t in things.values()),
    )


def photo(store: Store, code: str, *, actor: Actor) -> StoredFile:
    """Return the photo of a record signed on paper. Raises: UnknownCode, NotParty, Forbidden."""
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    with store.read() as reader:
        record = _record(reader, code, actor=actor)
        if not _is_party(record, actor):
            raise NotParty(thing=f"Biên bản {codes.shown(code)}")
        found = reader.files.get(record.photo) if record.photo else None
    if found is None:
        raise UnknownCode(thing=f"ảnh biên bản {codes.shown(code)}")
    return found


def signing(total: int, declined: Mapping[str, DeclineReason]) -> str:
    """Return the words of the button, which name what is signed for.

    >>> signing(50, {})
    'Ký nhận 50/50'
    >>> signing(50, {"P1": DeclineReason.MISSING, "P2": DeclineReason.MISSING})
    'Ký nhận 48/50, thiếu 2'
    """
    reasons = list(declined.values())
    parts = [f"{timeline.DECLINES[r]} {reasons.count(r)}" for r in DeclineReason if r in reasons]
    return ", ".join([f"Ký nhận {total - len(reasons)}/{total}", *parts])


def agreed(lines: Sequence[RecordLine]) -> str:
    """Return what the button that was pressed said, so that nobody signs for another count than he read."""
    return ",".join(f"{value}:{sum(line.choice == value for line in lines)}" for value, _ in CHOICES)


def signed_by(page: RecordPage) -> str:
    """Return who ended a record, when and how, for somebody who comes too late."""
    if page.recalled_at and page.taken:
        return (
            f"{page.giver_person} đã thu hồi phần chưa ký lúc {_clock(page.recalled_at)}; "
            f"{page.taken}/{page.total} {page.noun} đã ký nhận trước đó vẫn giữ nguyên."
        )
    if page.recalled_at:
        return f"{page.giver_person} đã thu hồi biên bản này lúc {_clock(page.recalled_at)}. Không còn gì để ký nhận."
    if page.signed_at is None:
        return ""
    who = page.receiver_person or f"Bên nhận đã ký trên giấy, {page.giver_person} nhập;"
    verb = "đã ký nhận biên bản này" if page.receiver_person else "biên bản này ký"
    return f"{who} {verb} lúc {_clock(page.signed_at)}: {page.taken}/{page.total} {page.noun}."


def paper_time(page: RecordPage, *, written: datetime) -> datetime:
    """Return the signing time that stands on the paper; a time in the minute of the offer is the offer's own."""
    return max(written, page.offered_at) if written == page.offered_at.replace(second=0, microsecond=0) else written


def _clock(at: datetime) -> str:
    return f"{calendars.local(at):%H:%M %d/%m/%Y}"


def _record(reader: Reader, code: str, *, actor: Actor) -> HandoverRecord:
    record = reader.thing(HandoverRecord, code)
    if record is None:
        raise UnknownCode(thing=codes.shown(code))
    if not _is_party(record, actor) and not access.watches_all(actor):
        raise NotParty(thing=f"Biên bản {codes.shown(code)}")
    return record


def _position_name(custodian: Custodian) -> str:
    return parse_position(custodian.key).name if custodian.kind is CustodianKind.POSITION else custodian.name


def _is_party(record: HandoverRecord, actor: Actor) -> bool:
    parties = (record.giver, record.receiver)
    return actor.place in {party.place for party in parties} or any(actor.acts_for(party) for party in parties)


def _counted(reader: Reader, record: HandoverRecord, counting: Counting) -> tuple[tuple[LineAnswer, ...], Counting]:
    """Return an answer for each scanned line; once something was scanned, what was not is missing."""
    read = _read_lines(reader, counting.scanned)
    if not read:
        return (), counting
    seen = {code: 0 for code, choice in counting.choices.items() if counting.by_scanning and choice == TAKEN}
    answers = []
    for number, text, found in read:
        if isinstance(found, Refused):
            answers.append(LineAnswer(line=number, text=text, tone="problem", sentence=str(found)))
        elif found.code in seen:
            answers.append(_again(number, text, found, first=seen[found.code]))
        else:
            answers.append(_tick(number, text, found, record=record, count=len(seen) + 1))
            if found.code in record.lines:
                seen[found.code] = number
    choices = {code: _chosen(counting.choices.get(code, TAKEN), is_seen=code in seen) for code in record.lines}
    return tuple(answers), Counting(choices=choices, by_scanning=True)


def _chosen(choice: str, *, is_seen: bool) -> str:
    """Return what a line says after scanning: seen is there, unseen is missing, torn or astray stays so."""
    missing = DeclineReason.MISSING.value
    if is_seen:
        return TAKEN if choice == missing else choice
    return missing if choice == TAKEN else choice


def _tick(number: int, text: str, found: Item | Bag, *, record: HandoverRecord, count: int) -> LineAnswer:
    shown = codes.shown(found.code)
    if found.code in record.lines:
        sentence = f"Đã nhận {shown} · {count}/{len(record.lines)}"
        return LineAnswer(line=number, text=text, tone="done", sentence=sentence, item=found.code)
    if isinstance(found, Item) and found.bag in record.bags:
        sentence = f"{shown} nằm trong túi {codes.shown(found.bag)}. Chưa mở túi thì quét nhãn túi."
        return LineAnswer(line=number, text=text, tone="problem", sentence=sentence, item=found.code, link=_href(found))
    is_elsewhere = found.is_offered and found.record
    elsewhere = f", thuộc biên bản {codes.shown(found.record)}" if is_elsewhere else ""
    sentence = f"{shown} không có trong biên bản này{elsewhere}. Để riêng và báo bên giao."
    return LineAnswer(line=number, text=text, tone="problem", sentence=sentence, item=found.code, link=_href(found))


def _things(reader: Reader, record: HandoverRecord) -> dict[str, Item | Bag]:
    return {**reader.many(Item, record.items), **reader.many(Bag, record.bags)}


def _lines(
    reader: Reader, record: HandoverRecord, things: Mapping[str, Item | Bag], *, counting: Counting
) -> tuple[RecordLine, ...]:
    envelopes = [thing for thing in things.values() if isinstance(thing, Item)]
    packed = [code for thing in things.values() if isinstance(thing, Bag) for code in thing.contents]
    inside = reader.many(Item, packed) if packed else {}
    dossiers = reader.many(Dossier, [thing.dossier for thing in envelopes])
    declined = dict(record.declined)
    found = [things[code] for code in record.lines if code in things]
    return tuple(
        _bag_line(record, thing, inside, declined=declined, counting=counting)
        if isinstance(thing, Bag)
        else _line(record, thing, dossiers, declined=declined, counting=counting)
        for thing in found
    )


def _choice_of(record: HandoverRecord, code: str, counting: Counting) -> str:
    """Return what is said of a line: by the receiver who counts now, else by the signed record."""
    reason = dict(record.declined).get(code)
    if record.state is RecordState.RECALLED and reason is None:
        return TAKEN if code in record.accepted else ""
    choice = counting.choices.get(code, TAKEN) if record.state is RecordState.OFFERED else ""
    return choice or (reason.value if reason else TAKEN)


def _bag_line(
    record: HandoverRecord,
    bag: Bag,
    inside: Mapping[str, Item],
    *,
    declined: Mapping[str, DeclineReason],
    counting: Counting,
) -> RecordLine:
    """Return a whole bag as a line: what its list says, added up."""
    outcome, tone = _outcome(record, bag, declined)
    packed = [inside[code] for code in bag.contents if code in inside]
    return RecordLine(
        code=bag.code,
        href=_href(bag),
        inside=len(bag.contents),
        dossier="",
        official_code="",
        kind=f"Túi {len(bag.contents)} bưu gửi",
        papers=items.added_up(packed),
        seal=bag.seal,
        postal_number="",
        destination=bag.destination.name,
        back=sum(_back(each) for each in packed),
        fee=0,
        to_recover=sum(each.to_recover for each in packed),
        outcome=outcome,
        tone=tone,
        choice=_choice_of(record, bag.code, counting),
    )


def _line(
    record: HandoverRecord,
    thing: Item,
    dossiers: Mapping[str, Dossier],
    *,
    declined: Mapping[str, DeclineReason],
    counting: Counting,
) -> RecordLine:
    outcome, tone = _outcome(record, thing, declined)
    dossier = dossiers.get(thing.dossier)
    return RecordLine(
        code=thing.code,
        href=_href(thing),
        inside=0,
        dossier=thing.dossier,
        official_code=dossier.official_code if dossier else "",
        kind=items.kind_name(thing),
        papers=items.paper_totals(thing),
        seal=f"{thing.seal} (cơ quan niêm phong)" if thing.pre_sealed else thing.seal,
        postal_number=thing.postal_number,
        destination=thing.destination.name,
        back=_back(thing),
        fee=_fee(thing, dossier),
        to_recover=thing.to_recover,
        outcome=outcome,
        tone=tone,
        choice=_choice_of(record, thing.code, counting),
    )


def _back(thing: Item) -> int:
    """Return how many originals inside go back to the citizen."""
    papers = thing.papers if thing.kind in item.FOR_THE_CITIZEN else ()
    return sum(paper.originals for paper in papers if paper.to_return)


def _fee(thing: Item, dossier: Dossier | None) -> int:
    """Return the fees, whole đồng, that are to be collected when the envelope is given."""
    return dossier.fees.owed if dossier and thing.kind is events.ItemKind.RESULT else 0


def _outcome(record: HandoverRecord, thing: Item | Bag, declined: Mapping[str, DeclineReason]) -> tuple[str, str]:
    """Return what became of a line, in words and tone."""
    if record.state is RecordState.OFFERED:
        is_waiting = thing.is_offered and thing.record == record.code
        if not is_waiting and thing.custodian.is_same_as(record.receiver):
            return "Đã nhận", "done"
        return ("Chờ ký nhận", "needs_citizen") if is_waiting else ("Nơi khác đã nhận thay", "problem")
    reason = declined.get(thing.code)
    if record.state is RecordState.RECALLED and reason is None and thing.code not in record.accepted:
        return "Đã thu hồi", "problem"
    return (items.capitalised(timeline.DECLINES[reason]), "problem") if reason else ("Đã nhận", "done")
