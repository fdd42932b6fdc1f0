"""The register of a desk: look at it, print it, take it as a file, and close a book."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.printing import legal
from postal.queries import register as register_queries
from postal.queries.register import RegisterPrint
from postal.services import register
from postal.web import deps, printing, render
from postal.web.deps import Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Keeping = Annotated[Actor, acting(Permission.RECEIVE_OFFICIALLY)]


@router.get("/register")
def show(
    request: Request,
    store: StoreDep,
    now: Now,
    actor: Keeping,
    year: str = "",
    month: str = "",
    book: str = "",
    page: str = "",
) -> Response:
    """Show the register of the actor's desk, a month or a whole book."""
    found = register_queries.register_page(
        store,
        actor=actor,
        at=now,
        year=_number(year) or None,
        month=_month(month),
        serial=_number(book),
        page=_number(page) or 1,
    )
    deps.note_view(store, actor=actor, subject=actor.place, what="register_seen", at=now)
    return render.page(request, "register/page.html", found)


@router.post("/register/close")
def close(request: Request, store: StoreDep, now: Now, actor: Keeping, typed: Typed) -> Response:
    """Close a book; the head of the desk signs with his account, and says that he means it."""
    year, serial = _number(typed.get("year", "")), _number(typed.get("book", ""))
    try:
        if typed.get("sure") != "1":
            raise NotSure
        closed = register.close(store, year=year, serial=serial, by=actor, at=now)
    except Refused as refused:
        page = register_queries.register_page(
            store, actor=actor, at=now, year=year, serial=serial, errors={"sure": str(refused)}
        )
        return render.page(request, "register/page.html", page, status=status_of(refused))
    said = f"Đã khóa sổ năm {closed.year}, quyển {closed.serial:02d}."
    return RedirectResponse(f"/register?year={year}&book={serial}&said={said}", status_code=303)


class NotSure(Refused):
    """Closing cannot be undone, so it is said twice."""

    code = "register_not_sure"
    vi = "Khóa sổ rồi không ghi thêm được. Đánh dấu đồng ý, rồi chọn “Khóa sổ”."
    en = "A closed book takes nothing more. Tick the box, then close it."


@router.get("/register/{name}.pdf")
def as_pdf(
    name: str, store: StoreDep, now: Now, actor: Keeping, year: str, book: str = "", month: str = ""
) -> Response:
    """Print a book, or a month of it."""
    content = _file(store, legal.register_pdf, actor=actor, at=now, year=year, book=book, month=month)
    return printing.answer(content, name=name)


@router.get("/register/{name}.xlsx")
def as_xlsx(
    name: str, store: StoreDep, now: Now, actor: Keeping, year: str, book: str = "", month: str = ""
) -> Response:
    """Give a book, or a month of it, as a workbook."""
    content = _file(store, legal.register_xlsx, actor=actor, at=now, year=year, book=book, month=month)
    return printing.file(content, name=f"{name}.xlsx", media_type=printing.XLSX)


@router.get("/register/{name}.csv")
def as_csv(
    name: str, store: StoreDep, now: Now, actor: Keeping, year: str, book: str = "", month: str = ""
) -> Response:
    """Give a book, or a month of it, as CSV."""
    content = _file(store, legal.register_csv, actor=actor, at=now, year=year, book=book, month=month)
    return printing.file(content, name=f"{name}.csv", media_type=printing.CSV)


def _file(
    store: StoreDep,
    make: Callable[[RegisterPrint], bytes],
    *,
    actor: Actor,
    at: datetime,
    year: str,
    book: str,
    month: str,
) -> bytes:
    """Return a part of the register as a file; names and doors stand in it, so the look leaves a line."""
    value = register_queries.register_print(
        store, actor.place, actor=actor, at=at, year=_number(year), serial=_number(book), month=_month(month)
    )
    deps.note_view(store, actor=actor, subject=actor.place, what="register_exported", at=at)
    return make(value)


def _number(text: str) -> int:
    """Return a number of an address, 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _month(text: str) -> int:
    number = _number(text)
    return number if 1 <= number <= 12 else 0
