"""Chuyến của tôi: the postman's day on a phone. Sign, leave, ring, give, fetch or miss, bring back, end."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from postal.domain import agreement, calendars, cash, codes, item
from postal.domain.agreement import Agreed
from postal.domain.codes import CodeKind
from postal.domain.events import AttemptReason
from postal.domain.home_pickup import PickupOnDayOff
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.run import DayGone, DayOff
from postal.queries import endings, home_pickups
from postal.queries import stops as stop_queries
from postal.queries import transfers as transfer_queries
from postal.queries.home_pickups import PaperToFetch
from postal.queries.stops import StopPage, TodayPage
from postal.queries.transfers import OfferLine
from postal.services import agreeing, custody, delivery, transfers, visiting
from postal.services.visiting import OTHER_DAY, NoReasonChosen
from postal.web import deps, fetching, forms, giving, proofs, render
from postal.web.deps import Chance, Now, SettingsDep, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.fetching import Fetching
from postal.web.giving import Giving
from postal.web.proofs import Sent

router = APIRouter(include_in_schema=False)

Delivering = Annotated[Actor, acting(Permission.DELIVER)]

SMALLEST_DOWNLOAD_KB, DOOR_KB = 12, 1.0
"""What the download of a day weighs, packed: the list, and each door. Measured in a test."""

REASONS = tuple((reason.value, name) for reason, name in stop_queries.ATTEMPT_NAMES.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class TodayView:
    """The postman's day, with what could not be done, the kilometres as typed, and how much it is to take along.

    `asked` are the stops that other runs offer to his.
    """

    today: TodayPage
    problem: str
    kilometres: str
    asked: tuple[OfferLine, ...]

    @property
    def points(self) -> int:
        """Return how many doors the day has."""
        return sum(run.stops for run in self.today.runs)

    @property
    def megabytes(self) -> str:
        """Return about how much the download is, as the postman reads it."""
        kilobytes = SMALLEST_DOWNLOAD_KB + self.points * DOOR_KB
        return f"{max(0.1, kilobytes / 1000):.1f}".replace(".", ",")


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """The form of a visit in vain: reasons and days as value and name, and what was typed."""

    reasons: tuple[tuple[str, str], ...]
    reason: str
    days: tuple[tuple[str, str], ...]
    day: str
    next_on: str
    request: str
    errors: dict[str, str]
    is_open: bool
    is_without_paper: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorView:
    """A door with its forms. `request` numbers the form of an invitation that is left."""

    door: StopPage
    giving: Giving
    fetching: Fetching
    missing: Missing
    request: str
    errors: dict[str, str]
    agreed: tuple[tuple[str, Agreed], ...]
    purpose: str = agreement.PURPOSE


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


@router.post("/today/offers/{run}/{stop}")
def answer_offer(
    request: Request,
    run: str,
    stop: str,
    store: StoreDep,
    now: Now,
    actor: Delivering,
    typed: Typed,
    settings: SettingsDep,
) -> Response:
    """Take a stop that another run offers, or leave it there."""
    giver = _run(run)
    try:
        if typed.get("answer") == "take":
            transfers.take(store, giver, stop, by=actor, at=now, server=settings.map_server)
            return _back("Đã nhận điểm vào chuyến của bạn.")
        transfers.refuse(store, giver, stop, by=actor, at=now)
    except Refused as refused:
        return _today(request, store, actor=actor, at=now, refused=refused)
    return _back("Đã trả lời không nhận. Điểm ở lại chuyến kia.")


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


@router.post("/today/{run}/hand-in")
def hand_in(request: Request, run: str, store: StoreDep, now: Now, actor: Delivering, chance: Chance) -> Response:
    """Offer the counter the day's money."""
    try:
        offered = delivery.hand_in(store, _run(run), by=actor, at=now, below=chance)
    except Refused as refused:
        return _today(request, store, actor=actor, at=now, refused=refused)
    return _back(f"Đã giao {cash.grouped(offered.total)} đ cho quầy. Nhờ quầy đếm và ký nhận.")


@router.post("/today/{run}/close")
def close(request: Request, run: str, store: StoreDep, now: Now, actor: Delivering, typed: Typed) -> Response:
    """End the day, with the kilometres of the vehicle's meter if the postman says so."""
    kilometres = typed.get("kilometres", "")
    try:
        odometer_m = visiting.odometer_m(kilometres)
        closed = delivery.close_run(store, _run(run), by=actor, at=now, odometer_m=odometer_m)
    except Refused as refused:
        return _today(request, store, actor=actor, at=now, refused=refused, kilometres=kilometres)
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
    pickup: str = "",
    miss: str = "",
    without: str = "",
) -> Response:
    """Show one door; `without` says that a relative without an authorisation opened."""
    door = stop_queries.stop_page(
        store,
        _run(run),
        number,
        item=codes.squeezed(item),
        pickup=codes.squeezed(pickup),
        actor=actor,
        at=now,
    )
    missing = _missing(door, is_open=bool(miss), is_without_paper=bool(without))
    return _door(request, store, door, actor=actor, at=now, missing=missing)


