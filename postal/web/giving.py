"""The form of giving an item to somebody, the same at the door and at the counter."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from postal.domain import item
from postal.domain.codes import WrongCode
from postal.domain.events import Receiver
from postal.domain.lifecycle import LabelBound
from postal.domain.proofs import NoInk
from postal.domain.refusals import Refused
from postal.queries.needs import Needs
from postal.queries.stops import RECEIVER_NAMES
from postal.services.delivery import NotPaid, OtherSum
from postal.services.recovered import RecoveredUnsealed
from postal.services.visiting import NoDelegateName
from postal.web import forms
from postal.web.photos import NotAPhoto, PhotoTooLarge

RECEIVERS = tuple((receiver.value, name) for receiver, name in RECEIVER_NAMES.items())


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
