"""Chia tuyến phát: what came back to a delivery office, round by round, and what the citizen fetches."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.item import InvitedOnDayOff, InvitedTooSoon
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.run import DayGone
from postal.queries import sorting as sorting_queries
from postal.queries.sorting import SortingPage
from postal.services import invitations
from postal.web import forms, render
from postal.web.deps import Now, StoreDep, acting
from postal.web.errors import status_of
from postal.web.proofs import Sent

router = APIRouter(include_in_schema=False)

Sorting = Annotated[Actor, acting(Permission.SORT_RESULTS)]


class NothingChosen(Refused):
    """At least one line must be ticked."""

    code = "nothing_chosen"
    vi = "Chưa chọn bưu gửi nào. Đánh dấu ít nhất một dòng rồi bấm lại."
    en = "No line is ticked. Tick at least one."


@dataclass(frozen=True, kw_only=True, slots=True)
class SortingView:
    """The sorting table, with what was ticked and what could not be done."""

    sorting: SortingPage
    ticked: frozenset[str]
    until: str
    errors: dict[str, str]


@router.get("/sorting")
def show(request: Request, store: StoreDep, now: Now, actor: Sorting) -> Response:
    """Show the sorting table of the actor's office."""
    page = sorting_queries.sorting_page(store, actor=actor, at=now)
    view = SortingView(sorting=page, ticked=frozenset(), until=page.until.isoformat(), errors={})
    return render.page(request, "sorting/table.html", view)


@router.post("/sorting/keep")
def keep(request: Request, store: StoreDep, now: Now, actor: Sorting, sent: Sent) -> Response:
    """Keep the ticked results for their citizens and invite them."""
    ticked = [codes.squeezed(text) for text in sent.getlist("items") if isinstance(text, str)]
    until = str(sent.get("until", ""))
    try:
        if not ticked:
            raise NothingChosen
        invitations.hold_all_for_pickup(store, ticked, until=forms.day(until), by=actor, at=now)
    except Refused as refused:
        page = sorting_queries.sorting_page(store, actor=actor, at=now)
        field = "until" if isinstance(refused, forms.NotADay | DayGone | InvitedOnDayOff | InvitedTooSoon) else "keep"
        view = SortingView(sorting=page, ticked=frozenset(ticked), until=until, errors={field: str(refused)})
        return render.page(request, "sorting/table.html", view, status=status_of(refused))
    said = f"Đã giữ {len(ticked)} kết quả tại bưu cục và nhắn tin mời người dân."
    return RedirectResponse(f"/pickups?said={said}", status_code=303)
