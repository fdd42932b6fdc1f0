"""What a citizen may know of a dossier: one query for the page, the API and the terminal, in three levels.

Each level adds fields to the one below; what a level does not open is None, empty or 0. Nothing here holds a full name,
a number of a person, an address, a phone or the name of somebody on the staff.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, IntEnum

from sqlalchemy import select

from postal.domain import calendars, originals, status, supplements
from postal.domain.clocks import PausePolicy
from postal.domain.codes import Code, CodeKind
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import ItemKind, ReturnWay, Service
from postal.domain.home_pickup import PickupState
from postal.domain.item import Custody, Item
from postal.domain.places import CommuneGone, UnknownPlace
from postal.domain.procedures import UnknownProcedure
from postal.domain.status import Status
from postal.queries import clocks, complaints, dossiers, incidents, lateness, timeline
from postal.queries.clocks import DueView
from postal.queries.complaints import AnswerDue
from postal.queries.lateness import Lateness, Leg, Ways
from postal.queries.timeline import Stay
from postal.store import Reader, Store
from postal.store.tables import ItemRow, table_of

_AT_THE_AUTHORITY, _ON_THE_WAY_BACK = 3, 4
"""Two of the five steps."""
_NO_PIN = "------"
"""What a PIN is compared with where there is none, so that a miss takes the same steps."""


class Level(IntEnum):
    """How much was shown to open a dossier; each level sees what the one before sees."""

    CODE = 1
    QR = 2
    PIN = 3


class Turn(Enum):
    """Whose turn it is."""

    POST = "post"
    AUTHORITY = "authority"
    CITIZEN = "citizen"
    NOBODY = "nobody"


class Milestone(Enum):
    """What an expected date is the date of."""

    AT_AUTHORITY = "at_authority"
    RESULT = "result"
    AT_DELIVERY = "at_delivery"
    PAPERS_BACK = "papers_back"
    NEXT_VISIT = "next_visit"
    PICKUP_UNTIL = "pickup_until"


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """A date the citizen may count on; `provisional` while nobody has published the days off of its year."""

    milestone: Milestone
    on: date
    provisional: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """The authority apologised and named a new day: which it was, which it is, how many working days have passed."""

    was_on: date
    new_on: date
    days: int
    place: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tracked:
    """A dossier as a citizen sees it at a level.

    CODE: genuine, and which of the five steps it has reached (0: taken back, or never taken in).
    QR adds: the status, `place` and `told_on` of its sentence, `here` when it is somewhere else, whether it may
    still be fetched there before it goes back, whose turn, the expected date, lateness, how many papers are still to be
    brought and how many were, how much money is asked and how much came in, the day a postman fetches papers, which
    invitation it is, how many originals are still owed, by when a complaint is answered, who had it from which day on,
    the new day after an apology.
    PIN adds: the procedure, which papers and by when, the reason, why a new day was named, the masked name, the commune
    of delivery.
    """

    code: str
    level: Level
    step: int
    # QR
    status: Status | None = None
    turn: Turn | None = None
    is_final: bool | None = None
    place: str = ""
    told_on: date | None = None
    here: str = ""
    may_still_fetch: bool = False
    collects_at_desk: bool = False
    expected: Expected | None = None
    is_standing: bool = False
    asked_papers: int = 0
    brought_papers: int = 0
    asked_amount: int = 0
    paid_amount: int = 0
    owed_postage: int = 0
    fetched_on: date | None = None
    invitation: int = 0
    owed_originals: int = 0
    complaint: AnswerDue | None = None
    late: Lateness | None = None
    late_place: str = ""
    moved: Moved | None = None
    may_be_late_at: str = ""
    silent_since: date | None = None
    silent_place: str = ""
    stays: tuple[Stay, ...] = ()
    updated_at: datetime | None = None
    # PIN
    procedure: str = ""
    papers: tuple[str, ...] = ()
    bring_by: date | None = None
    policy: PausePolicy | None = None
    reason: str = ""
    cause: str = ""
    name: str = ""
    commune: str = ""


TURNS: dict[Status, Turn] = {
    Status.AWAITING_PAPERS: Turn.CITIZEN,
    Status.ACCEPTED: Turn.POST,
    Status.SCANNED: Turn.POST,
    Status.BAGGED: Turn.POST,
    Status.DEPARTED: Turn.POST,
    Status.ARRIVED: Turn.POST,
    Status.HANDED_OVER: Turn.AUTHORITY,
    Status.AGENCY_RECEIVED: Turn.AUTHORITY,
    Status.PROCESSING: Turn.AUTHORITY,
    Status.NEED_MORE: Turn.CITIZEN,
    Status.FEE_DUE: Turn.CITIZEN,
    Status.REFUSED: Turn.AUTHORITY,
    Status.WITHDRAWN: Turn.AUTHORITY,
    Status.STOPPED: Turn.AUTHORITY,
    Status.RESULT_READY: Turn.POST,
    Status.RESULT_COLLECTED: Turn.POST,
    Status.OUT_FOR_DELIVERY: Turn.POST,
    Status.DELIVERY_FAILED: Turn.POST,
    Status.AT_POST_OFFICE: Turn.CITIZEN,
    Status.SENT_BACK: Turn.CITIZEN,
    Status.DELIVERED: Turn.NOBODY,
    Status.PAPERS_COLLECTED: Turn.POST,
    Status.PAPERS_OUT_FOR_DELIVERY: Turn.POST,
    Status.PAPERS_DELIVERED: Turn.NOBODY,
    Status.MISSING: Turn.POST,
    Status.DAMAGED: Turn.POST,
    Status.MISROUTED: Turn.POST,
    Status.TURNED_BACK: Turn.CITIZEN,
    Status.VOIDED: Turn.NOBODY,
}

_ENDED_BY_AUTHORITY = frozenset({AgencyStatus.NOT_RECEIVED, AgencyStatus.STOPPED})
_TROUBLES = frozenset({Status.MISSING, Status.DAMAGED, Status.MISROUTED})
_NEVER_TAKEN_IN = frozenset({Status.AWAITING_PAPERS, Status.TURNED_BACK, Status.VOIDED})
_FINAL = frozenset(
    {
        Status.DELIVERED,
        Status.PAPERS_DELIVERED,
        Status.REFUSED,
        Status.WITHDRAWN,
        Status.STOPPED,
        Status.VOIDED,
    }
)


# --- opening ----------------------------------------------------------------------------------------------------------


def by_code(store: Store, code: Code, *, at: datetime, pin: str = "") -> Tracked | None:
    """Return what the code of a dossier or of its label opens, with the PIN if one is given.

    An unknown code and a wrong PIN are the same miss: None. A PIN belongs to the dossier's own code, not to labels.
    """
    with store.read(at=at) as reader:
        dossier = _dossier(reader, code) if not pin or code.kind is CodeKind.DOSSIER else None
        if pin and not _is_pin(reader, dossier, pin):
            return None
        if dossier is None:
            return None
        return _tracked(reader, dossier, code=code.text, level=Level.PIN if pin else Level.CODE, at=at)


def by_secret(store: Store, secret: str, *, at: datetime) -> Tracked | None:
    """Return what the QR of the citizen's copy opens; unknown and revoked secrets are the same miss: None."""
    with store.read(at=at) as reader:
        code = reader.receipts.dossier_of(secret)
        dossier = reader.thing(Dossier, code) if code else None
        if dossier is None:
            return None
        return _tracked(reader, dossier, code=dossier.code, level=Level.QR, at=at)


