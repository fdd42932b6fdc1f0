"""What the desk and the department do with a dossier. Only the competent side moves its status."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from postal.domain import calendars, clocks, codes, events, money, official, originals, permissions, supplements
from postal.domain.clocks import CountingRule, Limit, PausePolicy
from postal.domain.copying import replace
from postal.domain.dossier import Dossier, WrongAmount
from postal.domain.events import Event, ReceptionMode
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.supplements import AskedPaper, Request
from postal.services import arranging, messages
from postal.store import Ledger, Store

ALL_IN = "Đã đủ giấy tờ"
"""Why nobody fetches papers any more that were asked for."""


class NotCompetent(Refused):
    """Another authority decides this dossier."""

    code = "not_competent"
    vi = "Hồ sơ {dossier} do {place} giải quyết. Báo nơi đó cập nhật, hoặc chuyển hồ sơ theo thẩm quyền."
    en = "Dossier {dossier} belongs to {place}. Ask them to update it."


class NoReason(Refused):
    """A decision against the citizen says why."""

    code = "no_reason"
    vi = "Chưa ghi lý do cho hồ sơ {dossier}. Ghi lý do để người dân biết phải làm gì."
    en = "Give the reason for dossier {dossier}."


class SecondSupplement(Refused):
    """All missing papers go into one request; a second one needs a reason and a controller."""

    code = "second_supplement"
    vi = "Hồ sơ {dossier} đã yêu cầu bổ sung một lần. Yêu cầu lần nữa phải ghi lý do và do người phụ trách thực hiện."
    en = "Dossier {dossier} was asked for papers once. Asking again needs a reason and the head of the desk."


class NoPapersAsked(Refused):
    """A request names every paper it asks for."""

    code = "no_papers_asked"
    vi = "Chưa ghi giấy tờ nào cần bổ sung cho hồ sơ {dossier}. Đánh dấu trong danh sách hoặc nhập tên giấy tờ."
    en = "Name the papers that are missing in dossier {dossier}."


class NotReceivedYet(Refused):
    """Papers that were missing before reception complete a reception, not a supplement."""

    code = "not_received_yet"
    vi = "Hồ sơ {dossier} chưa được tiếp nhận. Đủ giấy tờ thì chọn “Tiếp nhận và cấp mã”."
    en = "Dossier {dossier} was not received yet. Receive it under its own code."


class NothingToPay(Refused):
    """What is paid was owed."""

    code = "nothing_to_pay"
    vi = "Hồ sơ {dossier} không còn khoản phí, lệ phí nào chưa thu. Xem các khoản đã thu trên trang hồ sơ."
    en = "Dossier {dossier} owes no fees any more."


class OfficialCodeTaken(Refused):
    """A desk gives each dossier a code of its own."""

    code = "official_code_taken"
    vi = "Mã {official_code} đã gắn với hồ sơ {dossier}. Xem lại mã trên giấy tiếp nhận."
    en = "Code {official_code} already belongs to dossier {dossier}. Check the slip."


def receive(
    store: Store,
    code: str,
    *,
    official_code: str,
    by: Actor,
    at: datetime,
    promised_at: datetime | None = None,
) -> Dossier:
    """Receive a dossier at the desk under the desk's own code.

    In mode A the clock starts when both signed the hand-over record at this desk (QĐ 45/2016 Đ.7.4); without such a
    record it starts now, and the basis says so. The limit is the one of the procedure's version.

    Raises: WrongOfficialCode, OfficialCodeTaken, NotCompetent, NotNow, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.RECEIVE_OFFICIALLY)
    parsed = official.parse_official(official_code).text
    with store.begin(at=at) as ledger:
        dossier = ledger.dossier(code)
        must_be_here(ledger, dossier, by)
        _must_be_free(ledger, dossier, parsed)
        started_at, basis = _start(ledger, dossier, at=at)
        rule = ledger.policies.counting_rule(dossier.desk)
        event = dossier.receive(
            official_code=parsed,
            limit=_limit(ledger, dossier),
            started_at=started_at,
            start_basis=basis,
            promised_at=promised_at or _due(ledger, dossier, started_at=started_at, rule=rule),
            rule=rule,
            by=by,
            at=at,
        )
        received = ledger.append(dossier, event)
        _owe(ledger, received, fact="agency_received")
        return received


