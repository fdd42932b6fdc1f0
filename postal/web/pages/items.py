"""The page of an envelope and what its custodian may do with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.events import IncidentKind, ReturnWay
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import items as item_queries
from postal.queries import receivers
from postal.queries.items import ItemPage
from postal.services import agreeing, custody, homeward, incidents, intake
from postal.web import deps, render, result_lines
from postal.web.deps import Chance, Now, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.forms import Form

router = APIRouter(include_in_schema=False)

Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]
Holding = Annotated[Actor, acting(Permission.HAND_OVER)]
TakingOver = Annotated[Actor, acting(Permission.TAKE_OVER)]
TakingResults = Annotated[Actor, acting(Permission.TAKE_RESULTS)]

LONGEST_SEAL = 32
LONGEST_REASON = 500


class NoSeal(Refused):
    """A seal has a number."""

    code = "no_seal"
    vi = "Chưa có số niêm phong. Nhập số in trên niêm phong, tối đa {longest} ký tự."
    en = "Enter the number of the seal, at most {longest} characters."


class NoReason(Refused):
    """Taking over needs a reason."""

    code = "no_take_over_reason"
    vi = "Chưa ghi lý do nhận thay. Ghi vì sao {item} đến đây mà chưa được bàn giao."
    en = "Say why {item} is here without having been handed over."


@router.get("/items/{code}")
def show(request: Request, code: str, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Show who holds an envelope, where it must go and what may be done with it."""
    return _shown(request, store, item_queries.item_page(store, _parsed(code), actor=actor), actor=actor, at=now)


@router.post("/items/{code}/seal")
def seal(request: Request, code: str, store: StoreDep, actor: Holding, now: Now, typed: Typed) -> Response:
    """Seal an envelope with a number."""

    def carry_out(item: str) -> str:
        number = typed.get("seal", "")
        if not number or len(number) > LONGEST_SEAL:
            raise NoSeal(longest=LONGEST_SEAL)
        custody.seal(store, item, seal=number, by=actor, at=now)
        return f"Đã niêm phong số {number}."

    return _carried_out(request, store, code, "seal", carry_out, actor=actor, at=now, typed=typed)


@router.post("/items/{code}/move")
def move(request: Request, code: str, store: StoreDep, actor: Holding, now: Now, typed: Typed) -> Response:
    """Carry an envelope to another position of one's own."""

    def carry_out(item: str) -> str:
        to = receivers.custodian_of(store, typed.get("to", ""))
        custody.move(store, [item], to=to, by=actor, at=now)
        return f"Đã chuyển đến {to}."

    return _carried_out(request, store, code, "move", carry_out, actor=actor, at=now, typed=typed)


@router.post("/items/{code}/take-over")
def take_over(request: Request, code: str, store: StoreDep, actor: TakingOver, now: Now, typed: Typed) -> Response:
    """Take an envelope that nobody offered, with a reason."""

    def carry_out(item: str) -> str:
        reason = typed.get("reason", "")[:LONGEST_REASON]
        if not reason:
            raise NoReason(item=codes.shown(item))
        to = receivers.custodian_of(store, typed.get("to", ""))
        custody.take_over(store, item, to=to, reason=reason, by=actor, at=now)
        return f"Đã nhận thay vào {to}."

    return _carried_out(request, store, code, "take-over", carry_out, actor=actor, at=now, typed=typed)


@router.post("/items/{code}/missing")
def missing(
    request: Request, code: str, store: StoreDep, actor: Holding, now: Now, below: Chance, typed: Typed
) -> Response:
    """Say that an envelope cannot be found; the record of it has an owner and a due time."""

    def carry_out(item: str) -> str:
        record = incidents.report(store, item, IncidentKind.LOST, by=actor, at=now, below=below)
        return f"Đã ghi: đang tìm bưu gửi này. Biên bản {codes.shown(record.code)}."

    return _carried_out(request, store, code, "missing", carry_out, actor=actor, at=now, typed=typed)


@router.post("/items/{code}/damaged")
def damaged(
    request: Request, code: str, store: StoreDep, actor: Holding, now: Now, below: Chance, typed: Typed
) -> Response:
    """Say that an envelope is torn or wet; the record of it is where the inventory is written."""

    def carry_out(item: str) -> str:
        record = incidents.report(store, item, IncidentKind.DAMAGED, by=actor, at=now, below=below)
        said = "Đã ghi: rách hoặc ướt. Kiểm kê cùng người chứng kiến trong biên bản"
        return f"{said} {codes.shown(record.code)}."

    return _carried_out(request, store, code, "damaged", carry_out, actor=actor, at=now, typed=typed)


@router.post("/items/{code}/found")
def found(request: Request, code: str, store: StoreDep, actor: Holding, now: Now, typed: Typed) -> Response:
    """Say that an envelope was found, or its damage settled."""

    def carry_out(item: str) -> str:
        incidents.settle_trouble(store, item, by=actor, at=now)
        return "Đã ghi: sự cố đã xong."

    return _carried_out(request, store, code, "found", carry_out, actor=actor, at=now, typed=typed)


@router.post("/items/{code}/turn-round")
def turn_round(request: Request, code: str, store: StoreDep, actor: Holding, now: Now, typed: Typed) -> Response:
    """Send an envelope that never reached the authority back to its citizen."""

    def carry_out(item: str) -> str:
        turned = homeward.turn_round(store, item, by=actor, at=now)
        return f"Bì quay về người dân: {turned.destination.name}. Dán nhãn mới rồi chuyển đi."

    return _carried_out(request, store, code, "turn-round", carry_out, actor=actor, at=now, typed=typed)


@router.post("/items/{code}/receiver")
def complete_receiver(
    request: Request, code: str, store: StoreDep, actor: TakingResults, now: Now, typed: Typed
) -> Response:
    """Say who gets a result that waits without an address."""

    def carry_out(item: str) -> str:
        form = Form(typed)
        way = form.choice("way", ReturnWay, default=ReturnWay.HOME)
        person = result_lines.typed_person(store, form, "receiver", at=now) or Person(name="")
        if form.errors:
            raise result_lines.WrongReceiver(why=next(iter(form.errors.values())))
        after = intake.complete_receiver(store, item, receiver=person, return_way=way, by=actor, at=now)
        return f"Đã ghi người nhận. Nơi đến: {after.destination.name}."

    return _carried_out(request, store, code, "receiver", carry_out, actor=actor, at=now, typed=typed)


def _carried_out(
    request: Request,
    store: StoreDep,
    code: str,
    step: str,
    carry_out: Callable[[str], str],
    *,
    actor: Actor,
    at: datetime,
    typed: dict[str, str],
) -> Response:
    """Carry out a step and come back; a refusal shows the page with the sentence and what was typed."""
    parsed = _parsed(code)
    page = item_queries.item_page(store, parsed, actor=actor)
    try:
        said = carry_out(parsed)
    except Refused as refused:
        again = item_queries.refused(page, step=step, sentence=str(refused), typed=typed)
        return _shown(request, store, again, actor=actor, at=at, status=status_of(refused))
    return RedirectResponse(f"/items/{parsed}?said={said}", status_code=303)


def _shown(
    request: Request, store: StoreDep, page: ItemPage, *, actor: Actor, at: datetime, status: int = 200
) -> Response:
    if page.shows_texts:
        deps.note_view(store, actor=actor, subject=page.code, what="item_reasons_seen", at=at)
    agreed = agreeing.of_item(store, page.code, actor=actor) if page.is_party else {}
    shown = item_queries.with_agreed(page, list(agreed.values()))
    return render.page(request, "items/page.html", shown, status=status)


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.ITEM).text
