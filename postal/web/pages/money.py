"""Money at a counter: a till and its count, what a dossier owes, receipts, refunds."""

import secrets
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from postal.domain import cash, codes, item, late_post, permissions, scans
from postal.domain.codes import CodeKind
from postal.domain.events import MoneyLedger, Payment
from postal.domain.lifecycle import UnknownCode
from postal.domain.money import RefundGround
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.printing import records
from postal.queries import day_money, receivers, tills
from postal.queries import money as money_queries
from postal.queries import refunds as refund_queries
from postal.queries.money import FindPage
from postal.services import accounts, money
from postal.services.money import Counted, Payback, Payin
from postal.web import cosigning, deps, filters, printing, render, security
from postal.web.cosigning import Signature
from postal.web.deps import Chance, Now, SettingsDep, StoreDep, Typed, acting
from postal.web.errors import status_of
from postal.web.forms import Form

router = APIRouter(include_in_schema=False)

Counting = Annotated[Actor, acting(Permission.COUNT_TILL)]
HandingIn = Annotated[Actor, acting(Permission.HAND_IN_MONEY)]
Collecting = Annotated[Actor, acting(Permission.COLLECT_MONEY)]
Refunding = Annotated[Actor, acting(Permission.REFUND)]
SeeingPeople = Annotated[Actor, acting(Permission.SEE_PERSONAL_DATA)]


class CountMissing(Refused):
    """Who counts a till enters both sums."""

    code = "count_missing"
    vi = "Chưa nhập đủ số tiền đếm được. Đếm riêng tiền cước và tiền phí, lệ phí, kể cả khi là 0."
    en = "Enter both sums that were counted, also when they are 0."


class NoReceipts(UnknownCode):
    """A day on which nothing was taken has nothing to print."""

    code = "no_receipts"
    vi = "Ngày {day} không có biên lai nào ở bưu cục này. Chọn ngày khác ở trang Biên lai trong ngày."
    en = "There is no receipt of {day} at this office."


_FIELDS: dict[type[Refused], str] = {
    CountMissing: "postage",
    cash.DifferenceUnexplained: "reason",
    receivers.NoReceiver: "receiver",
    receivers.UnknownReceiver: "receiver",
    cash.NothingToPass: "receiver",
    item.SamePerson: "username",
    cosigning.NoSecondPerson: "username",
    cosigning.NotInThatPosition: "username",
    accounts.WrongSignIn: "username",
    security.TooManyTries: "username",
    money.NoRefundReason: "words",
    late_post.NotLate: "ground",
    late_post.LateRefunded: "ground",
    late_post.OnlyPostage: "ground",
    late_post.PartOfPostage: "amount",
}
"""Beside which field a refusal is shown; the rest is about the amounts."""


# --- the till ---------------------------------------------------------------------------------------------------------


@router.get("/money")
def show(request: Request, store: StoreDep, actor: Counting, now: Now) -> Response:
    """Show what is in the actor's till by the books."""
    page = tills.till_page(store, actor=actor, at=now, request=secrets.token_hex(16))
    return render.page(request, "money/till.html", page)


@router.post("/money/count")
def count(request: Request, store: StoreDep, actor: Counting, now: Now, typed: Typed) -> Response:
    """Compare the till with what was counted; a difference is said at once and needs a reason."""
    form = Form(typed)
    counted = Counted(postage=form.money("postage"), fees=form.money("fees"), reason=form.text("reason"))
    try:
        _must_be_counted(form)
        if form.is_good:
            money.count(store, counted, by=actor, at=now)
            return RedirectResponse("/money?said=Đã lưu lần kiểm quỹ.", status_code=303)
    except Refused as refused:
        form.refuse(_FIELDS.get(type(refused), "postage"), refused)
    return _till_again(request, store, form, actor=actor, now=now)


@router.post("/money/pass-on")
def pass_on(
    request: Request, store: StoreDep, settings: SettingsDep, actor: HandingIn, now: Now, below: Chance, typed: Typed
) -> Response:
    """Hand everything in the till to a colleague, who may sign at once, or to the bank."""
    form = Form(typed)
    signature = Signature(username=typed.get("username", ""), password=typed.get("password", ""))
    try:
        receiver = tills.receiver_of(store, form.text("receiver"), actor=actor)
        second = None if signature.is_empty else cosigning.second_person(request, store, settings, signature)
        if second is not None:
            cosigning.must_act_for(second, receiver)
        paper = money.pass_on(
            store,
            receiver=receiver,
            signed_by=second,
            request=form.text("request"),
            by=actor,
            at=now,
            below=below,
        )
    except Refused as refused:
        form.refuse(_FIELDS.get(type(refused), "receiver"), refused)
        return _till_again(request, store, form, actor=actor, now=now, status=status_of(refused))
    said = "Hai bên đã ký." if paper.is_done else "Đã lập phiếu. Tiền vẫn thuộc quỹ này cho đến khi bên nhận ký."
    return RedirectResponse(f"/money/papers/{paper.code}?said={said}", status_code=303)


def _must_be_counted(form: Form) -> None:
    if not (form.text("postage") and form.text("fees")):
        raise CountMissing


def _till_again(
    request: Request, store: StoreDep, form: Form, *, actor: Actor, now: Now, status: int = 422
) -> Response:
    page = tills.till_page(store, actor=actor, at=now, request=form.text("request") or secrets.token_hex(16))
    again = replace(page, errors=form.errors, typed=form.typed)
    return render.page(request, "money/till.html", again, status=status)


# --- paying and giving back -------------------------------------------------------------------------------------------