def take_into_work(store: Store, code: str, *, by: Actor, at: datetime) -> Dossier:
    """Begin to work on a dossier."""
    return _decide(
        store,
        code,
        lambda _, dossier: events.TakenIntoWork(department=dossier.department, by=by.as_author(), occurred_at=at),
        by=by,
        at=at,
    )


def ask_supplement(
    store: Store, code: str, *, papers: Sequence[AskedPaper], due_on: date, by: Actor, at: datetime, reason: str = ""
) -> Dossier:
    """Ask for all missing papers at once, by a working day (Mẫu 02); the lines are numbered from 1.

    Asking again needs a reason and the head of the desk or department.

    Raises: NoPapersAsked, NotAWorkingDay, SecondSupplement, NotCompetent, NotNow, Forbidden, UnknownCode.
    """

    def ask(ledger: Ledger, dossier: Dossier) -> Event:
        if not papers or not all(paper.name.strip() for paper in papers):
            raise NoPapersAsked(dossier=codes.shown(code))
        supplements.must_lie_ahead(due_on, calendar=ledger.reference.calendar("state"), at=at)
        if dossier.supplements and not (reason.strip() and permissions.leads(by)):
            raise SecondSupplement(dossier=codes.shown(code))
        request = Request(papers=tuple(papers), reason=reason)
        return events.SupplementAsked(
            count=len(papers),
            request=ledger.texts.put(code, supplements.written(request)),
            policy=_policy(ledger, dossier),
            due_on=due_on,
            by=by.as_author(),
            occurred_at=at,
        )

    return _decide(store, code, ask, by=by, at=at, fact="need_more")


def complete_supplement(store: Store, code: str, *, by: Actor, at: datetime) -> Dossier:
    """Say that the asked papers are in; the clock restarts or resumes by the procedure's policy.

    It counts from when the authority signed for the last of them, where the post brought all of them.

    Raises: NotReceivedYet, NotCompetent, NotNow, Forbidden, UnknownCode.
    """

    def complete(ledger: Ledger, dossier: Dossier) -> Event:
        if supplements.is_awaited(dossier) and dossier.started_at is None:
            raise NotReceivedYet(dossier=codes.shown(code))
        signed_at = supplements.complete_at(dossier, _as_signed_for(ledger, ledger.items_of(code)))
        arranging.call_off(ledger, dossier, reason=ledger.texts.put(code, ALL_IN), by=by, at=at)
        return events.Supplemented(
            policy=_policy(ledger, dossier),
            complete_at=signed_at,
            basis=supplements.SIGNED_BASIS if signed_at else supplements.NOTED_BASIS,
            by=by.as_author(),
            occurred_at=at,
        )

    return _decide(store, code, complete, by=by, at=at)


def ask_payment(store: Store, code: str, *, amount: int, basis: str, by: Actor, at: datetime) -> Dossier:
    """Ask the citizen to pay before work goes on; whole đồng, above 0.

    The clock stands meanwhile where the procedure's own law pauses it; it never restarts for money.

    Raises: WrongAmount, NotCompetent, NotNow.
    """

    def ask(ledger: Ledger, dossier: Dossier) -> Event:
        if amount <= 0:
            raise WrongAmount(amount=amount, why="phải lớn hơn 0")
        pauses = _policy(ledger, dossier) is PausePolicy.PAUSE
        policy = PausePolicy.PAUSE if pauses else PausePolicy.NONE
        return events.PaymentAsked(amount=amount, basis=basis, policy=policy, by=by.as_author(), occurred_at=at)

    return _decide(store, code, ask, by=by, at=at, fact="fee_due")


