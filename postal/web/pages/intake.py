"""Taking results over from an authority, many at once: scan, count, sign on the screen or enter what was signed."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from postal.domain import calendars, codes
from postal.domain.codes import CodeKind
from postal.domain.handover import HandoverRecord
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import counter, receivers
from postal.queries import intake as intake_queries
from postal.queries.intake import IntakePage
from postal.queries.receivers import NoReceiver, UnknownReceiver
from postal.queries.results import TooManyLines
from postal.services import intake
from postal.services.accounts import WrongSignIn
from postal.services.intake import Intake, NotAnAuthority
from postal.services.results import LinesRefused, ResultEntry
from postal.settings import Settings
from postal.web import cosigning, ink, photos, render, result_lines
from postal.web.cosigning import NoSecondPerson, NotInThatPosition, Signature
from postal.web.deps import Below, Chance, Now, Posted, SettingsDep, StoreDep, acting
from postal.web.errors import status_of
from postal.web.result_lines import Taken
from postal.web.security import TooManyTries

router = APIRouter(include_in_schema=False)

Taking = Annotated[Actor, acting(Permission.TAKE_RESULTS)]

SIGN, PAPER = "sign", "paper"
ALREADY = "Biểu mẫu này đã được ghi nhận trước đó, không ghi lần nữa."

_FIELDS: dict[type[Refused], str] = {
    NoReceiver: "desk",
    UnknownReceiver: "desk",
    NotAnAuthority: "desk",
    NoSecondPerson: "username",
    WrongSignIn: "username",
    TooManyTries: "username",
    NotInThatPosition: "username",
    **ink.FIELDS,
}
"""Beside which field a refusal is shown; the rest is about the list itself."""


class NobodyTakes(Refused):
    """Results are taken over by a position of the post."""

    code = "nobody_takes"
    vi = "{name} chưa phụ trách vị trí nào của bưu điện. Nhận ca rồi nhận kết quả; danh sách đang nhập vẫn còn."
    en = "{name} holds no position of the post. Take one over first."


@router.get("/intake")
def new(request: Request, store: StoreDep, actor: Taking, now: Now, codes: str = "") -> Response:
    """Show the empty form, or with codes one line for each."""
    return render.page(request, "intake/new.html", _page(store, {"codes": codes}, actor=actor, at=now))


@router.post("/intake")
def take(
    request: Request, store: StoreDep, settings: SettingsDep, actor: Taking, now: Now, below: Chance, form: Posted
) -> Response:
    """Show what is known of the codes, look for an authority, or take everything over; nothing typed is lost."""
    step, typed = _step(form), _texts(form)
    if step not in (SIGN, PAPER) and typed.get("desk") == typed.get("offered"):
        typed.pop("desk", None)  # nobody chose it, so the list may suggest another one
    page = _page(store, typed, actor=actor, at=now)
    if step not in (SIGN, PAPER) or page.errors:
        return render.page(request, "intake/new.html", page, status=422 if page.errors else 200)
    saved = counter.saved_as(store, page.request)
    if saved:
        return RedirectResponse(f"/intake/{saved}?said={ALREADY}", status_code=303)
    taken = result_lines.read(store, page.lines, typed, at=now, asks_receiver=False)
    errors, status = dict(taken.errors), 422
    try:
        result_lines.must_be_as_seen(page, typed)
        if not errors:
            signing = _Signing(request, store, settings, form=form, actor=actor, at=now, below=below)
            record = signing.sign(step, page, taken)
            return RedirectResponse(f"/intake/{record.code}", status_code=303)
    except LinesRefused as refused:
        errors |= taken.beside(refused)
    except Refused as refused:
        errors[_FIELDS.get(type(refused), "codes")], status = str(refused), status_of(refused)
    return render.page(
        request, "intake/new.html", _page(store, typed, actor=actor, at=now, errors=errors), status=status
    )


@router.get("/intake/{code}")
def done(request: Request, code: str, store: StoreDep, actor: Taking) -> Response:
    """Show what was taken over, what to print and what is still to be done."""
    parsed = codes.parse(code, kind=CodeKind.HANDOVER).text
    return render.page(request, "intake/done.html", intake_queries.done_page(store, parsed, actor=actor))


class _Signing:
    """One take-over being signed, on the screen or in ink."""

    def __init__(
        self,
        request: Request,
        store: StoreDep,
        settings: Settings,
        *,
        form: FormData,
        actor: Actor,
        at: datetime,
        below: Below,
    ) -> None:
        self.request = request
        self.store = store
        self.settings = settings
        self.form = form
        self.actor = actor
        self.at = at
        self.below = below

    def sign(self, step: str, page: IntakePage, taken: Taken) -> HandoverRecord:
        """Return the signed record."""
        form = self._intake(page, taken.entries)
        ways: Mapping[str, Callable[[Intake], HandoverRecord]] = {SIGN: self._together, PAPER: self._on_paper}
        return ways[step](form)

    def _intake(self, page: IntakePage, entries: tuple[ResultEntry, ...]) -> Intake:
        if not page.to:
            raise NobodyTakes(name=self.actor.name)
        return Intake(
            desk=receivers.custodian_of(self.store, page.desk),
            to=receivers.custodian_of(self.store, page.to),
            lines=entries,
            request=page.request,
        )

    def _together(self, form: Intake) -> HandoverRecord:
        signature = Signature(
            username=str(self.form.get("username") or ""), password=str(self.form.get("password") or "")
        )
        officer = cosigning.second_person(self.request, self.store, self.settings, signature)
        cosigning.must_act_for(officer, form.desk)
        return intake.take_together(self.store, form, officer=officer, by=self.actor, at=self.at, below=self.below)

    def _on_paper(self, form: Intake) -> HandoverRecord:
        return intake.take_on_paper(
            self.store,
            form,
            signed_at=ink.written(self.form),
            signer=ink.signer(self.form),
            photo=ink.photo(self.form),
            media_type=photos.MEDIA_TYPE,
            by=self.actor,
            at=self.at,
            below=self.below,
        )


def _page(
    store: StoreDep, typed: Mapping[str, str], *, actor: Actor, at: datetime, errors: Mapping[str, str] | None = None
) -> IntakePage:
    """Return the form; a list that is too long keeps its text and shows no lines."""
    number = typed.get("request", "")[:40] or secrets.token_hex(16)
    text = typed.get("codes", "")
    typed = {"signed_on": f"{calendars.local(at):%d/%m/%Y}", **typed}
    try:
        return intake_queries.intake_page(store, text, actor=actor, typed=typed, request=number, errors=errors)
    except TooManyLines as refused:
        errors = {"codes": str(refused)}
        page = intake_queries.intake_page(store, "", actor=actor, typed=typed, request=number, errors=errors)
        return page.with_codes(text)


def _texts(form: FormData) -> dict[str, str]:
    """Return what was typed but the password, which is never shown again."""
    return {
        name: value.strip()
        for name, value in form.items()
        if isinstance(value, str) and name not in ("password", "csrf")
    }


def _step(form: FormData) -> str:
    """Return what was asked for; the Enter key after a password means to sign, whichever button comes first."""
    step = str(form.get("step") or "")
    return SIGN if form.get("password") and step not in (SIGN, PAPER) else step
