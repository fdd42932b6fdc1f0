"""Whole acts of devices, carried out by the ordinary service: at the time they happened, as who did them."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag

from postal.domain import acts, calendars, cash, codes, incident, shift, typed
from postal.domain.acts import Act, ActKind
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import Condition, DeclineReason, Delivered, Destination, IncidentKind
from postal.domain.incident import Incident
from postal.domain.item import Custody, Item
from postal.domain.people import Account, Actor, Custodian, PositionKind, parse_position, position_custodian
from postal.domain.refusals import Refused
from postal.services import bags, blanks, custody, delivery, registration, typed_registration, uploads, visiting
from postal.services.proving import Proof
from postal.store import Ledger, Store
from postal.store.devices import Entry

Below = Callable[[int], int]
E = TypeVar("E", bound=Enum)


class PhotoNotHere(Refused):
    """The picture that proves an act has not come yet."""

    code = "photo_not_here"
    vi = "Ảnh của việc này chưa về tới máy chủ. Mở lại ứng dụng trên máy đã chụp, nơi có mạng, để ảnh tự gửi."
    en = "The picture of this act has not come yet. Open the application on that device where there is network."


class SealedOtherwise(Refused):
    """A form was not sealed to our key."""

    code = "sealed_otherwise"
    vi = "Nội dung đăng ký không mở được bằng khóa của hệ thống. Hỏi lại quầy và đăng ký lại theo nhãn {code}."
    en = "The form cannot be opened with our key. Ask the counter and register again under label {code}."


class UnreadField(Refused):
    """A field does not say what it should."""

    code = "unread_field"
    vi = "Ô “{field}” của việc này không đọc được. Hỏi người đã làm, rồi xử lý cách khác."
    en = "The field “{field}” of this act cannot be read. Ask who did it."


class NoPositionThen(Refused):
    """Who packs a bag does it from a position."""

    code = "no_position_then"
    vi = "{name} không phụ trách vị trí nào lúc đó nên chưa biết ai giữ túi. Xem lại ca làm việc."
    en = "{name} held no position at that time, so nobody knows who answers for the bag."


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """What became of an act: the code it is now, what has to be looked at as a sentence, and the record of that."""

    outcome: str
    why: str = ""
    incident: str = ""


def carry_out(store: Store, ledger: Ledger, entry: Entry, act: Act, *, at: datetime, below: Below) -> Carried:
    """Carry an act out inside the open transaction of `ledger`; everything of it is recorded `at`.

    Raises: whatever the ordinary service refuses; PhotoNotHere, SealedOtherwise, UnreadField, NotYourBlock.
    """
    inside = store.inside(ledger)
    by = actor_then(inside, entry)
    carrier = _Carrier(store=inside, ledger=ledger, entry=entry, act=act, by=by, recorded_at=at, below=below)
    return _HOW[act.kind](carrier)


def actor_then(store: Store, entry: Entry) -> Actor:
    """Return who did something, with the positions held at that time and those held now."""
    with store.read() as reader:
        account = reader.accounts.get(entry.account)
        now = reader.positions_of(entry.account)
        streams = [*(account.entitled if account else ()), *now]
        happened: dict[str, list[Any]] = {}
        for stream, _, _, event in reader.events(streams):
            happened.setdefault(stream, []).append(event)
    known = account or Account(username=entry.account, name=entry.account, place=entry.place, roles=frozenset())
    then = {key for key, told in happened.items() if shift.holder_at(told, entry.occurred_at) == entry.account}
    return Actor(
        account=entry.account,
        name=known.name,
        place=entry.place,
        roles=known.roles,
        positions=frozenset({*then, *now}),
        device=entry.device,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Carrier:
    store: Store
    ledger: Ledger
    entry: Entry
    act: Act
    by: Actor
    recorded_at: datetime
    below: Below

    @property
    def code(self) -> str:
        return self.act.subject

    @property
    def at(self) -> datetime:
        return self.entry.occurred_at

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.act.fields

    @property
    def texts(self) -> dict[str, str]:
        return self.act.texts

    @property
    def number(self) -> str:
        """Return the number under which a service carries this act out once."""
        return self.entry.id.hex()

    @property
    def run(self) -> str:
        return codes.parse(self.texts.get("run", ""), kind=CodeKind.RUN).text

    def proof(self) -> Proof:
        """Return the picture and the place of a visit. Raises: PhotoNotHere."""
        photo, spot = self.act.photo(), visiting.spot(self.texts)
        if photo is None:
            return Proof(spot=spot)
        kept = uploads.found(self.ledger, photo.sha256, account=self.entry.account)
        if kept is None:
            raise PhotoNotHere
        return Proof(content=kept.content, media_type=kept.media_type, spot=spot)


# --- doors ------------------------------------------------------------------------------------------------------------


def _delivered(c: _Carrier) -> Carried:
    if (known := _known_at_the_door(c)) is not None:
        return known
    proof, said = c.proof(), visiting.giving(c.texts)
    c.ledger.number_next(c.code, c.entry.id)
    if not c.texts.get("run"):
        delivery.deliver_at_counter(
            c.store, c.code, **said, proof=proof.content, media_type=proof.media_type, by=c.by, at=c.at, below=c.below
        )
        return Carried(outcome=c.code)
    delivery.deliver(
        c.store,
        c.code,
        run_code=c.run,
        **said,
        proof=proof.content,
        media_type=proof.media_type,
        spot=proof.spot,
        by=c.by,
        at=c.at,
        below=c.below,
    )
    return Carried(outcome=c.code)


def _attempt_failed(c: _Carrier) -> Carried:
    said = c.texts
    reason, next_on = visiting.reason(said.get("reason", "")), visiting.again_on(said)
    request = visiting.request_of(said)
    if c.code.startswith(CodeKind.HOME_PICKUP.value):
        if c.ledger.requests.answered(request) != c.code:
            delivery.fail_fetch(
                c.store,
                c.code,
                run_code=c.run,
                reason=reason,
                next_on=next_on,
                proof=c.proof(),
                request=request,
                by=c.by,
                at=c.at,
            )
        return Carried(outcome=c.code)
    if (known := _known_at_the_door(c)) is not None:
        return known
    proof = c.proof()
    c.ledger.number_next(c.code, c.entry.id)
    delivery.fail_attempt(
        c.store,
        c.code,
        run_code=c.run,
        reason=reason,
        next_on=next_on,
        proof=proof.content,
        media_type=proof.media_type,
        spot=proof.spot,
        request=request,
        by=c.by,
        at=c.at,
    )
    return Carried(outcome=c.code)


def _invitation_left(c: _Carrier) -> Carried:
    if (known := _known_at_the_door(c)) is not None:
        return known
    proof = c.proof()
    c.ledger.number_next(c.code, c.entry.id)
    request = visiting.request_of(c.texts)
    delivery.leave_invitation(c.store, c.code, run_code=c.run, proof=proof, request=request, by=c.by, at=c.at)
    return Carried(outcome=c.code)


def _pickup_made(c: _Carrier) -> Carried:
    said = visiting.fetching(c.texts)
    if c.ledger.requests.answered(said["request"]) != c.code:
        delivery.fetch(c.store, c.code, run_code=c.run, **said, proof=c.proof(), by=c.by, at=c.at, below=c.below)
    return Carried(outcome=c.code)


def _known_at_the_door(c: _Carrier) -> Carried | None:
    """Return what became of a form that went through on line, or of a visit to an item that was given already."""
    found = c.ledger.item(c.code)
    if c.ledger.requests.answered(visiting.request_of(c.texts)) == c.code:
        return Carried(outcome=c.code)
    if found.custody is not Custody.DELIVERED:
        return None
    return _after_delivery(c, found)


def _after_delivery(c: _Carrier, found: Item) -> Carried:
    """Open the record of a visit to what was given already: nothing is given, and no money taken, a second time."""
    given = next(each for each in reversed(c.ledger.happened([c.code])[c.code]) if isinstance(each, Delivered))
    clock = f"{calendars.local(given.occurred_at):%H:%M ngày %d/%m/%Y}"
    said = f"{acts.ACT_NAMES[c.act.kind]} lúc {calendars.local(c.at):%H:%M ngày %d/%m/%Y}."
    paid = visiting.giving(c.texts)["paid"] if c.act.kind is ActKind.DELIVERED else 0
    money = f" Đã thu {cash.grouped(paid)} đ ở lần này, chưa vào sổ." if paid else ""
    opened = open_incident(
        c.ledger,
        IncidentKind.SCAN_AFTER_DELIVERY,
        about=c.code,
        owner=given.by.place,
        other=c.by.place,
        holder=found.custodian,
        note=said + money,
        texts=found.dossier,
        by=c.by,
        at=c.recorded_at,
        below=c.below,
    )
    return Carried(outcome="after_delivery", why=f"hồ sơ này đã phát lúc {clock}.", incident=opened.code)


# --- the counter ------------------------------------------------------------------------------------------------------


def _registered(c: _Carrier) -> Carried:
    item = codes.parse(str(c.fields.get("item", "")), kind=CodeKind.ITEM).text
    form = typed_registration.read(_opened(c), code=c.code, label=item, request=c.number)
    blanks.bind(c.ledger, code=c.code, item=item, device=c.entry.device, place=c.entry.place, at=c.recorded_at)
    c.ledger.number_next(item, c.entry.id)
    made = registration.register(c.store, form, by=c.by, at=c.at, below=c.below)
    twin = _registered_twice(c, made.dossier)
    if not twin:
        return Carried(outcome=c.code)
    opened = open_incident(
        c.ledger,
        IncidentKind.DUPLICATE_REGISTRATION,
        about=c.code,
        owner=c.by.place,
        other=c.by.place,
        note=f"Cùng người gửi, cùng thủ tục, cùng ngày với hồ sơ {codes.shown(twin)}.",
        by=c.by,
        at=c.recorded_at,
        below=c.below,
    )
    why = f"cùng người gửi, cùng thủ tục trong ngày với hồ sơ {codes.shown(twin)}."
    return Carried(outcome=c.code, why=why, incident=opened.code)


def _opened(c: _Carrier) -> Mapping[str, Any]:
    """Return what was typed, which only we can read. Raises: SealedOtherwise."""
    sealed = c.fields.get("sealed")
    parts = sealed if isinstance(sealed, dict) else {}
    try:
        point, nonce, data = (base64.b64decode(str(parts.get(name)), validate=True) for name in ("point", "iv", "data"))
        form = json.loads(c.store.open_from_device(point=point, nonce=nonce, data=data, about=c.code))
        return dict(form)
    except (ValueError, TypeError, InvalidTag, RecursionError) as error:
        raise SealedOtherwise(code=codes.shown(c.code)) from error


def _registered_twice(c: _Carrier, made: Dossier) -> str:
    """Return another dossier of the same sender, procedure, office and day, empty for none (D9)."""
    sender = c.ledger.people.of([made.code])[made.code, "sender"]
    others = [code for code in c.ledger.people.find(identity=sender.proves_by) if code != made.code]
    day = calendars.local(made.opened_at).date()
    same = [
        other.code
        for other in c.ledger.dossiers(others)
        if other.procedure == made.procedure
        and other.office == made.office
        and calendars.local(other.opened_at).date() == day
        and not other.is_over
    ]
    return same[0] if same else ""


# --- bags and records -------------------------------------------------------------------------------------------------


def _bag_packed(c: _Carrier) -> Carried:
    items = _codes(c, "items")
    c.ledger.number_next(c.code, c.entry.id)
    if c.texts.get("destination") and not c.ledger.known_bags([c.code]):
        place = c.ledger.reference.place(c.texts["destination"])
        bags.start(
            c.store,
            code=c.code,
            destination=Destination(place=place.code, name=place.name),
            custodian=_position(c),
            is_transit=bool(c.fields.get("transit")),
            by=c.by,
            at=c.at,
        )
    if items:
        bags.pack(c.store, c.code, items, by=c.by, at=c.at)
    return Carried(outcome=c.code)


def _bag_sealed(c: _Carrier) -> Carried:
    proof = c.proof()
    weight = c.fields.get("weight_g")
    c.ledger.number_next(c.code, c.entry.id)
    bags.seal(
        c.store,
        c.code,
        seal=typed.line(c.texts.get("seal", ""), most=40),
        items=_codes(c, "items"),
        photo=proof.content,
        media_type=proof.media_type or "image/jpeg",
        weight_g=weight if type(weight) is int and 0 < weight < 100_000 else None,
        by=c.by,
        at=c.at,
        request=c.number,
    )
    return Carried(outcome=c.code)


def _bag_counted(c: _Carrier) -> Carried:
    proof = c.proof()
    c.ledger.number_next(c.code, c.entry.id)
    bags.receive(
        c.store,
        c.code,
        seal_seen=typed.line(c.texts.get("seal_seen", ""), most=40),
        is_intact=bool(c.fields.get("is_intact")),
        found=_choices(c, "found", Condition),
        unchecked=frozenset(_codes(c, "unchecked")),
        unknown=_codes(c, "unknown"),
        photo=proof.content,
        media_type=proof.media_type or "image/jpeg",
        by=c.by,
        at=c.at,
        below=c.below,
        request=c.number,
    )
    return Carried(outcome=c.code)


def _record_signed(c: _Carrier) -> Carried:
    """Enter what both signed in ink; the time on the paper is the legal one, whatever the device's clock said."""
    proof = c.proof()
    c.ledger.number_next(c.code, c.entry.id)
    custody.sign_on_paper(
        c.store,
        c.code,
        signed_at=_instant(c, "signed_at"),
        signer=typed.line(c.texts.get("signer", "")),
        photo=proof.content,
        media_type=proof.media_type or "image/jpeg",
        declined=_choices(c, "declined", DeclineReason),
        by=c.by,
        at=c.recorded_at,
    )
    return Carried(outcome=c.code)


