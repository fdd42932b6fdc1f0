"""Price tables: what is in force, coming and past; a file is tried first, then entered; tables as files."""

import base64
from dataclasses import replace
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import tariffs as tariff_queries
from postal.queries.tariffs import RowNote, TariffPage, Tried
from postal.services import importing, tariffs
from postal.services.catalogue import Imported
from postal.services.importing import RowError
from postal.web import render
from postal.web.deps import Now, Posted, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Keeping = Annotated[Actor, acting(Permission.MANAGE_CATALOGUE)]
Kind = Literal["postage", "fees"]


class NoFile(Refused):
    """A table comes as a file."""

    code = "no_tariff_file"
    vi = "Chưa chọn tệp bảng giá. Chọn tệp CSV hoặc Excel rồi nhấn Kiểm tra."
    en = "Choose the file of the price table first."


@router.get("/tariffs")
def show(request: Request, store: StoreDep, _actor: Keeping, now: Now) -> Response:
    """Show every price table."""
    return render.page(request, "tariffs/list.html", tariff_queries.tariff_page(store, at=now))


@router.post("/tariffs/try")
def try_out(request: Request, store: StoreDep, actor: Keeping, now: Now, posted: Posted) -> Response:
    """Say what a file would do, and write nothing."""
    sent = posted.get("file")
    content = sent.file.read() if isinstance(sent, UploadFile) else b""
    try:
        if not content:
            raise NoFile
        done = tariffs.import_tariffs(store, content, at=now, dry_run=True, by=actor)
    except Refused as refused:
        page = tariff_queries.tariff_page(store, at=now)
        again = replace(page, errors={"file": str(refused)})
        return render.page(request, "tariffs/list.html", again, status=status_of(refused))
    name = sent.filename if isinstance(sent, UploadFile) and sent.filename else "tệp đã chọn"
    return _tried(request, store, done, content=content, name=name[:120], now=now)


@router.post("/tariffs/enter")
def enter(request: Request, store: StoreDep, actor: Keeping, now: Now, typed: Typed) -> Response:
    """Enter the file that was tried, unless it fits no more."""
    content = _content(typed)
    done = tariffs.import_tariffs(store, content, at=now, by=actor)
    if done.errors or not content:
        return _tried(request, store, done, content=content, name=typed.get("name", ""), now=now)
    said = f"Đã nhập bảng giá: {done.added} dòng mới, {done.changed} dòng thay đổi, {done.unchanged} dòng như cũ."
    return RedirectResponse(f"/tariffs?said={said}", status_code=303)


@router.post("/tariffs/wrong-rows.csv")
def wrong_rows(store: StoreDep, actor: Keeping, now: Now, typed: Typed) -> Response:
    """Give the rows that are wrong as a file, with what is wrong with each."""
    content = _content(typed)
    done = tariffs.import_tariffs(store, content, at=now, dry_run=True, by=actor)
    return _csv(importing.error_file(content, done.errors), name="bang-gia-dong-sai")


@router.get("/tariffs/{kind}-example.csv")
def example(kind: Kind, _actor: Keeping) -> Response:
    """Give an example of a file; its sums are made up and say so."""
    return _csv(tariffs.example(kind), name=f"bang-gia-mau-{kind}")


@router.get("/tariffs/{kind}.csv")
def exported(kind: Kind, store: StoreDep, _actor: Keeping) -> Response:
    """Give all prices of a kind as a file that may be entered again."""
    names = {"postage": "bang-gia-cuoc", "fees": "bang-phi-le-phi"}
    return _csv(tariffs.exported(store, kind), name=names[kind])


@router.post("/tariffs/withdraw")
def withdraw(request: Request, store: StoreDep, actor: Keeping, now: Now, typed: Typed) -> Response:
    """Withdraw a table that has not begun."""
    try:
        name = tariffs.withdraw(store, typed.get("key", ""), by=actor, at=now)
    except Refused as refused:
        page = replace(tariff_queries.tariff_page(store, at=now), errors={"coming": str(refused)})
        return render.page(request, "tariffs/list.html", page, status=status_of(refused))
    said = f"Đã bỏ {name}. Bảng giá trước đó, nếu có, áp dụng tiếp." if name else "Bảng giá này đã được bỏ trước đó."
    return RedirectResponse(f"/tariffs?said={quote(said)}", status_code=303)


def _tried(request: Request, store: StoreDep, done: Imported, *, content: bytes, name: str, now: Now) -> Response:
    tried = Tried(
        name=name,
        kind="cước" if done.kind == "postage" else "phí, lệ phí",
        content=base64.b64encode(content).decode(),
        read=done.read,
        added=done.added,
        changed=done.changed,
        unchanged=done.unchanged,
        errors=tuple(map(_note, done.errors)),
        notes=tuple(map(_note, done.notes)),
    )
    page: TariffPage = replace(tariff_queries.tariff_page(store, at=now), tried=tried)
    return render.page(request, "tariffs/list.html", page, status=422 if done.errors else 200)


def _note(error: RowError) -> RowNote:
    return RowNote(row=error.row, column=error.column, message=error.message)


def _content(typed: dict[str, str]) -> bytes:
    """Return the file that a page carried along, nothing where it was altered."""
    try:
        return base64.b64decode(typed.get("content", ""), validate=True)
    except ValueError:
        return b""


def _csv(content: bytes, *, name: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=disposition)
