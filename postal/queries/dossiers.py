"""A dossier as staff see it: one word, the three axes behind it, who holds what, papers, money, people, events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from postal.domain import calendars, codes, events, home_pickup, permissions, status, supplements
from postal.domain import contents as papers_inside
from postal.domain.clocks import Step
from postal.domain.dossier import AGENCY_STATUS_NAMES, AgencyStatus, Dossier, Money
from postal.domain.events import PaperCount, Service
from postal.domain.home_pickup import HomePickup, PickupState
from postal.domain.item import CUSTODY_NAMES, Item, Trouble
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.places import Era, UnitKey
from postal.domain.procedures import ProcedureVersion, UnknownProcedure
from postal.domain.status import Status
from postal.queries import access, clocks, competence, complaints, counter, lateness, originals, spans, spent, timeline
from postal.queries import refunds as refund_queries
from postal.queries.clocks import DueView
from postal.queries.complaints import ComplaintLine
from postal.queries.lateness import Ways
from postal.queries.originals import OriginalLine
from postal.queries.refunds import LatePostage, LostLine
from postal.queries.spans import Clocks
from postal.queries.spent import Spent
from postal.queries.timeline import Line
from postal.store import Reader, Store
from postal.store.tables import HomePickupRow, table_of

TROUBLES: dict[Trouble, str] = {
    Trouble.MISSING: "Đang tìm, chưa thấy",
    Trouble.DAMAGED: "Rách, ướt, hư hỏng",
    Trouble.MISROUTED: "Đi nhầm nơi",
}
PARTS: dict[str, str] = {
    "sender": "Người gửi",
    "subject": "Người được nộp thay",
    "receiver": "Người nhận kết quả",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemLine:
    """An envelope of the dossier and who answers for it."""

    code: str
    kind: str
    custody: str
    holder: str
    offered_to: str
    destination: str
    seal: str
    trouble: str
    weight_g: int | None
    postal_number: str
    to_recover: int
    needs_seal: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperLine:
    """A paper: its name as the clerk entered it, and how many of each form."""

    name: str
    originals: int
    certified: int
    copies: int
    to_return: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonView:
    """Somebody of the dossier, shown only to whoever may read it."""

    title: str
    name: str
    proof: str
    number: str
    phone: str
    address: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MoneyLine:
    """One of the two ledgers."""

    name: str
    collected: int
    refunded: int
    owed: int
    balance: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierPage:
    """A dossier for staff. `sees_people`: names, papers and notes are shown; `can_…`: what is possible now."""

    code: str
    official_code: str
    procedure: str
    procedure_code: str
    opened_at: datetime
    word: Status
    status: str
    tone: str
    agency_status: AgencyStatus
    custody: str
    stage: str
    agency: str
    agency_since: datetime
    items: tuple[ItemLine, ...]
    office: str
    desk: str
    department: str
    competence_reason: str
    why_competent: tuple[Step, ...]
    case_commune: str
    case_text: str
    service: str
    mode: str
    lane: str
    lane_basis: str
    expected_on: date | None
    is_expected_provisional: bool
    due: DueView
    return_way: str
    return_place: str
    sees_people: bool
    sees_scans: bool
    people: tuple[PersonView, ...]
    papers: tuple[PaperLine, ...]
    originals: tuple[OriginalLine, ...]
    lacks_receiver: bool
    is_closed: bool
    missing: tuple[str, ...]
    note: str
    reason: str
    money: tuple[MoneyLine, ...]
    timeline: tuple[Line, ...]
    is_turned_back: bool
    can_void: bool
    refund: int
    can_reissue: bool
    can_print_citizens_copy: bool
    can_print_posts_copy: bool
    can_print_guidance: bool
    printable_labels: tuple[str, ...]
    seal_now: str
    can_hand_over: bool
    can_repeat: bool
    errors: dict[str, str]
    typed: dict[str, str]
    pickup: str = ""
    pickup_on: date | None = None
    can_arrange_pickup: bool = False
    is_new: bool = False
    can_collect: bool = False
    late_postage: LatePostage | None = None
    can_refund: bool = False
    lost: tuple[LostLine, ...] = ()
    complaints: tuple[ComplaintLine, ...] = ()
    can_complain: bool = False
    clocks: Clocks | None = None
    spent: Spent | None = None
    forms: tuple[tuple[str, str], ...] = ()
    """Address and words of each form of the circulars that may be printed here."""

    @property
    def has_prints(self) -> bool:
        """Tell whether there is anything to print here."""
        wanted = (self.can_print_citizens_copy, self.can_print_posts_copy, self.can_print_guidance)
        return any(wanted) or bool(self.printable_labels)


def dossier_page(store: Store, code: str, *, actor: Actor, at: datetime, is_new: bool = False) -> DossierPage:
    """Return a dossier for whoever's place takes part in it. Raises: UnknownCode, NotTakingPart, Forbidden."""
    with store.read() as reader:
        dossier = reader.thing(Dossier, code)
        if dossier is None:
            raise UnknownCode(thing=codes.shown(code))
        items = counter.items_by_dossier(reader, [code])[code]
        access.must_see(actor, dossier, items)
        return _Page(reader, dossier, items, actor=actor, at=at).made(is_new=is_new)


