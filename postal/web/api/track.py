"""What a citizen may know, for programs: the same three levels as the page, and only the keys a level opens."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from postal.domain import codes, status
from postal.queries.tracking import Level, Tracked
from postal.web import lookup
from postal.web.deps import Now, SettingsDep, StoreDep
from postal.web.telling import Teller
from postal.web.words import Language

router = APIRouter(prefix="/api/v1/track", tags=["track"])


class StepBody(BaseModel):
    """One of the five steps."""

    number: int
    name: str
    name_en: str
    is_done: bool


class EstimateBody(BaseModel):
    """The next date that counts, and what it is the date of."""

    milestone: str
    on: date
    provisional: bool


class LateBody(BaseModel):
    """How late, on which clock, who has it, and the new date or when the citizen is told."""

    clock: str
    days: int
    due_on: date
    holder: str
    new_on: date | None
    answer_by: date | None


class MovedBody(BaseModel):
    """The authority apologised and named a new day; how many working days have passed since the old one."""

    was_on: date
    new_on: date
    days: int
    by: str


class StayBody(BaseModel):
    """From which day on an organisation had the papers or the result; an empty name is the citizen."""

    on: date
    organisation: str


class TrackBody(BaseModel):
    """A dossier at a level. Keys of a higher level are absent, not null."""

    code: str
    level: str
    genuine: bool = True
    step: int = Field(description="1 to 5; 0 when it was taken back or never taken in")
    steps: list[StepBody]
    status: str | None = None
    sentence: str | None = None
    sentence_en: str | None = None
    is_final: bool | None = None
    turn: str | None = None
    due_on: date | None = None
    estimate: EstimateBody | None = None
    late: LateBody | None = None
    moved: MovedBody | None = None
    asked_papers: int | None = None
    brought_papers: int | None = None
    asked_amount: int | None = Field(default=None, description="fees still to pay, whole đồng")
    paid_amount: int | None = Field(default=None, description="fees that came in and wait for the authority's word")
    owed_postage: int | None = None
    fetched_on: date | None = Field(default=None, description="the day a postman fetches papers at home")
    invitation: int | None = Field(default=None, description="which invitation to collect it is, 0 for none")
    owed_originals: int | None = None
    complaint_answer_by: date | None = Field(default=None, description="by when the post answers an open complaint")
    timeline: list[StayBody] | None = None
    updated_at: datetime | None = None
    procedure: str | None = None
    papers: list[str] | None = None
    bring_by: date | None = None
    reason: str | None = None
    cause: str | None = Field(default=None, description="why the authority named a new day")
    name: str | None = None
    commune: str | None = None


class TrackForm(BaseModel):
    """What opens a dossier: the secret of the QR, or the code with or without the PIN."""

    code: str = ""
    pin: Annotated[str, Field(max_length=12)] = ""
    secret: str = ""


KEYS: dict[Level, frozenset[str]] = {
    Level.CODE: frozenset({"code", "level", "genuine", "step", "steps"}),
    Level.QR: frozenset(
        {
            "status",
            "sentence",
            "sentence_en",
            "is_final",
            "turn",
            "due_on",
            "estimate",
            "late",
            "moved",
            "asked_papers",
            "brought_papers",
            "asked_amount",
            "paid_amount",
            "owed_postage",
            "fetched_on",
            "invitation",
            "owed_originals",
            "complaint_answer_by",
            "timeline",
            "updated_at",
        }
    ),
    Level.PIN: frozenset({"procedure", "papers", "bring_by", "reason", "cause", "name", "commune"}),
}
"""The keys each level adds; a test compares them with what is answered."""


@router.get("/{code}", response_model=TrackBody, response_model_exclude_unset=True)
def by_code(code: str, store: StoreDep, settings: SettingsDep, now: Now) -> TrackBody:
    """Say whether a code is genuine and how far the dossier is, as everybody may know who sees the label."""
    return _body(lookup.by_code(store, code, pin="", hotline=settings.hotline, at=now), settings.hotline)


@router.post("", response_model=TrackBody, response_model_exclude_unset=True)
def with_secret(form: TrackForm, store: StoreDep, settings: SettingsDep, now: Now) -> TrackBody:
    """Say what the secret of the QR opens, or the code with the PIN; a body, so that no address holds either."""
    if form.secret:
        found = lookup.by_secret(store, form.secret, hotline=settings.hotline, at=now)
    else:
        found = lookup.by_code(store, form.code, pin=form.pin, hotline=settings.hotline, at=now)
    return _body(found, settings.hotline)


def _body(found: Tracked, hotline: str) -> TrackBody:
    fields = _public(found)
    if found.level >= Level.QR:
        fields |= _of_qr(found, hotline)
    if found.level >= Level.PIN:
        fields |= {
            "procedure": found.procedure,
            "papers": list(found.papers),
            "bring_by": found.bring_by,
            "reason": found.reason,
            "cause": found.cause,
            "name": found.name,
            "commune": found.commune,
        }
    return TrackBody.model_validate(fields)


def _public(found: Tracked) -> dict[str, object]:
    return {
        "code": codes.shown(found.code),
        "level": found.level.name.lower(),
        "genuine": True,
        "step": found.step,
        "steps": [
            StepBody(number=number, name=name, name_en=name_en, is_done=number < found.step)
            for number, (name, name_en) in enumerate(status.STEPS, start=1)
        ],
    }


def _of_qr(found: Tracked, hotline: str) -> dict[str, object]:
    assert found.status is not None
    assert found.turn is not None
    return {
        "status": found.status.value,
        "sentence": Teller(language=Language.VI, hotline=hotline).headline(found),
        "sentence_en": Teller(language=Language.EN, hotline=hotline).headline(found),
        "is_final": found.is_final,
        "turn": found.turn.value,
        "due_on": found.expected.on if found.expected else None,
        "estimate": _estimate(found),
        "late": _late(found),
        "moved": _moved(found),
        "asked_papers": found.asked_papers,
        "brought_papers": found.brought_papers,
        "asked_amount": found.asked_amount,
        "paid_amount": found.paid_amount,
        "owed_postage": found.owed_postage,
        "fetched_on": found.fetched_on,
        "invitation": found.invitation,
        "owed_originals": found.owed_originals,
        "complaint_answer_by": found.complaint.on if found.complaint else None,
        "timeline": [StayBody(on=stay.on, organisation=stay.organisation) for stay in found.stays],
        "updated_at": found.updated_at,
    }


def _estimate(found: Tracked) -> EstimateBody | None:
    if found.expected is None:
        return None
    expected = found.expected
    return EstimateBody(milestone=expected.milestone.value, on=expected.on, provisional=expected.provisional)


def _late(found: Tracked) -> LateBody | None:
    late = found.late
    if late is None:
        return None
    return LateBody(
        clock=late.clock.value,
        days=late.days,
        due_on=late.due_on,
        holder=found.late_place,
        new_on=late.new_on,
        answer_by=None if late.new_on else late.answer_by,
    )


def _moved(found: Tracked) -> MovedBody | None:
    moved = found.moved
    if moved is None:
        return None
    return MovedBody(was_on=moved.was_on, new_on=moved.new_on, days=moved.days, by=moved.place)
