"""Chuyến của tôi: the postman's day on a phone. Sign, leave, ring, give or miss, bring back, end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes, item
from postal.domain.codes import CodeKind
from postal.domain.events import AttemptReason
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.run import DayGone
from postal.queries import stops as stop_queries
from postal.queries.stops import StopPage, TodayPage
from postal.services import custody, delivery
from postal.web import deps, forms, giving, proofs, render
from postal.web.deps import Chance, Now, StoreDep, acting
from postal.web.errors import status_of
from postal.web.giving import Giving
from postal.web.proofs import Sent

router = APIRouter(include_in_schema=False)

Delivering = Annotated[Actor, acting(Permission.DELIVER)]

REASONS = tuple((reason.value, name) for reason, name in stop_queries.ATTEMPT_NAMES.items())


class NoReasonChosen(Refused):
    """A visit in vain has a reason."""

    code = "no_reason_chosen"
    vi = "Chưa chọn lý do chưa giao được. Chọn một lý do rồi lưu."
    en = "Choose why it could not be delivered."


@dataclass(frozen=True, kw_only=True, slots=True)
class TodayView:
    """The postman's day, with what could not be done."""

    today: TodayPage
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """The form of a visit in vain."""

    reasons: tuple[tuple[str, str], ...]
    reason: str
    next_on: str
    errors: dict[str, str]
    is_open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorView:
    """A door with its two forms."""

    door: StopPage
    giving: Giving
    missing: Missing
    errors: dict[str, str]


@router.get("/today")
def show(request: Request, store: StoreDep, now: Now, actor: Delivering) -> Response:
    """Show the day of the postman who is signed in."""
    return _today(request, store, actor=actor, at=now)


@router.post("/today/accept/{record}")
def accept(request: Request, record: str, store: StoreDep, now: Now, actor: Delivering) -> Response:
    """Sign for everything on a record; what is missing is told on the record's own page."""
    parsed = codes.parse(record, kind=CodeKind.HANDOVER).text
    try:
        signed = custody.accept(store, parsed, by=actor, at=now)
    except Refused as refused:
        return _today(request, store, actor=actor, at=now, refused=refused)
    return _back(f"Đã ký nhận {len(signed.accepted)} bưu gửi.")


@router.post("/today/{run}/start")
def start(request: Request, run: str, store: StoreDep, now: Now, actor: Delivering) -> Response:
    """Leave with what was signed for."""
    try:
        delivery.start_run(store, _run(run), by=actor, at=now)
    except Refused as refused:
        return _today(request, store, actor=actor, at=now, refused=refused)
    return _back("Đã bắt đầu. Bấm vào từng điểm để giao.")


@router.post("/today/{run}/hand-back")
def hand_back(request: Request, run: str, store: StoreDep, now: Now, actor: Delivering, chance: Chance) -> Response:
    """Offer the office everything that is left."""
    try:
        record = delivery.hand_back(store, _run(run), by=actor, at=now, below=chance)
    except Refused as refused:
        return _today(request, store, actor=actor, at=now, refused=refused)
    if record is None:
        return _back("Đã chuyển về bưu cục.")
    return _back(f"Đã bàn giao lại {len(record.items)} bưu gửi. Nhờ bưu cục ký nhận rồi kết thúc ngày.")


@router.post("/today/{run}/close")
def close(request: Request, run: str, store: StoreDep, now: Now, actor: Delivering) -> Response:
    """End the day."""
    try:
        closed = delivery.close_run(store, _run(run), by=actor, at=now)
    except Refused as refused:
        return _today(request, store, actor=actor, at=now, refused=refused)
    return _back(f"Đã kết thúc ngày: giao {closed.delivered}, đưa về {closed.returned}.")


@router.get("/today/{run}/{number}")
def show_stop(
    request: Request,
    run: str,
    number: int,
    store: StoreDep,
    now: Now,
    actor: Delivering,
    item: str = "",
    miss: str = "",
) -> Response:
    """Show one door."""
    door = stop_queries.stop_page(store, _run(run), number, item=codes.squeezed(item), actor=actor, at=now)
    return _door(request, store, door, actor=actor, at=now, missing=_missing(door, is_open=bool(miss)))


