"""Handing over: offering, signing on one screen or later, signing on paper; the record and its print."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from postal.domain import calendars, codes
from postal.domain.codes import CodeKind
from postal.domain.handover import NothingToHandOver
from postal.domain.lifecycle import NotNow, Overtaken
from postal.domain.people import Actor, Custodian, CustodianKind, Role
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.printing import records
from postal.queries import handovers as handover_queries
from postal.queries import receivers as receiver_queries
from postal.queries.handovers import TAKEN, Counting, Draft
from postal.queries.receivers import NoReceiver
from postal.services import custody
from postal.services.accounts import WrongSignIn
from postal.settings import Settings
from postal.web import cosigning, deps, ink, photos, render
from postal.web.cosigning import NoSecondPerson, Signature
from postal.web.deps import Below, Chance, Now, Posted, SettingsDep, StoreDep, acting
from postal.web.errors import status_of
from postal.web.security import TooManyTries

router = APIRouter(include_in_schema=False)

Giving = Annotated[Actor, acting(Permission.HAND_OVER)]
Receiving = Annotated[Actor, acting(Permission.RECEIVE)]
Seeing = Annotated[Actor, acting(Permission.SEE_DOSSIERS)]
SeeingPeople = Annotated[Actor, acting(Permission.SEE_PERSONAL_DATA)]
EnteringPaper = Annotated[Actor, acting(Permission.ENTER_SIGNED_PAPER)]

_FIELDS: dict[type[Refused], str] = {
    NoReceiver: "receiver",
    receiver_queries.UnknownReceiver: "receiver",
    NoSecondPerson: "username",
    WrongSignIn: "username",
    TooManyTries: "username",
    cosigning.NotInThatPosition: "username",
}
"""Beside which field of a new hand-over a refusal is shown; the rest is about the list itself."""


class BadLines(Refused):
    """Scanned lines are not clear yet."""

    code = "bad_lines"
    vi = "Có {count} dòng quét chưa nhận được, chưa bàn giao gì. Xem từng dòng bên dưới, rồi bấm lại."
    en = "{count} scanned lines were not taken and nothing was handed over. Look at them, then send again."


class CountChanged(Refused):
    """The button named another count than the lines."""

    code = "count_changed"
    vi = "Số đếm vừa đổi. Đọc lại dòng chữ trên nút rồi bấm ký: “{signing}”."
    en = "The count has changed. Read the button again and sign: “{signing}”."


# --- lists and the new hand-over --------------------------------------------------------------------------------------


@router.get("/handovers")
def show(request: Request, store: StoreDep, actor: Giving) -> Response:
    """Show what waits for a signature and what can be handed over."""
    return render.page(request, "handovers/list.html", handover_queries.handovers_page(store, actor=actor))


@router.get("/handovers/new")
def new(
    request: Request,
    store: StoreDep,
    actor: Giving,
    giver: str = "",
    item: str = "",
    destination: str = "",
    receiver: str = "",
    words: str = "",
) -> Response:
    """Show the form; a link may choose the position, one envelope or all for one destination."""
    draft = Draft(giver=giver, scanned=item, receiver=receiver, words=words)
    page = handover_queries.new_page(store, actor=actor, draft=draft)
    if destination:
        chosen = tuple(line.code for group in page.groups if group.place == destination for line in group.lines)
        page = handover_queries.new_page(store, actor=actor, draft=replace(draft, items=chosen))
    return render.page(request, "handovers/new.html", page)


@router.post("/handovers/new")
def make(
    request: Request, store: StoreDep, settings: SettingsDep, actor: Giving, now: Now, below: Chance, form: Posted
) -> Response:
    """Answer scanned lines, search a receiver, or hand over; a refusal keeps everything that was typed."""
    draft = _draft(form)
    page = handover_queries.new_page(store, actor=actor, draft=draft)
    step = _step(form)
    if step not in _STEPS:
        return render.page(request, "handovers/new.html", page, status=422 if page.has_bad_lines else 200)
    try:
        if page.has_bad_lines:
            raise BadLines(count=sum(answer.tone == "problem" for answer in page.answers))
        signature = Signature(username=_text(form, "username"), password=str(form.get("password") or ""))
        making = _Making(request, store, settings, actor=actor, at=now, below=below, draft=draft, signature=signature)
        return RedirectResponse(getattr(making, _STEPS[step])(page.chosen), status_code=303)
    except Refused as refused:
        errors = {_FIELDS.get(type(refused), "items"): str(refused)}
        again = replace(page, errors=errors)
        return render.page(request, "handovers/new.html", again, status=status_of(refused))


_STEPS = {"offer": "offer", "together": "together"}


def _step(form: FormData) -> str:
    """Return what was asked for; the Enter key after a password means to sign, whichever button comes first."""
    is_signed = bool(form.get("password")) and not _text(form, "scanned") and not _text(form, "words")
    return "together" if is_signed and _text(form, "step") not in _STEPS else _text(form, "step")


@dataclass(frozen=True)
class _Making:
    """One hand-over being made: each way returns where the browser goes next."""

    request: Request
    store: StoreDep
    settings: Settings
    actor: Actor
    at: datetime
    below: Below
    draft: Draft
    signature: Signature

    def offer(self, chosen: tuple[str, ...]) -> str:
        """Offer, or move at once between two positions of one person."""
        to = receiver_queries.custodian_of(self.store, self.draft.receiver)
        if not chosen:
            raise NothingToHandOver
        if self.actor.acts_for(to):
            custody.move(self.store, chosen, to=to, by=self.actor, at=self.at)
            return f"/handovers?said=Đã chuyển {len(chosen)} mục đến {to}."
        record = custody.offer(self.store, chosen, to=to, by=self.actor, at=self.at, below=self.below)
        return f"/handovers/{record.code}?said=Đã lập biên bản. Bên giao vẫn giữ cho đến khi bên nhận ký."

    def together(self, chosen: tuple[str, ...]) -> str:
        """Offer and sign on one screen, the second person with a password of his own."""
        if not chosen:
            raise NothingToHandOver
        second = cosigning.second_person(self.request, self.store, self.settings, self.signature)
        to = self._receiver_of(second)
        cosigning.must_act_for(second, to)
        record = custody.hand_over_together(
            self.store, chosen, to=to, giver=self.actor, receiver=second, at=self.at, below=self.below
        )
        return f"/handovers/{record.code}?said={second.name} đã ký nhận {len(chosen)}/{len(chosen)}."

    def _receiver_of(self, second: Actor) -> Custodian:
        """Return the chosen receiver, else the one position that the second person holds."""
        if self.draft.receiver:
            return receiver_queries.custodian_of(self.store, self.draft.receiver)
        held = [f"{CustodianKind.POSITION.value}:{key}" for key in sorted(second.positions)]
        if Role.POSTMAN in second.roles:
            held.append(f"{CustodianKind.PERSON.value}:{second.account}")
        return receiver_queries.custodian_of(self.store, held[0] if len(held) == 1 else "")


# --- one record -------------------------------------------------------------------------------------------------------


@router.get("/handovers/{code}.pdf")
def printed(code: str, store: StoreDep, actor: Seeing) -> Response:
    """Print the record (biên bản giao nhận) for two signatures in ink."""
    page = handover_queries.record_page(store, _parsed(code), actor=actor)
    name = f"bien-ban-{page.code}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(records.handover_pdf(page), media_type="application/pdf", headers=headers)


@router.get("/handovers/{code}")
def record(request: Request, code: str, store: StoreDep, actor: Seeing, now: Now) -> Response:
    """Show a record."""
    return _record(request, store, _parsed(code), actor=actor, at=now)


@router.get("/handovers/{code}/photo")
def photo(code: str, store: StoreDep, actor: SeeingPeople, now: Now) -> Response:
    """Show the photo of a record that was signed on paper."""
    found = handover_queries.photo(store, _parsed(code), actor=actor)
    deps.note_view(store, actor=actor, subject=found.dossier, what="record_photo_seen", at=now)
    return Response(found.content, media_type=found.media_type)


@router.post("/handovers/{code}/count")
def count(request: Request, code: str, store: StoreDep, actor: Receiving, now: Now, form: Posted) -> Response:
    """Count by what was scanned and chosen, before signing."""
    return _record(request, store, _parsed(code), actor=actor, at=now, counting=_counting(form))


@router.post("/handovers/{code}/accept")
def accept(request: Request, code: str, store: StoreDep, actor: Receiving, now: Now, form: Posted) -> Response:
    """Sign for what was counted; who comes too late reads who was first."""
    parsed, counting = _parsed(code), _counting(form)
    page = handover_queries.record_page(store, parsed, actor=actor, counting=counting)
    try:
        if page.can_accept and (page.agreed != _text(form, "agreed") or page.answers):
            raise CountChanged(signing=page.signing)
        custody.accept(store, parsed, by=actor, at=now, declined=counting.declined())
    except Refused as refused:
        sentence = _too_late(store, parsed, actor) if isinstance(refused, NotNow | Overtaken) else ""
        errors = {"lines": sentence or str(refused)}
        status = status_of(refused)
        return _record(request, store, parsed, actor=actor, at=now, counting=counting, errors=errors, status=status)
    return RedirectResponse(f"/handovers/{parsed}?said=Đã k{page.signing[1:]}.", status_code=303)


@router.post("/handovers/{code}/recall")
def recall(request: Request, code: str, store: StoreDep, actor: Giving, now: Now) -> Response:
    """Take the whole offer back."""
    parsed = _parsed(code)
    try:
        custody.recall(store, parsed, by=actor, at=now)
    except Refused as refused:
        return _again(request, store, parsed, refused, field="lines", actor=actor, at=now)
    return RedirectResponse(f"/handovers/{parsed}?said=Đã thu hồi. Bên giao vẫn giữ.", status_code=303)


@router.post("/handovers/{code}/sign-on-paper")
def sign_on_paper(
    request: Request, code: str, store: StoreDep, actor: EnteringPaper, now: Now, form: Posted
) -> Response:
    """Enter what both signed in ink: the time on the paper, the name, the photo, and what was not handed."""
    parsed, counting = _parsed(code), _counting(form)
    page = handover_queries.record_page(store, parsed, actor=actor, counting=counting)
    try:
        custody.sign_on_paper(
            store,
            parsed,
            signed_at=handover_queries.paper_time(page, written=ink.written(form)),
            signer=ink.signer(form),
            photo=ink.photo(form),
            media_type=photos.MEDIA_TYPE,
            declined=counting.declined(),
            by=actor,
            at=now,
        )
    except Refused as refused:
        field = ink.FIELDS.get(type(refused), "lines")
        return _again(request, store, parsed, refused, field=field, actor=actor, at=now, form=form)
    return RedirectResponse(f"/handovers/{parsed}?said=Đã nhập biên bản ký trên giấy.", status_code=303)


@router.post("/handovers/{code}/confirm")
def confirm(request: Request, code: str, store: StoreDep, actor: Receiving, now: Now) -> Response:
    """Confirm, for the receiving side, what was signed on paper."""
    parsed = _parsed(code)
    try:
        custody.confirm(store, parsed, by=actor, at=now)
    except Refused as refused:
        return _again(request, store, parsed, refused, field="lines", actor=actor, at=now)
    return RedirectResponse(f"/handovers/{parsed}?said=Đã xác nhận biên bản ký trên giấy.", status_code=303)


# --- pages ------------------------------------------------------------------------------------------------------------


def _record(
    request: Request,
    store: StoreDep,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    counting: Counting | None = None,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    page = handover_queries.record_page(store, code, actor=actor, counting=counting, errors=errors, typed=typed)
    if page.shows_personal_data:
        deps.note_view(store, actor=actor, subject=code, what="record_signer_seen", at=at)
    if not page.typed:
        page = replace(page, typed={"signed_on": f"{calendars.local(at):%d/%m/%Y}", "signed_time": "", "signer": ""})
    return render.page(request, "handovers/record.html", page, status=status)


def _again(
    request: Request,
    store: StoreDep,
    code: str,
    refused: Refused,
    *,
    field: str,
    actor: Actor,
    at: datetime,
    form: FormData | None = None,
) -> Response:
    """Show the record again with the sentence; who comes too late reads who was first."""
    too_late = _too_late(store, code, actor) if isinstance(refused, NotNow | Overtaken) else ""
    return _record(
        request,
        store,
        code,
        actor=actor,
        at=at,
        counting=_counting(form) if form else None,
        errors={field: too_late or str(refused)},
        typed={name: _text(form, name) for name in ("signed_on", "signed_time", "signer")} if form else None,
        status=status_of(refused),
    )


def _too_late(store: StoreDep, code: str, actor: Actor) -> str:
    return handover_queries.signed_by(handover_queries.record_page(store, code, actor=actor))


# --- what was typed ---------------------------------------------------------------------------------------------------


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.HANDOVER).text


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def _draft(form: FormData) -> Draft:
    ticked = tuple(value for value in form.getlist("items") if isinstance(value, str))
    return Draft(
        giver=_text(form, "giver"),
        items=ticked,
        scanned=_text(form, "scanned"),
        receiver=_text(form, "receiver"),
        words=_text(form, "words"),
        username=_text(form, "username"),
    )


def _counting(form: FormData) -> Counting:
    """Return the choice of every line; a value nobody offered counts as there and whole."""
    allowed = {value for value, _ in handover_queries.CHOICES}
    chosen = {name.removeprefix("line-"): value for name, value in form.items() if name.startswith("line-")}
    choices = {code: value if value in allowed else TAKEN for code, value in chosen.items() if isinstance(value, str)}
    return Counting(choices=choices, scanned=_text(form, "scanned"), by_scanning=bool(_text(form, "by_scanning")))


# --- print ------------------------------------------------------------------------------------------------------------
