"""What a desk or a department sees: what came in, what it works on, what waits for the citizen, what has a result."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from postal.domain import closing, contents, events, permissions, slips, spans, status
from postal.domain import originals as accounts
from postal.domain.dossier import AGENCY_STATUS_NAMES, ENDED_WITHOUT_RESULT, AgencyStatus, Dossier
from postal.domain.handover import RecordState
from postal.domain.item import CUSTODY_NAMES, Custody, Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Side
from postal.domain.permissions import Permission
from postal.domain.procedures import UnknownProcedure
from postal.domain.supplements import is_awaited
from postal.queries import apologies, bag_lists, clocks, forms, incidents, money, originals, supplements, timeline
from postal.queries.apologies import Draft
from postal.queries.bag_lists import Coming
from postal.queries.clocks import DueView, Rules
from postal.queries.forms import FormLink
from postal.queries.incidents import ToAnswer
from postal.queries.originals import OriginalLine
from postal.queries.supplements import AskedLine
from postal.store import Reader, Store
from postal.store.tables import DossierRow, HandoverRow, ItemRow, table_of

MOST_ROWS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskLine:
    """A dossier as a line of the desk's list."""

    code: str
    official_code: str
    procedure: str
    status: str
    since: datetime
    shown_at: datetime | None
    late_days: int
    is_past_hour: bool
    is_at_risk: bool
    holder: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskGroup:
    """Lines that wait for the same step."""

    title: str
    hint: str
    lines: tuple[DeskLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultAtDesk:
    """A result that the citizen fetches at the desk itself."""

    item: str
    dossier: str
    official_code: str
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PapersToReturn:
    """A dossier that ended without a result, with originals that nobody has put into an envelope yet."""

    code: str
    official_code: str
    status: str
    since: datetime
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskPage:
    """The work of a desk or department today."""

    place: str
    groups: tuple[DeskGroup, ...]
    results: tuple[ResultAtDesk, ...]
    to_return: tuple[PapersToReturn, ...]
    offers: int
    coming: Coming
    incidents: ToAnswer
    can_register_result: bool
    sets_policy: bool = False
    apologies: int = 0

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing waits here."""
        waits = self.offers or self.coming.lines or self.incidents.count or self.results or self.to_return
        return not waits and not any(group.lines for group in self.groups)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step the life cycle allows now: its path, its words, and what it asks for."""

    path: str
    label: str
    asks: tuple[str, ...] = ()
    is_danger: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedPaper:
    """A paper that may be asked for: of the procedure's list, or handed in already where nobody verified the list."""

    number: int
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemOnTheWay:
    """An envelope that goes home, or was sent back: what it is and who has it."""

    code: str
    kind: str
    holder: str
    where: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Homeward:
    """What goes back to the citizen: originals that are owed, envelopes on their way, and what the actor may do."""

    originals: tuple[OriginalLine, ...]
    items: tuple[ItemOnTheWay, ...]
    can_return: bool
    can_settle: bool
    can_relay_slip: bool
    can_close: bool
    is_closed: bool
    open_points: tuple[str, ...]

    @property
    def to_send(self) -> tuple[OriginalLine, ...]:
        """Return the lines of which something is still to be sent."""
        return tuple(line for line in self.originals if line.to_send)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskDossierPage:
    """A dossier as the competent side decides on it."""

    code: str
    official_code: str
    procedure: str
    procedure_code: str
    status: str
    status_at: datetime
    sender: str
    subject: str
    papers: tuple[str, ...]
    holder: str
    signed_over_at: datetime | None
    due: DueView
    asked: tuple[AskedLine, ...]
    bring_by: date | None
    reason: str
    listed: tuple[ListedPaper, ...]
    free_lines: range
    asks_again: bool
    leads: bool
    home: Homeward
    request: str
    steps: tuple[Step, ...]
    errors: dict[str, str]
    typed: dict[str, str]
    taken_by_post: tuple[str, ...] = ()
    apology: "ApologyToSign | None" = None
    supplement_asked_late: bool = False
    forms: tuple[FormLink, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ApologyToSign:
    """The one apology of a dossier: drafted, to be signed by the head; or signed, with what it said."""

    draft: Draft | None
    signed_at: datetime | None = None
    was_due_at: datetime | None = None
    due_at: datetime | None = None
    cause: str = ""
    signer: str = ""


_HOMEWARD = frozenset({events.ItemKind.RETURNED, events.ItemKind.SLIP})
FREE_LINES = 4
"""Papers that may be asked for beside those of the list, in one form."""

GROUPS: tuple[tuple[frozenset[AgencyStatus], str, str], ...] = (
    (frozenset({AgencyStatus.NEW}), "Chờ tiếp nhận", "Đã ký nhận phong bì, chưa nhập mã hồ sơ của Một cửa."),
    (frozenset({AgencyStatus.RECEIVED}), "Đã tiếp nhận, chờ giải quyết", "Chuyển cho phòng chuyên môn."),
    (frozenset({AgencyStatus.IN_WORK}), "Đang giải quyết", ""),
    (frozenset({AgencyStatus.SUPPLEMENT}), "Chờ người dân bổ sung giấy tờ", "Thời hạn theo quy tắc của thủ tục."),
    (frozenset({AgencyStatus.PAYMENT}), "Chờ người dân nộp phí, lệ phí", ""),
)
"""The groups of the desk's list, by what the agency's axis waits for."""

STEPS: tuple[tuple[type[events.Event], Step], ...] = (
    (
        events.OfficiallyReceived,
        Step(path="receive", label="Tiếp nhận và cấp mã", asks=("official_code", "promised_on")),
    ),
    (events.TakenIntoWork, Step(path="take-into-work", label="Bắt đầu giải quyết")),
    (events.Resolved, Step(path="result", label="Đã có kết quả")),
    (events.SupplementAsked, Step(path="ask-supplement", label="Yêu cầu bổ sung")),
    (events.Supplemented, Step(path="supplemented", label="Đã bổ sung đủ")),
    (events.PaymentAsked, Step(path="ask-payment", label="Yêu cầu nộp phí, lệ phí", asks=("amount", "basis"))),
    (events.Paid, Step(path="paid", label="Đã nộp đủ")),
    (
        events.ReceptionRefused,
        Step(path="refuse", label="Từ chối tiếp nhận", asks=("reason",), is_danger=True),
    ),
    (events.WithdrawnByCitizen, Step(path="withdraw", label="Người dân rút hồ sơ", asks=("reason",), is_danger=True)),
    (events.Stopped, Step(path="stop", label="Dừng giải quyết", asks=("reason",), is_danger=True)),
)
"""Every step of the competent side, in the order of its buttons; the life cycle decides which of them are there."""


def desk_page(store: Store, *, actor: Actor, at: datetime) -> DeskPage:
    """Return the work that waits at the actor's desk or department."""
    with store.read(at=at) as reader:
        found = _open_dossiers(reader, actor.place)
        holders = _holders(reader, found)
        here = [dossier for dossier in found if _is_here(dossier, holders)]
        rules = clocks.Rules(reader, here)
        lines = [(d.status, _line(d, rules=rules, holder=holders.get(d.code), at=at)) for d in here]
        return DeskPage(
            place=reader.reference.place(actor.place).name,
            groups=tuple(
                DeskGroup(title=title, hint=hint, lines=tuple(line for status, line in lines if status in statuses))
                for statuses, title, hint in GROUPS
            ),
            results=tuple(_results(reader, actor.place)),
            to_return=tuple(_to_return(reader, actor.place)),
            offers=_offers(reader, actor),
            coming=bag_lists.coming(reader, actor=actor, at=at),
            incidents=incidents.to_answer(reader, actor.place, at=at),
            can_register_result=permissions.may(actor, Permission.REGISTER_RESULT),
            sets_policy=permissions.may(actor, Permission.SET_POLICY),
            apologies=sum(_may_need_apology(dossier, rules, at=at) for dossier in here),
        )


def _may_need_apology(dossier: Dossier, rules: Rules, *, at: datetime) -> bool:
    is_possible = dossier.extension is None and dossier.may(events.DeadlineExtended)
    return is_possible and apologies.is_due_soon(clocks.due_view(dossier, rules=rules, at=at))


def desk_dossier(
    store: Store,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    request: str = "",
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> DeskDossierPage:
    """Return a dossier for whoever decides on it. Raises: UnknownCode, also for somebody else's dossier."""
    with store.read(at=at) as reader:
        dossier = reader.thing(Dossier, code)
        if dossier is None or actor.place not in (dossier.desk, dossier.department):
            raise UnknownCode(thing=code)
        people = reader.people.of([code])
        items = supplements.items_of(reader, code)
        item = _holders(reader, [dossier]).get(code)
        inside = contents.text_of(dossier, item) if item else ""
        texts = reader.texts.get([dossier.contents, dossier.reason, inside])
        sender, subject = people.get((code, "sender")), people.get((code, "subject"))
        rules = clocks.Rules(reader, [dossier])
        due = clocks.due_view(dossier, rules=rules, at=at)
        happened = [event for *_, event in reader.events([code])]
        return DeskDossierPage(
            code=code,
            official_code=dossier.official_code,
            procedure=rules.procedure_name(dossier),
            procedure_code=dossier.procedure,
            status=AGENCY_STATUS_NAMES[dossier.status],
            status_at=dossier.status_at,
            sender=sender.name if sender else "(đã xóa)",
            subject=subject.name if subject else "",
            papers=_paper_lines(texts.get(inside, ""), item),
            holder=str(item.custodian) if item else "",
            signed_over_at=item.signed_over_at if item else None,
            due=due,
            asked=supplements.lines(reader, dossier, items, sees_names=True),
            bring_by=dossier.supplement_due_on,
            reason="" if is_awaited(dossier) else texts.get(dossier.reason, ""),
            listed=_listed(reader, dossier, contents.read(texts.get(dossier.contents, ""))),
            free_lines=range(1, FREE_LINES + 1),
            asks_again=dossier.supplements > 0,
            leads=permissions.leads(actor),
            home=_homeward(reader, dossier, items, actor=actor),
            request=request or (typed or {}).get("request", ""),
            steps=tuple(step for kind, step in STEPS if _is_possible(dossier, kind) and _may(actor, kind)),
            errors=errors or {},
            typed=typed or {},
            taken_by_post=money.receipts_told(reader, happened),
            apology=_apology(reader, dossier, items, due=due, at=at),
            supplement_asked_late=_is_asked_late(dossier, happened, rules),
            forms=forms.links(reader, dossier, actor=actor, at=at),
        )


def _apology(
    reader: Reader, dossier: Dossier, items: Sequence[Item], *, due: DueView, at: datetime
) -> ApologyToSign | None:
    """Return the apology that was signed, or the draft of one where a day was named and the clock runs."""
    signed = dossier.extension
    if signed is not None:
        texts = reader.texts.get([signed.cause, signed.signer])
        return ApologyToSign(
            draft=None,
            signed_at=signed.signed_at,
            was_due_at=signed.was_due_at,
            due_at=signed.due_at,
            cause=texts.get(signed.cause, ""),
            signer=texts.get(signed.signer, ""),
        )
    drafted = apologies.draft(reader, dossier, items, due=due, at=at) if dossier.may(events.DeadlineExtended) else None
    return ApologyToSign(draft=drafted) if drafted else None


def _is_asked_late(dossier: Dossier, happened: Sequence[events.Event], rules: Rules) -> bool:
    """Tell whether papers were asked for more than three working days after reception."""
    asked = [event.occurred_at for event in happened if isinstance(event, events.SupplementAsked)]
    if not asked or dossier.started_at is None:
        return False
    return spans.supplement_asked_late(asked, started_at=dossier.started_at, calendar=rules.calendar)


def _is_possible(dossier: Dossier, kind: type[events.Event]) -> bool:
    """Tell whether the life cycle allows a step; what was missing before reception is completed by receiving."""
    if kind in (events.OfficiallyReceived, events.Supplemented):
        needs_reception = kind is events.OfficiallyReceived
        return dossier.may(kind) and (dossier.started_at is None) is needs_reception
    if kind is events.Paid:
        return dossier.may(kind) and dossier.fees.owed > 0
    return dossier.may(kind)


def _listed(reader: Reader, dossier: Dossier, handed_in: Sequence[str]) -> tuple[ListedPaper, ...]:
    """Return what may be ticked: the procedure's own list, else what was handed in, to be brought again."""
    try:
        papers = reader.reference.procedure_version(dossier.procedure, dossier.procedure_version).papers
    except UnknownProcedure:
        papers = ()
    names = [paper.name for paper in papers] or list(handed_in)
    return tuple(ListedPaper(number=number, name=name) for number, name in enumerate(names, start=1))


def _homeward(reader: Reader, dossier: Dossier, items: Sequence[Item], *, actor: Actor) -> Homeward:
    owed = originals.lines(reader, dossier, items, sees_names=True)
    is_over = dossier.may(events.DossierClosed)
    may_return = permissions.may(actor, Permission.RETURN_PAPERS)
    may_settle = permissions.may(actor, Permission.SETTLE_ORIGINALS)
    points = closing.open_points(dossier, items) if is_over else ()
    return Homeward(
        originals=owed,
        items=tuple(_on_the_way(item) for item in items if item.kind in _HOMEWARD or status.brings_papers_home(item)),
        can_return=may_return and is_over and dossier.closed_at is None,
        can_settle=may_settle and any(line.to_send for line in owed) and dossier.may(events.OriginalsSettled),
        can_relay_slip=may_return and not slips.why_none(dossier, items),
        can_close=permissions.may(actor, Permission.CLOSE_DOSSIER) and closing.is_done(dossier, items),
        is_closed=dossier.closed_at is not None,
        open_points=points,
    )


def _on_the_way(item: Item) -> ItemOnTheWay:
    where = "chuyển trả cơ quan" if item.goes_back else CUSTODY_NAMES[item.custody]
    return ItemOnTheWay(code=item.code, kind=timeline.KINDS[item.kind], holder=str(item.custodian), where=where)


def _may(actor: Actor, kind: type[events.Event]) -> bool:
    special = {
        events.OfficiallyReceived: Permission.RECEIVE_OFFICIALLY,
        events.Resolved: Permission.REGISTER_RESULT,
    }
    return permissions.may(actor, special.get(kind, Permission.DECIDE))


def _open_dossiers(reader: Reader, place: str) -> list[Dossier]:
    table = table_of(DossierRow)
    waiting = [int(status) for statuses, _, _ in GROUPS for status in statuses]
    query = (
        select(table.c.state)
        .where(or_(table.c.desk == place, table.c.department == place), table.c.status.in_(waiting))
        .order_by(table.c.opened_at)
        .limit(MOST_ROWS)
    )
    return reader.things(Dossier, query)


def _holders(reader: Reader, dossiers: list[Dossier]) -> dict[str, Item]:
    """Return the papers of each dossier that the authority holds."""
    table = table_of(ItemRow)
    codes = [dossier.code for dossier in dossiers]
    query = select(table.c.state).where(table.c.dossier.in_(codes), table.c.kind == events.ItemKind.OUTBOUND.value)
    held = [item for item in reader.things(Item, query) if item.custodian.side is Side.AUTHORITY]
    return {item.dossier: item for item in held}


def _is_here(dossier: Dossier, holders: dict[str, Item]) -> bool:
    """Tell whether the papers arrived, or the authority already works on it."""
    return dossier.code in holders or dossier.status is not AgencyStatus.NEW


def _results(reader: Reader, place: str) -> Iterator[ResultAtDesk]:
    """Yield the results that lie at a desk for the citizen to fetch there, oldest first."""
    table = table_of(ItemRow)
    here = (table.c.custodian_place == place) & (table.c.destination == place)
    held = (table.c.kind == events.ItemKind.RESULT.value) & (table.c.custody == Custody.HELD.value)
    items = reader.things(Item, select(table.c.state).where(here, held).order_by(table.c.last_at))
    dossiers = reader.many(Dossier, [item.dossier for item in items])
    for item in items:
        if item.dossier in dossiers and not item.destination.to_citizen:
            official_code = dossiers[item.dossier].official_code
            yield ResultAtDesk(item=item.code, dossier=item.dossier, official_code=official_code, since=item.last_at)


def _to_return(reader: Reader, place: str) -> Iterator[PapersToReturn]:
    """Yield the dossiers that ended without a result and still owe originals, the oldest decision first."""
    table = table_of(DossierRow)
    here = or_(table.c.desk == place, table.c.department == place)
    ended = table.c.status.in_([int(status) for status in ENDED_WITHOUT_RESULT])
    found = reader.things(
        Dossier, select(table.c.state).where(here, ended).order_by(table.c.opened_at.desc()).limit(MOST_ROWS)
    )
    still_open = sorted((d for d in found if d.closed_at is None), key=lambda d: (d.status_at, d.code))
    items = _items(reader, still_open)
    for dossier in still_open:
        count = sum(line.to_send for line in accounts.account(dossier, items.get(dossier.code, ())))
        if count:
            yield PapersToReturn(
                code=dossier.code,
                official_code=dossier.official_code,
                status=AGENCY_STATUS_NAMES[dossier.status],
                since=dossier.status_at,
                count=count,
            )


def _items(reader: Reader, dossiers: Sequence[Dossier]) -> dict[str, list[Item]]:
    table = table_of(ItemRow)
    found: dict[str, list[Item]] = {}
    for item in reader.things(Item, select(table.c.state).where(table.c.dossier.in_([d.code for d in dossiers]))):
        found.setdefault(item.dossier, []).append(item)
    return found


def _offers(reader: Reader, actor: Actor) -> int:
    """Return how many hand-over records wait for the actor's signature."""
    table = table_of(HandoverRow)
    waiting = (table.c.receiver_key.in_(sorted(actor.positions))) & (table.c.record_state == RecordState.OFFERED.value)
    return len(reader.rows(select(table.c.code).where(waiting)))


def _line(dossier: Dossier, *, rules: Rules, holder: Item | None, at: datetime) -> DeskLine:
    due = clocks.due_view(dossier, rules=rules, at=at)
    return DeskLine(
        code=dossier.code,
        official_code=dossier.official_code,
        procedure=rules.procedure_name(dossier),
        status=AGENCY_STATUS_NAMES[dossier.status],
        since=dossier.status_at,
        shown_at=due.shown_at,
        late_days=due.late_days,
        is_past_hour=due.is_past_hour,
        is_at_risk=due.is_at_risk,
        holder=str(holder.custodian) if holder else "",
    )


def _paper_lines(names: str, item: Item | None) -> tuple[str, ...]:
    """Return each paper as a line: its name and how many of each form were counted."""

    counted = {paper.line: paper for paper in item.papers} if item else {}
    listed = json.loads(names) if names else []
    return tuple(
        f"{name}: {_forms(paper)}" if (paper := counted.get(number)) else name
        for number, name in enumerate(listed, start=1)
    )


def _forms(paper: events.PaperCount) -> str:
    """Return how many of each form there are, `1 bản chính, 2 bản sao`."""
    forms = ((paper.originals, "bản chính"), (paper.certified, "bản sao chứng thực"), (paper.copies, "bản sao"))
    return ", ".join(f"{count} {form}" for count, form in forms if count) or "không có"