@router.post("/today/{run}/{number}/deliver")
def deliver(
    request: Request, run: str, number: int, store: StoreDep, now: Now, actor: Delivering, sent: Sent
) -> Response:
    """Give one item at a door; a refusal shows the form again, the proof kept."""
    typed, proof = proofs.texts(sent), b""
    code = codes.squeezed(typed.get("item", ""))
    try:
        proof = proofs.content(sent)
        delivery.deliver(
            store,
            code,
            run_code=_run(run),
            **giving.answers(typed),
            proof=proof,
            media_type=proofs.MEDIA_TYPE,
            by=actor,
            at=now,
        )
    except Refused as refused:
        door = stop_queries.stop_page(store, _run(run), number, item=code, actor=actor, at=now)
        form = giving.again(typed, refused=refused, kept=proofs.kept(proof))
        missing = _missing(door, reason=_likely_reason(refused))
        return _door(request, store, door, actor=actor, at=now, form=form, missing=missing, refused=refused)
    return _onward(store, run, number, said=f"Đã giao {codes.shown(code)}.", actor=actor, at=now)


@router.post("/today/{run}/{number}/attempt")
def miss_door(
    request: Request, run: str, number: int, store: StoreDep, now: Now, actor: Delivering, sent: Sent
) -> Response:
    """Record a visit in vain."""
    typed = proofs.texts(sent)
    code = codes.squeezed(typed.get("item", ""))
    try:
        missed = delivery.fail_attempt(
            store,
            code,
            run_code=_run(run),
            reason=_reason(typed.get("reason", "")),
            next_on=forms.day(typed["next_on"]) if typed.get("next_on") else None,
            proof=proofs.content(sent),
            media_type=proofs.MEDIA_TYPE,
            by=actor,
            at=now,
        )
    except Refused as refused:
        door = stop_queries.stop_page(store, _run(run), number, item=code, actor=actor, at=now)
        missing = _missing(door, typed=typed, refused=refused, is_open=True)
        return _door(request, store, door, actor=actor, at=now, missing=missing, refused=refused)
    again = f", hẹn {missed.next_attempt_on:%d/%m}" if missed.next_attempt_on else ""
    return _onward(store, run, number, said=f"Đã ghi chưa giao được{again}.", actor=actor, at=now)


# --- answers ----------------------------------------------------------------------------------------------------------


def _today(
    request: Request, store: StoreDep, *, actor: Actor, at: datetime, refused: Refused | None = None
) -> Response:
    page = stop_queries.today_page(store, actor=actor, at=at)
    for run in page.runs:
        deps.note_view(store, actor=actor, subject=run.code, what="run_seen", at=at)
    view = TodayView(today=page, problem=str(refused or ""))
    return render.page(request, "today/list.html", view, status=status_of(refused) if refused else 200)


def _door(
    request: Request,
    store: StoreDep,
    door: StopPage,
    *,
    actor: Actor,
    at: datetime,
    missing: Missing,
    form: Giving | None = None,
    refused: Refused | None = None,
) -> Response:
    deps.note_view(store, actor=actor, subject=door.run, what="run_stop_seen", at=at)
    shown = form or giving.fresh()
    view = DoorView(door=door, giving=shown, missing=missing, errors={**shown.errors, **missing.errors})
    return render.page(request, "today/stop.html", view, status=status_of(refused) if refused else 200)


def _onward(store: StoreDep, run: str, number: int, *, said: str, actor: Actor, at: datetime) -> Response:
    """Stay at the door while something else is to be given there that nobody tried yet, else go back to the list."""
    door = stop_queries.stop_page(store, _run(run), number, actor=actor, at=at)
    if any(each.is_in_hand and not each.was_missed for each in door.stop.items):
        return RedirectResponse(f"/today/{_run(run)}/{number}?said={said}", status_code=303)
    return _back(said)


def _back(said: str) -> Response:
    return RedirectResponse(f"/today?said={said}", status_code=303)


def _missing(
    door: StopPage,
    *,
    typed: dict[str, str] | None = None,
    reason: str = "",
    refused: Refused | None = None,
    is_open: bool = False,
) -> Missing:
    given = typed or {}
    return Missing(
        reasons=REASONS,
        reason=given.get("reason", reason),
        next_on=given.get("next_on", door.next_on.isoformat()),
        errors={_ATTEMPT_FIELDS.get(type(refused), "missing"): str(refused)} if refused else {},
        is_open=is_open or bool(reason),
    )


_ATTEMPT_FIELDS: dict[type[Refused] | type[None], str] = {
    NoReasonChosen: "reason",
    DayGone: "next_on",
    forms.NotADay: "next_on",
}


def _likely_reason(refused: Refused) -> str:
    """Return the reason to suggest when a delegate came without paper."""
    return AttemptReason.NO_AUTHORISATION.value if isinstance(refused, item.NoAuthorisation) else ""


def _reason(text: str) -> AttemptReason:
    try:
        return AttemptReason(text)
    except ValueError:
        raise NoReasonChosen from None


def _run(code: str) -> str:
    return codes.parse(code, kind=CodeKind.RUN).text
