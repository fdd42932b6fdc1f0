"""The benches: counting a bag, loading a trip, a pile of anything; what a browser asks about one scan."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from postal.domain import codes, scans
from postal.domain.bag import BagState
from postal.domain.bench import Work
from postal.domain.codes import CodeKind
from postal.domain.handover import HandoverRecord, NothingToHandOver
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import bench as benches
from postal.queries import receivers
from postal.queries.bench import BenchPage
from postal.queries.receivers import NoReceiver
from postal.services import bags, dispatches
from postal.services.accounts import WrongSignIn
from postal.settings import Settings
from postal.web import benching, cosigning, ink, photos, render
from postal.web.cosigning import NoSecondPerson, NotInThatPosition, Signature
from postal.web.deps import Below, Chance, Now, Posted, SettingsDep, StoreDep, acting
from postal.web.errors import status_of
from postal.web.security import TooManyTries

router = APIRouter(include_in_schema=False)

Receiving = Annotated[Actor, acting(Permission.RECEIVE_BAG)]
Loading = Annotated[Actor, acting(Permission.RUN_DISPATCH)]
Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]

_FIELDS: dict[type[Refused], str] = {
    NoReceiver: "receiver",
    receivers.UnknownReceiver: "receiver",
    NoSecondPerson: "username",
    WrongSignIn: "username",
    TooManyTries: "username",
    NotInThatPosition: "username",
    photos.NotAPhoto: "photo",
    photos.PhotoTooLarge: "photo",
}
"""Beside which field of a bench a refusal is shown; the rest is about the scans."""


# --- one scan ---------------------------------------------------------------------------------------------------------


@router.get("/bench/read")
def read(store: StoreDep, actor: Seeing, now: Now, work: Work, q: str, code: str = "") -> Response:
    """Read one scan for a bench, exactly as the form will; a bag of a pile says where its own bench is."""
    try:
        found = benches.read_line(store, work, code, q[: benches.LONGEST_LINE], actor=actor, at=now)
    except Refused as refused:
        return JSONResponse({"verdict": "check", "shown": "", "thing": "", "sentence": str(refused)})
    return JSONResponse(
        {
            "thing": found.thing,
            "shown": found.shown,
            "verdict": found.verdict.value,
            "place": found.place,
            "sentence": found.sentence,
            "seal": found.seal,
            "command": found.command.value if found.command else "",
            "goes_to": found.goes_to,
            "repaired": scans.is_repaired(q),
        }
    )


# --- counting a bag ---------------------------------------------------------------------------------------------------


@router.get("/bags/{code}/receive")
def receive(request: Request, code: str, store: StoreDep, actor: Receiving, now: Now) -> Response:
    """Show the bench of a bag to be counted; a counted one has its receipt."""
    parsed = _bag(code)
    if benches.state_of(store, parsed) is BagState.EMPTIED:
        return RedirectResponse(f"/bags/{parsed}/received", status_code=303)
    page = benches.receive_page(store, parsed, actor=actor, at=now, typed=benching.blank())
    return render.page(request, "bench/receive.html", page)


@router.post("/bags/{code}/receive")
def count(
    request: Request, code: str, store: StoreDep, actor: Receiving, now: Now, below: Chance, form: Posted
) -> Response:
    """Sign for what was counted; who comes too late reads who was first."""
    parsed, typed = _bag(code), benching.typed(form)
    if benches.state_of(store, parsed) is BagState.EMPTIED:
        return _received(store, parsed, actor)
    page = benches.receive_page(store, parsed, actor=actor, at=now, typed=typed)
    if form.get("whole"):
        page = replace(page, judged=page.judged.taken_whole())
    if not benching.is_agreed(page):
        return _again(request, "bench/receive.html", page, benching.ask(page), status=422)
    tally = page.judged.tally
    try:
        bags.receive(
            store,
            parsed,
            seal_seen=tally.seal,
            is_intact=not typed.is_broken,
            found={**tally.counted, **tally.extra},
            unchecked=frozenset(page.judged.missing) if page.judged.is_whole else frozenset(),
            photo=ink.photo(form),
            media_type=photos.MEDIA_TYPE,
            by=actor,
            at=now,
            below=below,
            request=typed.request,
        )
    except Refused as refused:
        return _again(request, "bench/receive.html", page, _errors(refused), status=status_of(refused))
    return RedirectResponse(f"/bags/{parsed}/received", status_code=303)


@router.get("/bags/{code}/received")
def received(request: Request, code: str, store: StoreDep, actor: Seeing) -> Response:
    """Show the receipt of a counted bag, with the record of every difference."""
    return render.page(request, "bench/received.html", benches.received_page(store, _bag(code), actor=actor))


def _received(store: StoreDep, code: str, actor: Actor) -> Response:
    """Answer who comes too late with who was first; the one who was first reads the receipt again."""
    page = benches.received_page(store, code, actor=actor)
    said = "" if page.counted_by == actor.name else f"?said={quote(page.first)}"
    return RedirectResponse(f"/bags/{code}/received{said}", status_code=303)


# --- loading a trip ---------------------------------------------------------------------------------------------------


@router.get("/trips/{code}/load")
def load(request: Request, code: str, store: StoreDep, actor: Loading, now: Now) -> Response:
    """Show the bench of a trip that is being loaded; one that waits for its carrier is on its record."""
    parsed = _trip(code)
    if record := benches.record_of(store, parsed):
        return RedirectResponse(f"/handovers/{record}", status_code=303)
    page = benches.load_page(store, parsed, actor=actor, at=now, typed=benching.blank())
    return render.page(request, "bench/load.html", page)


@router.post("/trips/{code}/load")
def send_off(
    request: Request,
    code: str,
    store: StoreDep,
    settings: SettingsDep,
    actor: Loading,
    now: Now,
    below: Chance,
    form: Posted,
) -> Response:
    """Load what was scanned and hand the trip to its carrier, who signs here or on the printed record."""
    parsed, typed = _trip(code), benching.typed(form)
    if record := benches.record_of(store, parsed):
        return RedirectResponse(f"/handovers/{record}", status_code=303)
    page = benches.load_page(store, parsed, actor=actor, at=now, typed=typed)
    if not benching.is_agreed(page):
        return _again(request, "bench/load.html", page, benching.ask(page), status=422)
    signature = Signature(username=typed.username, password=str(form.get("password") or ""))
    try:
        sent = _send_off(request, store, settings, page, signature, actor=actor, at=now, below=below)
    except Refused as refused:
        return _again(request, "bench/load.html", page, _errors(refused), status=status_of(refused))
    said = (
        "Hai bên đã ký. Chuyến đã đi." if sent.signed_at else "Đã lập biên bản. In, hai bên ký, hoặc bên nhận ký sau."
    )
    return RedirectResponse(f"/handovers/{sent.code}?said={quote(said)}", status_code=303)


def _send_off(
    request: Request,
    store: StoreDep,
    settings: Settings,
    page: BenchPage,
    signature: Signature,
    *,
    actor: Actor,
    at: datetime,
    below: Below,
) -> HandoverRecord:
    to = receivers.custodian_of(store, page.typed.receiver)
    second = None
    if not signature.is_empty:
        second = cosigning.second_person(request, store, settings, signature)
        cosigning.must_act_for(second, to)
    loaded = tuple(page.judged.tally.counted)
    return dispatches.send_off(store, page.code, loaded, to=to, giver=actor, receiver=second, at=at, below=below)


# --- a pile -----------------------------------------------------------------------------------------------------------


@router.get("/bench")
def pile(request: Request, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Show the bench for anything: scans collect, each with its one instruction."""
    page = benches.pile_page(store, actor=actor, at=now, typed=benching.blank())
    return render.page(request, "bench/pile.html", page)


@router.post("/bench")
def sort_pile(request: Request, store: StoreDep, actor: Seeing, now: Now, form: Posted) -> Response:
    """Answer every line; asked to hand over, go on with those that can be."""
    page = benches.pile_page(store, actor=actor, at=now, typed=benching.typed(form))
    if form.get("step") != "hand_over":
        return render.page(request, "bench/pile.html", page)
    if not page.to_hand_over:
        refused = NothingToHandOver()
        return _again(request, "bench/pile.html", page, {"scanned": str(refused)}, status=status_of(refused))
    lines = quote("\n".join(page.to_hand_over))
    return RedirectResponse(f"{benches.HANDS_OVER}item={lines}", status_code=303)


# --- pages ------------------------------------------------------------------------------------------------------------


def _again(request: Request, template: str, page: BenchPage, errors: dict[str, str], *, status: int) -> Response:
    return render.page(request, template, replace(page, errors=errors), status=status)


def _errors(refused: Refused) -> dict[str, str]:
    return {_FIELDS.get(type(refused), "scanned"): str(refused)}


def _bag(code: str) -> str:
    return codes.parse(code, kind=CodeKind.BAG).text


def _trip(code: str) -> str:
    return codes.parse(code, kind=CodeKind.DISPATCH).text
