"""A stop goes from one planned run to another: one side offers it, the other one takes it, and nobody is surprised.

What was loaded or has left is never reshuffled: from then on the envelope itself is handed over.
"""

from collections.abc import Iterable
from datetime import datetime

from postal.domain import codes
from postal.domain.events import (
    PlannedStop,
    StopGiven,
    StopOffered,
    StopOfferWithdrawn,
    StopRefusedByRoute,
    StopTaken,
)
from postal.domain.item import Custody, Item
from postal.domain.people import Actor, CustodianKind, Role
from postal.domain.permissions import Forbidden
from postal.domain.refusals import Refused
from postal.domain.run import DeliveryRun, RunState, StopOffer


class RunLoaded(Refused):
    """What a postman has signed for, or was offered, stays on his run."""

    code = "run_loaded"
    vi = "Chuyến {run} đã nhận bưu gửi hoặc đã đi nên không xếp lại điểm. Lập biên bản bàn giao thẳng cho bưu tá kia."
    en = "Run {run} is loaded or has left, so its stops stay. Hand the item over directly to the other postman."


class NotOfThisRun(Refused):
    """A run offers stops that it has."""

    code = "not_of_this_run"
    vi = "Điểm {stop} không còn trên chuyến {run}. Tải lại trang rồi chọn lại."
    en = "Stop {stop} is not on run {run} any more. Load the page again."


class OtherDayOrOffice(Refused):
    """A stop goes to another run of the same office on the same day."""

    code = "other_day_or_office"
    vi = "Chuyến {run} không cùng ngày và bưu cục. Chọn một chuyến khác của cùng bưu cục trong ngày."
    en = "Run {run} is not another run of the same office and day. Choose one that is."


class OfferedAlready(Refused):
    """A stop waits for one answer at a time."""

    code = "stop_offered_already"
    vi = "Điểm {stop} đang chờ chuyến {run} trả lời. Rút đề nghị đó rồi đề nghị lại."
    en = "Stop {stop} waits for the answer of run {run}. Withdraw that offer first."


class NothingOffered(Refused):
    """An answer belongs to an offer."""

    code = "nothing_offered"
    vi = "Không còn đề nghị chuyển điểm {stop}: đã có trả lời hoặc đã rút. Tải lại trang."
    en = "Stop {stop} is not offered any more: it was answered or withdrawn. Load the page again."


class NotTheOtherSide(Refused):
    """Who offers is not who takes."""

    code = "not_the_other_side"
    vi = "Người đề nghị không tự nhận. Chờ bưu tá hoặc kiểm soát viên của chuyến {run} trả lời."
    en = "Who offered a stop does not take it. Wait for the answer of run {run}."


class NotOfRoute(Forbidden):
    """A run is spoken for by its postman, the controller of its office and the coordinator."""

    code = "not_of_route"
    vi = "Chuyến {run} do bưu tá của chuyến, kiểm soát viên bưu cục hoặc điều phối quyết định. Nhờ một người trong đó."
    en = "Run {run} is spoken for by its postman, the controller of its office or the coordinator."


def speaks_for(by: Actor, found: DeliveryRun) -> bool:
    """Tell whether somebody may offer and take stops for a run."""
    is_head = Role.CONTROLLER in by.roles and by.place == found.office
    return by.account == found.postman or is_head or Role.COORDINATOR in by.roles


def offer(giver: DeliveryRun, stop: str, *, to: DeliveryRun, by: Actor, at: datetime) -> StopOffered:
    """Offer a stop to another run of the same office and day.

    Raises: NotOfRoute, RunLoaded, NotOfThisRun, OtherDayOrOffice, OfferedAlready.
    """
    _must_speak_for(giver, by)
    must_be_open(giver)
    _stop_of(giver, stop)
    if to.code == giver.code or to.day != giver.day or to.office != giver.office:
        raise OtherDayOrOffice(run=codes.shown(to.code))
    must_be_open(to)
    for waits in giver.offers:
        if waits.stop == stop:
            raise OfferedAlready(stop=codes.shown(stop), run=codes.shown(waits.to))
    return StopOffered(stop=stop, to=to.code, by=by.as_author(), occurred_at=at)