def at_level(store: Store, code: Code, *, level: Level, at: datetime) -> Tracked | None:
    """Return what somebody at this level sees, for the terminal of whoever runs the service; None for unknown codes."""
    with store.read(at=at) as reader:
        dossier = _dossier(reader, code)
        return None if dossier is None else _tracked(reader, dossier, code=code.text, level=level, at=at)


def of(reader: Reader, dossier: Dossier, *, level: Level, at: datetime) -> Tracked:
    """Return what somebody at this level sees of a dossier, for a clerk who tells him."""
    return _tracked(reader, dossier, code=dossier.code, level=level, at=at)


def _dossier(reader: Reader, code: Code) -> Dossier | None:
    if code.kind is CodeKind.ITEM:
        label = reader.thing(Item, code.text)
        return reader.thing(Dossier, label.dossier) if label else None
    return reader.thing(Dossier, code.text) if code.kind is CodeKind.DOSSIER else None


def _is_pin(reader: Reader, dossier: Dossier | None, pin: str) -> bool:
    receipt = reader.receipts.current(dossier.code if dossier else "")
    is_right = hmac.compare_digest(pin.encode(), (receipt.pin if receipt else _NO_PIN).encode())
    return is_right and receipt is not None


# --- levels -----------------------------------------------------------------------------------------------------------