def _position(c: _Carrier) -> Custodian:
    """Return the position a bag was packed at: the one that is named, else the likeliest of those held."""
    kinds = (PositionKind.COUNTER, PositionKind.SORTING, PositionKind.DESK, PositionKind.DEPARTMENT)
    held = [key for key in sorted(c.by.positions) if parse_position(key).kind in kinds]
    named = c.texts.get("position", "")
    key = named if named in held else next(iter(held), "")
    if not key:
        raise NoPositionThen(name=c.by.name)
    position = parse_position(key)
    return position_custodian(position, unit_name=c.ledger.reference.place(position.place).name)


def _codes(c: _Carrier, name: str) -> tuple[str, ...]:
    found = c.fields.get(name, [])
    if not isinstance(found, list):
        raise UnreadField(field=name)
    return tuple(codes.parse(str(each)).text for each in found)


def _choices(c: _Carrier, name: str, kind: type[E]) -> dict[str, E]:
    found = c.fields.get(name, {})
    known = {each.value: each for each in kind}
    if not isinstance(found, dict) or not all(value in known for value in found.values()):
        raise UnreadField(field=name)
    return {codes.parse(code).text: known[value] for code, value in found.items()}


def _instant(c: _Carrier, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(c.texts.get(name, ""))
    except ValueError:
        raise UnreadField(field=name) from None
    if found.tzinfo is None:
        raise UnreadField(field=name)
    return found.astimezone(UTC)


_HOW: dict[ActKind, Callable[[_Carrier], Carried]] = {
    ActKind.REGISTERED: _registered,
    ActKind.DELIVERED: _delivered,
    ActKind.ATTEMPT_FAILED: _attempt_failed,
    ActKind.INVITATION_LEFT: _invitation_left,
    ActKind.PICKUP_MADE: _pickup_made,
    ActKind.BAG_PACKED: _bag_packed,
    ActKind.BAG_SEALED: _bag_sealed,
    ActKind.BAG_COUNTED: _bag_counted,
    ActKind.RECORD_SIGNED: _record_signed,
}
"""How each act is carried out."""


# --- incidents --------------------------------------------------------------------------------------------------------


def open_incident(
    ledger: Ledger,
    kind: IncidentKind,
    *,
    about: str,
    owner: str,
    other: str,
    by: Actor,
    at: datetime,
    below: Below,
    holder: Custodian | None = None,
    note: str = "",
    texts: str = "",
) -> Incident:
    """Open the record of what somebody has to look at, inside a transaction; the note is erased with `texts`."""
    event = incident.open_incident(
        kind,
        about=about,
        owner=owner,
        other=other,
        holder=holder,
        note=ledger.texts.put(texts or about, note),
        by=by,
        at=at,
    )
    return ledger.begin(Incident, codes.mint(CodeKind.INCIDENT, below=below).text, event)
