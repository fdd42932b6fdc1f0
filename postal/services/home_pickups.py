"""Home pickups: a citizen asks that a postman fetch papers at the door; he counts, seals and answers for them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from postal.domain import calendars, codes, home_pickup, item, permissions, run, supplements
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import AttemptReason, ItemKind, PaperCount
from postal.domain.home_pickup import HomePickup
from postal.domain.item import Item
from postal.domain.people import Actor, person_custodian
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.search import fold
from postal.services import agency, arranging, destinations, messages, registration
from postal.services.registration import MissingPaper, NoPapers, PaperEntry, counted, missing_papers
from postal.store import Ledger, Store


class MissingAtDoor(MissingPaper):
    """The list of the procedure asks for a paper that is not at the door either."""

    code = "missing_at_door"
    vi = (
        "Còn {count} giấy tờ bắt buộc chưa đủ: {papers}. "
        "Hướng dẫn người gửi chuẩn bị đủ, rồi ghi “Chưa lấy được” và hẹn ngày khác."
    )
    en = "{count} required papers are missing: {papers}. Tell the sender, and agree on another day."


class NoCancelReason(Refused):
    """Whoever cancels a promised visit says why."""

    code = "no_cancel_reason"
    vi = "Chưa ghi lý do hủy hẹn. Ghi lý do, ví dụ: người gửi tự mang giấy tờ đến bưu cục."
    en = "Say why the pickup is cancelled."


def ask(
    store: Store,
    *,
    dossier: str,
    day: date,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    note: str = "",
    request: str = "",
) -> HomePickup:
    """Promise that a postman fetches the papers that are waited for, at any counter or on the phone.

    `request` is the form's number: the same number again changes nothing.

    Raises: what `arranging.arrange` raises, RequestMismatch, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.ARRANGE_PICKUP)
    content = repr((dossier, day, opens_at, closes_at, note))
    with store.begin(at=at) as ledger:
        done = ledger.requests.answer(request, content=content)
        if done is not None:
            return ledger.home_pickup(done)
        made = arranging.arrange(
            ledger,
            ledger.dossier(dossier),
            day=day,
            opens_at=opens_at,
            closes_at=closes_at,
            note=note,
            by=by,
            at=at,
            below=below,
        )
        ledger.requests.settle(request, content=content, answer=made.code)
        return made


def make(
    ledger: Ledger,
    pickup: HomePickup,
    *,
    run: str,
    papers: Sequence[PaperEntry],
    seal: str,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    label: str = "",
    weight_g: int | None = None,
    proof_id: str = "",
    where: str = "",
    binding: str = "",
) -> Item:
    """Take the papers, counted and sealed before the sender, into the postman's hands; the way out begins today.

    `proof_id` is the file of the sender's signature or photo. Inside a transaction.

    Raises: NotNow, NothingToFetch, NoPapers, MissingAtDoor, NotAskedFor, NotSealed, NoProof, LabelBound, Overtaken,
    Forbidden.
    """
    permissions.require(by, Permission.DELIVER)
    dossier = ledger.lock_dossier(pickup.dossier)
    pickup.must_be_open()
    home_pickup.must_be_awaited(dossier, ledger.items_of(dossier.code))
    counts = _counted(ledger, pickup, dossier, papers)
    code = codes.parse(label, kind=CodeKind.ITEM).text if label else codes.mint(CodeKind.ITEM, below=below).text
    if not seal:
        raise item.NotSealed(item=codes.shown(code))
    if not proof_id:
        raise item.NoProof(item=codes.shown(code))
    event = pickup.make(item=code, run=run, proof=proof_id, where=where, binding=binding, by=by, at=at)
    ledger.append(pickup, event)
    envelope = _envelope(
        ledger,
        pickup,
        dossier,
        code=code,
        counts=counts,
        names=registration.names_of(papers),
        weight_g=weight_g,
        by=by,
        at=at,
    )
    _give_receipt(ledger, dossier, by=by, at=at, below=below)
    messages.owe_sender(ledger, dossier, fact=f"fetched_{pickup.code}", words="bưu tá đã nhận giấy tờ tại nhà")
    return ledger.append(envelope, envelope.close_seal(seal=seal, by=by, at=at))