def _tracked(reader: Reader, dossier: Dossier, *, code: str, level: Level, at: datetime) -> Tracked:
    items = _items(reader, dossier)
    leading = status.leading(items)
    word = status.word(dossier, items)
    found = Tracked(code=code, level=level, step=_step(word, leading))
    if level >= Level.QR:
        found = _with_status(found, reader, dossier, items=items, leading=leading, word=word)
        found = _with_what_is_open(found, reader, dossier, items=items, leading=leading)
        found = replace(found, complaint=complaints.answer_due(reader, dossier, items, at=at))
        found = _with_clocks(found, reader, dossier, items=items, at=at)
    if level >= Level.PIN:
        found = _with_person(found, reader, dossier, items=items, at=at)
    return found


def _items(reader: Reader, dossier: Dossier) -> list[Item]:
    table = table_of(ItemRow)
    return reader.things(Item, select(table.c.state).where(table.c.dossier == dossier.code))


def _step(word: Status, leading: Item | None) -> int:
    """Return which of the five steps is reached; trouble on the way back is on step 4, not 2.

    Without a result nobody gets further than the authority, also while his papers come home.
    """
    if word in _NEVER_TAKEN_IN:
        return 0
    step = status.WORDS[word].step
    if leading is not None and status.brings_papers_home(leading):
        return min(step, _AT_THE_AUTHORITY)
    is_back = leading is not None and leading.kind is ItemKind.RESULT
    return _ON_THE_WAY_BACK if word in _TROUBLES and is_back else step


def _with_status(
    found: Tracked, reader: Reader, dossier: Dossier, *, items: Sequence[Item], leading: Item | None, word: Status
) -> Tracked:
    stays = timeline.stays(reader, dossier.code, items)
    missing = supplements.still_missing(dossier, items) if word is Status.NEED_MORE else ()
    collects_at_desk = word is Status.RESULT_READY and _collects_at_desk(dossier)
    return replace(
        found,
        status=word,
        turn=_turn(dossier, items, word, is_missing=bool(missing), collects_at_desk=collects_at_desk),
        is_final=word in _FINAL,
        place=_place_told(reader, dossier, leading, word, collects_at_desk=collects_at_desk),
        here=_place_name(reader, _place(leading)) if word is Status.SENT_BACK else "",
        may_still_fetch=word is Status.SENT_BACK and leading is not None and _has_not_gone_back(leading),
        told_on=_told_on(word, dossier, leading),
        collects_at_desk=collects_at_desk,
        asked_papers=len(missing),
        brought_papers=dossier.asked_papers - len(missing) if word is Status.NEED_MORE else 0,
        stays=stays,
        updated_at=max([dossier.status_at, *(item.last_at for item in items)]),
    )


def _with_what_is_open(
    found: Tracked, reader: Reader, dossier: Dossier, *, items: Sequence[Item], leading: Item | None
) -> Tracked:
    """Add what is still between the citizen and the end: money, a visit, an invitation, originals."""
    is_paid = found.status is Status.FEE_DUE and not dossier.fees.owed
    return replace(
        found,
        turn=Turn.AUTHORITY if is_paid else found.turn,
        asked_amount=0 if found.is_final else dossier.fees.owed,
        paid_amount=dossier.asked_amount if is_paid else 0,
        owed_postage=0 if found.is_final else dossier.postage.owed,
        fetched_on=_fetched_on(reader, dossier),
        invitation=len(leading.invited_on) if leading and found.status is Status.AT_POST_OFFICE else 0,
        owed_originals=0 if found.status in _NEVER_TAKEN_IN else originals.owed(dossier, items),
    )