def take(
    giver: DeliveryRun, taker: DeliveryRun, stop: str, *, left: DeliveryRun, more: DeliveryRun, by: Actor, at: datetime
) -> tuple[StopGiven, StopTaken]:
    """Take an offered stop. `left` and `more` are the two runs as they will be, with their times worked out.

    Raises: NothingOffered, NotOfRoute, NotTheOtherSide, RunLoaded, NotOfThisRun.
    """
    _must_answer(giver, taker, stop, by=by)
    must_be_open(giver)
    must_be_open(taker)
    _stop_of(giver, stop)
    author = by.as_author()
    return (
        StopGiven(
            stop=stop,
            to=taker.code,
            stops=left.stops,
            metres=left.metres,
            seconds=left.seconds,
            by=author,
            occurred_at=at,
        ),
        StopTaken(
            stop=stop,
            giver=giver.code,
            stops=more.stops,
            metres=more.metres,
            seconds=more.seconds,
            by=author,
            occurred_at=at,
        ),
    )


def refuse(giver: DeliveryRun, taker: DeliveryRun, stop: str, *, by: Actor, at: datetime) -> StopRefusedByRoute:
    """Leave an offered stop where it is. Raises: NothingOffered, NotOfRoute, NotTheOtherSide, RunLoaded."""
    _must_answer(giver, taker, stop, by=by)
    must_be_open(giver)
    return StopRefusedByRoute(stop=stop, to=taker.code, by=by.as_author(), occurred_at=at)


def withdraw(giver: DeliveryRun, stop: str, *, by: Actor, at: datetime) -> StopOfferWithdrawn:
    """Take an offer back. Raises: NothingOffered, NotOfRoute, RunLoaded."""
    waits = offer_of(giver, stop)
    _must_speak_for(giver, by)
    must_be_open(giver)
    return StopOfferWithdrawn(stop=stop, to=waits.to, by=by.as_author(), occurred_at=at)


def offer_of(giver: DeliveryRun, stop: str) -> StopOffer:
    """Return the offer of a stop that waits for an answer. Raises: NothingOffered."""
    for waits in giver.offers:
        if waits.stop == stop:
            return waits
    raise NothingOffered(stop=codes.shown(stop))


def must_be_open(found: DeliveryRun, items: Iterable[Item] = ()) -> None:
    """Refuse to reshuffle a run that has left or whose items were offered to its postman. Raises: RunLoaded."""
    if found.state is not RunState.PLANNED or any(is_loaded(item) for item in items):
        raise RunLoaded(run=codes.shown(found.code))


def is_loaded(item: Item) -> bool:
    """Tell whether an item is with a postman, or was offered to one."""
    to = item.offered_to
    return item.custodian.kind is CustodianKind.PERSON or (
        item.custody is Custody.OFFERED and to is not None and to.kind is CustodianKind.PERSON
    )


def _must_answer(giver: DeliveryRun, taker: DeliveryRun, stop: str, *, by: Actor) -> None:
    waits = offer_of(giver, stop)
    if waits.to != taker.code:
        raise NothingOffered(stop=codes.shown(stop))
    _must_speak_for(taker, by)
    if waits.by == by.account:
        raise NotTheOtherSide(run=codes.shown(taker.code))


def _must_speak_for(found: DeliveryRun, by: Actor) -> None:
    if not speaks_for(by, found):
        raise NotOfRoute(run=codes.shown(found.code))


def _stop_of(found: DeliveryRun, name: str) -> PlannedStop:
    for stop in found.stops:
        if stop.name == name:
            return stop
    raise NotOfThisRun(stop=codes.shown(name), run=codes.shown(found.code))
