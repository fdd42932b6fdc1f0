"""The search for a lost envelope: likely places with reasons, and one button to ask each."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import loss
from postal.services import incidents
from postal.web import render
from postal.web.deps import Chance, Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Searching = Annotated[Actor, acting(Permission.SEARCH_LOST)]


class NotOnTheList(Refused):
    """Only a place of the list is asked."""

    code = "not_on_the_list"
    vi = "Nơi này không còn trong danh sách gợi ý. Tải lại trang rồi chọn nơi khác."
    en = "This place is no longer on the list. Reload the page."


@router.get("/items/{code}/search")
def show(request: Request, code: str, store: StoreDep, actor: Searching, now: Now) -> Response:
    """Show where an envelope probably lies."""
    page = loss.search_page(store, _parsed(code), actor=actor, at=now)
    return render.page(request, "loss/search.html", page)


@router.post("/items/{code}/search")
def ask(
    request: Request, code: str, store: StoreDep, actor: Searching, now: Now, below: Chance, typed: Typed
) -> Response:
    """Ask a place of the list; its people see the question among their incidents."""
    parsed = _parsed(code)
    page = loss.search_page(store, parsed, actor=actor, at=now)
    place = typed.get("place", "")
    try:
        if not any(each.code == place and each.can_ask for each in page.places):
            raise NotOnTheList
        note = f"Bưu gửi {codes.shown(parsed)} có ở đây không? {loss.why(page, place)}"
        incidents.ask(store, parsed, place=place, note=note, by=actor, at=now, below=below)
    except Refused as refused:
        again = loss.refused(page, sentence=str(refused))
        return render.page(request, "loss/search.html", again, status=status_of(refused))
    return RedirectResponse(f"/items/{parsed}/search?said=Đã hỏi. Nơi đó thấy câu hỏi trong Sự cố.", status_code=303)


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.ITEM).text
