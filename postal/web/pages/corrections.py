"""Striking a step that was recorded wrongly: a reason, and a second person who signs on the same screen."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import corrections as correction_queries
from postal.queries.corrections import CorrectionsPage
from postal.services import corrections
from postal.web import cosigning, deps, forms, render
from postal.web.cosigning import Signature
from postal.web.deps import Now, SettingsDep, StoreDep, Typed, acting
from postal.web.errors import status_of

router = APIRouter(include_in_schema=False)

Correcting = Annotated[Actor, acting(Permission.CORRECT)]


class NoSecondSignature(Refused):
    """A correction is signed by two."""

    code = "no_second_signature"
    vi = "Chưa có người thứ hai ký đính chính. Người đó gõ tên đăng nhập và mật khẩu của mình."
    en = "A second person must sign this correction with an own user name and password."


@router.get("/corrections/{code}")
def show(request: Request, code: str, store: StoreDep, actor: Correcting, now: Now, version: int = 0) -> Response:
    """Show the steps of an item or bag; `version` chooses the one to strike."""
    page = correction_queries.corrections_page(store, codes.parse(code).text, actor=actor, version=version)
    return _shown(request, store, page, actor=actor, at=now)


@router.post("/corrections/{code}")
def correct(
    request: Request, code: str, store: StoreDep, settings: SettingsDep, actor: Correcting, now: Now, typed: Typed
) -> Response:
    """Strike a step."""
    parsed = codes.parse(code).text
    version = int(typed["version"]) if typed.get("version", "").isdigit() else 0
    page = correction_queries.corrections_page(store, parsed, actor=actor, version=version)
    try:
        second = _second(request, store, settings, typed)
        reason = forms.line(typed.get("reason", ""), most=forms.LONGEST_TEXT)
        corrections.correct(store, parsed, version=version, reason=reason, by=actor, second=second, at=now)
    except Refused as refused:
        again = correction_queries.refused(page, sentence=str(refused), typed=typed)
        return _shown(request, store, again, actor=actor, at=now, status=status_of(refused))
    return RedirectResponse(
        f"{page.href}?said=Đã đính chính. Dòng sai bị gạch và vẫn còn trong nhật ký.", status_code=303
    )


def _second(request: Request, store: StoreDep, settings: SettingsDep, typed: dict[str, str]) -> Actor:
    signature = Signature(username=typed.get("username", ""), password=typed.get("password", ""))
    if signature.is_empty:
        raise NoSecondSignature
    return cosigning.second_person(request, store, settings, signature)


def _shown(
    request: Request, store: StoreDep, page: CorrectionsPage, *, actor: Actor, at: Now, status: int = 200
) -> Response:
    if page.shows_texts:
        deps.note_view(store, actor=actor, subject=page.code, what="item_reasons_seen", at=at)
    return render.page(request, "corrections/steps.html", page, status=status)