def refused(page: DossierPage, *, step: str, sentence: str, typed: dict[str, str]) -> DossierPage:
    """Return the page with what was wrong beside the step, and what was typed still there."""
    return replace(page, errors={step: sentence}, typed=typed)


class _Page:
    """The parts of one page, read in one snapshot."""

    def __init__(self, reader: Reader, dossier: Dossier, items: Sequence[Item], *, actor: Actor, at: datetime) -> None:
        self.reader = reader
        self.dossier = dossier
        self.items = items
        self.actor = actor
        self.at = at
        self.sees = access.sees_people(actor, dossier, items)
        self.is_ours = actor.place == dossier.office
        wanted = {dossier.office, dossier.desk, dossier.department, dossier.return_place}
        self.places = reader.reference.places(wanted | {item.custodian.place for item in items})
        self.expected_on = lateness.expected_at_desk(Ways(reader), dossier, items)
        promised = home_pickups_of(reader, dossier.code)
        self.pickup = next((pickup for pickup in promised if pickup.state is PickupState.ASKED), None)
        sealed = [dossier.contents, dossier.note, dossier.reason, dossier.case_text]
        self.texts = reader.texts.get(sealed) if self.sees else {}

    def made(self, *, is_new: bool) -> DossierPage:
        dossier = self.dossier
        word = status.word(dossier, self.items)
        lane = self.reader.reference.lane_named(dossier.lane) if dossier.lane else None
        version = procedure_of(self.reader, dossier)
        return DossierPage(
            code=dossier.code,
            official_code=dossier.official_code,
            procedure=version.name if version else dossier.procedure or "chưa biết thủ tục",
            procedure_code=dossier.procedure,
            opened_at=dossier.opened_at,
            word=word,
            status=self._said(word),
            tone=status.WORDS[word].tone.value,
            agency_status=dossier.status,
            custody=self._custody(),
            stage=self._stage(),
            agency=AGENCY_STATUS_NAMES[dossier.status],
            agency_since=dossier.status_at,
            items=tuple(map(self._item, self.items)),
            office=self._name(dossier.office) or "Cơ quan đăng ký kết quả, bưu điện không nhận hồ sơ",
            desk=self._name(dossier.desk),
            department=self._name(dossier.department),
            competence_reason=dossier.competence_reason,
            why_competent=competence.of_dossier(self.reader, dossier),
            case_commune=self._case_commune(),
            case_text=self.texts.get(dossier.case_text, ""),
            service=_capital(timeline.SERVICES[dossier.service]) if dossier.service else "",
            mode=_capital(timeline.MODES[dossier.mode]) if dossier.mode else "",
            lane=f"{lane.carrier}, J+{lane.tier_days} ngày làm việc" if lane else "",
            lane_basis=lane.basis if lane else "",
            expected_on=self.expected_on,
            is_expected_provisional=self._is_provisional(),
            due=clocks.of_dossier(self.reader, dossier, at=self.at),
            return_way=self._return_way(),
            return_place=self._name(dossier.return_place),
            sees_people=self.sees,
            sees_scans=self.sees and permissions.may(self.actor, Permission.SEE_SCANS),
            people=self._people(),
            papers=self._papers(),
            originals=originals.lines(self.reader, dossier, self.items, sees_names=self.sees),
            lacks_receiver=dossier.lacks_receiver and not self._is_turned_back,
            is_closed=dossier.closed_at is not None,
            missing=self._names() if dossier.missing else (),
            note=self.texts.get(dossier.note, ""),
            reason=self._reason(),
            money=(
                _money("Cước bưu chính (của bưu điện)", dossier.postage),
                _money("Phí, lệ phí (của cơ quan)", dossier.fees),
            ),
            timeline=self._timeline(),
            is_turned_back=self._is_turned_back,
            can_void=self._can_void(),
            can_collect=self._may(Permission.COLLECT_MONEY) and bool(dossier.fees.owed or dossier.postage.owed),
            refund=dossier.postage.balance + dossier.fees.balance,
            can_reissue=self.is_ours and self._may(Permission.REISSUE_RECEIPT) and dossier.may(events.ReceiptIssued),
            can_print_citizens_copy=self._may_print and is_citizens_copy_fresh(self.reader, dossier, at=self.at),
            can_print_posts_copy=self._may_print and not self._is_turned_back,
            can_print_guidance=self._may_print and self._is_turned_back,
            printable_labels=tuple(item.code for item in self.items if may_print_label(self.actor, item)),
            seal_now=next((item.code for item in self.items if self._can(item, events.Sealed) and not item.seal), ""),
            can_hand_over=any(self._can(item, events.HandedOver) and item.seal for item in self.items),
            can_repeat=self.is_ours and self._may(Permission.REGISTER),
            errors={},
            typed={},
            pickup=self.pickup.code if self.pickup else "",
            pickup_on=self.pickup.day if self.pickup else None,
            can_arrange_pickup=self._can_arrange_pickup(),
            is_new=is_new,
            clocks=None if self._is_turned_back else spans.of_dossier(self.reader, dossier, self.items, at=self.at),
            spent=None if self._is_turned_back else spent.of_dossier(self.reader, dossier, self.items, at=self.at),
            late_postage=refund_queries.of_dossier(self.reader, dossier, at=self.at),
            can_refund=self._may(Permission.REFUND),
            lost=refund_queries.lost(self.reader, self.items, at=self.at),
            complaints=complaints.lines(self.reader, dossier, self.items, actor=self.actor, at=self.at),
            can_complain=self._may(Permission.TAKE_COMPLAINT) and not self._is_turned_back,
        )

    # --- what it says -------------------------------------------------------------------------------------------------

    def _reason(self) -> str:
        """Return why the authority decided so, or which papers it asks for."""
        text = self.texts.get(self.dossier.reason, "")
        return supplements.in_words(text) if text and supplements.is_awaited(self.dossier) else text

    def _said(self, word: Status) -> str:
        return status.WORDS[word].staff.format(place=self._where())

    def _where(self) -> str:
        leading = status.leading(self.items)
        return self._name(leading.custodian.place) if leading else ""

    def _custody(self) -> str:
        leading = status.leading(self.items)
        return f"{leading.custodian} ({CUSTODY_NAMES[leading.custody]})" if leading else "Không có bưu gửi nào"

    def _stage(self) -> str:
        word = status.STAGE_WORDS[status.stage(status.leading(self.items))]
        return self._said(word) if word else "Bưu điện chưa giữ gì của hồ sơ này"

    def _name(self, place: str) -> str:
        return self.places[place].name if place in self.places else place

    def _item(self, item: Item) -> ItemLine:
        return ItemLine(
            code=item.code,
            kind=_capital(timeline.KINDS[item.kind]),
            custody=CUSTODY_NAMES[item.custody],
            holder=str(item.custodian),
            offered_to=str(item.offered_to or ""),
            destination=item.destination.name,
            seal=item.seal,
            trouble=TROUBLES[item.trouble] if item.trouble else "",
            weight_g=item.weight_g,
            postal_number=item.postal_number,
            to_recover=item.to_recover,
            needs_seal=not item.seal and not item.is_final and not item.has_left,
        )

    def _is_provisional(self) -> bool:
        on = self.expected_on
        return on is not None and not self.reader.reference.calendar(clocks.POST).is_published(on.year)

    def _case_commune(self) -> str:
        """Return what the commune of the case was called on the day the dossier was registered."""
        code, day = self.dossier.case_commune, calendars.local(self.dossier.opened_at).date()
        return self.reader.reference.unit(UnitKey(era=Era.SINCE_2025, code=code), on=day).name if code else ""

    def _return_way(self) -> str:
        """Return how the result comes back, empty when the post does not bring it."""
        if self.dossier.return_way is None or self.dossier.service is Service.SEND:
            return ""
        return _capital(timeline.RETURN_WAYS[self.dossier.return_way])

    @property
    def _is_turned_back(self) -> bool:
        return self.dossier.status is AgencyStatus.TURNED_BACK

    # --- what only some may read --------------------------------------------------------------------------------------

    def _people(self) -> tuple[PersonView, ...]:
        if not self.sees:
            return ()
        found = self.reader.people.of([self.dossier.code])
        people = {part: found.get((self.dossier.code, part)) for part in PARTS}
        communes = {person.commune for person in people.values() if person}
        units = self.reader.reference.units(communes, on=self.at.date())
        return tuple(
            _person(PARTS[part], person, units[person.commune].name if person.commune in units else "")
            for part, person in people.items()
            if person
        )

    def _names(self) -> tuple[str, ...]:
        return paper_names(self.texts.get(self.dossier.contents, ""))

    def _papers(self) -> tuple[PaperLine, ...]:
        outbound = status.leading(self.items)
        first = next((item for item in self.items if item.kind is events.ItemKind.OUTBOUND), outbound)
        if first is None:
            return ()
        inside = papers_inside.text_of(self.dossier, first)
        texts = self.reader.texts.get([inside]) if self.sees else {}
        return paper_lines(paper_names(texts.get(inside, "")), first.papers)

    def _timeline(self) -> tuple[Line, ...]:
        streams = [self.dossier.code, *(item.code for item in self.items)]
        return tuple(reversed(timeline.lines(self.reader, streams, sees_texts=self.sees)))

    # --- what can be done ---------------------------------------------------------------------------------------------

    def _may(self, permission: Permission) -> bool:
        return permissions.may(self.actor, permission)

    @property
    def _may_print(self) -> bool:
        return self.is_ours and self._may(Permission.REPRINT)

    def _can(self, item: Item, kind: type[events.Event]) -> bool:
        return item.may(kind) and self.actor.acts_for(item.custodian) and self._may(Permission.HAND_OVER)

    def _can_arrange_pickup(self) -> bool:
        is_awaited = home_pickup.awaited(self.dossier, self.items) is not None
        return is_awaited and self.pickup is None and self._may(Permission.ARRANGE_PICKUP)

    def _can_void(self) -> bool:
        open_items = [item for item in self.items if not item.is_final]
        here = all(
            item.may(events.Voided) and not item.has_left and self.actor.acts_for(item.custodian) for item in open_items
        )
        return here and self.is_ours and self._may(Permission.VOID) and self.dossier.may(events.DossierVoided)


