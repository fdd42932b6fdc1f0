"""Papers that come home: of dossiers refused, withdrawn or stopped, and the slip that the desk issued.

The desk or department registers them as items; what never reached it the post itself turns round.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import calendars, codes, contents, item, originals, permissions, slips
from postal.domain.codes import CodeKind
from postal.domain.dossier import AGENCY_STATUS_NAMES, ENDED_WITHOUT_RESULT, AgencyStatus, Dossier
from postal.domain.events import (
    Destination,
    ItemKind,
    PaperCount,
    ReturnWay,
    Service,
    Settlement,
)
from postal.domain.item import Item
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import agency, closing, destinations, registration
from postal.services.agency import NoReason
from postal.services.registration import PaperEntry
from postal.store import Ledger, Store

SLIP = "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"


class NothingToReturn(Refused):
    """An envelope that goes home holds at least one paper."""

    code = "nothing_to_return"
    vi = "Chưa chọn giấy tờ nào để trả cho hồ sơ {dossier}. Đánh dấu giấy tờ phải trả, hoặc nhập giấy tờ khác."
    en = "Choose what goes back to the citizen of dossier {dossier}."


class NotWithThePost(Refused):
    """The post turns round only what it holds on the way to the authority."""

    code = "not_with_the_post"
    vi = "{item} không còn trên đường đến cơ quan ({holder}). Nhờ cơ quan lập bì trả giấy tờ cho người dân."
    en = "{item} is not on its way to the authority any more ({holder}). Ask the authority to send the papers back."


class NoSlipToRelay(Refused):
    """The post relays a slip that the desk issued, where it carried the papers (QĐ 45/2016 Đ.16.3)."""

    code = "no_slip_to_relay"
    vi = "Hồ sơ {dossier} không có giấy hẹn để chuyển: {why}."
    en = "Dossier {dossier} has no slip to relay."


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperBack:
    """A paper that goes home: an original that is owed, by its `source`, or another one by its name."""

    source: str = ""
    name: str = ""
    originals: int = 0
    certified: int = 0
    copies: int = 0

    @property
    def total(self) -> int:
        """Return how many documents go home."""
        return self.originals + self.certified + self.copies


def return_papers(
    store: Store,
    code: str,
    papers: Sequence[PaperBack],
    *,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    seal: str = "",
    weight_g: int | None = None,
    request: str = "",
) -> Item:
    """Register papers that go back to the citizen of a dossier the authority is done with.

    `request` is the form's number: the same number again changes nothing.

    Raises: NothingToReturn, NotArrived, NotOwed, NoDesk, NotCompetent, NotNow while the authority is at work or when it
    is closed, NoDeliveryOffice, RequestMismatch, Forbidden.
    """
    permissions.require(by, Permission.RETURN_PAPERS)
    asked = repr((code, tuple(papers), seal, weight_g))
    with store.begin(at=at) as ledger:
        done = ledger.requests.answer(request, content=asked)
        if done is not None:
            return ledger.item(done)
        dossier = ledger.lock_dossier(code)
        agency.must_be_here(ledger, dossier, by)
        _must_be_over(dossier)
        dossier.must_be_open()
        items = ledger.items_of(code)
        counts = _counted(papers)
        if not papers or not all(paper.total for paper in papers):
            raise NothingToReturn(dossier=codes.shown(code))
        originals.must_have_arrived(dossier, items, counts)
        originals.must_be_owed(dossier, items, counts)
        made = _envelope(
            ledger,
            dossier,
            kind=ItemKind.RETURNED,
            papers=counts,
            names=_names(ledger, dossier, items, papers),
            destination=destinations.for_citizen(ledger, dossier, on=calendars.local(at).date()),
            seal=seal,
            weight_g=weight_g,
            by=by,
            at=at,
            below=below,
        )
        ledger.requests.settle(request, content=asked, answer=made.code)
        return made


def relay_slip(
    store: Store, code: str, *, by: Actor, at: datetime, below: Callable[[int], int], seal: str = ""
) -> Item:
    """Register the slip that the desk issued, so that the post brings it to the citizen.

    Raises: NoSlipToRelay, NoDesk, NotCompetent, NoDeliveryOffice, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.RETURN_PAPERS)
    with store.begin(at=at) as ledger:
        dossier = ledger.lock_dossier(code)
        agency.must_be_here(ledger, dossier, by)
        why = slips.why_none(dossier, ledger.items_of(code))
        if why:
            raise NoSlipToRelay(dossier=codes.shown(code), why=why)
        return _envelope(
            ledger,
            dossier,
            kind=ItemKind.SLIP,
            papers=(PaperCount(line=1, originals=1),),
            names=[SLIP],
            destination=_door(ledger, dossier, at=at),
            seal=seal,
            weight_g=None,
            by=by,
            at=at,
            below=below,
        )


