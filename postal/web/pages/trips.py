"""Trips: made, loaded, handed to a carrier, arrived; the list that goes along."""

from dataclasses import replace
from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from postal.domain import calendars, codes, scans
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.places import UnknownPlace
from postal.domain.refusals import Refused
from postal.domain.scans import OurCode
from postal.printing import records
from postal.queries import receivers
from postal.queries import trips as trip_queries
from postal.queries.receivers import NoReceiver
from postal.services import dispatches
from postal.services.accounts import WrongSignIn
from postal.web import cosigning, forms, render
from postal.web.cosigning import NoSecondPerson, NotInThatPosition, Signature
from postal.web.deps import Chance, Now, Posted, SettingsDep, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.security import TooManyTries

router = APIRouter(include_in_schema=False)

Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]
Running = Annotated[Actor, acting(Permission.RUN_DISPATCH)]

_FIELDS: dict[type[Refused], str] = {
    NoReceiver: "receiver",
    receivers.UnknownReceiver: "receiver",
    NoSecondPerson: "username",
    WrongSignIn: "username",
    TooManyTries: "username",
    NotInThatPosition: "username",
}
"""Beside which field a refusal is shown; the rest is about the bags."""


class NoGoal(Refused):
    """A trip goes somewhere."""

    code = "no_trip_destination"
    vi = "Chưa chọn nơi đến của chuyến. Chọn một nơi, hoặc gõ tên rồi bấm “Tìm nơi đến”."
    en = "Choose where the trip goes."


class NoExpectedTime(Refused):
    """A promise has a time."""

    code = "no_expected_time"
    vi = "Chưa rõ giờ dự kiến đến. Nhập ngày và giờ, ví dụ 16/11/2026 và 15:40, hoặc bỏ trống cả hai."
    en = "Enter day and time of the expected arrival, or leave both empty."


class BadBagLines(Refused):
    """Scanned bags are not clear yet."""

    code = "bad_bag_lines"
    vi = "Dòng “{line}” không phải mã túi. Quét lại nhãn túi, hoặc xóa dòng này rồi bấm lại."
    en = "The line “{line}” is no bag. Scan the bag's label again, or delete the line."


@router.get("/trips")
def show_all(request: Request, store: StoreDep, actor: Seeing, now: Now, words: str = "") -> Response:
    """Show the trips that come and those that go."""
    page = trip_queries.trips_page(store, actor=actor, at=now, typed={"words": words})
    return render.page(request, "trips/list.html", page)


@router.post("/trips")
def make(request: Request, store: StoreDep, actor: Running, now: Now, below: Chance, typed: Typed) -> Response:
    """Open a trip from the own place."""
    try:
        if not typed.get("to"):
            raise NoGoal
        trip = dispatches.make(
            store,
            code=codes.mint(CodeKind.DISPATCH, below=below).text,
            origin=actor.place,
            destination=trip_queries.goal(store, typed["to"]),
            expected_at=_expected(typed),
            by=actor,
            at=now,
        )
    except Refused as refused:
        field = "to" if isinstance(refused, NoGoal | UnknownPlace) else "expected_on"
        errors = {field: str(refused)}
        page = trip_queries.trips_page(store, actor=actor, at=now, typed=typed, errors=errors)
        return render.page(request, "trips/list.html", page, status=status_of(refused))
    return RedirectResponse(f"/trips/{trip.code}/load", status_code=303)