def _fetched_on(reader: Reader, dossier: Dossier) -> date | None:
    """Return the day a postman comes for papers, None when no visit is promised."""
    promised = dossiers.home_pickups_of(reader, dossier.code)
    return next((pickup.day for pickup in promised if pickup.state is PickupState.ASKED), None)


def _with_clocks(found: Tracked, reader: Reader, dossier: Dossier, *, items: Sequence[Item], at: datetime) -> Tracked:
    if found.is_final or found.status in _NEVER_TAKEN_IN:
        return found
    moving = lateness.under_way(dossier, items)
    due, ways = clocks.of_dossier(reader, dossier, at=at), Ways(reader)
    way = lateness.leg(ways, dossier, moving, with_post_since=lateness.with_post_since(reader, moving))
    late = lateness.of(ways, dossier, moving, due=due, way=way, at=at)
    here = _place_name(reader, _place(moving))
    asked = incidents.silence_asked(reader, moving, at=at) if late is None and moving else None
    return replace(
        found,
        expected=_expected(found, due=due, way=way),
        is_standing=due.standing,
        late=late,
        late_place=_place_name(reader, late.place) if late else "",
        may_be_late_at=here if late is None and lateness.has_not_left(moving, way, at=at) else "",
        silent_since=calendars.local(moving.last_at).date() if moving and asked else None,
        silent_place=_place_name(reader, asked.owner) if asked else "",
        moved=_moved(reader, dossier, due, at=at) if late is None else None,
    )


def _moved(reader: Reader, dossier: Dossier, due: DueView, *, at: datetime) -> Moved | None:
    """Return the new day the authority named, while it holds and the authority is still at work."""
    if due.extended_at is None or due.extended_from is None or dossier.is_over:
        return None
    was_on = calendars.local(due.extended_from).date()
    return Moved(
        was_on=was_on,
        new_on=calendars.local(due.extended_at).date(),
        days=clocks.days_after(reader, was_on, at=at),
        place=_place_name(reader, dossier.department or dossier.desk),
    )


def _with_person(found: Tracked, reader: Reader, dossier: Dossier, *, items: Sequence[Item], at: datetime) -> Tracked:
    sender = reader.people.of([dossier.code]).get((dossier.code, "sender"))
    why_later = dossier.extension.cause if dossier.extension and found.moved else ""
    texts = reader.texts.get([dossier.reason, why_later])
    text = texts.get(dossier.reason, "")
    asks = found.status is Status.NEED_MORE
    return replace(
        found,
        procedure=_procedure_name(reader, dossier),
        papers=_papers_to_bring(dossier, items, text) if asks else (),
        bring_by=dossier.supplement_due_on if asks else None,
        policy=dossier.policy if asks else None,
        reason=" ".join(text.split()) if dossier.status in _ENDED_BY_AUTHORITY else "",
        cause=" ".join(texts.get(why_later, "").split()) if why_later else "",
        name=masked(sender.name) if sender else "",
        commune=_commune_name(reader, dossier, at=at),
    )


# --- parts ------------------------------------------------------------------------------------------------------------


def masked(name: str) -> str:
    """Return a name of which only the first letter of each word is left, whatever its length.

    >>> masked("Nguyễn Văn Khánh")
    'N*** V*** K***'
    """
    return " ".join(f"{word[0]}***" for word in name.split())


def _papers_to_bring(dossier: Dossier, items: Sequence[Item], text: str) -> tuple[str, ...]:
    """Return the papers that nobody has brought yet, each with why it is asked for."""
    missing = supplements.still_missing(dossier, items)
    asked = enumerate(supplements.read(text).papers, start=1)
    return tuple(paper.told for line, paper in asked if line in missing)


