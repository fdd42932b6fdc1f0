"""Digitising papers: a scanner's file in, pages to papers, pages that are held, and how much is digitised."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.scanning import PagesGone
from postal.queries import digitised
from postal.queries.digitised import ScansPage
from postal.services import digitising, shelving
from postal.services.digitising import Taken
from postal.services.sheets import EmptyFile
from postal.services.shelving import Shelf
from postal.web import deps, forms, render
from postal.web.deps import Now, Posted, ShelfDep, StoreDep, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Digitising = Annotated[Actor, acting(Permission.DIGITISE)]
SeeingScans = Annotated[Actor, acting(Permission.SEE_SCANS)]
Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]

UPLOAD, FILE, DROP, REUSE, ASSIGN = "upload", "file", "drop", "reuse", "assign"

LOCKED_UP = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""What somebody uploaded is shown or stored by the browser, and never runs."""

ALREADY = "Tệp này đã được nhận trước đó, không nhận lần nữa."


# --- a stack ----------------------------------------------------------------------------------------------------------


@router.get("/digitise")
def show(request: Request, store: StoreDep, actor: Digitising) -> Response:
    """Show what waits, and take a file of the scanner."""
    return render.page(request, "digitise/home.html", digitised.home(store, actor=actor))


@router.post("/digitise")
def take(request: Request, store: StoreDep, shelf: ShelfDep, actor: Digitising, now: Now, posted: Posted) -> Response:
    """Take a stack of one or several dossiers apart by its labels."""
    try:
        taken = _taken_in(store, shelf, posted, actor=actor, at=now)
    except Refused as refused:
        page = replace(digitised.home(store, actor=actor), errors={"stack": str(refused)})
        return render.page(request, "digitise/home.html", page, status=status_of(refused))
    only = list(taken.by_dossier or {})
    where = f"/digitise/{only[0]}" if len(only) == 1 and not taken.held else "/digitise"
    return _back(where, said=_told(taken))


# --- held pages -------------------------------------------------------------------------------------------------------


@router.get("/digitise/held")
def show_held(request: Request, store: StoreDep, actor: Digitising, now: Now) -> Response:
    """Show the pages of this place that belong to nobody yet."""
    deps.note_view(store, actor=actor, subject=actor.place, what="held_pages_seen", at=now)
    return render.page(request, "digitise/held.html", digitised.held(store, actor=actor))


@router.post("/digitise/held")
def settle_held(
    request: Request, store: StoreDep, shelf: ShelfDep, actor: Digitising, now: Now, posted: Posted
) -> Response:
    """Give held pages to a dossier, or drop them."""
    pages, code = _pages(posted), _text(posted, "code")
    try:
        if _text(posted, "step") == DROP:
            said = f"Đã bỏ {digitising.drop(store, shelf, pages, by=actor, at=now)} trang."
        else:
            many = digitising.assign(store, pages, code=code, by=actor, at=now)
            said = f"Đã chuyển {many} trang vào hồ sơ {codes.shown(code)}."
    except Refused as refused:
        page = replace(
            digitised.held(store, actor=actor),
            typed={"code": code},
            errors={f"code-{_text(posted, 'stack')}": str(refused)},
            error_at=_text(posted, "stack"),
        )
        return render.page(request, "digitise/held.html", page, status=status_of(refused))
    return _back("/digitise/held", said=said)


@router.get("/digitise/ratio")
def show_ratio(request: Request, store: StoreDep, actor: Seeing, now: Now, month: str = "") -> Response:
    """Show how much of a month's papers is digitised."""
    return render.page(request, "digitise/ratio.html", digitised.ratio(store, actor=actor, month=month, at=now))


@router.get("/digitise/pages/{file}.jpg")
def picture(file: str, store: StoreDep, actor: SeeingScans) -> Response:
    """Show a page that waits; the page around it has left the audit line."""
    found = digitised.page_picture(store, file, actor=actor)
    return Response(found.content, media_type=found.media_type, headers=LOCKED_UP)


# --- a dossier --------------------------------------------------------------------------------------------------------


@router.get("/digitise/{code}")
def show_dossier(request: Request, code: str, store: StoreDep, actor: SeeingScans, now: Now) -> Response:
    """Show the papers of a dossier, their files, and the pages that wait."""
    parsed = _parsed(code)
    deps.note_view(store, actor=actor, subject=parsed, what="scans_seen", at=now)
    return render.page(request, "digitise/dossier.html", _page(store, parsed, actor=actor, at=now))


@router.post("/digitise/{code}")
def work(
    request: Request, code: str, store: StoreDep, shelf: ShelfDep, actor: Digitising, now: Now, posted: Posted
) -> Response:
    """File pages as a paper, drop them, use a paper again, or take another file of the scanner."""
    parsed, step = _parsed(code), _text(posted, "step")
    doing = _STEPS.get(step, _file)
    try:
        said = doing(store, shelf, parsed, posted, actor, now)
    except Refused as refused:
        field = {UPLOAD: "stack", REUSE: f"reuse-{_text(posted, 'line')}"}.get(step, "line")
        page = replace(
            _page(store, parsed, actor=actor, at=now),
            line=_text(posted, "line"),
            valid_to=_text(posted, "valid_to"),
            ticked=frozenset(_pages(posted)),
            errors={field: str(refused)},
        )
        return render.page(request, "digitise/dossier.html", page, status=status_of(refused))
    return _back(f"/digitise/{parsed}", said=said)


