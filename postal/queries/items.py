"""One envelope: who answers for it, since when, where it must go, and what the one who looks may do with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import false, or_, select

from postal.domain import codes, contents, events, permissions
from postal.domain import originals as accounts
from postal.domain.agreement import Agreed
from postal.domain.bag import Bag
from postal.domain.dossier import Dossier
from postal.domain.events import Event, Evidence
from postal.domain.incident import INCIDENT_NAMES, Incident
from postal.domain.item import CUSTODY_NAMES, Custody, Item, Trouble
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Side
from postal.domain.permissions import Forbidden, Permission
from postal.queries import access, answerable, counter, originals, receivers, slips, timeline
from postal.queries.answerable import HoldingLine
from postal.queries.originals import OriginalLine
from postal.queries.timeline import Line
from postal.store import Reader, Store, passages
from postal.store.tables import HandoverRow, IncidentRow, table_of

TROUBLE_NAMES: dict[Trouble, str] = {
    Trouble.MISSING: "Đang tìm, chưa thấy",
    Trouble.DAMAGED: "Rách hoặc ướt",
    Trouble.MISROUTED: "Đi nhầm nơi",
}

_TONES: dict[Custody, str] = {
    Custody.HELD: "moving",
    Custody.OFFERED: "needs_citizen",
    Custody.BAGGED: "moving",
    Custody.DELIVERED: "done",
    Custody.VOIDED: "problem",
}

_BEGINS_CUSTODY = (
    events.Registered,
    events.Accepted,
    events.SignedOnPaper,
    events.Moved,
    events.TakenOver,
    events.Unpacked,
    events.Disputed,
    events.FoundInBag,
    events.Delivered,
    events.Voided,
)


class NotParty(Forbidden):
    """The account's unit takes no part in this."""

    code = "not_party"
    vi = "{thing} không đi qua đơn vị của tài khoản này. Đang cầm bưu gửi thì đưa kiểm soát viên nhận thay, ghi lý do."
    en = "{thing} does not pass through this account's unit. If you hold it, let the controller take it over."


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A value of a form with its words."""

    value: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentLink:
    """The record of an incident as another page names it."""

    code: str
    kind: str
    about: str
    due_at: datetime
    is_open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperTotals:
    """How many documents of each form are inside."""

    lines: int
    originals: int
    certified: int
    copies: int
    to_return: int

    @property
    def total(self) -> int:
        """Return how many documents are inside."""
        return self.originals + self.certified + self.copies


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemPage:
    """An envelope as staff see it; who is no party learns what its label says and who holds it, and no more."""

    code: str
    is_party: bool
    dossier: str
    official_code: str
    kind: str
    custody: str
    tone: str
    trouble: str
    holder: str
    held_since: datetime
    evidence: str
    offered_to: str
    record: str
    bag: str
    is_unchecked: bool
    incidents: tuple[IncidentLink, ...]
    destination: str
    origin: str
    seal: str
    weight_g: int | None
    postal_number: str
    papers: PaperTotals
    received_from: str
    fee: int
    to_recover: int
    recover: tuple[str, ...]
    originals: tuple[OriginalLine, ...]
    lacks_receiver: bool
    misfits: int
    timeline: tuple[Line, ...]
    holdings: tuple[HoldingLine, ...]
    can_search: bool
    can_correct: bool
    shows_texts: bool
    can_seal: bool
    can_hand_over: bool
    move_targets: tuple[Choice, ...]
    take_over_targets: tuple[Choice, ...]
    may_take_over: bool
    can_report: bool
    can_settle: bool
    can_sign: bool
    can_complete_receiver: bool
    can_turn_round: bool
    can_print_slip: bool
    errors: dict[str, str]
    typed: dict[str, str]
    agreed: tuple[Agreed, ...] = ()

    @property
    def has_actions(self) -> bool:
        """Tell whether there is anything to do."""
        several = (self.can_seal, self.can_hand_over, self.can_report, self.can_settle, self.may_take_over)
        others = (self.can_sign, self.can_complete_receiver, self.can_turn_round)
        return any(several) or any(others) or bool(self.move_targets)


def item_page(store: Store, code: str, *, actor: Actor) -> ItemPage:
    """Return an envelope for whoever looks at it. Raises: UnknownCode, NotParty."""
    with store.read() as reader:
        item = reader.thing(Item, code)
        if item is None:
            raise UnknownCode(thing=codes.shown(code))
        is_party = takes_part(reader, item, actor)
        if not is_party and not permissions.may(actor, Permission.TAKE_OVER):
            raise NotParty(thing=codes.shown(code))
        sees_texts = is_party and permissions.may(actor, Permission.SEE_PERSONAL_DATA)
        page = _page(reader, item, actor=actor, sees_texts=sees_texts)
        return page if is_party else _label_only(page)


def with_agreed(page: ItemPage, agreed: Sequence[Agreed]) -> ItemPage:
    """Return the page with how well its visits agree with their plans, oldest first."""
    return replace(page, agreed=tuple(agreed))


def refused(page: ItemPage, *, step: str, sentence: str, typed: dict[str, str]) -> ItemPage:
    """Return the page with what was wrong beside the step, and what was typed still there."""
    return replace(page, errors={step: sentence}, typed=typed)


def takes_part(reader: Reader, item: Item, actor: Actor) -> bool:
    """Tell whether somebody's unit has or had to do with an envelope, or somebody watches over all of them."""
    dossier = reader.thing(Dossier, item.dossier)
    if access.watches_all(actor) or (dossier and access.takes_part(actor, dossier, [item])):
        return True
    return _was_there(reader, item, actor.place)