def _turn(dossier: Dossier, items: Sequence[Item], word: Status, *, is_missing: bool, collects_at_desk: bool) -> Turn:
    """Return whose turn it is; once every asked paper is in, the post's until the authority has signed for them."""
    if collects_at_desk:
        return Turn.CITIZEN
    if word is not Status.NEED_MORE or is_missing:
        return TURNS[word]
    return Turn.AUTHORITY if supplements.complete_at(dossier, items) else Turn.POST


def _collects_at_desk(dossier: Dossier) -> bool:
    return dossier.service is Service.SEND or dossier.return_way is ReturnWay.DESK


def _place(leading: Item | None) -> str:
    return leading.custodian.place if leading else ""


def _place_name(reader: Reader, code: str) -> str:
    found = reader.reference.places([code]) if code else {}
    return found[code].name if code in found else ""


def _place_told(reader: Reader, dossier: Dossier, leading: Item | None, word: Status, *, collects_at_desk: bool) -> str:
    """Return the place of a sentence: where it is, or where it goes when the citizen must turn there."""
    if word is Status.SENT_BACK and leading is not None:
        return leading.destination.name
    return _place_name(reader, dossier.desk if collects_at_desk else _place(leading))


def _has_not_gone_back(leading: Item) -> bool:
    """Tell whether a result that was declared undeliverable still lies at the office it was for."""
    is_there = leading.was_for is not None and leading.custodian.place == leading.was_for.place
    return is_there and leading.custody is Custody.HELD and not leading.custodian.is_on_the_road


def _told_on(word: Status, dossier: Dossier, leading: Item | None) -> date | None:
    """Return the day that belongs into the sentence of a status."""
    if word is Status.PAPERS_DELIVERED and leading is not None:
        return calendars.local(leading.last_at).date()
    if word is Status.DELIVERED:
        at = dossier.returned_at or (leading.last_at if leading and leading.is_final else None)
        return calendars.local(at).date() if at else None
    if word is Status.DELIVERY_FAILED:
        return leading.next_attempt_on if leading else None
    if word is Status.AT_POST_OFFICE:
        return leading.pickup_until if leading else None
    return None


def _expected(found: Tracked, *, due: DueView, way: Leg | None) -> Expected | None:
    """Return the next date that counts: of the way it is on, of a visit or pickup, else of the authority."""
    if found.status is Status.DELIVERY_FAILED and found.told_on:
        return Expected(milestone=Milestone.NEXT_VISIT, on=found.told_on)
    if found.status is Status.AT_POST_OFFICE and found.told_on:
        return Expected(milestone=Milestone.PICKUP_UNTIL, on=found.told_on)
    if way is not None:
        return Expected(milestone=_ENDS[way.clock], on=way.due_on, provisional=way.provisional)
    if due.shown_at is None or due.standing or found.status not in _AT_AUTHORITY:
        return None
    on = calendars.local(due.shown_at).date()
    return Expected(milestone=Milestone.RESULT, on=on, provisional=due.provisional)


_ENDS: dict[lateness.Clock, Milestone] = {
    lateness.Clock.POST_OUT: Milestone.AT_AUTHORITY,
    lateness.Clock.SUPPLEMENT: Milestone.AT_AUTHORITY,
    lateness.Clock.AUTHORITY: Milestone.RESULT,
    lateness.Clock.POST_BACK: Milestone.AT_DELIVERY,
    lateness.Clock.PAPERS_BACK: Milestone.PAPERS_BACK,
}
"""What the end of each way is to the citizen."""

_AT_AUTHORITY = frozenset(
    {
        Status.HANDED_OVER,
        Status.AGENCY_RECEIVED,
        Status.PROCESSING,
        Status.FEE_DUE,
        Status.NEED_MORE,
        Status.MISSING,
        Status.DAMAGED,
    }
)


def _procedure_name(reader: Reader, dossier: Dossier) -> str:
    try:
        return reader.reference.procedure_version(dossier.procedure, dossier.procedure_version).name
    except UnknownProcedure:
        return ""


def _commune_name(reader: Reader, dossier: Dossier, *, at: datetime) -> str:
    if not dossier.return_commune:
        return ""
    try:
        return reader.reference.commune(dossier.return_commune, on=calendars.local(at).date()).name
    except (UnknownPlace, CommuneGone):
        return ""
