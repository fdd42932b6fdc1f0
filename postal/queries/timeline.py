"""What happened, for people: a sentence an event for staff; organisation and day, nothing more, for citizens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from postal.domain import calendars, codes, events, incident, supplements
from postal.domain.events import (
    AttemptReason,
    DeclineReason,
    Event,
    Evidence,
    FactKind,
    Ground,
    ItemKind,
    Misfit,
    MoneyLedger,
    Payment,
    Receiver,
    ReceptionMode,
    ReturnWay,
    Service,
    Settlement,
)
from postal.domain.item import Item
from postal.store import Reader, passages

HEARD_LATER = timedelta(minutes=1)
"""An event recorded longer than this after it happened says so: it was written on paper, or a device was offline."""

LATE = timedelta(hours=24)
"""What we heard of so long after it happened stands in its place all the same, and everybody sees that it came late."""

KINDS: dict[ItemKind, str] = {
    ItemKind.OUTBOUND: "hồ sơ gửi đi",
    ItemKind.SUPPLEMENT: "giấy tờ bổ sung",
    ItemKind.SLIP: "giấy tiếp nhận, hẹn trả",
    ItemKind.RESULT: "kết quả",
    ItemKind.RETURNED: "giấy tờ trả lại",
    ItemKind.RECOVERED: "giấy tờ thu hồi cho cơ quan",
}
DECLINES: dict[DeclineReason, str] = {
    DeclineReason.MISSING: "thiếu",
    DeclineReason.DAMAGED: "rách, ướt",
    DeclineReason.WRONG_PLACE: "sai nơi",
    DeclineReason.NOT_MINE: "không thuộc bên nhận",
}
ATTEMPTS: dict[AttemptReason, str] = {
    AttemptReason.NOBODY_THERE: "không có người nhận",
    AttemptReason.NO_ANSWER: "không liên lạc được",
    AttemptReason.ANOTHER_DAY: "hẹn ngày khác",
    AttemptReason.NO_AUTHORISATION: "không có giấy tờ ủy quyền",
}
RECEIVERS: dict[Receiver, str] = {
    Receiver.ADDRESSEE: "người có tên trên phiếu",
    Receiver.DELEGATE: "người được ủy quyền",
    Receiver.ORGANISATION: "đại diện cơ quan, tổ chức",
}
FACTS: dict[FactKind, str] = {
    FactKind.HANDED_OVER: "đã bàn giao",
    FactKind.ACCEPTED: "đã nhận",
    FactKind.DECLINED: "không nhận",
    FactKind.MOVED: "đã chuyển nội bộ",
    FactKind.SIGHTED: "đã thấy",
}
MISFITS: dict[Misfit, str] = {
    Misfit.NOT_THE_HOLDER: "người báo không giữ bưu gửi",
    Misfit.GIVEN_TO_HOLDER: "bên nhận đang giữ sẵn bưu gửi",
    Misfit.OFFER_STANDS: "đang chờ bên khác ký nhận",
    Misfit.ALREADY_HOLDS: "người báo đang giữ sẵn bưu gửi",
    Misfit.ALREADY_TAKEN: "lần giao này đã có người ký nhận",
    Misfit.NOT_OFFERED: "bưu gửi không chờ người báo ký nhận",
    Misfit.NO_POSITION: "người báo không giữ vị trí nào",
    Misfit.AFTER_THE_END: "bưu gửi đã phát hoặc đã hủy",
    Misfit.IN_BAG: "bưu gửi đang nằm trong túi",
    Misfit.ACCEPT_WITHOUT_OFFER: "nhận khi chưa được bàn giao",
    Misfit.DOUBLE_CUSTODY: "nơi khác cũng báo đang giữ, cần xác nhận lại",
    Misfit.LABEL_CLONE: "nghi có hai nhãn cùng mã",
}
EVIDENCES: dict[Evidence, str] = {
    Evidence.A: "hai bên ký trên hệ thống",
    Evidence.B: "ký trên giấy, có ảnh",
    Evidence.C: "ký trên giấy, không có ảnh",
}
SERVICES: dict[Service, str] = {
    Service.SEND: "gửi hồ sơ",
    Service.RECEIVE: "nhận kết quả",
    Service.BOTH: "gửi hồ sơ và nhận kết quả",
}
MODES: dict[ReceptionMode, str] = {
    ReceptionMode.A: "bưu điện chuyển, Một cửa tiếp nhận",
    ReceptionMode.B: "bưu điện tiếp nhận thay cơ quan",
}
RETURN_WAYS: dict[ReturnWay, str] = {
    ReturnWay.HOME: "tận nhà",
    ReturnWay.POST_OFFICE: "tại bưu cục",
    ReturnWay.DESK: "tại Một cửa",
}
GROUNDS: dict[Ground, str] = {
    Ground.ADDRESS: "thiếu hoặc sai địa chỉ",
    Ground.MOVED: "đã chuyển, không rõ địa chỉ mới",
    Ground.NOT_FOUND: "không tìm được người nhận",
    Ground.TWO_INVITATIONS: "đã mời 2 lần không nhận",
    Ground.REFUSED: "từ chối nhận",
}
SETTLEMENTS: dict[Settlement, str] = {
    Settlement.KEPT_BY_AUTHORITY: "cơ quan giữ lại theo quy định",
    Settlement.HANDED_AT_DESK: "cơ quan đã trả trực tiếp",
    Settlement.LOST: "thất lạc, đã lập biên bản",
}
LEDGERS: dict[MoneyLedger, str] = {MoneyLedger.POSTAGE: "cước bưu chính", MoneyLedger.FEES: "phí, lệ phí"}
PAYMENTS: dict[Payment, str] = {
    Payment.CASH: "tiền mặt",
    Payment.TRANSFER: "chuyển khoản",
    Payment.LATER: "thu sau",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """An event as staff read it. `struck` says who corrected it and why: it counts for nothing any more.

    `recorded_at` is set when it was written down later than it happened, `is_late` when more than a day later. `detail`
    is the text behind the event (a reason, a list of papers); it is empty for whoever may not read it, and once it was
    erased.
    """

    stream: str
    version: int
    occurred_at: datetime
    recorded_at: datetime | None
    who: str
    where: str
    sentence: str
    detail: str
    struck: str = ""
    is_late: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """From which day on an organisation had the papers or the result; `organisation` is empty for the citizen."""

    on: date
    organisation: str


# --- staff ------------------------------------------------------------------------------------------------------------


def lines(reader: Reader, streams: Sequence[str], *, sees_texts: bool = False) -> tuple[Line, ...]:
    """Return every event of some streams (dossier, items, records, runs), in the order in which they happened.

    What happened to a bag while one of the items lay in it stands among them, with the bag's code.

    `sees_texts` opens reasons and lists of papers, which may name people: the caller checks and audits that.
    """
    wrong = [(stream, r.step.version, at, r.event) for stream, at, r in reader.reads(streams) if r.is_struck]
    found = sorted([*_told(reader, streams), *wrong], key=lambda row: row[3].occurred_at)
    happened = [event for _, _, _, event in found]
    names = _names(reader, happened)
    places = {code: place.name for code, place in reader.reference.places({e.by.place for e in happened}).items()}
    texts = reader.texts.get([text_of(event) for event in happened]) if sees_texts else {}
    struck = {
        (stream, event.version): _struck(event, names, texts.get(event.reason, ""))
        for stream, _, _, event in found
        if isinstance(event, events.Corrected)
    }
    return tuple(
        Line(
            stream=stream,
            version=version,
            occurred_at=event.occurred_at,
            recorded_at=recorded_at if recorded_at - event.occurred_at > HEARD_LATER else None,
            who=names.get(event.by.account, event.by.account),
            where=places.get(event.by.place, event.by.place),
            sentence=sentence(event) if stream in streams else f"Túi {codes.shown(stream)}: {sentence(event)}",
            detail=_detail(event, texts.get(text_of(event), "")),
            struck=struck.get((stream, version), ""),
            is_late=recorded_at - event.occurred_at > LATE,
        )
        for stream, version, recorded_at, event in found
    )


def _struck(event: events.Corrected, names: Mapping[str, str], reason: str) -> str:
    """Return who struck a line and why; the reason is a text that not everybody may read."""
    people = " và ".join(names.get(each.account, each.account) for each in (event.by, event.second))
    return f"Đính chính bởi {people}" + (f" vì: {reason}" if reason else ".")


def _told(reader: Reader, streams: Sequence[str]) -> list[tuple[str, int, datetime, Event]]:
    """Return (stream, version, recorded_at, event) of streams, and of the bags their items lay in, as long as they did.

    Two items of one bag tell its events once.
    """
    rows = reader.events(streams)
    packed = sorted({stream for stream, *_, event in rows if isinstance(event, events.Packed)})
    if not packed:
        return rows
    told = {(each.stream, each.version) for own in passages.of_items(reader, packed).values() for each in own}
    bags = {stream for stream, _ in told} - set(streams)
    return [row for row in reader.events([*streams, *sorted(bags)]) if row[0] not in bags or row[:2] in told]


def sentence(event: Event) -> str:
    """Return one Vietnamese sentence for an event; it names no citizen."""
    kinds = (_of_item, _of_bag, _of_trip, _of_dossier, _of_run, _of_others)
    said = next((words for of_kind in kinds if (words := of_kind(event))), None)
    assert said is not None, f"{type(event).__name__} has no sentence"
    return said


def text_of(event: Event) -> str:
    """Return the reference of the text behind an event, empty when there is none worth a line."""
    for name in ("reason", "cause", "request", "signer"):
        reference = getattr(event, name, "")
        if isinstance(reference, str) and reference:
            return reference
    return ""


def _detail(event: Event, text: str) -> str:
    """Return the text behind an event as one line."""
    return supplements.in_words(text) if isinstance(event, events.SupplementAsked) and text else text


def _names(reader: Reader, happened: Sequence[Event]) -> dict[str, str]:
    accounts = {event.by.account for event in happened}
    accounts |= {event.second.account for event in happened if isinstance(event, events.Corrected)}
    found = (reader.accounts.get(account) for account in sorted(accounts))
    return {account.username: account.name for account in found if account}


def _of_item(event: Event) -> str | None:  # noqa: C901, PLR0912 - one case an event
    match event:
        case events.Registered(kind=kind, destination=destination, custodian=custodian):
            return f"Đăng ký bưu gửi ({KINDS[kind]}) đi {destination.name}; {custodian} giữ."
        case events.Sealed(seal=seal, by_authority=by_authority):
            return f"Niêm phong số {seal}" + (" (cơ quan niêm phong sẵn)." if by_authority else ".")
        case events.HandedOver(to=to, record=record):
            return f"Bàn giao cho {to} theo biên bản {codes.shown(record)}, chờ ký nhận."
        case events.Accepted(record=record):
            return f"Đã ký nhận theo biên bản {codes.shown(record)}."
        case events.Declined(record=record, reason=reason):
            return f"Không ký nhận theo biên bản {codes.shown(record)}: {DECLINES[reason]}. Bên giao tiếp tục giữ."
        case events.Recalled(record=record):
            return f"Bên giao thu hồi, biên bản {codes.shown(record)}."
        case events.SignedOnPaper(to=to, record=record, evidence=evidence):
            return f"{to} đã nhận theo biên bản {codes.shown(record)} ({EVIDENCES[evidence]})."
        case events.Moved(to=to):
            return f"Chuyển nội bộ sang {to}."
        case events.TakenOver(to=to, told=told):
            why = f" Cần xem: {MISFITS[told]}." if told else ""
            return f"{to} nhận thay khi chưa được bàn giao.{why}"
        case events.Claimed(fact=fact, why=why):
            unfit = f", chưa khớp: {MISFITS[why]}. Bên giữ không đổi" if why else ""
            return f"Thiết bị ngoại tuyến báo {FACTS[fact]}{unfit}."
        case events.Rerouted(destination=destination):
            return f"Chuyển hướng, nơi đến mới: {destination.name}."
        case events.AttemptFailed(reason=reason, next_on=next_on):
            again = f" Sẽ đến lại {calendars.written(next_on)}." if next_on else ""
            return f"Chưa phát được: {ATTEMPTS[reason]}.{again}"
        case events.InvitationLeft(number=number):
            return f"Để giấy mời lần {number} tại địa chỉ nhận."
        case events.DeclaredUndeliverable(ground=ground, destination=destination):
            return f"Không phát được: {GROUNDS[ground]}. Chuyển trả {destination.name}."
        case events.HeldForPickup(until=until):
            return f"Giữ tại bưu cục, mời người dân đến nhận trước {calendars.written(until)}."
        case events.Delivered(receiver=receiver, identity_checked=checked, authorisation_shown=shown):
            identity = ", đã kiểm tra giấy tờ tùy thân" if checked else ""
            authority = ", có giấy ủy quyền" if shown else ""
            return f"Đã giao cho {RECEIVERS[receiver]}{identity}{authority}."
        case events.ReportedMissing():
            return "Báo không thấy bưu gửi, đang tìm."
        case events.ReportedDamaged():
            return "Báo bưu gửi rách, ướt hoặc hư hỏng."
        case events.Found():
            return "Đã thấy lại hoặc đã xử lý xong sự cố."
        case events.Sighted():
            return "Đã quét thấy bưu gửi."
        case events.Corrected(version=version):
            return f"Đính chính: việc số {version} ghi sai, đã gạch, không còn tính."
        case events.Voided():
            return "Hủy bưu gửi tại quầy, giấy tờ đã trả lại người gửi."
        case _:
            return None


def _of_bag(event: Event) -> str | None:  # noqa: C901, PLR0912 - one case an event
    match event:
        case events.Packed(bag=bag):
            return f"Bỏ vào túi {codes.shown(bag)}."
        case events.Unpacked(bag=bag, to=to, is_checked=is_checked):
            unseen = "" if is_checked else " (nhận nguyên túi, chưa kiểm từng bưu gửi)"
            return f"Lấy ra khỏi túi {codes.shown(bag)}; {to} giữ{unseen}."
        case events.Disputed(bag=bag, holder=holder, was_intact=was_intact):
            why = "niêm phong còn nguyên" if was_intact else "niêm phong không khớp hoặc đã rách"
            return f"Không có trong túi {codes.shown(bag)} khi mở ({why}); {holder} phải trả lời."
        case events.FoundInBag(bag=bag, to=to):
            return f"Thấy trong túi {codes.shown(bag)}, không có trong bảng kê; {to} giữ."
        case events.BagStarted(destination=destination, is_transit=is_transit):
            return f"Mở túi đi {destination.name}" + (" (trung chuyển)." if is_transit else ".")
        case events.BagPacked(items=items):
            return f"Bỏ {len(items)} bưu gửi vào túi."
        case events.BagUnpacked(items=items):
            return f"Lấy {len(items)} bưu gửi ra khỏi túi."
        case events.BagSealed(seal=seal):
            return f"Đóng túi, niêm phong số {seal}."
        case events.BagOpened(seal_seen=seal_seen, is_intact=is_intact):
            seen = f"niêm phong số {seal_seen}" if seal_seen else "không còn niêm phong"
            return f"Mở túi, {seen}" + ("." if is_intact else ", túi hoặc niêm phong đã rách.")
        case events.BagCounted(present=present, missing=missing, extra=extra):
            parts = [f"{len(present)} có", *([f"thiếu {len(missing)}"] if missing else [])]
            return f"Kiểm đếm túi: {', '.join([*parts, *([f'thừa {len(extra)}'] if extra else [])])}."
        case events.BagVoided():
            return "Hủy túi trống."
        case _:
            return None


def _of_trip(event: Event) -> str | None:
    match event:
        case events.DispatchMade(destination=destination):
            return f"Lập chuyến thư đi {destination.name}."
        case events.BagsLoaded(bags=bags):
            return f"Xếp {len(bags)} túi lên chuyến."
        case events.BagsUnloaded(bags=bags):
            return f"Bỏ {len(bags)} túi khỏi chuyến."
        case events.Departed(carrier=carrier):
            return f"Chuyến khởi hành, {carrier} mang."
        case events.Arrived(bags=bags):
            return f"Chuyến đã đến với {len(bags)} túi."
        case events.IncidentOpened(kind=kind, about=about):
            return (
                f"Lập biên bản sự cố: {incident.INCIDENT_NAMES[kind]}, {codes.shown(about) or 'bì không đọc được mã'}."
            )
        case events.IncidentAnswered():
            return "Trả lời biên bản sự cố."
        case events.IncidentSettled(outcome=outcome):
            return f"Kết thúc biên bản sự cố: {incident.OUTCOME_NAMES[outcome]}."
        case _:
            return None


def _of_dossier(event: Event) -> str | None:  # noqa: C901, PLR0912, PLR0915 - one case an event
    match event:
        case events.DossierOpened(service=service, mode=mode, procedure=procedure, offline_origin=offline):
            without = " Đăng ký tại máy quầy lúc mất mạng." * offline
            return f"Mở hồ sơ thủ tục {procedure}: {SERVICES[service]} ({MODES[mode]}).{without}"
        case events.TurnedBack(procedure=procedure, missing=missing):
            return f"Hướng dẫn hoàn thiện thủ tục {procedure}, còn thiếu {len(missing)} giấy tờ; chưa nhận hồ sơ."
        case events.Collected(ledger=ledger, amount=amount, payment=payment):
            return f"Thu {LEDGERS[ledger]} {_money(amount)} ({PAYMENTS[payment]})."
        case events.Refunded(ledger=ledger, amount=amount):
            return f"Hoàn {LEDGERS[ledger]} {_money(amount)}."
        case events.Charged(ledger=ledger, amount=amount):
            return f"Phát sinh {LEDGERS[ledger]} {_money(amount)}, chưa thu."
        case events.Remitted(amount=amount, cash=cash):
            return f"Đã nộp phí, lệ phí {_money(amount)} cho cơ quan, phiếu {codes.shown(cash)}."
        case events.OriginalsSettled(count=count, how=how):
            return f"Xong {count} bản chính không trả qua bưu điện: {SETTLEMENTS[how]}."
        case events.DossierClosed():
            return "Đóng hồ sơ: không còn giấy tờ, bản chính hay tiền nào chưa xong."
        case events.ReceiptIssued(serial=serial):
            return f"In phiếu gửi lần {serial}." + (" Mã QR của lần in trước hết hiệu lực." if serial > 1 else "")
        case events.OfficiallyReceived(official_code=official_code, promised_at=promised_at):
            promise = f", hẹn trả {calendars.written(_day(promised_at))}" if promised_at else ""
            return f"Một cửa tiếp nhận, mã hồ sơ {official_code}{promise}."
        case events.TakenIntoWork():
            return "Cơ quan bắt đầu giải quyết."
        case events.SupplementAsked(count=count):
            return f"Cơ quan yêu cầu bổ sung {count} giấy tờ."
        case events.Supplemented(complete_at=complete_at):
            since = f" Tính từ lúc ký nhận, {calendars.written(_day(complete_at))}." if complete_at else ""
            return f"Đã nhận đủ giấy tờ bổ sung.{since}"
        case events.PaymentAsked(amount=amount):
            return f"Cơ quan yêu cầu nộp {_money(amount)}."
        case events.Paid(amount=amount):
            return f"Đã nộp {_money(amount)}."
        case events.DeadlineExtended(was_due_at=was_due_at, due_at=due_at):
            was, now = calendars.written(_day(was_due_at)), calendars.written(_day(due_at))
            return f"Cơ quan xin lỗi và hẹn lại {now}, thay cho {was}."
        case events.ReceptionRefused():
            return "Cơ quan không tiếp nhận hồ sơ."
        case events.WithdrawnByCitizen():
            return "Người dân rút hồ sơ."
        case events.Stopped():
            return "Cơ quan dừng giải quyết."
        case events.Resolved():
            return "Cơ quan đã có kết quả."
        case events.ResultReturned():
            return "Kết quả đã đến tay người dân."
        case events.ReturnChanged(return_way=return_way):
            return f"Đổi nơi nhận kết quả: {RETURN_WAYS[return_way]}."
        case events.DossierVoided():
            return "Hủy hồ sơ tại quầy."
        case events.PaperScanned(line=line, pages=pages):
            return f"Số hóa giấy tờ số {line}: {pages} trang."
        case events.PaperReused(line=line, from_dossier=from_dossier, basis=basis):
            return f"Giấy tờ số {line} dùng lại bản đã số hóa của hồ sơ {codes.shown(from_dossier)}. {basis}."
        case _:
            return None


def _of_run(event: Event) -> str | None:
    match event:
        case events.RunPlanned(territory=territory, day=day, stops=stops):
            return f"Lập chuyến phát tuyến {territory}, {calendars.written(day)}, {len(stops)} điểm."
        case events.StopOffered(stop=stop, to=to):
            return f"Đề nghị chuyển điểm {codes.shown(stop)} sang chuyến {codes.shown(to)}."
        case events.StopGiven(stop=stop, to=to):
            return f"Chuyến {codes.shown(to)} đã nhận điểm {codes.shown(stop)}."
        case events.StopTaken(stop=stop, giver=giver):
            return f"Nhận điểm {codes.shown(stop)} từ chuyến {codes.shown(giver)}."
        case events.StopRefusedByRoute(stop=stop, to=to):
            return f"Chuyến {codes.shown(to)} không nhận điểm {codes.shown(stop)}; điểm ở lại chuyến này."
        case events.StopOfferWithdrawn(stop=stop, to=to):
            return f"Rút đề nghị chuyển điểm {codes.shown(stop)} sang chuyến {codes.shown(to)}."
        case events.RunStarted():
            return "Bưu tá bắt đầu chuyến."
        case events.RunClosed(delivered=delivered, returned=returned):
            return f"Kết thúc chuyến: đã phát {delivered}, mang về {returned}."
        case _:
            return None


def _of_others(event: Event) -> str | None:  # noqa: C901, PLR0912 - one case an event
    match event:
        case events.RecordOffered(giver=giver, receiver=receiver, items=items, bags=bags):
            things = [f"{len(items)} bưu gửi"] if items else []
            things += [f"{len(bags)} túi"] if bags else []
            return f"Lập biên bản: {giver} giao {', '.join(things)} cho {receiver}."
        case events.RecordExtended(items=items, bags=bags):
            return f"Thêm {len(items) + len(bags)} dòng vào biên bản."
        case events.RecordAccepted(accepted=accepted, declined=declined):
            return f"Bên nhận ký {_counted(len(accepted), len(declined))}."
        case events.RecordRecalled(accepted=accepted, declined=declined) if accepted:
            return f"Bên giao thu hồi phần chưa ký; bên nhận đã ký {_counted(len(accepted), len(declined))}."
        case events.RecordRecalled():
            return "Bên giao thu hồi biên bản."
        case events.RecordSignedOnPaper(accepted=accepted, declined=declined, evidence=evidence):
            return f"Nhập biên bản đã ký: nhận {_counted(len(accepted), len(declined))} ({EVIDENCES[evidence]})."
        case events.RecordConfirmed():
            return "Bên nhận xác nhận biên bản đã ký trên giấy."
        case events.PickupAsked(day=day):
            return f"Hẹn thu gom giấy tờ tại nhà {calendars.written(day)}."
        case events.PickupMade(item=item):
            return f"Đã lấy giấy tờ tại nhà, bưu gửi {codes.shown(item)}."
        case events.PickupFailed(reason=reason, next_on=next_on):
            return f"Chưa lấy được giấy tờ: {ATTEMPTS[reason]}. Sẽ đến lại {calendars.written(next_on)}."
        case events.PickupCancelled():
            return "Hủy hẹn thu gom tại nhà."
        case events.CashOffered(giver=giver, receiver=receiver, postage=postage, fees=fees):
            total = postage + sum(amount for _, amount in fees)
            return f"{giver} giao {_money(total)} cho {receiver}, chờ đếm và ký."
        case events.CashAccepted():
            return "Bên nhận đã đếm và ký nhận tiền."
        case events.CashSignedOnPaper(evidence=evidence):
            return f"Đã giao tiền theo phiếu ký trên giấy ({EVIDENCES[evidence]})."
        case events.CashRecalled():
            return "Bên giao thu hồi phiếu giao tiền."
        case events.TillCounted():
            expected, counted = _till(event)
            return f"Kiểm quỹ: theo sổ {_money(expected)}, đếm được {_money(counted)}."
        case events.PositionTaken():
            return "Nhận ca."
        case events.ShiftHandedOver(expected=expected, counted=counted):
            return f"Bàn giao ca: đếm được {counted} trên {expected} bưu gửi."
        case _:
            return None


def _till(event: events.TillCounted) -> tuple[int, int]:
    return event.postage_expected + event.fees_expected, event.postage_counted + event.fees_counted


def _counted(accepted: int, declined: int) -> str:
    return f"{accepted}/{accepted + declined}" + (f", không nhận {declined}" if declined else "")


def _money(amount: int) -> str:
    return f"{amount:,}".replace(",", ".") + " đ"


def _day(at: datetime) -> date:
    return calendars.local(at).date()


# --- citizens ---------------------------------------------------------------------------------------------------------


def stays(reader: Reader, code: str, items: Iterable[Item]) -> tuple[Stay, ...]:
    """Return which organisation had the dossier's papers or result from which day on: no people, no inner steps."""
    happened = _whereabouts(reader, code, items)
    names = {place: found.name for place, found in reader.reference.places({p for _, p in happened}).items()}
    told: list[Stay] = []
    for at, place in sorted(happened, key=lambda step: step[0]):
        stay = Stay(on=_day(at), organisation=names.get(place, place))
        if not told or told[-1].organisation != stay.organisation:
            told.append(stay)
    return tuple(told)