def kind_name(item: Item) -> str:
    """Return what an envelope carries, as the beginning of a line."""
    return capitalised(timeline.KINDS[item.kind])


def evidence_name(evidence: Evidence) -> str:
    """Return how well a hand-over is proven, with the letter of its grade."""
    return f"{evidence.value} – {timeline.EVIDENCES[evidence]}"


def capitalised(words: str) -> str:
    """Return words as the beginning of a line; `str.capitalize` would also change the rest."""
    return words[:1].upper() + words[1:]


def is_sealed_enough(item: Item) -> bool:
    """Tell whether it may leave its custodian: what the post hands on is sealed."""
    return bool(item.seal) or item.custodian.side is not Side.POST


def incident_links(reader: Reader, about: Sequence[str], *, bag: str = "") -> tuple[IncidentLink, ...]:
    """Return the incidents about some things, and about what lay in a bag, the open ones first, then the newest."""
    table = table_of(IncidentRow)
    mine = table.c.about.in_(about) | (table.c.bag == bag if bag else false())
    found = reader.things(Incident, select(table.c.state).where(mine))
    return tuple(
        IncidentLink(
            code=each.code,
            kind=INCIDENT_NAMES[each.kind],
            about=each.about,
            due_at=each.due_at,
            is_open=each.is_open,
        )
        for each in sorted(found, key=lambda i: (not i.is_open, -i.opened_at.timestamp(), i.code))
    )


def _record(reader: Reader, item: Item) -> str:
    """Return the record an item was handed over on last; in a bag, the bag's own."""
    bag = reader.thing(Bag, item.bag) if item.bag else None
    return bag.record if bag else item.record


def paper_totals(item: Item) -> PaperTotals:
    """Return what was counted into an envelope."""
    return PaperTotals(
        lines=len(item.papers),
        originals=sum(paper.originals for paper in item.papers),
        certified=sum(paper.certified for paper in item.papers),
        copies=sum(paper.copies for paper in item.papers),
        to_return=sum(paper.total for paper in item.papers if paper.to_return),
    )


def added_up(items: Sequence[Item]) -> PaperTotals:
    """Return what was counted into several envelopes, together."""
    each = [paper_totals(item) for item in items]
    return PaperTotals(
        lines=sum(one.lines for one in each),
        originals=sum(one.originals for one in each),
        certified=sum(one.certified for one in each),
        copies=sum(one.copies for one in each),
        to_return=sum(one.to_return for one in each),
    )


def _was_there(reader: Reader, item: Item, place: str) -> bool:
    """Tell whether a place was party to an earlier hand-over, or somebody of it recorded something about the item."""
    happened = [each.event for each in passages.of_items(reader, [item.code])[item.code]]
    if any(event.by.place == place for event in happened if not isinstance(event, events.Claimed)):
        return True
    record = table_of(HandoverRow)
    of_item = record.c.code.in_(sorted({event.record for event in happened if isinstance(event, events.HandedOver)}))
    parties = or_(record.c.giver_place == place, record.c.receiver_place == place)
    return reader.scalar(select(record.c.code).where(of_item, parties).limit(1)) is not None