def turn_round(store: Store, code: str, *, by: Actor, at: datetime) -> Item:
    """Send an envelope that never reached the authority back to its citizen; whoever of the post holds it does so.

    Raises: NotWithThePost, NotNow while the authority is at work or when it was turned round, NotCustodian, Forbidden.
    """
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        found = ledger.item(code)
        dossier = ledger.lock_dossier(found.dossier)
        if dossier.status not in ENDED_WITHOUT_RESULT:
            raise NotNow(thing=f"Hồ sơ {codes.shown(dossier.code)}", state=AGENCY_STATUS_NAMES[dossier.status])
        if found.destination.to_citizen:
            raise NotNow(thing=codes.shown(code), state="đã quay về người dân")
        if not originals.may_turn_round(dossier, found):
            raise NotWithThePost(item=codes.shown(code), holder=found.custodian)
        return ledger.append(found, found.reroute(destination=_back_home(ledger, dossier, at=at), by=by, at=at))


def settle_originals(
    store: Store, code: str, *, source: str, count: int, how: Settlement, reason: str, by: Actor, at: datetime
) -> Dossier:
    """Settle originals that no envelope brings back, with the reason; the dossier closes when nothing else is open.

    Raises: NoReason, NotOwed, NotCompetent, NotNow, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.SETTLE_ORIGINALS)
    if not reason.strip():
        raise NoReason(dossier=codes.shown(code))
    with store.begin(at=at) as ledger:
        dossier = ledger.lock_dossier(code)
        agency.must_take_part(ledger, dossier, by)
        event = originals.settle(
            dossier,
            ledger.items_of(code),
            source=source,
            count=count,
            how=how,
            reason=ledger.texts.put(code, reason.strip()),
            by=by,
            at=at,
        )
        ledger.append(dossier, event)
        return closing.close_if_done(ledger, code, by=by, at=at)


# --- parts ------------------------------------------------------------------------------------------------------------


def _must_be_over(dossier: Dossier) -> None:
    """Refuse while the authority still works with the papers. Raises: NotNow."""
    if not dossier.is_over or dossier.status in (AgencyStatus.VOIDED, AgencyStatus.TURNED_BACK):
        raise NotNow(thing=f"Hồ sơ {codes.shown(dossier.code)}", state=AGENCY_STATUS_NAMES[dossier.status])


def _envelope(
    ledger: Ledger,
    dossier: Dossier,
    *,
    kind: ItemKind,
    papers: tuple[PaperCount, ...],
    names: Sequence[str],
    destination: Destination,
    seal: str,
    weight_g: int | None,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
) -> Item:
    code = codes.mint(CodeKind.ITEM, below=below).text
    event = item.register(
        code=code,
        kind=kind,
        dossier=dossier.code,
        destination=destination,
        custodian=destinations.desk_of(ledger, by),
        papers=papers,
        weight_g=weight_g,
        contents=ledger.texts.put(dossier.code, registration.names_of([PaperEntry(name=name) for name in names])),
        by=by,
        at=at,
    )
    made = ledger.begin(Item, code, event)
    return ledger.append(made, made.close_seal(seal=seal, by=by, at=at)) if seal else made


def _counted(papers: Sequence[PaperBack]) -> tuple[PaperCount, ...]:
    return tuple(
        PaperCount(
            line=number,
            originals=paper.originals,
            certified=paper.certified,
            copies=paper.copies,
            to_return=bool(paper.source),
            source=paper.source,
        )
        for number, paper in enumerate(papers, start=1)
    )


def _names(ledger: Ledger, dossier: Dossier, items: Sequence[Item], papers: Sequence[PaperBack]) -> list[str]:
    """Return what the papers are called: an original that is owed, as it was when it came in."""
    refs = {found.code: contents.text_of(dossier, found) for found in items}
    texts = ledger.texts.get(list(refs.values()))
    inside = {code: contents.read(texts.get(ref, "")) for code, ref in refs.items()}
    return [_called(paper.source, inside) if paper.source else paper.name for paper in papers]


def _called(source: str, inside: Mapping[str, tuple[str, ...]]) -> str:
    envelope, _, line = source.partition("/")
    return contents.name(inside.get(envelope, ()), int(line))


def _door(ledger: Ledger, dossier: Dossier, *, at: datetime) -> Destination:
    """Return where a slip goes: with the result, or to the sender's own door when the post only sends."""
    on = calendars.local(at).date()
    if dossier.service is not Service.SEND or not dossier.return_commune:
        return destinations.for_citizen(ledger, dossier, on=on)
    office = destinations.delivery_office(ledger, dossier.return_commune, on=on)
    return Destination(place=office.code, name=office.name, to_citizen=True)


def _back_home(ledger: Ledger, dossier: Dossier, *, at: datetime) -> Destination:
    """Return where an envelope that turned round ends: as a result would, or at the counter it was handed in at."""
    if dossier.service is Service.SEND or dossier.return_way is ReturnWay.DESK:
        office = ledger.reference.place(dossier.office)
        return Destination(place=office.code, name=office.name, to_citizen=True)
    return destinations.for_citizen(ledger, dossier, on=calendars.local(at).date())