def _whereabouts(reader: Reader, code: str, items: Iterable[Item]) -> list[tuple[datetime, str]]:
    """Return (when, place) for every event that says who has something of the dossier; no place is the citizen."""
    found: list[tuple[datetime, str]] = []
    for *_, event in reader.events([code]):
        found += _of_authority(event)
    for told in passages.of_items(reader, [each.code for each in items]).values():
        found += [
            (each.event.occurred_at, each.item.custodian.place)
            for each in told
            if not isinstance(each.event, events.Claimed)
        ]
    return found


_BY_AUTHORITY = (
    events.OfficiallyReceived,
    events.TakenIntoWork,
    events.SupplementAsked,
    events.Supplemented,
    events.PaymentAsked,
    events.DeadlineExtended,
    events.ReceptionRefused,
    events.Stopped,
    events.Resolved,
)


def _of_authority(event: Event) -> list[tuple[datetime, str]]:
    if isinstance(event, events.DossierOpened) and _is_fetched_later(event):
        return []
    if isinstance(event, events.DossierOpened | events.TurnedBack) and event.office:
        return [(event.occurred_at, event.office)]
    is_theirs = isinstance(event, _BY_AUTHORITY) and event.by.place
    return [(event.occurred_at, event.by.place)] if is_theirs else []


def _is_fetched_later(opened: events.DossierOpened) -> bool:
    """Tell whether the papers stayed at home: who sends papers at the counter is given a lane at once."""
    return opened.service is not Service.RECEIVE and not opened.lane