@router.get("/trips/{code}")
def show(request: Request, code: str, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Show a trip."""
    return render.page(request, "trips/page.html", trip_queries.trip_page(store, _parsed(code), actor=actor, at=now))


@router.get("/trips/{code}/list.pdf")
def list_pdf(code: str, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Print the list of bags that goes along."""
    page = trip_queries.trip_page(store, _parsed(code), actor=actor, at=now)
    headers = {"Content-Disposition": f'inline; filename="bang-ke-chuyen-{page.code}.pdf"'}
    return Response(records.trip_list_pdf(page), media_type="application/pdf", headers=headers)


@router.post("/trips/{code}/unload")
def unload(request: Request, code: str, store: StoreDep, actor: Running, now: Now, typed: Typed) -> Response:
    """Take a bag off the trip again."""
    parsed = _parsed(code)
    try:
        dispatches.unload(store, parsed, [typed.get("bag", "")], by=actor, at=now)
    except Refused as refused:
        return _again(request, store, parsed, refused, actor=actor, at=now)
    return _said(parsed, "Đã bỏ túi khỏi chuyến.")


@router.post("/trips/{code}/hand-over")
def hand_over(
    request: Request, code: str, store: StoreDep, settings: SettingsDep, actor: Running, now: Now, below: Chance,
    form: Posted,
) -> Response:  # fmt: skip
    """Offer the whole trip to a carrier, who signs later or at once on this screen."""
    parsed, chosen = _parsed(code), _text(form, "receiver")
    signature = Signature(username=_text(form, "username"), password=str(form.get("password") or ""))
    try:
        to = receivers.custodian_of(store, chosen)
        if _text(form, "step") != "together":
            record = dispatches.hand_over(store, parsed, to=to, by=actor, at=now, below=below)
            words = "Đã lập biên bản. Chuyến khởi hành khi bên vận chuyển ký nhận."
            return RedirectResponse(f"/handovers/{record.code}?said={words}", status_code=303)
        second = cosigning.second_person(request, store, settings, signature)
        cosigning.must_act_for(second, to)
        dispatches.hand_over_together(store, parsed, to=to, giver=actor, receiver=second, at=now, below=below)
        return _said(parsed, f"{second.name} đã ký nhận. Chuyến đã khởi hành.")
    except Refused as refused:
        typed = {"receiver": chosen, "username": signature.username}
        return _again(request, store, parsed, refused, actor=actor, at=now, typed=typed)


@router.post("/trips/{code}/arrive")
def arrive(
    request: Request, code: str, store: StoreDep, actor: Seeing, now: Now, below: Chance, form: Posted
) -> Response:
    """Say that the trip is there, with which bags."""
    parsed = _parsed(code)
    try:
        ticked = [value for value in form.getlist("bags") if isinstance(value, str)]
        scanned = _bags(_text(form, "scanned"))
        _, incidents = dispatches.arrive(store, parsed, bags=[*ticked, *scanned], by=actor, at=now, below=below)
    except Refused as refused:
        typed = {"scanned": _text(form, "scanned")}
        return _again(request, store, parsed, refused, actor=actor, at=now, typed=typed)
    told = f" Đã lập {len(incidents)} biên bản sự cố." if incidents else ""
    return _said(parsed, f"Đã ghi chuyến đến.{told} Ký nhận từng túi hoặc cả biên bản.")


def _again(
    request: Request,
    store: StoreDep,
    code: str,
    refused: Refused,
    *,
    actor: Actor,
    at: datetime,
    typed: dict[str, str] | None = None,
) -> Response:
    errors = {_FIELDS.get(type(refused), "bags"): str(refused)}
    page = replace(trip_queries.trip_page(store, code, actor=actor, at=at), errors=errors, typed=typed or {})
    return render.page(request, "trips/page.html", page, status=status_of(refused))


def _said(code: str, words: str) -> Response:
    return RedirectResponse(f"/trips/{code}?said={words}", status_code=303)


# --- what was typed ---------------------------------------------------------------------------------------------------


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.DISPATCH).text


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _expected(typed: dict[str, str]) -> datetime | None:
    """Return the time somebody promises, None where the lane is to say it."""
    if not typed.get("expected_on") and not typed.get("expected_time"):
        return None
    day = forms.day(typed.get("expected_on", ""))
    try:
        clock = time.fromisoformat(typed.get("expected_time", "").lower().replace("h", ":").zfill(5)[:5])
    except ValueError:
        raise NoExpectedTime from None
    return datetime.combine(day, clock, calendars.VIETNAM)


def _bags(scanned: str) -> list[str]:
    """Return the bags of scanned lines. Raises: BadBagLines for the first line that is none."""
    found = []
    for line in filter(None, (line.strip() for line in scanned.splitlines())):
        try:
            scan = scans.read_scan(line)
        except Refused:
            raise BadBagLines(line=line[:40]) from None
        if not isinstance(scan, OurCode) or scan.code.kind is not CodeKind.BAG:
            raise BadBagLines(line=line[:40])
        found.append(scan.code.text)
    return found


# --- print ------------------------------------------------------------------------------------------------------------
