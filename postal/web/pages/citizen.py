"""The citizen's pages: looking up, and one dossier. No sign-in, no script, no cookie, two requests."""

import gzip
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.refusals import Refused
from postal.queries.tracking import Level, Tracked
from postal.settings import Settings
from postal.web import errors, filters, lookup, render
from postal.web.deps import Now, SettingsDep, StoreDep
from postal.web.lookup import TrackMissed
from postal.web.telling import DossierPage, LookUpPage, Teller
from postal.web.words import Language

router = APIRouter(include_in_schema=False)

MISS_BYTES = 6144
"""Every miss is as long as every other: the page is filled up with spaces to this length, and never compressed."""


@router.get("/")
def show_form(request: Request, settings: SettingsDep, lang: str = "") -> Response:
    """Show the look-up form."""
    return _compressed(request, _form(request, settings, language=_language(lang)))


@router.post("/track")
def track(
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    now: Now,
    code: Annotated[str, Form()] = "",
    pin: Annotated[str, Form()] = "",
    lang: Annotated[str, Form()] = "",
) -> Response:
    """Show what a typed code opens; the answer stands on this page itself, so that no address holds the PIN."""
    language = _language(lang)
    try:
        found = lookup.by_code(store, code, pin=pin, hotline=settings.hotline, at=now)
    except Refused as refused:
        return _refused(request, settings, refused, language=language, code=code)
    path = f"/{found.code}" if found.level is Level.CODE else "/"
    return _dossier(request, settings, found, path=path, language=language, at=now)


@router.get("/{text}")
def open_by_address(
    request: Request, text: str, store: StoreDep, settings: SettingsDep, now: Now, lang: str = ""
) -> Response:
    """Show what the address in a QR opens: the secret of the citizen's copy, or the bare code of a label."""
    language = _language(lang)
    try:
        if len(codes.squeezed(text)) == codes.CODE_LENGTH:
            found = lookup.by_code(store, text, pin="", hotline=settings.hotline, at=now)
        else:
            found = lookup.by_secret(store, text, hotline=settings.hotline, at=now)
    except Refused as refused:
        return _refused(request, settings, refused, language=language, code="")
    return _dossier(request, settings, found, path="", language=language, at=now)


def _language(text: str) -> Language:
    return Language.EN if text == Language.EN.value else Language.VI


def _teller(settings: Settings, language: Language) -> Teller:
    return Teller(language=language, hotline=settings.hotline)


def _form(
    request: Request, settings: Settings, *, language: Language, problem: str = "", code: str = "", status: int = 200
) -> HTMLResponse:
    teller = _teller(settings, language)
    title = teller.say("look_up")
    page = LookUpPage(
        frame=teller.frame(path="/", is_demo=settings.demo),
        title=teller.say("error", title=title) if problem else title,
        problem=problem,
        code=code,
    )
    return render.page(request, "citizen/look_up.html", page, status=status)


def _refused(request: Request, settings: Settings, refused: Refused, *, language: Language, code: str) -> Response:
    """Show the form with the sentence. A code with a wrong symbol stays in the field; after a miss nothing does."""
    is_miss = isinstance(refused, TrackMissed)
    response = _form(
        request,
        settings,
        language=language,
        problem=refused.in_english() if language is Language.EN else str(refused),
        code="" if is_miss else code[:40],
        status=errors.status_of(refused),
    )
    return _of_one_length(response) if is_miss else response


def _dossier(
    request: Request, settings: Settings, found: Tracked, *, path: str, language: Language, at: Now
) -> Response:
    teller = _teller(settings, language)
    day = filters.day_en(at) if language is Language.EN else filters.day(at)
    page: DossierPage = teller.dossier(
        found,
        frame=teller.frame(is_demo=settings.demo, path=path),
        seen=teller.say("updated", time=filters.clock(at), day=day),
        takes_pin=found.level is not Level.PIN and codes.parse(found.code).kind is CodeKind.DOSSIER,
    )
    return _compressed(request, render.page(request, "citizen/dossier.html", page))


def _of_one_length(response: HTMLResponse) -> Response:
    body = bytes(response.body)
    return HTMLResponse(body.ljust(MISS_BYTES), status_code=response.status_code)


def _compressed(request: Request, response: HTMLResponse) -> Response:
    """Compress a page for whoever can read it so.

    Safe here and only here: a citizen's page holds no secret that a length could betray, neither the token of a form
    nor a PIN nor the secret of its own address.
    """
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return response
    packed = gzip.compress(bytes(response.body), compresslevel=9, mtime=0)
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return HTMLResponse(packed, status_code=response.status_code, headers=headers)
