"""The records of incidents: the list, one record with what may be done, its paper and its photo."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.events import IncidentKind, Outcome
from postal.domain.incident import BY_HAND, INCIDENT_NAMES
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.printing import papers
from postal.queries import incidents as incident_queries
from postal.queries import receivers
from postal.queries.incidents import IncidentPage
from postal.services import incidents
from postal.web import deps, forms, photos, printing, render
from postal.web.deps import Chance, Now, Posted, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]
Answering = Annotated[Actor, acting(Permission.ANSWER_INCIDENT)]
Settling = Annotated[Actor, acting(Permission.SETTLE_INCIDENT)]
Receiving = Annotated[Actor, acting(Permission.RECEIVE)]

LONGEST_SEEN = 64
"""So much of what stands on an envelope without a readable code is written down."""


class NothingSeen(Refused):
    """A thing without a code is described."""

    code = "nothing_seen"
    vi = "Chưa quét mã và chưa ghi gì đọc được trên bì. Quét mã, hoặc ghi chữ và dấu hiệu trên bì."
    en = "Scan a code, or write down what stands on the envelope."


class NothingScannedHere(Refused):
    """Damage, a wrong way and a loss are about a known thing."""

    code = "no_code_of_incident"
    vi = "Chưa có mã bưu gửi hoặc túi. Quét nhãn; không có nhãn thì chọn “Có mã chưa biết”."
    en = "Scan the label of the item or bag first."


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPage:
    """The form that opens a record by hand."""

    kinds: tuple[tuple[str, str], ...]
    kind: str
    about: str
    seen: str
    note: str
    request: str
    errors: dict[str, str] = field(default_factory=dict)


@router.get("/incidents")
def show_all(request: Request, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Show what a place must answer, the overdue first."""
    return render.page(request, "incidents/list.html", incident_queries.incidents_page(store, actor=actor, at=now))


@router.get("/incidents/new")
def new(request: Request, _actor: Answering, about: str = "", kind: str = "") -> Response:
    """Show the form; `about` is what was scanned before."""
    page = _new({"about": about, "kind": kind, "request": secrets.token_hex(16)})
    return render.page(request, "incidents/new.html", page)


@router.post("/incidents/new")
def open_one(request: Request, store: StoreDep, actor: Answering, now: Now, below: Chance, posted: Posted) -> Response:
    """Open a record by hand."""
    typed = {name: value.strip() for name, value in posted.items() if isinstance(value, str)}
    try:
        kind = next((k for k in BY_HAND if k.value == typed.get("kind")), IncidentKind.UNKNOWN_ITEM)
        about = _about(typed.get("about", ""))
        seen = forms.line(typed.get("seen", ""), most=LONGEST_SEEN)
        if not about and kind is not IncidentKind.UNKNOWN_ITEM:
            raise NothingScannedHere
        if not about and not seen:
            raise NothingSeen
        made = incidents.open_by_hand(
            store,
            kind,
            about=about,
            seen=seen,
            note=forms.line(typed.get("note", ""), most=forms.LONGEST_TEXT),
            photo=_photo(posted),
            media_type=photos.MEDIA_TYPE,
            request=typed.get("request", "")[:40],
            by=actor,
            at=now,
            below=below,
        )
    except Refused as refused:
        again = _new(typed, errors={"about": str(refused)})
        return render.page(request, "incidents/new.html", again, status=_status(refused))
    said = "Đã lập biên bản. In ra cho hai bên ký nếu cần."
    return RedirectResponse(f"/incidents/{made.code}?said={said}", status_code=303)


