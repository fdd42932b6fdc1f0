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
from postal.printing import papers
from postal.queries import counter
from postal.queries import results as result_queries
from postal.queries import slips as slip_queries
from postal.queries.results import ResultsPage, TooManyLines
from postal.services import results
from postal.services.results import LinesRefused
from postal.web import deps, printing, render, result_lines
from postal.web.deps import Chance, Now, SettingsDep, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]
Registering = Annotated[Actor, acting(Permission.REGISTER_RESULT)]


@router.get("/results/new")
def new(request: Request, store: StoreDep, actor: Registering, codes: str = "") -> Response:
    """Show the form; with codes, one line for each."""
    return render.page(request, "results/new.html", _page(store, {"codes": codes}, actor=actor))


@router.post("/results/new")
def register(request: Request, store: StoreDep, actor: Registering, now: Now, below: Chance, typed: Typed) -> Response:
    """Show what is known of the codes, or register every line, all or none; a refusal keeps what was typed."""
    page = _page(store, typed, actor=actor)
    if typed.get("step") == "check" or page.errors:
        return render.page(request, "results/new.html", page, status=422 if page.errors else 200)
    saved = _saved(store, page)
    if saved and len(saved) >= _wanted(page, typed):
        return RedirectResponse(f"/results/registered?items={','.join(saved)}", status_code=303)
    if saved:  # lines were added to a form that is saved: what is new is a form of its own
        page = _page(store, typed := {**typed, "request": ""}, actor=actor)
    taken = result_lines.read(store, page.lines, typed, at=now, asks_receiver=True)
    errors = dict(taken.errors)
    status = 422
    try:
        result_lines.must_be_as_seen(page, typed)
        if not errors:
            items = results.register_results(store, taken.entries, by=actor, at=now, below=below, request=page.request)
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


@router.get("/results/slips.pdf")
def printed_slips(store: StoreDep, settings: SettingsDep, actor: Seeing, now: Now, items: str = "") -> Response:
    """Print the phiếu gửi of results: the authority's copy and the post's copy of each."""
    wanted = _items(items)
    if not wanted:
        raise results.NothingToRegister
    found = slip_queries.slips(store, wanted, actor=actor)
    for slip in found:
        deps.note_view(store, actor=actor, subject=slip.dossier, what="result_slip_printed", at=now)
    return printing.answer(papers.result_slips_pdf(found, settings=settings), name="phieu-gui-ket-qua")


def _page(store: StoreDep, typed: dict[str, str], *, actor: Actor, errors: dict[str, str] | None = None) -> ResultsPage:
    """Return the form; a list that is too long keeps its text and shows no lines."""
    number = typed.get("request", "")[:40] or secrets.token_hex(16)
    text = typed.get("codes", "")
    try:
        return result_queries.results_form(store, text, actor=actor, errors=errors, typed=typed, request=number)
    except TooManyLines as refused:
        errors = {"codes": str(refused)}
        page = result_queries.results_form(store, "", actor=actor, errors=errors, typed=typed, request=number)
        return page.with_codes(text)


def _saved(store: StoreDep, page: ResultsPage) -> list[str]:
    """Return what the same form registered before, one envelope a line."""
    found = (counter.saved_as(store, f"{page.request}-{line}") for line in range(1, len(page.lines) + 1))
    return [code for code in found if code]


def _wanted(page: ResultsPage, typed: dict[str, str]) -> int:
    """Return how many lines are to be registered: those that were not left out."""
    return sum(f"{line.key}-out" not in typed for line in page.lines)


def _items(text: str) -> list[str]:
    return [codes.parse(code, kind=CodeKind.ITEM).text for code in text.split(",") if code.strip()]
