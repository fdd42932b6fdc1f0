"""Tuyến chuyển, ủy quyền, đơn vị kế thừa: what decides where papers go, kept with its days by the administrator."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import calendars
from postal.domain.delegations import Delegation
from postal.domain.lineage import Fate, Succession
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import lanes as lane_queries
from postal.queries.lanes import DelegationLine, LanesPage, Lineage
from postal.services import deciding
from postal.services.deciding import NewLane
from postal.web import render
from postal.web.deps import Now, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.forms import Filled, Form, hour

router = APIRouter(include_in_schema=False)

Keeping = Annotated[Actor, acting(Permission.MANAGE_CATALOGUE)]

FATES = tuple((fate.value, fate.label.capitalize()) for fate in Fate)
NO_BASIS = "Ghi căn cứ: số, ngày của quyết định hoặc văn bản."


@dataclass(frozen=True, kw_only=True, slots=True)
class LanesView:
    """The lanes with the form for another one."""

    lanes: LanesPage
    form: Filled


@dataclass(frozen=True, kw_only=True, slots=True)
class DelegationsView:
    """The delegations with the form for another one."""

    lines: tuple[DelegationLine, ...]
    form: Filled


@dataclass(frozen=True, kw_only=True, slots=True)
class LineageView:
    """What became of units and places, with the form for another unit."""

    lineage: Lineage
    fates: tuple[tuple[str, str], ...]
    form: Filled


# --- lanes ------------------------------------------------------------------------------------------------------------


@router.get("/lanes")
def show_lanes(request: Request, store: StoreDep, now: Now, _actor: Keeping, q: str = "", every: str = "") -> Response:
    """Show the lanes that hold today, or all."""
    form = Filled(typed={"q": q[:200], "every": every}, errors={})
    return _lanes(request, store, form, on=calendars.local(now).date())


@router.post("/lanes")
def add_lane(request: Request, store: StoreDep, now: Now, actor: Keeping, typed: Typed) -> Response:
    """Enter a lane."""
    form = Form(typed)
    new = NewLane(
        origin=form.required("origin", "Ghi nơi đi: mã nơi, province:48 cho cả tỉnh, hoặc * cho mọi nơi."),
        destination=form.required("destination", "Ghi nơi đến: mã nơi, province:48 cho cả tỉnh, hoặc * cho mọi nơi."),
        carrier=form.required("carrier", "Ghi đơn vị chuyển."),
        tier_days=form.parsed("tier_days", _tier, default=0),
        cutoff=form.parsed("cutoff", hour, default=time(15)),
        basis=form.required("basis", NO_BASIS),
        valid_from=form.day("valid_from"),
        valid_to=form.day("valid_to"),
    )
    return _kept(
        form,
        lambda: deciding.add_lane(store, new, by=actor, at=now),
        field="origin",
        again=lambda filled, status: _lanes(request, store, filled, on=calendars.local(now).date(), status=status),
        then="/lanes?said=Đã thêm tuyến.",
    )


@router.post("/lanes/{code}/end")
def end_lane(request: Request, store: StoreDep, now: Now, actor: Keeping, typed: Typed, code: str) -> Response:
    """Give a lane its last day."""
    form = Form(typed)
    field = f"last_{code}"
    last = form.day(field) or calendars.local(now).date()
    return _kept(
        form,
        lambda: deciding.end_lane(store, code, last=last, by=actor, at=now),
        field=field,
        again=lambda filled, status: _lanes(request, store, filled, on=calendars.local(now).date(), status=status),
        then="/lanes?said=Đã ghi ngày cuối của tuyến.",
    )


def _lanes(request: Request, store: StoreDep, form: Filled, *, on: date, status: int = 200) -> Response:
    found = lane_queries.lanes_page(store, q=form.value("q"), only_today=not form.value("every"), on=on)
    return render.page(request, "lanes/lanes.html", LanesView(lanes=found, form=form), status=status)


def _tier(text: str) -> int:
    """Return what was typed as a tier; what is none is left to the rule to refuse."""
    bare = text.upper().removeprefix("J+").strip()
    return int(bare) if bare.lstrip("-").isdecimal() and len(bare) < 4 else 0


# --- delegations ------------------------------------------------------------------------------------------------------


@router.get("/delegations")
def show_delegations(request: Request, store: StoreDep, now: Now, _actor: Keeping) -> Response:
    """Show who decides for whom."""
    return _delegations(request, store, Filled(typed={}, errors={}), on=calendars.local(now).date())


@router.post("/delegations")
def add_delegation(request: Request, store: StoreDep, now: Now, actor: Keeping, typed: Typed) -> Response:
    """Enter a delegation."""
    form = Form(typed)
    today = calendars.local(now).date()
    new = Delegation(
        code="",
        authority=form.required("authority", "Ghi mã cơ quan ủy quyền, ví dụ SO-48-XD."),
        delegate=form.required("delegate", "Ghi mã nơi được ủy quyền, ví dụ UB-20242."),
        procedure=form.text("procedure"),
        field=form.text("field"),
        desk=form.text("desk"),
        basis=form.required("basis", NO_BASIS),
        valid_from=form.day("valid_from") or today,
        valid_to=form.day("valid_to"),
    )
    return _kept(
        form,
        lambda: deciding.add_delegation(store, new, by=actor, at=now),
        field="authority",
        again=lambda filled, status: _delegations(request, store, filled, on=today, status=status),
        then="/delegations?said=Đã thêm ủy quyền.",
    )


@router.post("/delegations/{code}/end")
def end_delegation(request: Request, store: StoreDep, now: Now, actor: Keeping, typed: Typed, code: str) -> Response:
    """Give a delegation its last day."""
    form = Form(typed)
    field = f"last_{code}"
    today = calendars.local(now).date()
    last = form.day(field) or today
    return _kept(
        form,
        lambda: deciding.end_delegation(store, code, last=last, by=actor, at=now),
        field=field,
        again=lambda filled, status: _delegations(request, store, filled, on=today, status=status),
        then="/delegations?said=Đã ghi ngày cuối của ủy quyền.",
    )


def _delegations(request: Request, store: StoreDep, form: Filled, *, on: date, status: int = 200) -> Response:
    view = DelegationsView(lines=lane_queries.delegation_lines(store, on=on), form=form)
    return render.page(request, "lanes/delegations.html", view, status=status)


# --- lineage ----------------------------------------------------------------------------------------------------------


@router.get("/successions")
def show_successions(request: Request, store: StoreDep, now: Now, _actor: Keeping) -> Response:
    """Show what became of communes and places."""
    return _lineage(request, store, Filled(typed={}, errors={}), on=calendars.local(now).date())


@router.post("/successions")
def add_succession(request: Request, store: StoreDep, now: Now, actor: Keeping, typed: Typed) -> Response:
    """Enter what became of a commune."""
    form = Form(typed)
    today = calendars.local(now).date()
    new = Succession(
        code="",
        unit=form.required("unit", "Ghi mã 5 số của xã, phường."),
        fate=form.choice("fate", Fate, default=Fate.MERGED),
        successors=tuple(form.text("successors").replace(",", " ").split()),
        name=form.text("name"),
        valid_from=form.day("valid_from") or today,
        basis=form.required("basis", NO_BASIS),
    )
    return _kept(
        form,
        lambda: deciding.add_succession(store, new, by=actor, at=now),
        field="unit",
        again=lambda filled, status: _lineage(request, store, filled, on=today, status=status),
        then="/successions?said=Đã ghi đơn vị kế thừa.",
    )


def _lineage(request: Request, store: StoreDep, form: Filled, *, on: date, status: int = 200) -> Response:
    view = LineageView(lineage=lane_queries.lineage_page(store, on=on), fates=FATES, form=form)
    return render.page(request, "lanes/successions.html", view, status=status)


# --- all of them ------------------------------------------------------------------------------------------------------


def _kept(
    form: Form,
    keep: Callable[[], object],
    *,
    field: str,
    again: Callable[[Filled, int], Response],
    then: str,
) -> Response:
    """Keep what was typed and go on, or show the form again with the sentence; nothing typed is lost."""
    status = 422
    if form.is_good:
        try:
            keep()
            return RedirectResponse(quote(then, safe="/?="), status_code=303)
        except Refused as refused:
            form.refuse(field, refused)
            status = status_of(refused)
    return again(Filled(typed=form.typed, errors=form.errors), status)