@router.get("/incidents/{code}")
def show(request: Request, code: str, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Show a record to one of its sides."""
    page = incident_queries.incident_page(store, _parsed(code), actor=actor, at=now)
    return _shown(request, store, page, actor=actor, at=now)


@router.get("/incidents/{code}/record.pdf")
def record(code: str, store: StoreDep, actor: Answering, now: Now) -> Response:
    """Print the record for both sides to sign."""
    parsed = _parsed(code)
    value = incident_queries.incident_print(store, parsed, actor=actor)
    deps.note_view(store, actor=actor, subject=parsed, what="incident_printed", at=now)
    return printing.answer(papers.incident_pdf(value), name=f"bien-ban-{parsed}")


@router.get("/incidents/{code}/photo")
def photo(code: str, store: StoreDep, actor: Answering, now: Now) -> Response:
    """Show the photo of a record to one of its sides."""
    parsed = _parsed(code)
    file = incident_queries.photo(store, parsed, actor=actor)
    deps.note_view(store, actor=actor, subject=parsed, what="incident_photo_seen", at=now)
    return Response(file.content, media_type=file.media_type, headers={"Cache-Control": "no-store"})


@router.post("/incidents/{code}/answer")
def answer(request: Request, code: str, store: StoreDep, actor: Answering, now: Now, typed: Typed) -> Response:
    """Write what one side knows."""

    def carry_out(parsed: str) -> str:
        note = forms.line(typed.get("answer", ""), most=forms.LONGEST_TEXT)
        incidents.answer(store, parsed, note=note, by=actor, at=now)
        return "Đã ghi trả lời. Hai bên cùng thấy."

    return _carried_out(request, store, code, "answer", carry_out, actor=actor, at=now, typed=typed)


@router.post("/incidents/{code}/sight")
def sight(request: Request, code: str, store: StoreDep, actor: Answering, now: Now, typed: Typed) -> Response:
    """Say that the envelope itself was scanned; the code is scanned once more to say so."""

    def carry_out(parsed: str) -> str:
        page = incident_queries.incident_page(store, parsed, actor=actor, at=now)
        scanned = codes.parse(typed.get("scanned", "")).text
        if scanned != page.about:
            raise WrongThing(scanned=codes.shown(scanned), about=codes.shown(page.about))
        incidents.sight(store, scanned, by=actor, at=now)
        return "Đã ghi lượt quét. Nhờ người khác kết thúc biên bản."

    return _carried_out(request, store, code, "sight", carry_out, actor=actor, at=now, typed=typed)


class WrongThing(Refused):
    """Another label was scanned."""

    code = "wrong_thing_sighted"
    vi = "Vừa quét {scanned}, biên bản này về {about}. Quét đúng nhãn của {about}."
    en = "{scanned} was scanned; this record is about {about}."


@router.post("/incidents/{code}/settle")
def settle(request: Request, code: str, store: StoreDep, actor: Settling, now: Now, typed: Typed) -> Response:
    """End a record with words."""

    def carry_out(parsed: str) -> str:
        outcome = next((each for each in Outcome if each.value == typed.get("outcome")), Outcome.EXPLAINED)
        amount = forms.money(typed["amount"]) if typed.get("amount") else None
        note = forms.line(typed.get("note", ""), most=forms.LONGEST_TEXT)
        incidents.settle(store, parsed, outcome=outcome, note=note, amount=amount, by=actor, at=now)
        return "Đã kết thúc biên bản."

    return _carried_out(request, store, code, "settle", carry_out, actor=actor, at=now, typed=typed)


@router.post("/found/{code}")
def found(code: str, store: StoreDep, actor: Receiving, now: Now, typed: Typed) -> Response:
    """Say that what is looked for is here; its records end as found."""
    parsed = codes.parse(code).text
    to = receivers.custodian_of(store, typed.get("to", ""))
    after = incidents.found(store, parsed, to=to, by=actor, at=now)
    where = "/items" if parsed.startswith(CodeKind.ITEM.value) else "/bags"
    return RedirectResponse(f"{where}/{parsed}?said=Đã ghi: đã thấy, {after.custodian} giữ.", status_code=303)


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
    try:
        said = carry_out(parsed)
    except Refused as refused:
        page = incident_queries.incident_page(store, parsed, actor=actor, at=at)
        again = incident_queries.refused(page, step=step, sentence=str(refused), typed=typed)
        return _shown(request, store, again, actor=actor, at=at, status=_status(refused))
    return RedirectResponse(f"/incidents/{parsed}?said={said}", status_code=303)


def _shown(
    request: Request, store: StoreDep, page: IncidentPage, *, actor: Actor, at: datetime, status: int = 200
) -> Response:
    if page.shows_texts:
        deps.note_view(store, actor=actor, subject=page.code, what="incident_seen", at=at)
    return render.page(request, "incidents/incident.html", page, status=status)


def _status(refused: Refused) -> int:
    """Return the status of a form that comes back: the page is there, whatever is not."""
    status = status_of(refused)
    return 422 if status == 404 else status


def _about(text: str) -> str:
    return codes.parse(text).text if text.strip() else ""


def _photo(posted: FormData) -> bytes:
    """Return the photo of a form as we keep it, empty when none was sent."""
    sent = posted.get("photo")
    content = sent.file.read() if isinstance(sent, UploadFile) else b""
    return photos.reencoded(content) if content else b""


def _new(typed: dict[str, str], *, errors: dict[str, str] | None = None) -> NewPage:
    return NewPage(
        kinds=tuple((kind.value, INCIDENT_NAMES[kind]) for kind in BY_HAND),
        kind=typed.get("kind") or IncidentKind.UNKNOWN_ITEM.value,
        about=typed.get("about", ""),
        seen=typed.get("seen", ""),
        note=typed.get("note", ""),
        request=typed.get("request") or secrets.token_hex(16),
        errors=errors or {},
    )


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.INCIDENT).text