def note_payment(store: Store, code: str, *, by: Actor, at: datetime) -> Dossier:
    """Say that what was asked has been paid: to the authority, or to the post, which remits what it took.

    Fees that arose while work went on are said to be paid to the authority itself.

    Raises: NothingToPay, NotCompetent, NotNow, Forbidden, UnknownCode.
    """

    def note(ledger: Ledger, dossier: Dossier) -> Event:
        if not dossier.asked_amount:
            return paid_to_authority(dossier, by=by, at=at)
        by_post = money.came_by_post(ledger.happened([code])[code])
        return events.Paid(amount=dossier.asked_amount, by_post=by_post, by=by.as_author(), occurred_at=at)

    return _decide(store, code, note, by=by, at=at)


def paid_to_authority(dossier: Dossier, *, by: Actor, at: datetime) -> events.Paid:
    """Return the word of the authority that it has itself what is owed in fees. Raises: NothingToPay, NotNow."""
    if not dossier.fees.owed:
        raise NothingToPay(dossier=codes.shown(dossier.code))
    dossier.must_allow(events.Paid)
    return events.Paid(amount=dossier.fees.owed, by=by.as_author(), occurred_at=at)


def refuse(store: Store, code: str, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """Do not receive or resolve a dossier, with its reason (Mẫu 03)."""
    return _end(store, code, events.ReceptionRefused, reason=reason, by=by, at=at, fact="refused")


def withdraw(store: Store, code: str, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """Record that the citizen takes the dossier back."""
    return _end(store, code, events.WithdrawnByCitizen, reason=reason, by=by, at=at, fact="withdrawn")


def stop(store: Store, code: str, *, reason: str, by: Actor, at: datetime) -> Dossier:
    """Stop working on a dossier, with its reason (Mẫu 05)."""
    return _end(store, code, events.Stopped, reason=reason, by=by, at=at, fact="stopped")


def _end(
    store: Store,
    code: str,
    kind: type[events.ReceptionRefused] | type[events.WithdrawnByCitizen] | type[events.Stopped],
    *,
    reason: str,
    by: Actor,
    at: datetime,
    fact: str,
) -> Dossier:
    if not reason.strip():
        raise NoReason(dossier=codes.shown(code))

    def end(ledger: Ledger, dossier: Dossier) -> Event:
        text = ledger.texts.put(code, reason.strip())
        arranging.call_off(ledger, dossier, reason=text, by=by, at=at)
        return kind(reason=text, by=by.as_author(), occurred_at=at)

    return _decide(store, code, end, by=by, at=at, fact=fact)


def _decide(
    store: Store,
    code: str,
    make: Callable[[Ledger, Dossier], Event],
    *,
    by: Actor,
    at: datetime,
    fact: str = "",
) -> Dossier:
    """Append one decision of the competent side. Raises: NotCompetent, NotNow, Forbidden, UnknownCode."""
    permissions.require(by, Permission.DECIDE)
    with store.begin(at=at) as ledger:
        dossier = ledger.dossier(code)
        must_be_here(ledger, dossier, by)
        event = make(ledger, dossier)
        dossier.must_allow(type(event))
        after = ledger.append(dossier, event)
        if fact:
            _owe(ledger, after, fact=fact)
        return after


def must_take_part(ledger: Ledger, dossier: Dossier, by: Actor) -> None:
    """Refuse whoever is neither of the office that took the dossier in nor of its authority. Raises: NotCompetent."""
    if by.place != dossier.office:
        must_be_here(ledger, dossier, by)


def must_be_here(ledger: Ledger, dossier: Dossier, by: Actor) -> None:
    """Refuse whoever is not of the desk or department of a dossier. Raises: NotCompetent."""
    if by.place not in (dossier.desk, dossier.department):
        place = ledger.reference.place(dossier.department or dossier.desk)
        raise NotCompetent(dossier=codes.shown(dossier.code), place=place.name)


def _must_be_free(ledger: Ledger, dossier: Dossier, official_code: str) -> None:
    other = ledger.dossier_by_official_code(official_code, desk=dossier.desk)
    if other is not None and other.code != dossier.code:
        raise OfficialCodeTaken(official_code=official_code, dossier=codes.shown(other.code))


def _start(ledger: Ledger, dossier: Dossier, *, at: datetime) -> tuple[datetime, str]:
    """Return when the statutory clock started and on what basis; papers that were asked for at the desk count too."""
    sent = [i for i in ledger.items_of(dossier.code) if i.kind in originals.TO_THE_AUTHORITY]
    signed = [item.signed_over_at for item in _as_signed_for(ledger, sent) if item.signed_over_at is not None]
    if dossier.mode is ReceptionMode.A and signed:
        return max(signed), clocks.SIGNED_AT_DESK.basis
    return at, "Bộ phận Một cửa ghi nhận tiếp nhận, không có biên bản giao nhận với bưu điện"


def _as_signed_for(ledger: Ledger, items: Iterable[Item]) -> list[Item]:
    """Return items with the legal time of their submission (QĐ 45/2016 Đ.7.4)."""
    return [replace(item, signed_over_at=_signed_over_at(ledger, item)) for item in items]


def _signed_over_at(ledger: Ledger, item: Item) -> datetime | None:
    """Return when the authority signed for an item: for its bag, also where we heard of that after the count."""
    if item.signed_over_at is None:
        return None
    came_out = (each for each in reversed(ledger.happened([item.code])[item.code]) if isinstance(each, events.Unpacked))
    out = next((each for each in came_out if each.signed_at == item.signed_over_at), None)
    bag = ledger.known_bags([out.bag]).get(out.bag) if out else None
    return bag.signed_over_at if bag and bag.signed_over_at else item.signed_over_at


def _limit(ledger: Ledger, dossier: Dossier) -> Limit | None:
    return ledger.reference.procedure_version(dossier.procedure, dossier.procedure_version).limit


def _due(ledger: Ledger, dossier: Dossier, *, started_at: datetime, rule: CountingRule | None) -> datetime | None:
    """Return when the authority must be done, from the limit of the procedure's version; None when nobody knows it."""
    version = ledger.reference.procedure_version(dossier.procedure, dossier.procedure_version)
    rule = rule or clocks.BY_LAW
    calendar = rule.applied_to(ledger.reference.calendar("state"))
    if version.same_day:
        return clocks.same_day(started_at, calendar=calendar).due_at
    if version.limit is None:
        return None
    return clocks.due(version.limit, started_at=started_at, calendar=calendar, counting=rule.counting).due_at


def _policy(ledger: Ledger, dossier: Dossier) -> PausePolicy:
    version = ledger.reference.procedure_version(dossier.procedure, dossier.procedure_version)
    return version.pause_policy


_SENTENCES = {
    "agency_received": "đã đến cơ quan, hẹn trả kết quả {date}",
    "need_more": "cần bổ sung {count} giấy tờ{due}, nộp tại bưu cục bất kỳ",
    "refused": "không được tiếp nhận, bưu điện gửi trả giấy tờ",
    "withdrawn": "đã được rút theo yêu cầu",
    "stopped": "đã dừng giải quyết",
}


def _owe(ledger: Ledger, dossier: Dossier, *, fact: str) -> None:
    """Owe the message of a decision; the version tells it from an earlier one of the same kind."""
    if fact == "fee_due":
        messages.owe_fees(ledger, dossier)
        return
    promised = calendars.local(dossier.promised_at).strftime("%d/%m") if dossier.promised_at else "sẽ báo sau"
    due = f" trước {dossier.supplement_due_on:%d/%m}" if dossier.supplement_due_on else ""
    words = _SENTENCES[fact].format(date=promised, count=dossier.asked_papers, due=due)
    messages.owe_sender(ledger, dossier, fact=f"{fact}_{dossier.version}", words=words)
