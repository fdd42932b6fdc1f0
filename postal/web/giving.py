"""The form of giving an item to somebody, the same at the door and at the counter."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from postal.domain import item
from postal.domain.codes import WrongCode
from postal.domain.events import Payment, Receiver
from postal.domain.lifecycle import LabelBound
from postal.domain.proofs import NoInk
from postal.domain.refusals import Refused
from postal.queries.needs import Needs
from postal.queries.stops import RECEIVER_NAMES
from postal.services.delivery import Delegate, NotPaid, OtherSum
from postal.services.recovered import GotBack, RecoveredUnsealed
from postal.web import forms
from postal.web.photos import NotAPhoto, PhotoTooLarge

RECEIVERS = tuple((receiver.value, name) for receiver, name in RECEIVER_NAMES.items())
MOST_PAPERS = 40


class NoDelegateName(Refused):
    """Whoever takes an item for another is named, with the paper that says so."""

    code = "no_delegate_name"
    vi = "Chưa ghi họ tên người nhận thay và số giấy ủy quyền (giấy giới thiệu). Ghi theo giấy rồi lưu."
    en = "Write the name of whoever takes it, and the number of the authorisation."


class Answers(TypedDict):
    """What the form says, as the services take it."""

    receiver: Receiver
    identity_checked: bool
    authorisation_shown: bool
    delegate: Delegate | None
    paid: int
    payment: Payment
    got_back: GotBack
    request: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Giving:
    """The form with what was typed. `kept` is a proof that was taken already, `request` the number of the form."""

    receivers: tuple[tuple[str, str], ...]
    receiver: str
    needs: Needs
    typed: Mapping[str, str]
    kept: str
    request: str
    errors: dict[str, str]

    def value(self, name: str) -> str:
        """Return what was typed in a field."""
        return self.typed.get(name, "")

    def ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return name in self.typed


def fresh(asked: Needs | None = None) -> Giving:
    """Return the empty form; most often the person on the slip opens the door."""
    return _form({}, asked=asked, kept="", errors={}, request=secrets.token_hex(16))


def again(typed: dict[str, str], *, refused: Refused, kept: str, asked: Needs | None = None) -> Giving:
    """Return the form as it was sent, with the sentence beside the field that needs mending."""
    field = next((name for kind, name in _FIELDS.items() if isinstance(refused, kind)), "giving")
    request = typed.get("request") or secrets.token_hex(16)
    return _form(typed, asked=asked, kept=kept, errors={field: str(refused)}, request=request)


def answers(typed: dict[str, str]) -> Answers:
    """Return what was answered; whoever is none of the three is taken for a delegate, who must show a paper.

    Raises: NoDelegateName, NotADay, NotANumber, TooLong.
    """
    known = {receiver.value: receiver for receiver in Receiver}
    receiver = known.get(typed.get("receiver", ""), Receiver.DELEGATE)
    payment = {each.value: each for each in (Payment.CASH, Payment.TRANSFER)}.get(typed.get("payment", ""))
    return Answers(
        receiver=receiver,
        identity_checked="identity" in typed,
        authorisation_shown="authorisation" in typed,
        delegate=_delegate(typed) if receiver is not Receiver.ADDRESSEE else None,
        paid=forms.money(typed.get("due", "0")) if payment else 0,
        payment=payment or Payment.CASH,
        got_back=_got_back(typed),
        request=typed.get("request", "")[:40],
    )


def _form(typed: Mapping[str, str], *, asked: Needs | None, kept: str, errors: dict[str, str], request: str) -> Giving:
    return Giving(
        receivers=RECEIVERS,
        receiver=typed.get("receiver", Receiver.ADDRESSEE.value),
        needs=asked or Needs(),
        typed=typed,
        kept=kept,
        request=request,
        errors=errors,
    )


def _delegate(typed: dict[str, str]) -> Delegate | None:
    """Return who takes the item for another; without a paper he takes nothing, whatever his name. Raises: Refused."""
    if "authorisation" not in typed:
        return None
    name, paper = forms.line(typed.get("delegate_name", "")), forms.line(typed.get("delegate_paper", ""))
    if not (name and paper):
        raise NoDelegateName
    until = typed.get("delegate_until", "")
    return Delegate(name=name, paper=paper, until=forms.day(until) if until else None)


def _got_back(typed: dict[str, str]) -> GotBack:
    return GotBack(
        lines=tuple(line for line in range(1, MOST_PAPERS + 1) if f"recovered_{line}" in typed),
        seal=forms.line(typed.get("recovered_seal", "")),
        label=forms.line(typed.get("recovered_label", "")),
        why_fewer=forms.line(typed.get("why_fewer", "")),
    )


_FIELDS: dict[type[Refused], str] = {
    item.NoIdentityCheck: "identity",
    item.NoAuthorisation: "authorisation",
    item.AuthorisationExpired: "delegate_until",
    NoDelegateName: "delegate_name",
    forms.NotADay: "delegate_until",
    NotPaid: "payment",
    OtherSum: "payment",
    item.NotAllRecovered: "why_fewer",
    RecoveredUnsealed: "recovered_seal",
    WrongCode: "recovered_label",
    LabelBound: "recovered_label",
    item.NoProof: "proof",
    NoInk: "proof",
    NotAPhoto: "proof",
    PhotoTooLarge: "proof",
}