def _page(reader: Reader, item: Item, *, actor: Actor, sees_texts: bool) -> ItemPage:
    happened = [each.event for each in passages.of_items(reader, [item.code])[item.code]]
    lines = timeline.lines(reader, [item.code], sees_texts=sees_texts)
    dossier = reader.thing(Dossier, item.dossier)
    origin = reader.reference.places([item.origin]).get(item.origin)
    holds = actor.acts_for(item.custodian) and permissions.may(actor, Permission.HAND_OVER)
    own = [Choice(value=receivers.value_of(c), name=c.name) for c in receivers.custodians_of(reader, actor)]
    others = tuple(choice for choice in own if choice.value != receivers.value_of(item.custodian))
    may_take_over = _may_take_over(item, actor)
    owed = _originals(reader, dossier, sees_names=sees_texts) if dossier else ()
    recover = contents.read(reader.texts.get([item.recover]).get(item.recover, "")) if sees_texts else ()
    is_result = item.kind is events.ItemKind.RESULT
    lacks_receiver = bool(dossier and dossier.lacks_receiver and is_result and not item.is_final)
    return ItemPage(
        code=item.code,
        is_party=True,
        dossier=item.dossier,
        official_code=dossier.official_code if dossier else "",
        kind=kind_name(item),
        custody=CUSTODY_NAMES[item.custody],
        tone=_TONES[item.custody],
        trouble=TROUBLE_NAMES[item.trouble] if item.trouble else "",
        holder=str(item.custodian),
        held_since=_held_since(item, happened),
        evidence=_evidence(item, happened),
        offered_to=str(item.offered_to or ""),
        record=_record(reader, item),
        bag=item.bag,
        is_unchecked=not item.is_checked,
        incidents=incident_links(reader, [item.code]),
        destination=item.destination.name,
        origin=origin.name if origin else item.origin,
        seal=item.seal,
        weight_g=item.weight_g,
        postal_number=item.postal_number,
        papers=paper_totals(item),
        received_from=str(item.received_from or ""),
        fee=dossier.fees.owed if dossier and is_result and not item.is_final else 0,
        to_recover=item.to_recover,
        recover=recover,
        originals=owed,
        lacks_receiver=lacks_receiver,
        misfits=item.misfits,
        timeline=lines[::-1],
        holdings=answerable.holdings(reader, item),
        can_search=not item.is_final and permissions.may(actor, Permission.SEARCH_LOST),
        can_correct=permissions.may(actor, Permission.CORRECT) and not access.watches_all(actor),
        shows_texts=any(line.detail for line in lines) or bool(recover) or bool(owed and sees_texts),
        can_seal=holds and item.may(events.Sealed),
        can_hand_over=holds and item.may(events.HandedOver) and is_sealed_enough(item),
        move_targets=others if holds and item.may(events.Moved) else (),
        take_over_targets=tuple(own) if may_take_over else (),
        may_take_over=may_take_over,
        can_report=holds and item.may(events.ReportedMissing) and item.trouble is None,
        can_settle=holds and item.may(events.Found) and item.trouble is not None,
        can_sign=item.is_offered and actor.acts_for(item.offered_to),
        can_complete_receiver=lacks_receiver and _may_complete(item, actor),
        can_turn_round=holds and dossier is not None and accounts.may_turn_round(dossier, item),
        can_print_slip=is_result and slips.may_print(actor, item),
        errors={},
        typed={},
    )


def _originals(reader: Reader, dossier: Dossier, *, sees_names: bool) -> tuple[OriginalLine, ...]:
    items = counter.items_by_dossier(reader, [dossier.code])[dossier.code]
    return originals.lines(reader, dossier, items, sees_names=sees_names)


def _may_complete(item: Item, actor: Actor) -> bool:
    """Tell whether somebody may say who gets a result that waits: its holder."""
    return (
        item.may(events.Rerouted) and actor.acts_for(item.custodian) and permissions.may(actor, Permission.TAKE_RESULTS)
    )


def _may_take_over(item: Item, actor: Actor) -> bool:
    """Tell whether somebody may take what was not offered to him; what was offered he signs for."""
    may = item.may(events.TakenOver) and permissions.may(actor, Permission.TAKE_OVER)
    return may and not actor.acts_for(item.custodian) and not actor.acts_for(item.offered_to)


def _label_only(page: ItemPage) -> ItemPage:
    """Return what everyone who carries the envelope may know, and who must be asked."""
    return replace(
        page,
        is_party=False,
        dossier="",
        official_code="",
        evidence="",
        record="",
        incidents=(),
        weight_g=None,
        postal_number="",
        papers=PaperTotals(lines=0, originals=0, certified=0, copies=0, to_return=0),
        received_from="",
        fee=0,
        to_recover=0,
        recover=(),
        originals=(),
        misfits=0,
        timeline=(),
        holdings=(),
        can_search=False,
        can_correct=False,
        shows_texts=False,
    )


def _held_since(item: Item, happened: Sequence[Event]) -> datetime:
    return next((e.occurred_at for e in reversed(happened) if isinstance(e, _BEGINS_CUSTODY)), item.registered_at)


def _evidence(item: Item, happened: Sequence[Event]) -> str:
    """Return how well the last hand-over is proven, empty before the first."""
    takings = [e for e in happened if isinstance(e, events.Accepted | events.SignedOnPaper | events.TakenOver)]
    if not takings:
        return ""
    if isinstance(takings[-1], events.TakenOver):
        return f"{item.evidence.value} – chỉ bên nhận ghi"
    return evidence_name(item.evidence)
