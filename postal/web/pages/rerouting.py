"""The buttons that send on what is at the wrong place. Each is one step and comes back to the envelope."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import receivers
from postal.services import rerouting
from postal.web.deps import Chance, Now, StoreDep, Typed, acting

router = APIRouter(include_in_schema=False)

Holding = Annotated[Actor, acting(Permission.HAND_OVER)]
Packing = Annotated[Actor, acting(Permission.PACK_BAG)]


@router.post("/items/{code}/send-on")
def send_on(code: str, store: StoreDep, actor: Holding, now: Now, below: Chance, typed: Typed) -> Response:
    """Offer an envelope to who carries on towards its destination."""
    parsed = _parsed(code)
    to = receivers.custodian_of(store, typed.get("to", ""))
    own = receivers.custodian_of(store, typed.get("own", ""))
    record = rerouting.send_on(store, parsed, to=to, own=own, by=actor, at=now, below=below)
    if record is None:
        return RedirectResponse(f"/items/{parsed}?said=Đã chuyển đến {to}.", status_code=303)
    said = f"Đã lập biên bản giao {to}. Chờ ký nhận."
    return RedirectResponse(f"/handovers/{record.code}?said={said}", status_code=303)


@router.post("/items/{code}/into-bag")
def into_bag(code: str, store: StoreDep, actor: Packing, now: Now, below: Chance, typed: Typed) -> Response:
    """Put an envelope into a bag that goes its way."""
    parsed = _parsed(code)
    bag = codes.parse(typed.get("bag", ""), kind=CodeKind.BAG).text
    rerouting.put_into_bag(store, parsed, bag, by=actor, at=now, below=below)
    return RedirectResponse(f"/items/{parsed}?said=Đã đưa vào túi {codes.shown(bag)}.", status_code=303)


@router.post("/items/{code}/follow")
def follow(code: str, store: StoreDep, actor: Holding, now: Now) -> Response:
    """Give an envelope the destination its dossier has by now."""
    parsed = _parsed(code)
    after = rerouting.follow_destination(store, parsed, by=actor, at=now)
    said = f"Nơi đến mới: {after.destination.name}. Dán nhãn mới rồi bàn giao."
    return RedirectResponse(f"/items/{parsed}?said={said}", status_code=303)


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.ITEM).text
