"""Positions and shifts: who answers for what, passed on by a counted hand-over with two signatures."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import shifts
from postal.services import shift
from postal.web import cosigning, render
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
        signature = Signature(username=typed.get("username", ""), password=typed.get("password", ""))
        second = cosigning.second_person(request, store, settings, signature)
        holding = shift.pass_position(store, key, to=second, counted=counted, by=actor, at=now)
    except Refused as refused:
        field = "counted" if isinstance(refused, NoCount) else "username"
        again = shifts.refused(page, field=field, sentence=str(refused), typed=typed)
        return render.page(request, "shift/pass.html", again, status=status_of(refused))
    said = f"{second.name} đã nhận {page.line.name}: đếm {holding.counted}, sổ {holding.expected}."
    return RedirectResponse(f"/shift?said={said}", status_code=303)


def _counted(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise NoCount
    return int(text[:6])