@router.post("/today/{run}/{number}/deliver")
def deliver(
    request: Request, run: str, number: int, store: StoreDep, now: Now, actor: Delivering, sent: Sent, chance: Chance
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
            **visiting.giving(typed),
            proof=proof,
            media_type=proofs.MEDIA_TYPE,
            spot=proofs.spot(typed),
            by=actor,
            at=now,
            below=chance,
        )
    except Refused as refused:
        door = stop_queries.stop_page(store, _run(run), number, item=code, actor=actor, at=now)
        form = giving.again(typed, refused=refused, kept=proofs.kept(proof), asked=door.needs)
        missing = _missing(door, is_without_paper=isinstance(refused, item.NoAuthorisation))
        return _door(request, store, door, actor=actor, at=now, form=form, missing=missing, refused=refused)
    return _onward(store, run, number, said=_given(store, code), actor=actor, at=now)


@router.post("/today/{run}/{number}/attempt")
def miss_door(
    request: Request, run: str, number: int, store: StoreDep, now: Now, actor: Delivering, sent: Sent
) -> Response:
    """Record a visit in vain, for an item or for papers to fetch."""
    typed = proofs.texts(sent)
    code, pickup = (codes.squeezed(typed.get(name, "")) for name in ("item", "pickup"))
    try:
        again_on = _miss(store, _run(run), sent, item=code, pickup=pickup, actor=actor, at=now)
    except Refused as refused:
        door = stop_queries.stop_page(store, _run(run), number, item=code, pickup=pickup, actor=actor, at=now)
        missing = _missing(door, typed=typed, refused=refused, is_open=True)
        return _door(request, store, door, actor=actor, at=now, missing=missing, refused=refused)
    what = "chưa giao được" if code else "chưa lấy được"
    again = f", hẹn {again_on:%d/%m}" if again_on else ""
    return _onward(store, run, number, said=f"Đã ghi {what}{again}.", actor=actor, at=now)


@router.post("/today/{run}/{number}/invitation")
def leave_invitation(
    request: Request, run: str, number: int, store: StoreDep, now: Now, actor: Delivering, sent: Sent
) -> Response:
    """Record that a printed invitation was left at a door."""
    typed = proofs.texts(sent)
    code = codes.squeezed(typed.get("item", ""))
    try:
        delivery.leave_invitation(
            store,
            code,
            run_code=_run(run),
            proof=proofs.of(sent),
            request=typed.get("request", "")[:40],
            by=actor,
            at=now,
        )
    except Refused as refused:
        door = stop_queries.stop_page(store, _run(run), number, actor=actor, at=now)
        return _door(request, store, door, actor=actor, at=now, missing=_missing(door), refused=refused)
    return _onward(store, run, number, said="Đã để giấy mời.", actor=actor, at=now)


@router.post("/today/{run}/{number}/fetch")
def fetch(
    request: Request, run: str, number: int, store: StoreDep, now: Now, actor: Delivering, sent: Sent, chance: Chance
) -> Response:
    """Take the papers of a home pickup along; a refusal shows the form again, counts and proof kept."""
    typed, picture = proofs.texts(sent), b""
    code = codes.squeezed(typed.get("pickup", ""))
    try:
        proof = proofs.of(sent)
        picture = proof.content
        made = delivery.fetch(
            store, code, run_code=_run(run), **visiting.fetching(typed), proof=proof, by=actor, at=now, below=chance
        )
    except Refused as refused:
        door = stop_queries.stop_page(store, _run(run), number, pickup=code, actor=actor, at=now)
        form = fetching.again(
            typed, refused=refused, kept=proofs.kept(picture), papers=_papers(store, door, actor=actor, at=now)
        )
        return _door(request, store, door, actor=actor, at=now, missing=_missing(door), fetched=form, refused=refused)
    said = f"Đã lấy giấy tờ. Ghi mã {codes.shown(made.item)} lên phong bì nếu chưa dán nhãn."
    return _onward(store, run, number, said=said, actor=actor, at=now)


# --- answers ----------------------------------------------------------------------------------------------------------