def may_print_label(actor: Actor, item: Item) -> bool:
    """Tell whether somebody may print an item's label: where it was registered or is held, until it is delivered."""
    is_here = actor.place in (item.origin, item.custodian.place)
    return is_here and permissions.may(actor, Permission.HAND_OVER) and not item.is_final


def is_citizens_copy_fresh(reader: Reader, dossier: Dossier, *, at: datetime) -> bool:
    """Tell whether the citizen's copy may still be printed: on the day its secret was issued, at the counter.

    Later the paper is out of the house, so printing it again must revoke the old secret: that is a re-issue.
    """
    issued = [event for *_, event in reader.events([dossier.code]) if isinstance(event, events.ReceiptIssued)]
    is_today = bool(issued) and issued[-1].occurred_at >= counter.day_began(at)
    return is_today and reader.receipts.current(dossier.code) is not None


def procedure_of(reader: Reader, dossier: Dossier) -> ProcedureVersion | None:
    """Return the procedure's version a dossier was received under, None for one the post never registered."""
    try:
        return reader.reference.procedure_version(dossier.procedure, dossier.procedure_version)
    except UnknownProcedure:
        return None


def home_pickups_of(reader: Reader, dossier: str) -> list[HomePickup]:
    """Return the home pickups of a dossier, oldest first."""
    table = table_of(HomePickupRow)
    found = reader.things(HomePickup, select(table.c.state).where(table.c.dossier == dossier))
    return sorted(found, key=lambda pickup: (pickup.asked_at, pickup.code))


def paper_names(contents: str) -> tuple[str, ...]:
    """Return the names of the papers in the order of their lines; an erased text has none."""
    return papers_inside.read(contents)


def paper_lines(names: Sequence[str], counts: Sequence[PaperCount]) -> tuple[PaperLine, ...]:
    """Return the lines with their names, numbered where a name may not be read; what was not handed in is left out."""
    return tuple(
        PaperLine(
            name=names[count.line - 1] if count.line <= len(names) else f"Giấy tờ số {count.line}",
            originals=count.originals,
            certified=count.certified,
            copies=count.copies,
            to_return=count.to_return,
        )
        for count in counts
        if count.total
    )


def _person(title: str, person: Person, commune: str) -> PersonView:
    proof = "Mã số thuế" if person.tax_code else "Số hộ chiếu" if person.passport else "Số căn cước"
    return PersonView(
        title=title,
        name=person.name,
        proof=proof,
        number=person.proves_by,
        phone=person.phone.replace("+84", "0", 1),
        address=", ".join(part for part in (person.address, commune) if part),
    )


def _money(name: str, money: Money) -> MoneyLine:
    return MoneyLine(
        name=name, collected=money.collected, refunded=money.refunded, owed=money.owed, balance=money.balance
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
