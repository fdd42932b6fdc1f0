"""Trả tại bưu cục: what waits for citizens at the office: giving it, inviting again, printing letters, sending back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import codes, item, permissions, run
from postal.domain.codes import CodeKind
from postal.domain.events import Ground
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.printing import papers
from postal.queries import invitations as letter_queries
from postal.queries import pickups as pickup_queries
from postal.queries.needs import Needs
from postal.queries.pickups import GROUNDS, PickupPage, PickupsPage
from postal.services import delivery, invitations, returning, visiting
from postal.services.returning import NoRefusalRecord, SentBack
from postal.web import deps, forms, giving, printing, proofs, render
from postal.web.deps import Chance, Now, SettingsDep, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.giving import Giving
from postal.web.proofs import Sent

router = APIRouter(include_in_schema=False)

AtCounter = Annotated[Actor, acting(Permission.DELIVER_AT_COUNTER)]
Inviting = Annotated[Actor, acting(Permission.INVITE)]
SendingBack = Annotated[Actor, acting(Permission.SEND_BACK)]
NOTHING_TYPED: Mapping[str, str] = {}

Printing = Annotated[Actor, acting(Permission.SEE_PERSONAL_DATA)]


class NoGround(Refused):
    """Somebody who sends back says on which ground."""

    code = "no_ground"
    vi = "Chưa chọn lý do không phát được. Chọn một lý do trong danh sách."
    en = "Choose why it cannot be delivered."


@dataclass(frozen=True, kw_only=True, slots=True)
class PickupsView:
    """What waits at the office, with what could not be done."""

    pickups: PickupsPage
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GiveView:
    """One envelope at the counter: the form to give it, and the smaller ones to invite again or send back."""

    pickup: PickupPage
    giving: Giving
    grounds: tuple[tuple[str, str], ...]
    typed: Mapping[str, str]
    errors: dict[str, str]

    def value(self, name: str, default: str = "") -> str:
        """Return what was typed in a field of one of the smaller forms."""
        return self.typed.get(name, default)


# --- lists and letters ------------------------------------------------------------------------------------------------


@router.get("/pickups")
def show(request: Request, store: StoreDep, now: Now, actor: Inviting) -> Response:
    """Show what waits for citizens at the actor's office."""
    return _list(request, store, actor=actor, at=now)


@router.get("/pickups/invitations.pdf")
def print_letters(store: StoreDep, settings: SettingsDep, now: Now, actor: Printing) -> Response:
    """Print the letters of everybody whom the office invited today."""
    letters = letter_queries.letters_of_day(store, actor=actor, at=now)
    deps.note_view(store, actor=actor, subject=actor.place, what="invitations_printed", at=now)
    return printing.answer(papers.invitation_pdf(letters, settings=settings), name=f"giay-moi-{actor.place}")


@router.get("/pickups/{code}/invitation.pdf")
def print_letter(code: str, store: StoreDep, settings: SettingsDep, now: Now, actor: Printing) -> Response:
    """Print the letter of an envelope's last invitation."""
    parsed = _parsed(code)
    letter = letter_queries.letter(store, parsed, actor=actor, at=now)
    deps.note_view(store, actor=actor, subject=parsed, what="invitation_printed", at=now)
    return printing.answer(papers.invitation_pdf([letter], settings=settings), name=f"giay-moi-{parsed}")


@router.post("/pickups/invite-due")
def invite_due(request: Request, store: StoreDep, now: Now, actor: Inviting) -> Response:
    """Invite a second time for everything that is due today."""
    try:
        done = invitations.invite_due(store, actor.place, by=actor, at=now)
    except Refused as refused:
        return _list(request, store, actor=actor, at=now, refused=refused)
    said = f"Đã mời lần 2: {len(done)} bưu gửi. In giấy mời để bưu tá để tại địa chỉ."
    return RedirectResponse(f"/pickups?said={said}", status_code=303)


@router.post("/pickups/send-back")
def send_back(request: Request, store: StoreDep, now: Now, actor: SendingBack) -> Response:
    """Send back everything nobody came for after two invitations."""
    try:
        done = returning.send_back_all(store, actor.place, by=actor, at=now)
    except Refused as refused:
        return _list(request, store, actor=actor, at=now, refused=refused)
    if done.refused:
        return _list(request, store, actor=actor, at=now, problem=_told(done), status=409)
    said = f"Đã ghi chuyển trả {len(done.items)} bưu gửi. Bàn giao đi cơ quan ở bảng “Chờ chuyển trả”."
    return RedirectResponse(f"/pickups?said={said}", status_code=303)


def _told(done: SentBack) -> str:
    reasons = " ".join(f"{codes.shown(code)}: {why}" for code, why in done.refused)
    return f"Đã ghi chuyển trả {len(done.items)} bưu gửi, còn {len(done.refused)} chưa chuyển được. {reasons}"


# --- one envelope -----------------------------------------------------------------------------------------------------


@router.get("/pickups/{code}")
def show_one(request: Request, code: str, store: StoreDep, now: Now, actor: AtCounter) -> Response:
    """Show one envelope and the form to give it."""
    return _one(request, store, _parsed(code), actor=actor, at=now)