def _today(
    request: Request,
    store: StoreDep,
    *,
    actor: Actor,
    at: datetime,
    refused: Refused | None = None,
    kilometres: str = "",
) -> Response:
    page = stop_queries.today_page(store, actor=actor, at=at)
    for run in page.runs:
        deps.note_view(store, actor=actor, subject=run.code, what="run_seen", at=at)
    asked = transfer_queries.asked_of(store, runs=[run.code for run in page.runs], actor=actor, at=at)
    view = TodayView(today=page, problem=str(refused or ""), kilometres=kilometres, asked=asked)
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
    fetched: Fetching | None = None,
    refused: Refused | None = None,
) -> Response:
    deps.note_view(store, actor=actor, subject=door.run, what="run_stop_seen", at=at)
    given = form or giving.fresh(door.needs)
    taken = fetched or fetching.fresh(_papers(store, door, actor=actor, at=at))
    errors = {**given.errors, **taken.errors, **missing.errors}
    if refused and not errors:
        errors = {"main": str(refused)}
    view = DoorView(
        door=door,
        giving=given,
        fetching=taken,
        missing=missing,
        request=secrets.token_hex(16),
        errors=errors,
        agreed=agreeing.of_stop(store, door.run, door.stop.number),
    )
    return render.page(request, "today/stop.html", view, status=status_of(refused) if refused else 200)


def _given(store: StoreDep, code: str) -> str:
    """Say that an item was given, and what to write on the envelope of the papers that were got back."""
    envelope = endings.envelope_to_mark(store, code)
    mark = f" Ghi mã {codes.shown(envelope)} lên phong bì giấy thu hồi nếu chưa dán nhãn." if envelope else ""
    return f"Đã giao {codes.shown(code)}.{mark}"


def _papers(store: StoreDep, door: StopPage, *, actor: Actor, at: datetime) -> tuple[PaperToFetch, ...]:
    """Return the papers to ask for at a door."""
    if door.pickup is None or not door.can_fetch:
        return ()
    return home_pickups.home_pickup_page(store, door.pickup.code, actor=actor, at=at).papers


def _onward(store: StoreDep, run: str, number: int, *, said: str, actor: Actor, at: datetime) -> Response:
    """Stay at the door while something else is to be done there that nobody tried yet, else go back to the list."""
    door = stop_queries.stop_page(store, _run(run), number, actor=actor, at=at)
    if door.stop.is_waiting:
        return RedirectResponse(f"/today/{_run(run)}/{number}?said={said}", status_code=303)
    return _back(said)


def _back(said: str) -> Response:
    return RedirectResponse(f"/today?said={said}", status_code=303)


# --- a visit in vain --------------------------------------------------------------------------------------------------


def _miss(
    store: StoreDep, run: str, sent: FormData, *, item: str, pickup: str, actor: Actor, at: datetime
) -> date | None:
    """Record the visit; return the day on which somebody comes again. Raises: Refused."""
    typed = proofs.texts(sent)
    reason, next_on = visiting.reason(typed.get("reason", "")), visiting.again_on(typed)
    proof, number = proofs.of(sent), typed.get("request", "")[:40]
    if pickup:
        failed = delivery.fail_fetch(
            store, pickup, run_code=run, reason=reason, next_on=next_on, proof=proof, request=number, by=actor, at=at
        )
        return failed.day
    missed = delivery.fail_attempt(
        store,
        item,
        run_code=run,
        reason=reason,
        next_on=next_on,
        proof=proof.content,
        media_type=proof.media_type,
        spot=proof.spot,
        request=number,
        by=actor,
        at=at,
    )
    return missed.next_attempt_on


def _missing(
    door: StopPage,
    *,
    typed: dict[str, str] | None = None,
    refused: Refused | None = None,
    is_open: bool = False,
    is_without_paper: bool = False,
) -> Missing:
    given = typed or {}
    reason = AttemptReason.NO_AUTHORISATION.value if is_without_paper else ""
    return Missing(
        reasons=REASONS,
        reason=given.get("reason", reason),
        days=(
            (door.today.isoformat(), "Đến lại hôm nay"),
            (door.next_on.isoformat(), f"Ngày làm việc tiếp theo, {calendars.written(door.next_on)}"),
            (OTHER_DAY, "Ngày khác"),
        ),
        day=given.get("day", door.next_on.isoformat()),
        next_on=given.get("next_on", ""),
        request=given.get("request") or secrets.token_hex(16),
        errors={_ATTEMPT_FIELDS.get(type(refused), "missing"): str(refused)} if refused else {},
        is_open=is_open or is_without_paper,
        is_without_paper=is_without_paper,
    )


_ATTEMPT_FIELDS: dict[type[Refused] | type[None], str] = {
    NoReasonChosen: "reason",
    DayGone: "next_on",
    DayOff: "next_on",
    PickupOnDayOff: "next_on",
    forms.NotADay: "next_on",
}


def _run(code: str) -> str:
    return codes.parse(code, kind=CodeKind.RUN).text
