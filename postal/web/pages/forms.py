"""The forms of the circulars for one dossier, and the hand-over of results: one click prints one."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.forms import FormKind
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.printing import legal
from postal.queries import forms
from postal.web import deps, printing
from postal.web.deps import Now, SettingsDep, StoreDep, acting

router = APIRouter(include_in_schema=False)

SeeingPeople = Annotated[Actor, acting(Permission.SEE_PERSONAL_DATA)]


@router.get("/forms/results/{code}.pdf")
def results(code: str, store: StoreDep, now: Now, actor: SeeingPeople) -> Response:
    """Print the hand-over of results (Phiếu bàn giao kết quả) of a record."""
    parsed = codes.parse(code, kind=CodeKind.HANDOVER).text
    value = forms.results_print(store, parsed, actor=actor, at=now)
    deps.note_view(store, actor=actor, subject=parsed, what="results_printed", at=now)
    return printing.answer(legal.results_pdf(value), name=f"ban-giao-ket-qua-{parsed}")


@router.get("/forms/{code}/{kind}.pdf")
def form(code: str, kind: FormKind, store: StoreDep, settings: SettingsDep, now: Now, actor: SeeingPeople) -> Response:
    """Print one form of a dossier, under the number it had when the dossier was received."""
    parsed = codes.parse(code, kind=CodeKind.DOSSIER).text
    value = forms.form_print(store, parsed, kind, actor=actor, at=now)
    deps.note_view(store, actor=actor, subject=parsed, what="form_printed", at=now)
    return printing.answer(legal.form_pdf(value, settings=settings), name=f"{kind.value}-{parsed}")
