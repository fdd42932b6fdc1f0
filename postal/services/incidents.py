"""The record of an incident (biên bản sự cố): written by hand, answered by both sides, ended with words.

What counts, clocks and devices find by themselves is opened by `bags`, `silence` and `conflicts`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from postal.domain import bag as bags
from postal.domain import codes, incident, liability, permissions
from postal.domain import item as items
from postal.domain.bag import Bag
from postal.domain.codes import CodeKind
from postal.domain.events import Event, IncidentKind, Outcome, Sighted
from postal.domain.incident import Incident
from postal.domain.item import Item, Trouble
from postal.domain.lifecycle import NotNow, UnknownCode
from postal.domain.people import Actor, Custodian
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import bags as bag_services
from postal.services import differences
from postal.store import Ledger, Store

Below = Callable[[int], int]
Thing = Item | Bag

FOUND_AGAIN = "Thấy bưu gửi đang báo thất lạc."


class KnownAfterAll(Refused):
    """A code that is known is no unknown item."""

    code = "known_after_all"
    vi = "Mã {about} có trong hệ thống. Quét lại mã đó để xem việc cần làm."
    en = "{about} is known here. Scan it to see what to do."


class NotOpenedByHand(Refused):
    """This kind of incident follows from counts and clocks."""

    code = "not_opened_by_hand"
    vi = "Loại biên bản này do hệ thống lập khi kiểm đếm. Chọn thừa, rách ướt, sai nơi hoặc thất lạc."
    en = "This kind of incident is opened by counts and clocks. Choose another kind."


class AlreadyOpen(Refused):
    """One thing has one open record of a kind between two sides."""

    code = "incident_already_open"
    vi = "Đã có biên bản {incident} về việc này, chưa kết thúc. Ghi thêm vào biên bản đó."
    en = "Incident {incident} about this is open. Add to it."


class NothingSaid(Refused):
    """An answer has words."""

    code = "nothing_said"
    vi = "Chưa ghi nội dung trả lời biên bản {incident}. Ghi điều đã kiểm tra và kết quả."
    en = "Say what you checked and what came of it, for incident {incident}."


class StillMissing(Refused):
    """Found is what somebody has before him."""

    code = "still_missing"
    vi = "{about} vẫn đang báo không thấy. Quét nhãn trên bưu gửi rồi bấm “Đã thấy”; biên bản tự kết thúc."
    en = "{about} is still reported missing. Scan its label and say that you have it; the incident ends by itself."


class NothingToSight(Refused):
    """A fresh scan is asked for by an open incident."""

    code = "nothing_to_sight"
    vi = "Không có biên bản nào về {about} đang mở nên không cần quét xác nhận. Xem việc cần làm trên trang của mã này."
    en = "No incident about {about} is open. See on its page what to do."


class NoAmount(Refused):
    """A decision on compensation says how much."""

    code = "no_compensation_amount"
    vi = "Chưa ghi số tiền bồi thường của biên bản {incident}. Nhập số tiền bằng đồng, hoặc chọn kết quả khác."
    en = "Enter the compensation of incident {incident} in whole đồng, or choose another outcome."


class NotPicked(Refused):
    """That the data fit by now is derived, never picked."""

    code = "outcome_not_picked"
    vi = "“Khớp khi có đủ dữ liệu” do hệ thống ghi. Chọn kết quả khác cho biên bản {incident}."
    en = "That the data fit is recorded by the system. Choose another outcome for incident {incident}."


class OtherOutcome(Refused):
    """Every kind of record has its own ends."""

    code = "other_outcome"
    vi = "Biên bản {incident} ({kind}) không kết thúc bằng “{outcome}”. Chọn kết quả khác trong danh sách."
    en = "Incident {incident} ({kind}) does not end as “{outcome}”. Choose another outcome."


# --- opening ----------------------------------------------------------------------------------------------------------


def open_by_hand(
    store: Store,
    kind: IncidentKind,
    *,
    about: str,
    by: Actor,
    at: datetime,
    below: Below,
    note: str = "",
    seen: str = "",
    photo: bytes = b"",
    media_type: str = "image/jpeg",
    request: str = "",
) -> Incident:
    """Write down what somebody saw; `about` is empty for a thing without a readable code, `seen` what stands on it.

    Raises: NotOpenedByHand, KnownAfterAll, UnknownCode, AlreadyOpen.
    """
    permissions.require(by, Permission.ANSWER_INCIDENT)
    if kind not in incident.BY_HAND:
        raise NotOpenedByHand
    content = repr((kind.value, about, seen, note))
    with store.begin(at=at) as ledger:
        done = ledger.requests.answer(request, content=content)
        if done is not None:
            return ledger.incident(done)
        thing = _thing(ledger, about) if kind is not IncidentKind.UNKNOWN_ITEM else None
        if kind is IncidentKind.UNKNOWN_ITEM and about and _known(ledger, about) is not None:
            raise KnownAfterAll(about=codes.shown(about))
        number = bag_services.named_by(seen)[1]  # events name nobody: any other words are kept sealed, with the note
        words = " ".join(part for part in ("" if number else seen, note) if part)
        opened = write(
            ledger, kind, thing=thing, about=about, note=words, seen=number, photo=photo, media_type=media_type,
            by=by, at=at, below=below,
        )  # fmt: skip
        ledger.requests.settle(request, content=content, answer=opened.code)
        return opened


def report(store: Store, code: str, kind: IncidentKind, *, by: Actor, at: datetime, below: Below) -> Incident:
    """Say that an item one answers for cannot be found or is damaged; the record of it has an owner and a due time.

    Raises: NotCustodian, NotNow, AlreadyOpen.
    """
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        item = ledger.item(code)
        event = item.report_missing(by=by, at=at) if kind is IncidentKind.LOST else item.report_damaged(by=by, at=at)
        ledger.append(item, event)
        return write(ledger, kind, thing=item, about=code, by=by, at=at, below=below)


def ask(store: Store, code: str, *, place: str, note: str, by: Actor, at: datetime, below: Below) -> Incident:
    """Ask a place whether it has an item that is looked for. Raises: AlreadyOpen."""
    permissions.require(by, Permission.SEARCH_LOST)
    with store.begin(at=at) as ledger:
        thing = _thing(ledger, code)
        _must_be_the_only_one(ledger, IncidentKind.LOST, about=code, owner=place, other=by.place)
        return _open(ledger, IncidentKind.LOST, thing=thing, about=code, owner=place, other=by.place, note=note,
                     by=by, at=at, below=below)  # fmt: skip


def write(
    ledger: Ledger,
    kind: IncidentKind,
    *,
    thing: Thing | None,
    about: str,
    by: Actor,
    at: datetime,
    below: Below,
    note: str = "",
    seen: str = "",
    photo: bytes = b"",
    media_type: str = "image/jpeg",
) -> Incident:
    """Open a record between the two sides of a thing, inside a transaction. Raises: AlreadyOpen."""
    owner, other = sides(kind, thing, ledger.happened([about])[about] if thing else (), by=by)
    if about:
        _must_be_the_only_one(ledger, kind, about=about, owner=owner, other=other)
    return _open(ledger, kind, thing=thing, about=about, owner=owner, other=other, note=note, seen=seen, photo=photo,
                 media_type=media_type, by=by, at=at, below=below)  # fmt: skip


def sides(kind: IncidentKind, thing: Thing | None, happened: Sequence[Event], *, by: Actor) -> tuple[str, str]:
    """Return (who must answer, the other side): the holder for a loss, who gave it here for damage and wrong ways."""
    if thing is None:
        return by.place, ""
    if kind is IncidentKind.LOST:
        owner = thing.custodian.place or by.place
        others = (by.place, thing.origin, thing.destination.place)
        return owner, next((place for place in others if place and place != owner), "")
    givers = [held.custodian.place for held in _held(thing, happened)]
    elsewhere = (place for place in (*reversed(givers), thing.origin) if place and place != by.place)
    return next(elsewhere, by.place), by.place


# --- answering and ending ---------------------------------------------------------------------------------------------


def answer(store: Store, code: str, *, note: str, by: Actor, at: datetime) -> Incident:
    """Write what one side knows. Raises: NotYourIncident, NotNow, NothingSaid."""
    permissions.require(by, Permission.ANSWER_INCIDENT)
    with store.begin(at=at) as ledger:
        found = ledger.incident(code)
        if not note.strip():
            raise NothingSaid(incident=codes.shown(code))
        text = ledger.texts.put(_text_owner(ledger, found), note.strip())
        return ledger.append(found, found.answer(note=text, by=by, at=at))


def settle(
    store: Store, code: str, *, outcome: Outcome, note: str, by: Actor, at: datetime, amount: int | None = None
) -> Incident:
    """End an incident with words, and with the amount where compensation was decided.

    Raises: NotYourIncident, NotNow, NoOutcomeNote, NotSightedYet, NeedsSecondPerson, StillMissing, NoAmount, NotPicked,
    OtherOutcome.
    """
    permissions.require(by, Permission.SETTLE_INCIDENT)
    with store.begin(at=at) as ledger:
        found = ledger.incident(code)
        _must_be_an_outcome(ledger, found, outcome, amount=amount)
        seen = last_sight(ledger, found.about)
        event = found.settle(
            outcome=outcome,
            note=ledger.texts.put(_text_owner(ledger, found), note.strip()),
            amount=amount if outcome is Outcome.COMPENSATED else None,
            by=by,
            at=at,
            sighted_at=seen.occurred_at if seen else None,
            sighted_by=seen.by.account if seen else "",
            is_gone=_is_gone(ledger, found.about),
        )
        return ledger.append(found, event)


def sight(store: Store, code: str, *, by: Actor, at: datetime) -> Thing:
    """Say that one has a thing before him that an open incident is about; nobody's custody changes.

    Raises: NotNow, NothingToSight.
    """
    permissions.require(by, Permission.ANSWER_INCIDENT)
    with store.begin(at=at) as ledger:
        thing = _thing(ledger, code)
        if not any(each.is_open for each in ledger.incidents_about([code])):
            raise NothingToSight(about=codes.shown(code))
        if not thing.may(Sighted):
            raise NotNow(thing=codes.shown(code), state="không quét xác nhận được lúc này")
        return _appended(ledger, thing, Sighted(by=by.as_author(), occurred_at=at))


def found(store: Store, code: str, *, to: Custodian, by: Actor, at: datetime) -> Thing:
    """Say that a thing is here: who answers for it says so, anybody else takes it into his position `to`.

    Every record that looks for it ends as found.

    Raises: NotNow, NotCustodian.
    """
    permissions.require(by, Permission.RECEIVE)
    with store.begin(at=at) as ledger:
        thing = _thing(ledger, code)
        if not by.acts_for(thing.custodian):
            _must_be_looked_for(ledger, thing, by=by)
            text = ledger.texts.put(_owner_of_texts(thing), FOUND_AGAIN)
            after = _appended(ledger, thing, thing.take_over(to=to, reason=text, by=by, at=at))
        else:
            after = _appended(ledger, thing, thing.find(by=by, at=at))
        differences.end_taken(ledger, [after], by=by)
        return after


def settle_trouble(store: Store, code: str, *, by: Actor, at: datetime) -> Item:
    """Say, as who answers for it, that an item was found again or its damage settled; a search for it ends.

    Raises: NotCustodian, NotNow.
    """
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        item = ledger.item(code)
        was_missing = item.trouble is Trouble.MISSING
        after = ledger.append(item, item.find(by=by, at=at))
        if was_missing:
            differences.end_taken(ledger, [after], by=by)
        return after


def last_sight(ledger: Ledger, about: str) -> Sighted | None:
    """Return the last time that somebody scanned a thing to see it, None if nobody did."""
    happened = ledger.happened([about])[about] if about else ()
    return next((event for event in reversed(happened) if isinstance(event, Sighted)), None)


# --- parts ------------------------------------------------------------------------------------------------------------


def _open(
    ledger: Ledger,
    kind: IncidentKind,
    *,
    thing: Thing | None,
    about: str,
    owner: str,
    other: str,
    by: Actor,
    at: datetime,
    below: Below,
    note: str = "",
    seen: str = "",
    photo: bytes = b"",
    media_type: str = "image/jpeg",
) -> Incident:
    code = codes.mint(CodeKind.INCIDENT, below=below).text
    texts = _owner_of_texts(thing) if thing else code
    event = incident.open_incident(
        kind,
        about=about,
        owner=owner,
        other=other,
        holder=thing.custodian if thing else None,
        seen=seen,
        note=ledger.texts.put(texts, note),
        photo=ledger.files.put(texts, media_type=media_type, content=photo) if photo else "",
        by=by,
        at=at,
    )
    return ledger.begin(Incident, code, event)


def _must_be_the_only_one(ledger: Ledger, kind: IncidentKind, *, about: str, owner: str, other: str) -> None:
    for each in ledger.incidents_about([about]):
        if each.is_open and (each.kind, each.owner, each.other) == (kind, owner, other):
            raise AlreadyOpen(incident=codes.shown(each.code))


def _must_be_an_outcome(ledger: Ledger, found: Incident, outcome: Outcome, *, amount: int | None) -> None:
    if outcome is Outcome.FITS_NOW:
        raise NotPicked(incident=codes.shown(found.code))
    if outcome not in incident.outcomes(found.kind):
        kind, picked = incident.INCIDENT_NAMES[found.kind], incident.OUTCOME_NAMES[outcome]
        raise OtherOutcome(incident=codes.shown(found.code), kind=kind, outcome=picked)
    if outcome is Outcome.COMPENSATED and amount is None:
        raise NoAmount(incident=codes.shown(found.code))
    thing = _known(ledger, found.about) if outcome is Outcome.FOUND else None
    if thing is not None and is_missing(thing):
        raise StillMissing(about=codes.shown(found.about))


def _must_be_looked_for(ledger: Ledger, thing: Thing, *, by: Actor) -> None:
    """Let anybody take what somebody looks for; what nobody misses is taken over by who may do that."""
    if is_missing(thing):
        return
    if not any(i.is_open and i.kind in incident.LOOKED_FOR for i in ledger.incidents_about([thing.code])):
        permissions.require(by, Permission.TAKE_OVER)


def is_missing(thing: Thing) -> bool:
    """Tell whether a thing is reported missing."""
    return thing.trouble is Trouble.MISSING if isinstance(thing, Item) else thing.is_missing


def _held(thing: Thing, happened: Sequence[Event]) -> tuple[liability.Holding, ...]:
    begin = items.begin if isinstance(thing, Item) else bags.begin
    return liability.holdings(liability.moments(thing.code, happened, begin=begin))


def _is_gone(ledger: Ledger, about: str) -> bool:
    """Tell whether nobody can scan a thing any more: it reached the citizen, or the bag was emptied."""
    thing = _known(ledger, about)
    return thing is not None and thing.is_final


def _appended(ledger: Ledger, thing: Thing, event: Event) -> Thing:
    if isinstance(thing, Item):
        return ledger.append(thing, event)
    return ledger.append(thing, event)


def _thing(ledger: Ledger, code: str) -> Thing:
    thing = _known(ledger, code)
    if thing is None:
        raise UnknownCode(thing=codes.shown(code))
    return thing


def _known(ledger: Ledger, code: str) -> Thing | None:
    found_item = ledger.known_items([code]).get(code)
    return found_item if found_item is not None else ledger.known_bags([code]).get(code)


def _owner_of_texts(thing: Thing) -> str:
    return thing.dossier if isinstance(thing, Item) else thing.code


def _text_owner(ledger: Ledger, found: Incident) -> str:
    """Return under what a text is kept and erased: the dossier it is about or the item's, else the record itself."""
    if found.is_about_dossier:
        return found.about
    thing = _known(ledger, found.about)
    return thing.dossier if isinstance(thing, Item) else found.code
