"""Taking a citizen's complaint about the post; it is answered and ended as an incident."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.events import ComplaintTopic
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import complaints as complaint_queries
from postal.services import complaints
from postal.web import filters, forms, render
from postal.web.deps import Chance, Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Taking = Annotated[Actor, acting(Permission.TAKE_COMPLAINT)]


class NoTopic(Refused):
    """A complaint is about something of the list."""

    code = "no_complaint_topic"
    vi = "Chưa chọn khách khiếu nại việc gì. Chọn một việc trong danh sách."
    en = "Choose what the complaint is about."


@router.get("/complaints/new")
def new(request: Request, store: StoreDep, actor: Taking, now: Now, about: str = "") -> Response:
    """Show the form for a dossier or an item."""
    code = codes.parse(about).text
    page = complaint_queries.form_page(store, code, actor=actor, at=now, request=secrets.token_hex(16))
    return render.page(request, "complaints/new.html", page)


@router.post("/complaints/new")
def take(request: Request, store: StoreDep, actor: Taking, now: Now, below: Chance, typed: Typed) -> Response:
    """Write the complaint down; what the form may not be about is refused as when it was shown."""
    about = codes.parse(typed.get("about", "")).text
    number = typed.get("request", "")[:40] or secrets.token_hex(16)
    page = complaint_queries.form_page(store, about, actor=actor, at=now, request=number)
    try:
        made = complaints.open_complaint(
            store,
            about,
            topic=_topic(typed.get("topic", "")),
            note=forms.line(typed.get("note", ""), most=forms.LONGEST_TEXT),
            request=number,
            by=actor,
            at=now,
            below=below,
        )
    except Refused as refused:
        again = complaint_queries.refused(page, fields={_FIELDS.get(refused.code, "about"): str(refused)}, typed=typed)
        return render.page(request, "complaints/new.html", again, status=status_of(refused))
    said = f"Đã nhận khiếu nại. Báo khách: bưu điện trả lời chậm nhất ngày {filters.short_day(made.due_at)}."
    return RedirectResponse(f"/incidents/{made.code}?said={said}", status_code=303)


_FIELDS = {NoTopic.code: "topic", complaints.NoComplaint.code: "note", forms.TooLong.code: "note"}
"""Beside which field a refusal stands."""


def _topic(text: str) -> ComplaintTopic:
    found = next((topic for topic in ComplaintTopic if topic.value == text), None)
    if found is None:
        raise NoTopic
    return found
