"""What a desk or a department sees: what came in, what it works on, what waits for the citizen, what has a result."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from postal.domain import events, permissions
from postal.domain.dossier import AGENCY_STATUS_NAMES, AgencyStatus, Dossier
from postal.domain.handover import RecordState
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Side
from postal.domain.permissions import Permission
from postal.queries import clocks
from postal.queries.clocks import DueView, Rules
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
class DeskPage:
    """The work of a desk or department today."""

    place: str
    groups: tuple[DeskGroup, ...]
    results: tuple[ResultAtDesk, ...]
    offers: int
    can_register_result: bool

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing waits here."""
        return not self.offers and not self.results and not any(group.lines for group in self.groups)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step the life cycle allows now: its path, its words, and what it asks for."""

    path: str
    label: str
    asks: tuple[str, ...] = ()
    is_danger: bool = False


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
    asked: tuple[str, ...]
    steps: tuple[Step, ...]
    errors: dict[str, str]
    typed: dict[str, str]


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
    (events.SupplementAsked, Step(path="ask-supplement", label="Yêu cầu bổ sung", asks=("papers", "due_on", "reason"))),
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
            offers=_offers(reader, actor),
            can_register_result=permissions.may(actor, Permission.REGISTER_RESULT),
        )


def desk_dossier(
    store: Store,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> DeskDossierPage:
    """Return a dossier for whoever decides on it. Raises: UnknownCode, also for somebody else's dossier."""
    with store.read(at=at) as reader:
        dossier = reader.thing(Dossier, code)
        if dossier is None or actor.place not in (dossier.desk, dossier.department):
            raise UnknownCode(thing=code)
        people = reader.people.of([code])
        texts = reader.texts.get([dossier.contents, dossier.reason])
        item = _holders(reader, [dossier]).get(code)
        sender, subject = people.get((code, "sender")), people.get((code, "subject"))
        rules = clocks.Rules(reader, [dossier])
        return DeskDossierPage(
            code=code,
            official_code=dossier.official_code,
            procedure=rules.procedure_name(dossier),
            procedure_code=dossier.procedure,
            status=AGENCY_STATUS_NAMES[dossier.status],
            status_at=dossier.status_at,
            sender=sender.name if sender else "(đã xóa)",
            subject=subject.name if subject else "",
            papers=_paper_lines(texts.get(dossier.contents, ""), item),
            holder=str(item.custodian) if item else "",
            signed_over_at=item.signed_over_at if item else None,
            due=clocks.due_view(dossier, rules=rules, at=at),
            asked=tuple(texts.get(dossier.reason, "").splitlines()),
            steps=tuple(step for kind, step in STEPS if dossier.may(kind) and _may(actor, kind)),
            errors=errors or {},
            typed=typed or {},
        )


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