@router.post("/pickups/{code}")
def give(
    request: Request, code: str, store: StoreDep, now: Now, actor: AtCounter, below: Chance, sent: Sent
) -> Response:
    """Give an envelope to the citizen who came, with the money and papers that are asked for it."""
    parsed, typed, proof = _parsed(code), proofs.texts(sent), b""
    try:
        proof = proofs.content(sent)
        delivery.deliver_at_counter(
            store,
            parsed,
            **visiting.giving(typed),
            proof=proof,
            media_type=proofs.MEDIA_TYPE,
            by=actor,
            at=now,
            below=below,
        )
    except Refused as refused:
        again = partial(giving.again, typed, refused=refused, kept=proofs.kept(proof))
        status = status_of(refused)
        return _one(request, store, parsed, actor=actor, at=now, form=lambda asked: again(asked=asked), status=status)
    home = "/desk" if permissions.may(actor, Permission.DECIDE) else "/pickups"
    return RedirectResponse(f"{home}?said=Đã trả {codes.shown(parsed)} cho người dân.", status_code=303)


@router.post("/pickups/{code}/invite")
def invite(request: Request, code: str, store: StoreDep, now: Now, actor: Inviting, typed: Typed) -> Response:
    """Keep an envelope until a day and invite its citizen, again if he was invited before."""
    parsed = _parsed(code)
    try:
        until = forms.day(typed.get("until", ""))
        held = invitations.hold_for_pickup(store, parsed, until=until, by=actor, at=now)
    except Refused as refused:
        return _refused(request, store, parsed, actor=actor, at=now, typed=typed, why=refused)
    said = f"Đã mời lần {len(held.invited_on)}, giữ đến hết {until:%d/%m/%Y}."
    return RedirectResponse(f"/pickups?said={said}", status_code=303)


@router.post("/pickups/{code}/undeliverable")
def declare(request: Request, code: str, store: StoreDep, now: Now, actor: SendingBack, typed: Typed) -> Response:
    """Send an envelope back to the authority on a lawful ground."""
    parsed = _parsed(code)
    try:
        back = returning.declare_undeliverable(
            store,
            parsed,
            ground=_ground(typed),
            reason=forms.line(typed.get("reason", ""), most=forms.LONGEST_TEXT),
            record=forms.line(typed.get("record", ""), most=forms.LONGEST_TEXT),
            by=actor,
            at=now,
        )
    except Refused as refused:
        return _refused(request, store, parsed, actor=actor, at=now, typed=typed, why=refused)
    said = f"Đã ghi không phát được {codes.shown(parsed)}. Bàn giao đi {back.destination.name}."
    return RedirectResponse(f"/pickups?said={said}", status_code=303)


_FIELDS: dict[type[Refused], str] = {
    forms.NotADay: "until",
    run.DayGone: "until",
    item.InvitedOnDayOff: "until",
    item.InvitedTooSoon: "until",
    NoGround: "ground",
    item.NoGroundReason: "reason",
    NoRefusalRecord: "record",
}
"""Beside which field a refusal stands."""


def _ground(typed: Mapping[str, str]) -> Ground:
    """Return which ground was chosen. Raises: NoGround."""
    found = next((ground for ground in Ground if ground.value == typed.get("ground")), None)
    if found is None:
        raise NoGround
    return found


# --- pages ------------------------------------------------------------------------------------------------------------


def _list(
    request: Request,
    store: StoreDep,
    *,
    actor: Actor,
    at: datetime,
    refused: Refused | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    page = pickup_queries.pickups_page(store, actor=actor, at=at)
    if page.may_print:
        deps.note_view(store, actor=actor, subject=actor.place, what="pickups_seen", at=at)
    view = PickupsView(pickups=page, problem=str(refused or problem))
    return render.page(request, "pickups/list.html", view, status=status_of(refused) if refused else status)


def _refused(
    request: Request, store: StoreDep, code: str, *, actor: Actor, at: datetime, typed: Mapping[str, str], why: Refused
) -> Response:
    """Show the sentence beside its field; who may not see the citizen reads it above the list."""
    if not permissions.may(actor, Permission.DELIVER_AT_COUNTER):
        return _list(request, store, actor=actor, at=at, refused=why)
    errors = {_FIELDS.get(type(why), "ground" if "ground" in typed else "until"): str(why)}
    return _one(request, store, code, actor=actor, at=at, typed=typed, errors=errors, status=status_of(why))


def _one(
    request: Request,
    store: StoreDep,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    form: Callable[[Needs], Giving] = giving.fresh,
    typed: Mapping[str, str] = NOTHING_TYPED,
    errors: Mapping[str, str] = NOTHING_TYPED,
    status: int = 200,
) -> Response:
    page = pickup_queries.pickup_page(store, code, actor=actor, at=at)
    deps.note_view(store, actor=actor, subject=page.dossier, what="pickup_seen", at=at)
    shown = form(page.needs)
    view = GiveView(pickup=page, giving=shown, grounds=GROUNDS, typed=typed, errors={**shown.errors, **errors})
    return render.page(request, "pickups/give.html", view, status=status)


def _parsed(code: str) -> str:
    return codes.parse(code, kind=CodeKind.ITEM).text