@router.get("/money/collect")
def find(request: Request, store: StoreDep, _actor: Collecting, q: str = "") -> Response:
    """Find the dossier somebody wants to pay for: by scan, our code or the desk's."""
    if not q.strip():
        return render.page(request, "money/find.html", FindPage())
    try:
        code = money_queries.find_dossier(store, scans.read_scan(q), typed=q.strip()[:40])
    except Refused as refused:
        page = FindPage(q=q.strip(), errors={"q": str(refused)})
        return render.page(request, "money/find.html", page, status=status_of(refused))
    return RedirectResponse(f"/money/collect/{code}", status_code=303)


@router.get("/money/collect/{code}")
def owed(request: Request, code: str, store: StoreDep, actor: Collecting, now: Now) -> Response:
    """Show what a dossier owes and what was paid."""
    page = money_queries.pay_page(store, _dossier(code), actor=actor, at=now, request=secrets.token_hex(16))
    return render.page(request, "money/collect.html", page)


@router.post("/money/collect/{code}")
def pay(
    request: Request, code: str, store: StoreDep, actor: Collecting, now: Now, below: Chance, typed: Typed
) -> Response:
    """Take the money; fees and postage have a receipt each."""
    form, parsed = Form(typed), _dossier(code)
    paying = Payin(
        fees=form.money("fees"),
        postage=form.money("postage"),
        payment=Payment.TRANSFER if form.text("payment") == Payment.TRANSFER.value else Payment.CASH,
        printed=form.text("printed"),
        request=form.text("request"),
    )
    status = 422
    try:
        if form.is_good:
            first, *_ = money.pay(store, parsed, paying, by=actor, at=now, below=below)
            return RedirectResponse(f"/money/papers/{first}?said=Đã thu tiền. In biên lai cho khách.", status_code=303)
    except Refused as refused:
        status = status_of(refused)
        form.refuse("fees" if paying.fees else "postage", refused)
    return _dossier_again(request, store, parsed, form, actor=actor, now=now, status=status)


@router.post("/money/collect/{code}/refund")
def refund(request: Request, code: str, store: StoreDep, actor: Refunding, now: Now, typed: Typed) -> Response:
    """Give money back, with its reason."""
    form, parsed = Form(typed), _dossier(code)
    back = Payback(
        account=form.choice("ledger", MoneyLedger, default=MoneyLedger.POSTAGE),
        amount=form.money("amount"),
        ground=form.choice("ground", RefundGround, default=RefundGround.OTHER),
        words=form.text("words"),
        request=form.text("refund_request"),
    )
    status = 422
    try:
        if form.is_good:
            money.refund(store, parsed, back, by=actor, at=now)
            said = f"Đã hoàn {filters.money(back.amount)}."
            return RedirectResponse(f"/money/collect/{parsed}?said={said}", status_code=303)
    except Refused as refused:
        status = status_of(refused)
        form.refuse(_FIELDS.get(type(refused), "amount"), refused)
    return _dossier_again(request, store, parsed, form, actor=actor, now=now, status=status)


@router.get("/refunds")
def refunds(request: Request, store: StoreDep, actor: Refunding, now: Now) -> Response:
    """Show which dossiers get their postage back because the post was late; nothing personal in it."""
    return render.page(request, "money/refunds.html", refund_queries.refunds_page(store, actor=actor, at=now))


@router.get("/money/receipts")
def of_day(request: Request, store: StoreDep, actor: Collecting, now: Now, day: str = "") -> Response:
    """Show what came in and went back at the actor's office on a day; no names in it."""
    form, sees_people = Form({"day": day}), permissions.may(actor, Permission.SEE_PERSONAL_DATA)
    on = form.day("day")
    page = day_money.day_page(store, actor=actor, day=on, at=now, sees_people=sees_people)
    answer = replace(page, errors=form.errors)
    return render.page(request, "money/day.html", answer, status=422 if form.errors else 200)


@router.get("/money/receipts/day.pdf")
def receipts_of_day(store: StoreDep, actor: Collecting, now: Now, day: date, part: int = 1) -> Response:
    """Print every receipt of a day in three copies, in one file; the payers' names stand on them."""
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    found = day_money.receipts_of_day(store, actor=actor, day=day, part=max(1, part))
    if not found:
        raise NoReceipts(day=f"{day:%d/%m/%Y}")
    deps.note_view(store, actor=actor, subject=f"{actor.place} {day}", what="money_receipts_printed", at=now)
    return printing.answer(records.money_receipts_pdf(found), name=f"bien-lai-{day}")


@router.get("/money/receipts/{code}.pdf")
def receipt(code: str, store: StoreDep, actor: SeeingPeople, now: Now) -> Response:
    """Print a receipt in three copies; the payer's name stands on it, so the look leaves a line."""
    parsed = codes.parse(code, kind=CodeKind.CASH).text
    value = money_queries.receipt_page(store, parsed, actor=actor)
    deps.note_view(store, actor=actor, subject=value.dossier, what="money_receipt_printed", at=now)
    return printing.answer(records.money_receipts_pdf([value]), name=f"bien-lai-{parsed}")


def _dossier(code: str) -> str:
    return codes.parse(code, kind=CodeKind.DOSSIER).text


def _dossier_again(
    request: Request, store: StoreDep, code: str, form: Form, *, actor: Actor, now: Now, status: int
) -> Response:
    number = form.text("request") or secrets.token_hex(16)
    page = money_queries.pay_page(store, code, actor=actor, at=now, request=number)
    again = replace(page, errors=form.errors, typed=form.typed)
    return render.page(request, "money/collect.html", again, status=status)
