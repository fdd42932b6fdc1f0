"""Money on its way: lists of fees for an authority, and the papers that both sides sign."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from postal.domain import calendars, cash, codes, events, permissions
from postal.domain import money as books
from postal.domain.cash import CASH_STATE_NAMES, CashHandover, CashState, InTill
from postal.domain.dossier import Dossier
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Custodian, PositionKind, Side
from postal.domain.permissions import Permission
from postal.domain.places import NoSuccessor
from postal.queries import access, money, receivers, tills
from postal.queries.money import FeeLine, NotYourMoney
from postal.store import Reader, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class RemitGroup:
    """The fees one giver holds for one authority: a list to be drawn up."""

    giver: str
    giver_key: str
    authority: str
    place: str
    lines: tuple[FeeLine, ...]
    elsewhere: int
    request: str

    @property
    def total(self) -> int:
        """Return the sum of the list, in đồng."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, kw_only=True, slots=True)
class RemitPage:
    """Fees in the own till and the office's bank account, one list an authority."""

    till: str
    groups: tuple[RemitGroup, ...]
    unclear: tuple[FeeLine, ...]
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CashPage:
    """A hand-over of money: both sides, every line, and what one may do with it."""

    code: str
    state: str
    tone: str
    giver: str
    giver_person: str
    receiver: str
    receiver_person: str
    offered_at: datetime
    signed_at: datetime | None
    signer: str
    evidence: str
    has_photo: bool
    run: str
    postage: int
    fees: int
    carried: int
    lines: tuple[FeeLine, ...]
    receipts: dict[str, str]
    is_remittance: bool
    can_accept: bool
    is_own_offer: bool
    can_recall: bool
    can_enter_paper: bool
    sees_people: bool
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return everything that is handed on, in đồng."""
        return self.postage + self.fees


def remit_page(store: Store, *, actor: Actor, at: datetime, request: str) -> RemitPage:
    """Return the fees of the actor's till and of his office's bank account by authority. Raises: NoTill."""
    on = calendars.local(at).date()
    with store.read() as reader:
        till = tills.till_of(reader, actor)
        bank = tills.bank_of(reader, actor)
        others = _fees_in_other_tills(reader, actor.place, but=till)
        groups, unclear = [], []
        for number, giver in enumerate((till, bank)):
            by_desk, lost = _by_desk(reader, tills.free(reader, giver), on=on)
            unclear += lost
            groups += [
                RemitGroup(
                    giver=giver.name,
                    giver_key=giver.key,
                    authority=money.place_name(reader.reference.places([desk]), desk),
                    place=desk,
                    lines=tuple(lines),
                    elsewhere=others.get(desk, 0) if giver is till else 0,
                    request=f"{request}{number}{desk}"[:64],
                )
                for desk, lines in by_desk.items()
            ]
        return RemitPage(till=till.name, groups=tuple(groups), unclear=tuple(unclear))


def remitting(store: Store, *, giver_key: str, place: str, actor: Actor) -> tuple[Custodian, Custodian]:
    """Return who gives (the own till or the bank account) and which desk takes. Raises: NoTill, UnknownReceiver."""
    with store.read() as reader:
        bank = tills.bank_of(reader, actor)
        giver = bank if giver_key == bank.key else tills.till_of(reader, actor)
        return giver, receivers.custodian_in(reader, f"position:{place}:{PositionKind.DESK.value}")


def cash_page(store: Store, code: str, *, actor: Actor) -> CashPage:
    """Return a hand-over of money for either side. Raises: UnknownCode, NotYourMoney."""
    with store.read() as reader:
        handover = reader.thing(CashHandover, code)
        if handover is None or handover.giver is None or handover.receiver is None:
            raise UnknownCode(thing=codes.shown(code))
        giver, receiver = handover.giver, handover.receiver
        if actor.place not in (giver.place, receiver.place) and not access.watches_all(actor):
            raise NotYourMoney(paper=codes.shown(code))
        signed = [e for *_, e in reader.events([code]) if isinstance(e, events.CashAccepted)]
        names = receivers.names_of(reader, {handover.by, *(event.by.account for event in signed)})
        sees_people = permissions.may(actor, Permission.SEE_PERSONAL_DATA)
        may_give = permissions.may(actor, Permission.HAND_IN_MONEY) and cash.answers_for(actor, giver)
        is_open = handover.state is CashState.OFFERED
        may_take = permissions.may(actor, Permission.RECEIVE_MONEY) and actor.acts_for(receiver)
        return CashPage(
            code=code,
            state=CASH_STATE_NAMES[handover.state],
            tone="done" if handover.is_done else "moving" if is_open else "problem",
            giver=giver.name,
            giver_person=names.get(handover.by, handover.by),
            receiver=receiver.name,
            receiver_person=names.get(signed[0].by.account, "") if signed else "",
            offered_at=handover.at,
            signed_at=handover.signed_at,
            signer=reader.texts.get([handover.signer]).get(handover.signer, "") if sees_people else "",
            evidence=handover.evidence.value if handover.evidence else "",
            has_photo=bool(handover.photo),
            run=handover.run,
            postage=handover.postage,
            fees=handover.fees_total,
            carried=dict(handover.fees).get("", 0),
            lines=money.fee_lines(reader, handover.money),
            receipts=money.receipt_codes(reader, [dossier for dossier, _ in handover.fees if dossier]),
            is_remittance=receiver.side is Side.AUTHORITY,
            can_accept=is_open and may_take and handover.by != actor.account,
            is_own_offer=is_open and may_take and handover.by == actor.account,
            can_recall=is_open and may_give,
            can_enter_paper=is_open and may_give and handover.is_out_of_the_post,
            sees_people=sees_people,
        )


def photo_of(store: Store, code: str, *, actor: Actor) -> tuple[bytes, str]:
    """Return the photo of a list that was signed on paper and its media type. Raises: UnknownCode, NotYourMoney."""
    cash_page(store, code, actor=actor)
    with store.read() as reader:
        handover = reader.thing(CashHandover, code)
        found = reader.files.get(handover.photo) if handover and handover.photo else None
    if found is None:
        raise UnknownCode(thing=codes.shown(code))
    return found.content, found.media_type


def _by_desk(reader: Reader, held: InTill, *, on: date) -> tuple[dict[str, list[FeeLine]], list[FeeLine]]:
    """Return fees by the desk that takes them, and those of desks nobody continues."""
    lines = money.fee_lines(reader, held)
    found = reader.many(Dossier, [line.dossier for line in lines])
    by_desk, lost = defaultdict(list), []
    for line in lines:
        try:
            by_desk[reader.reference.standing_place(found[line.dossier].desk, on=on).code].append(line)
        except NoSuccessor:
            lost.append(line)
    return dict(by_desk), lost


def _fees_in_other_tills(reader: Reader, place: str, *, but: Custodian) -> dict[str, int]:
    """Return the fees that lie in the other tills of an office, by the desk of their dossiers."""
    accounts = tills.accounts_of(reader, place).keys() - {books.account_of(but), books.bank(place)}
    found: dict[str, int] = defaultdict(int)
    for account in sorted(accounts):
        fees = reader.books.fees_by_dossier(account)
        for code, dossier in reader.many(Dossier, [each for each in fees if each]).items():
            found[dossier.desk] += fees[code]
    return found
