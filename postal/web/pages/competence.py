"""Ai giải quyết: from a procedure and an address of any era to desk, authority and lane, with every reason."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from postal.domain import calendars
from postal.domain.competence import Subject
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.who_decides import Answer
from postal.queries import competence, counter
from postal.web import render
from postal.web.deps import Now, StoreDep, acting
from postal.web.forms import Filled, Form

router = APIRouter(include_in_schema=False)

Asking = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]

SUBJECTS = (("person", "Cá nhân"), ("organisation", "Tổ chức"))


@dataclass(frozen=True, kw_only=True, slots=True)
class CompetencePage:
    """The question as typed, with its answer, or the procedures and communes to choose from."""

    form: Filled
    answer: Answer | None
    procedures: tuple[tuple[str, str], ...]
    subjects: tuple[tuple[str, str], ...]

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Return the communes to choose from, by code."""
        return tuple((each.code, each.label) for each in self.answer.candidates) if self.answer else ()


@router.get("/competence")
def ask(
    request: Request,
    store: StoreDep,
    now: Now,
    _actor: Asking,
    procedure: str = "",
    address: str = "",
    chosen: str = "",
    read: str = "",
    subject: str = "",
    handed_in: str = "",
) -> Response:
    """Answer who decides; a commune chosen for one address counts for that address only."""
    given = {"procedure": procedure, "address": address, "subject": subject, "handed_in": handed_in}
    form = Form({name: text[:500] for name, text in given.items()})
    if chosen and read == form.typed["address"]:
        form.typed["chosen"] = chosen[:8]
    offered: tuple[tuple[str, str], ...] = ()
    answer = None
    if procedure or address:
        form.required("procedure", "Ghi mã hoặc tên thủ tục.")
        form.required("address", "Ghi địa chỉ của vụ việc: mới hoặc cũ.")
        found = (
            counter.find_procedure(store, form.typed["procedure"], on=calendars.local(now).date())
            if procedure
            else None
        )
        if found is not None and not found.chosen:
            offered = tuple((each.code, each.name) for each in found.matches)
            form.refuse("procedure", "Chọn một thủ tục trong danh sách, hoặc ghi mã thủ tục.")
        elif found is not None and form.is_good:
            answer = _answer(store, form, found.chosen, now)
    page = CompetencePage(
        form=Filled(typed=form.typed, errors=form.errors), answer=answer, procedures=offered, subjects=SUBJECTS
    )
    return render.page(request, "competence/ask.html", page, status=422 if form.errors else 200)


def _answer(store: StoreDep, form: Form, procedure: str, now: Now) -> Answer | None:
    try:
        return competence.answer(
            store,
            procedure=procedure,
            address=form.typed["address"],
            at=now,
            chosen=form.typed.get("chosen", ""),
            subject=form.choice("subject", Subject, default=Subject.PERSON),
            handed_in=form.typed["handed_in"],
        )
    except Refused as refused:
        form.refuse("handed_in", refused)
        return None
