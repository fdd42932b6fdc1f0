"""The form of giving a result to somebody, the same at the door and at the counter."""

from dataclasses import dataclass
from typing import TypedDict

from postal.domain import item
from postal.domain.events import Receiver
from postal.domain.refusals import Refused
from postal.queries.stops import RECEIVER_NAMES
from postal.web.photos import NotAPhoto, PhotoTooLarge

RECEIVERS = tuple((receiver.value, name) for receiver, name in RECEIVER_NAMES.items())


class Answers(TypedDict):
    """What the form says, as the services take it."""

    receiver: Receiver
    identity_checked: bool
    authorisation_shown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Giving:
    """The form with what was typed. `kept` is a proof that was taken already."""

    receivers: tuple[tuple[str, str], ...]
    receiver: str
    identity: bool
    authorisation: bool
    kept: str
    errors: dict[str, str]


def fresh() -> Giving:
    """Return the empty form; most often the person on the slip opens the door."""
    return Giving(
        receivers=RECEIVERS,
        receiver=Receiver.ADDRESSEE.value,
        identity=False,
        authorisation=False,
        kept="",
        errors={},
    )


def again(typed: dict[str, str], *, refused: Refused, kept: str) -> Giving:
    """Return the form as it was sent, with the sentence beside the field that needs mending."""
    return Giving(
        receivers=RECEIVERS,
        receiver=typed.get("receiver", Receiver.ADDRESSEE.value),
        identity="identity" in typed,
        authorisation="authorisation" in typed,
        kept=kept,
        errors={_FIELDS.get(type(refused), "giving"): str(refused)},
    )


def answers(typed: dict[str, str]) -> Answers:
    """Return what was answered; whoever is none of the three is taken for a delegate, who must show a paper."""
    known = {receiver.value: receiver for receiver in Receiver}
    return Answers(
        receiver=known.get(typed.get("receiver", ""), Receiver.DELEGATE),
        identity_checked="identity" in typed,
        authorisation_shown="authorisation" in typed,
    )


_FIELDS: dict[type[Refused], str] = {
    item.NoIdentityCheck: "identity",
    item.NoAuthorisation: "authorisation",
    item.NoProof: "proof",
    NotAPhoto: "proof",
    PhotoTooLarge: "proof",
}