@router.get("/digitise/{code}/{line}.pdf")
def scan(code: str, line: int, store: StoreDep, shelf: ShelfDep, actor: SeeingScans, now: Now) -> Response:
    """Give the file of a paper to whoever may see the scans of the dossier; every time leaves an audit line."""
    parsed = _parsed(code)
    kept = digitised.scan_file(store, parsed, line, actor=actor)
    deps.note_view(store, actor=actor, subject=parsed, what="scan_opened", at=now)
    found = shelving.fetched(store, shelf, kept)
    disposition = {"Content-Disposition": f'attachment; filename="{parsed}-{line}.pdf"'}
    return Response(found.content, media_type=found.media_type, headers={**LOCKED_UP, **disposition})


def _file(store: StoreDep, shelf: Shelf, code: str, posted: FormData, actor: Actor, at: datetime) -> str:
    """File the ticked pages, or everything up to the page whose button was pressed."""
    line, typed = _line(posted), _text(posted, "valid_to")
    valid_to: date | None = forms.day(typed) if typed else None
    pages = _pages(posted)
    if last := _text(posted, "upto"):
        pages = _up_to(store, code, last, actor=actor)
    after = digitising.file_pages(store, shelf, code, line, pages=pages, valid_to=valid_to, by=actor, at=at)
    done = after.scan_of(line)
    assert done is not None
    rest = "Mọi giấy tờ cần số hóa đã xong." if after.is_digitised else f"Còn {after.scans_left} giấy tờ."
    return f"Đã ghi {done.pages} trang vào giấy tờ số {line}. {rest}"


def _drop(store: StoreDep, shelf: Shelf, code: str, posted: FormData, actor: Actor, at: datetime) -> str:
    del code  # a page knows its dossier
    return f"Đã bỏ {digitising.drop(store, shelf, _pages(posted), by=actor, at=at)} trang."


def _reuse(store: StoreDep, shelf: Shelf, code: str, posted: FormData, actor: Actor, at: datetime) -> str:
    line, source = _line(posted), _text(posted, "source")
    is_agreed = bool(_text(posted, "agreed"))
    digitising.reuse(store, shelf, code, line, source=source, is_agreed=is_agreed, by=actor, at=at)
    return f"Giấy tờ số {line} dùng lại bản đã số hóa của hồ sơ {codes.shown(source.partition('/')[0])}."


def _upload(store: StoreDep, shelf: Shelf, code: str, posted: FormData, actor: Actor, at: datetime) -> str:
    return _told(_taken_in(store, shelf, posted, actor=actor, at=at, default=code))


_STEPS: dict[str, Callable[[StoreDep, Shelf, str, FormData, Actor, datetime], str]] = {
    UPLOAD: _upload,
    FILE: _file,
    DROP: _drop,
    REUSE: _reuse,
}


def _taken_in(
    store: StoreDep, shelf: Shelf, posted: FormData, *, actor: Actor, at: datetime, default: str = ""
) -> Taken:
    sent = posted.get("stack")
    if not isinstance(sent, UploadFile):
        raise EmptyFile
    return digitising.take_in(
        store, shelf, sent.file.read(), place=actor.place, account=actor.account, at=at, default=default
    )


def _told(taken: Taken) -> str:
    parts = [f"{codes.shown(code)}: {many} trang" for code, many in (taken.by_dossier or {}).items()]
    held = [f"{taken.held} trang chưa biết của hồ sơ nào, xem ở “Trang để riêng”"] if taken.held else []
    where = "; ".join([*parts, *held])
    if taken.is_known:
        return f"{ALREADY} Đang chờ: {where}." if where else ALREADY
    return f"Đã nhận {taken.pages} trang. {where}."


def _page(store: StoreDep, code: str, *, actor: Actor, at: datetime) -> ScansPage:
    page = digitised.scans_page(store, code, actor=actor)
    if not page.can_digitise:
        return page
    try:
        offers = digitising.offers(store, code, by=actor, at=at)
    except Refused:  # who only looks is offered nothing
        return page
    return digitised.scans_page(store, code, actor=actor, offers=offers) if offers else page


def _up_to(store: StoreDep, code: str, last: str, *, actor: Actor) -> list[str]:
    """Return the waiting pages up to one. Raises: PagesGone when that one waits no longer."""
    waiting = [page.file for page in digitised.scans_page(store, code, actor=actor).waiting]
    if last not in waiting:
        raise PagesGone
    return waiting[: waiting.index(last) + 1]


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.DOSSIER).text


def _line(posted: FormData) -> int:
    text = _text(posted, "line")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _pages(posted: FormData) -> list[str]:
    return [value for value in posted.getlist("page") if isinstance(value, str)]


def _text(posted: FormData, name: str) -> str:
    value = posted.get(name)
    return value.strip() if isinstance(value, str) else ""


def _back(where: str, *, said: str) -> Response:
    return RedirectResponse(f"{where}?said={quote(said)}", status_code=303)
