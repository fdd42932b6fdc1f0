"""What a postman's forms say, as the services take it: the same whether a form comes now or waited on his phone."""

from collections.abc import Mapping
from datetime import date
from typing import TypedDict

from postal.domain import proofs, run, typed
from postal.domain.events import AttemptReason, Payment, Receiver
from postal.domain.proofs import Spot
from postal.domain.refusals import Refused
from postal.services.delivery import Delegate
from postal.services.recovered import GotBack
from postal.services.registration import PaperEntry

MOST_PAPERS = 40
MOST_LINES = 60
MOST_COPIES = 99
LONGEST_REQUEST = 40
OTHER_DAY = "other"
"""The choice of a day that is typed."""


class NoDelegateName(Refused):
    """Whoever takes an item for another is named, with the paper that says so."""

    code = "no_delegate_name"
    vi = "Chưa ghi họ tên người nhận thay và số giấy ủy quyền (giấy giới thiệu). Ghi theo giấy rồi lưu."
    en = "Write the name of whoever takes it, and the number of the authorisation."


class NoReasonChosen(Refused):
    """A visit in vain has a reason."""

    code = "no_reason_chosen"
    vi = "Chưa chọn lý do chưa giao được. Chọn một lý do rồi lưu."
    en = "Choose why it could not be delivered."


class Giving(TypedDict):
    """An item given to somebody."""

    receiver: Receiver
    identity_checked: bool
    authorisation_shown: bool
    delegate: Delegate | None
    paid: int
    payment: Payment
    got_back: GotBack
    request: str


class Fetching(TypedDict):
    """Papers taken at a door."""

    papers: tuple[PaperEntry, ...]
    seal: str
    label: str
    request: str


def giving(sent: Mapping[str, str]) -> Giving:
    """Return what was answered; whoever is none of the three is taken for a delegate, who must show a paper.

    Raises: NoDelegateName, NotADay, NotANumber, TooLong.
    """
    known = {receiver.value: receiver for receiver in Receiver}
    receiver = known.get(sent.get("receiver", ""), Receiver.DELEGATE)
    payment = {each.value: each for each in (Payment.CASH, Payment.TRANSFER)}.get(sent.get("payment", ""))
    return Giving(
        receiver=receiver,
        identity_checked="identity" in sent,
        authorisation_shown="authorisation" in sent,
        delegate=_delegate(sent) if receiver is not Receiver.ADDRESSEE else None,
        paid=typed.money(sent.get("due", "0")) if payment else 0,
        payment=payment or Payment.CASH,
        got_back=_got_back(sent),
        request=request_of(sent),
    )


def fetching(sent: Mapping[str, str]) -> Fetching:
    """Return what was counted; a line without any count is a paper that was not there.

    Raises: NotANumber, TooMuch, TooLong.
    """
    numbers = [number for number in range(1, MOST_LINES + 1) if sent.get(f"name_{number}")]
    papers = [_entry(sent, number) for number in numbers]
    return Fetching(
        papers=tuple(paper for paper in papers if paper.total),
        seal=typed.line(sent.get("seal", "")),
        label=typed.line(sent.get("label", "")),
        request=request_of(sent),
    )


def reason(text: str) -> AttemptReason:
    """Return why a visit was in vain. Raises: NoReasonChosen."""
    try:
        return AttemptReason(text)
    except ValueError:
        raise NoReasonChosen from None


def again_on(sent: Mapping[str, str]) -> date:
    """Return the day that was chosen, or typed as another one. Raises: NotADay."""
    chosen = sent.get("day", OTHER_DAY)
    return typed.day(sent.get("next_on", "") if chosen == OTHER_DAY else chosen)


def spot(sent: Mapping[str, str]) -> Spot | None:
    """Return where the phone was, None when it did not say so or nonsense came."""
    try:
        where = [float(sent[name]) for name in ("lat", "lon", "accuracy")]
        return proofs.spot(*where, stayed_s=_stayed(sent.get("open", "")))
    except (KeyError, ValueError):
        return None


def _stayed(text: str) -> int | None:
    """Return for how many seconds the page was open, None where the phone did not say."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_REQUEST else None


def odometer_m(text: str) -> int | None:
    """Return whole kilometres as metres, None where nobody read the meter. Raises: NotANumber, TooMuch."""
    bare = text.strip().removesuffix("km").strip()
    return typed.count(bare, most=run.LONGEST_DAY_M // 1000) * 1000 if bare else None


def request_of(sent: Mapping[str, str]) -> str:
    """Return the number of a form."""
    return sent.get("request", "")[:LONGEST_REQUEST]


def _delegate(sent: Mapping[str, str]) -> Delegate | None:
    """Return who takes the item for another; without a paper he takes nothing, whatever his name. Raises: Refused."""
    if "authorisation" not in sent:
        return None
    name, paper = typed.line(sent.get("delegate_name", "")), typed.line(sent.get("delegate_paper", ""))
    if not (name and paper):
        raise NoDelegateName
    until = sent.get("delegate_until", "")
    return Delegate(name=name, paper=paper, until=typed.day(until) if until else None)


def _got_back(sent: Mapping[str, str]) -> GotBack:
    return GotBack(
        lines=tuple(line for line in range(1, MOST_PAPERS + 1) if f"recovered_{line}" in sent),
        seal=typed.line(sent.get("recovered_seal", "")),
        label=typed.line(sent.get("recovered_label", "")),
        why_fewer=typed.line(sent.get("why_fewer", "")),
    )


def _entry(sent: Mapping[str, str], number: int) -> PaperEntry:
    counts = {
        kind: typed.count(sent.get(f"{kind}_{number}") or "0", most=MOST_COPIES)
        for kind in ("originals", "certified", "copies")
    }
    return PaperEntry(name=typed.line(sent[f"name_{number}"]), to_return=f"back_{number}" in sent, **counts)
