"""Tra cứu cho khách: a citizen without a phone asks at any counter; every look-up is counted and written down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from postal.domain import asking, scans
from postal.domain.asking import NameAndYear
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import finding
from postal.queries.finding import Action, Finding, NotFound, Opened, TooManyAlike
from postal.services import audit
from postal.settings import Settings
from postal.web import deps, errors, render, security
from postal.web.deps import Now, SettingsDep, StoreDep, Typed, acting
from postal.web.forms import Filled, Form
from postal.web.security import Tries
from postal.web.telling import DossierPage, Teller
from postal.web.words import Language

router = APIRouter(include_in_schema=False)

Finder = Annotated[Actor, acting(Permission.FIND_CITIZEN)]

LOOK_UPS = Tries(most=30, seconds=300)
"""Look-ups by account: a counter asks now and then, who collects names asks all the time."""

NEEDS_IDENTITY = "Xem căn cước hoặc hộ chiếu của khách rồi đánh dấu, trước khi cho khách biết chi tiết."
NOTHING_TYPED = "Nhập mã, hoặc họ tên và năm sinh."


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundLine:
    """A dossier that fits, in one sentence: how far it is."""

    code: str
    opened_on: object
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A dossier in the sentences its citizen may read, and what this counter may do."""

    page: DossierPage
    opened_on: object
    waits: tuple[str, ...]
    owed: int
    actions: tuple[Action, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FindView:
    """The form, what fits, and the one dossier that was opened after a look at the identity paper."""

    form: Filled
    lines: tuple[FoundLine, ...]
    communes: tuple[tuple[str, str], ...]
    told: Told | None


@router.get("/find", dependencies=[acting(Permission.FIND_CITIZEN)])
def show(request: Request) -> Response:
    """Show the empty form."""
    return _page(request, Form({}))


@router.post("/find")
def find(request: Request, store: StoreDep, settings: SettingsDep, now: Now, actor: Finder, typed: Typed) -> Response:
    """Look a dossier up; the answer stands on this page, so that no address holds a name."""
    form = Form(typed)
    look_up = _read(form, store, at=now)
    if look_up is None or not form.is_good:
        return _page(request, form, status=422)
    try:
        LOOK_UPS.take(actor.account, hotline=settings.hotline)
    except security.TooManyTries as refused:
        form.refuse("code", refused)
        return _page(request, form, status=errors.status_of(refused))
    try:
        found = look_up.carry_out()
    except (NotFound, TooManyAlike) as refused:
        _note(store, look_up, (), actor=actor, at=now)
        form.refuse(look_up.field, refused)
        return _page(request, form, status=errors.status_of(refused))
    _note(store, look_up, tuple(line.code for line in found.found), actor=actor, at=now)
    return _answer(request, store, settings, form, found, actor=actor, at=now)


@dataclass(frozen=True, kw_only=True, slots=True)
class LookUp:
    """A look-up that was read from the form: what to do, what the audit trail says, beside which field a miss is."""

    carry_out: Callable[[], Finding]
    by: str
    searched: str
    field: str


def _read(form: Form, store: StoreDep, *, at: datetime) -> LookUp | None:
    """Return what is looked up: by code when one was typed, else by name and year; the form says what is wrong."""
    if form.typed.get("code"):
        nothing: scans.Scan = scans.Words("")
        scan = form.parsed("code", scans.read_scan, default=nothing)
        searched = form.typed["code"]
        return LookUp(
            carry_out=lambda: finding.by_code(store, scan, at=at),
            by="mã hoặc căn cước",
            searched=searched,
            field="code",
        )
    if not form.typed.get("name") and not form.typed.get("year"):
        form.refuse("code", NOTHING_TYPED)
        return None
    who = _who(form)
    commune = form.typed.get("commune", "")
    if who is None:
        return None
    return LookUp(
        carry_out=lambda: finding.by_name(store, who, commune=commune, at=at),
        by=finding.BY_NAME,
        searched=f"{who.name} {who.year}",
        field="name",
    )


def _who(form: Form) -> NameAndYear | None:
    """Return the full name and the year, never a name alone."""
    if not form.typed.get("year"):
        form.refuse("year", asking.NameAlone())
    year = form.parsed("year", asking.read_year, default=0)
    name = form.text("name")
    if form.is_good:
        try:
            return asking.must_be_full(NameAndYear(name, year))
        except Refused as refused:
            form.refuse("name", refused)
    return None


def _answer(
    request: Request,
    store: StoreDep,
    settings: Settings,
    form: Form,
    found: Finding,
    *,
    actor: Actor,
    at: datetime,
) -> Response:
    """Tell everything of the one dossier once the identity paper was looked at; else how far each is."""
    teller = Teller(language=Language.VI, hotline=settings.hotline)
    lines = tuple(
        FoundLine(code=line.code, opened_on=line.opened_on, sentence=teller.headline(line.progress))
        for line in found.found
    )
    if form.typed.get("details") and not form.ticked("identity"):
        form.refuse("identity", NEEDS_IDENTITY)
        return _page(request, form, lines=lines, status=422)
    if len(lines) != 1 or not form.ticked("identity"):
        return _page(request, form, lines=lines, communes=found.communes)
    opened = finding.opened(store, lines[0].code, actor=actor, at=at)
    deps.note_view(store, actor=actor, subject=lines[0].code, what="citizen_told", at=at)
    return _page(request, form, told=_told(teller, opened))


def _told(teller: Teller, opened: Opened) -> Told:
    page = teller.dossier(opened.tracked, frame=teller.frame(is_demo=False), seen="", takes_pin=False)
    return Told(page=page, opened_on=opened.opened_on, waits=opened.waits, owed=opened.owed, actions=opened.actions)


def _page(
    request: Request,
    form: Form,
    *,
    lines: tuple[FoundLine, ...] = (),
    communes: tuple[tuple[str, str], ...] = (),
    told: Told | None = None,
    status: int = 200,
) -> Response:
    filled = Filled(typed=form.typed, errors=form.errors)
    view = FindView(form=filled, lines=lines, communes=communes, told=told)
    return render.page(request, "finding/find.html", view, status=status)


def _note(store: StoreDep, look_up: LookUp, found: tuple[str, ...], *, actor: Actor, at: datetime) -> None:
    audit.note_search(
        store,
        by=look_up.by,
        searched=look_up.searched,
        found=found,
        account=actor.account,
        place=actor.place,
        at=at,
    )
