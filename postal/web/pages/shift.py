"""Positions and shifts: who answers for what, passed on by a counted hand-over with two signatures."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain.cash import DifferenceUnexplained
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import shifts
from postal.services import shift
from postal.services.money import Counted
from postal.web import cosigning, forms, render
from postal.web.cosigning import Signature
from postal.web.deps import Now, SettingsDep, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Changing = Annotated[Actor, acting(Permission.CHANGE_SHIFT)]


class NoCount(Refused):
    """The next person counts before signing."""

    code = "no_count"
    vi = "Chưa có số bưu gửi đã đếm. Đếm hết bưu gửi ở vị trí này rồi nhập số, kể cả khi là 0."
    en = "Count the items of this position and enter the number, also when it is 0."


_FIELDS: dict[type[Refused], str] = {
    NoCount: "counted",
    shift.MoneyNotCounted: "postage",
    forms.NotANumber: "postage",
    forms.TooMuch: "postage",
    DifferenceUnexplained: "reason",
}


@router.get("/shift")
def show(request: Request, store: StoreDep, actor: Changing) -> Response:
    """Show the positions of the unit and who holds them."""
    return render.page(request, "shift/list.html", shifts.shift_page(store, actor=actor))


@router.get("/shift/{key}")
def show_position(request: Request, key: str, store: StoreDep, actor: Changing) -> Response:
    """Show what must be counted before a position passes on."""
    return render.page(request, "shift/pass.html", shifts.pass_page(store, key, actor=actor))


@router.post("/shift/{key}/take")
def take(key: str, store: StoreDep, actor: Changing, now: Now) -> Response:
    """Take a position that nobody holds."""
    shifts.must_be_free_for(store, key, actor=actor)
    shift.take_free_positions(store, entitled=(key,), by=actor, at=now)
    return RedirectResponse("/shift?said=Đã nhận vị trí.", status_code=303)


@router.post("/shift/{key}/pass")
def pass_on(
    request: Request, key: str, store: StoreDep, settings: SettingsDep, actor: Changing, now: Now, typed: Typed
) -> Response:
    """Pass a position to the next person, who counted and signs; a difference is said at once."""
    page = shifts.pass_page(store, key, actor=actor)
    try:
        counted = _counted(typed.get("counted", ""))
        cash = _money(typed) if page.has_till else None
        signature = Signature(username=typed.get("username", ""), password=typed.get("password", ""))
        second = cosigning.second_person(request, store, settings, signature)
        holding = shift.pass_position(store, key, to=second, counted=counted, cash=cash, by=actor, at=now)
    except Refused as refused:
        field = _FIELDS.get(type(refused), "username")
        again = shifts.refused(page, field=field, sentence=str(refused), typed=typed)
        return render.page(request, "shift/pass.html", again, status=status_of(refused))
    said = f"{second.name} đã nhận {page.line.name}: đếm {holding.counted}, sổ {holding.expected}."
    return RedirectResponse(f"/shift?said={said}", status_code=303)


def _money(typed: dict[str, str]) -> Counted | None:
    """Return the money that was counted, None when nothing was entered. Raises: NotANumber, TooMuch."""
    if not (typed.get("postage") or typed.get("fees")):
        return None
    return Counted(
        postage=forms.money(typed.get("postage") or "0"),
        fees=forms.money(typed.get("fees") or "0"),
        reason=forms.line(typed.get("reason", "")),
    )


def _counted(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise NoCount
    return int(text[:6])
