"""Registering results at a desk, one or many: the authority's own dossiers and those the post never carried."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import results as result_queries
from postal.queries.results import ResultsPage
from postal.services import results
from postal.services.results import LinesRefused
from postal.web import render, result_lines
from postal.web.deps import Chance, Now, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Registering = Annotated[Actor, acting(Permission.REGISTER_RESULT)]


class ListChanged(Refused):
    """The list was changed after somebody looked at it."""

    code = "list_changed"
    vi = "Danh sách mã vừa đổi. Xem lại từng dòng bên dưới rồi bấm lại."
    en = "The list of codes has changed. Look at the lines below, then send again."


@router.get("/results/new")
def new(request: Request, store: StoreDep, actor: Registering, codes: str = "") -> Response:
    """Show the form; with codes, one line for each."""
    number = secrets.token_hex(16)
    page = result_queries.results_form(store, codes, actor=actor, request=number)
    return render.page(request, "results/new.html", page)


@router.post("/results/new")
def register(request: Request, store: StoreDep, actor: Registering, now: Now, below: Chance, typed: Typed) -> Response:
    """Show what is known of the codes, or register every line, all or none; a refusal keeps what was typed."""
    page = _page(store, typed, actor=actor)
    if typed.get("step") == "check":
        return render.page(request, "results/new.html", page)
    taken = result_lines.read(store, page.lines, typed, at=now, asks_receiver=True)
    errors = dict(taken.errors)
    status = 422
    try:
        if "seen" in typed and typed["seen"].split() != page.codes.split():
            raise ListChanged
        if not errors:
            number = typed.get("request", "")[:40]
            items = results.register_results(store, taken.entries, by=actor, at=now, below=below, request=number)
            made = ",".join(item.code for item in items)
            return RedirectResponse(f"/results/registered?items={made}", status_code=303)
    except LinesRefused as refused:
        errors |= taken.beside(refused)
    except Refused as refused:
        errors["codes"], status = str(refused), status_of(refused)
    return render.page(request, "results/new.html", _page(store, typed, actor=actor, errors=errors), status=status)


@router.get("/results/registered")
def show_registered(request: Request, store: StoreDep, actor: Registering, items: str = "") -> Response:
    """Show what was registered just now and the next step."""
    page = result_queries.registered(store, _items(items), actor=actor)
    return render.page(request, "results/registered.html", page)


def _page(store: StoreDep, typed: dict[str, str], *, actor: Actor, errors: dict[str, str] | None = None) -> ResultsPage:
    number = typed.get("request", "") or secrets.token_hex(16)
    return result_queries.results_form(
        store, typed.get("codes", ""), actor=actor, errors=errors, typed=typed, request=number
    )


def _items(text: str) -> list[str]:
    return [codes.parse(code, kind=CodeKind.ITEM).text for code in text.split(",") if code.strip()]