def fail(
    ledger: Ledger,
    pickup: HomePickup,
    *,
    run: str,
    reason: AttemptReason,
    by: Actor,
    at: datetime,
    next_on: date | None = None,
    proof_id: str = "",
    where: str = "",
    binding: str = "",
) -> HomePickup:
    """Record a visit without papers; it is tried again on `next_on`, else on the next working day of the post.

    Inside a transaction. Raises: NotNow, DayGone, PickupOnDayOff, Overtaken, Forbidden.
    """
    permissions.require(by, Permission.DELIVER)
    again_on = _next_visit(ledger, next_on, at=at)
    event = pickup.fail(
        run=run, reason=reason, next_on=again_on, proof=proof_id, where=where, binding=binding, by=by, at=at
    )
    return ledger.append(pickup, event)


def cancel(store: Store, code: str, *, reason: str, by: Actor, at: datetime) -> HomePickup:
    """Say that nobody has to come any more, and tell the citizen: the office that goes out, or who takes part.

    Raises: NoCancelReason, NotCompetent, NotNow, Overtaken, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.ARRANGE_PICKUP)
    if not reason:
        raise NoCancelReason
    with store.begin(at=at) as ledger:
        pickup = ledger.home_pickup(code)
        dossier = ledger.dossier(pickup.dossier)
        if by.place != pickup.office:
            agency.must_take_part(ledger, dossier, by)
        cancelled = pickup.cancel(reason=ledger.texts.put(dossier.code, reason), by=by, at=at)
        arranging.owe_cancelled(ledger, dossier, pickup)
        return ledger.append(pickup, cancelled)


# --- parts ------------------------------------------------------------------------------------------------------------


def _counted(
    ledger: Ledger, pickup: HomePickup, dossier: Dossier, papers: Sequence[PaperEntry]
) -> tuple[PaperCount, ...]:
    """Return what is in the envelope: first papers must be all there, what was asked for later may come in parts."""
    if not any(paper.total for paper in papers):
        raise NoPapers
    if pickup.kind is ItemKind.OUTBOUND:
        _must_be_complete(ledger, dossier, papers)
        return counted(papers)
    return _answering(ledger, dossier, papers)


def _must_be_complete(ledger: Ledger, dossier: Dossier, papers: Sequence[PaperEntry]) -> None:
    procedure = ledger.reference.procedure_version(dossier.procedure, dossier.procedure_version)
    missing = missing_papers(procedure, papers)
    if missing:
        raise MissingAtDoor(count=len(missing), papers="; ".join(paper.name for paper in missing))


def _answering(ledger: Ledger, dossier: Dossier, papers: Sequence[PaperEntry]) -> tuple[PaperCount, ...]:
    """Return papers with the line of the request that each answers; nobody takes what was not asked for."""
    request = supplements.read(ledger.texts.get([dossier.reason]).get(dossier.reason, ""))
    line_of = {fold(paper.name): line for line, paper in enumerate(request.papers, start=1)}
    lines = [line_of.get(fold(paper.name), 0) for paper in papers]
    supplements.must_be_missing(dossier, ledger.items_of(dossier.code), lines)
    return tuple(replace(count, asked=line) for count, line in zip(counted(papers), lines, strict=True))


def _envelope(
    ledger: Ledger,
    pickup: HomePickup,
    dossier: Dossier,
    *,
    code: str,
    counts: tuple[PaperCount, ...],
    names: str,
    weight_g: int | None,
    by: Actor,
    at: datetime,
) -> Item:
    """Register the envelope with the postman as its first custodian."""
    event = item.register(
        code=code,
        kind=pickup.kind,
        dossier=dossier.code,
        destination=destinations.authority_of(ledger, dossier, on=calendars.local(at).date()),
        custodian=person_custodian(by.account, place=pickup.office, name=by.name),
        papers=counts,
        weight_g=weight_g,
        contents=ledger.texts.put(dossier.code, names),
        by=by,
        at=at,
    )
    return ledger.begin(Item, code, event)


def _give_receipt(ledger: Ledger, dossier: Dossier, *, by: Actor, at: datetime, below: Callable[[int], int]) -> None:
    """Give a citizen who has none a secret of his own, as a counter does."""
    if ledger.receipts.current(dossier.code) is None:
        receipt = registration.issue_receipt(ledger, dossier, reason="", by=by, at=at, below=below)[1]
        messages.owe_pin(ledger, receipt)


def _next_visit(ledger: Ledger, next_on: date | None, *, at: datetime) -> date:
    calendar = ledger.reference.calendar("post")
    if next_on is None:
        return calendar.next_working_day(calendars.local(at).date())
    run.must_lie_ahead(next_on, at=at)
    home_pickup.must_be_a_day_of_the_post(next_on, calendar)
    return next_on
