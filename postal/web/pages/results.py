"""Registering results, one or many: the authority's own dossiers and those the post never carried."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import identity
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import results as result_queries
from postal.queries.results import ResultLine
from postal.services import results
from postal.services.registration import PaperEntry
from postal.services.results import ResultEntry
from postal.web import render
from postal.web.deps import Chance, Now, StoreDep, Typed, acting

router = APIRouter(include_in_schema=False)

Registering = Annotated[Actor, acting(Permission.REGISTER_RESULT)]


class ManyCommunes(Refused):
    """A name stands for several communes, or for none."""

    code = "many_communes"
    vi = "Chưa rõ xã, phường “{text}”. Gõ mã 5 số của một đơn vị: {choices}."
    en = "“{text}” may be several communes. Type the five-digit code of one: {choices}."


class NoName(Refused):
    """A receiver has a name."""

    code = "no_name"
    vi = "Nhập họ và tên người nhận kết quả {code_}."
    en = "Enter the full name of whoever receives result {code_}."


@router.get("/results/new")
def new(request: Request, store: StoreDep, actor: Registering, codes: str = "") -> Response:
    """Show the form; with codes, one line for each."""
    return render.page(request, "results/new.html", result_queries.results_form(store, codes, actor=actor))


@router.post("/results/new")
def register(request: Request, store: StoreDep, actor: Registering, now: Now, below: Chance, typed: Typed) -> Response:
    """Register every line, all or none; a refusal shows the form with what was typed."""
    form = result_queries.results_form(store, typed.get("codes", ""), actor=actor, typed=typed)
    errors: dict[str, str] = {}
    entries = list(_entries(store, form.lines, typed, errors, now))
    try:
        if not errors:
            items = results.register_results(store, entries, by=actor, at=now, below=below)
            made = ",".join(item.code for item in items)
            return RedirectResponse(f"/results/registered?items={made}", status_code=303)
    except Refused as refused:
        errors["codes"] = str(refused)
    page = result_queries.results_form(store, typed.get("codes", ""), actor=actor, errors=errors, typed=typed)
    return render.page(request, "results/new.html", page, status=422)


@router.get("/results/registered")
def show_registered(request: Request, store: StoreDep, actor: Registering, items: str = "") -> Response:
    """Show what was registered just now and the next step."""
    page = result_queries.registered(store, [code for code in items.split(",") if code], actor=actor)
    return render.page(request, "results/registered.html", page)


def _entries(
    store: StoreDep, lines: tuple[ResultLine, ...], typed: dict[str, str], errors: dict[str, str], at: datetime
) -> Iterator[ResultEntry]:
    for line in lines:
        try:
            yield _entry(store, line, typed, at)
        except Refused as refused:
            errors[f"{line.number}-name"] = str(refused)


def _entry(store: StoreDep, line: ResultLine, typed: dict[str, str], at: datetime) -> ResultEntry:
    result = PaperEntry(name="Kết quả", originals=1)
    owed = [PaperEntry(name=name, originals=1, to_return=True) for name in line.owed]
    return ResultEntry(
        code=line.code or line.typed,
        papers=(result, *owed),
        seal=typed.get(f"{line.number}-seal", ""),
        receiver=_receiver(store, line, typed, at) if line.needs_receiver else None,
    )


def _receiver(store: StoreDep, line: ResultLine, typed: dict[str, str], at: datetime) -> Person:
    name = typed.get(f"{line.number}-name", "")
    if not name:
        raise NoName(code_=line.typed)
    text = typed.get(f"{line.number}-commune", "")
    found = result_queries.commune_for(store, text, at=at) if text else ()
    if len(found) != 1:
        raise ManyCommunes(text=text, choices="; ".join(f"{c.code} {c.label}" for c in found) or "xem lại tên")
    return Person(
        name=name,
        phone=identity.parse_phone(typed.get(f"{line.number}-phone", "")),
        address=typed.get(f"{line.number}-address", ""),
        commune=found[0].code,
    )
