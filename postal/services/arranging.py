"""Promising a citizen that a postman fetches papers at the door: by whom, on which day, inside one transaction."""

from collections.abc import Callable
from datetime import date, datetime

from postal.domain import codes, home_pickup, run
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import PickupCancelled
from postal.domain.home_pickup import HomePickup
from postal.domain.lifecycle import Overtaken
from postal.domain.people import Actor
from postal.domain.places import Territory
from postal.domain.refusals import Refused
from postal.services import messages
from postal.store import Ledger


class NoDoor(Refused):
    """A postman needs to know where to go."""

    code = "no_door"
    vi = "Hồ sơ {dossier} chưa có địa chỉ của người gửi nên bưu tá không biết đến đâu. Mời người gửi đến bưu cục."
    en = "Dossier {dossier} has no address of its sender. Ask him to come to a post office."


def arrange(
    ledger: Ledger,
    dossier: Dossier,
    *,
    day: date,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    note: str = "",
) -> HomePickup:
    """Promise a visit at the sender's door, and tell him the day.

    Raises: DayGone, NoDoor, OutsideEveryTerritory, NothingToFetch, PickupExists, PickupOnDayOff, WrongWindow,
    Overtaken when another counter promises a visit for the dossier at this moment.
    """
    run.must_lie_ahead(day, at=at)
    round_ = round_of(ledger, dossier, on=day)
    others = ledger.home_pickups_of(dossier.code)
    code = codes.mint(CodeKind.HOME_PICKUP, below=below).text
    event = home_pickup.ask(
        dossier,
        items=ledger.items_of(dossier.code),
        others=others,
        office=round_.office,
        commune=_door_of(ledger, dossier)[0],
        day=day,
        opens_at=opens_at,
        closes_at=closes_at,
        note=ledger.texts.put(dossier.code, note),
        calendar=ledger.reference.calendar("post"),
        by=by,
        at=at,
    )
    _must_be_first(ledger, dossier, serial=len(others), code=code)
    made = ledger.begin(HomePickup, code, event)
    messages.owe_sender(ledger, dossier, fact=f"pickup_{code}", words=f"bưu tá đến nhà lấy giấy tờ ngày {day:%d/%m/%Y}")
    return made


def call_off(ledger: Ledger, dossier: Dossier, *, reason: str, by: Actor, at: datetime) -> None:
    """Let no postman go to a door where nothing waits for him any more, and tell the citizen.

    `reason` is the reference of the text that says why.
    """
    still = [pickup for pickup in ledger.home_pickups_of(dossier.code) if pickup.may(PickupCancelled)]
    ledger.append_all([(pickup, pickup.cancel(reason=reason, by=by, at=at)) for pickup in still])
    for pickup in still:
        owe_cancelled(ledger, dossier, pickup)


def owe_cancelled(ledger: Ledger, dossier: Dossier, pickup: HomePickup) -> None:
    """Owe the message that nobody comes."""
    messages.owe_sender(ledger, dossier, fact=f"pickup_off_{pickup.code}", words="đã hủy hẹn bưu tá đến lấy giấy tờ")


def round_of(ledger: Ledger, dossier: Dossier, *, on: date) -> Territory:
    """Return the round that passes the sender's door. Raises: NoDoor, OutsideEveryTerritory."""
    commune, address = _door_of(ledger, dossier)
    return ledger.reference.territory_at(commune, address, on=on)


def _door_of(ledger: Ledger, dossier: Dossier) -> tuple[str, str]:
    """Return commune and address of the sender's door. Raises: NoDoor."""
    sender = ledger.people.of([dossier.code]).get((dossier.code, "sender"))
    if sender is None or not (sender.commune and sender.address):
        raise NoDoor(dossier=codes.shown(dossier.code))
    return sender.commune, sender.address


def _must_be_first(ledger: Ledger, dossier: Dossier, *, serial: int, code: str) -> None:
    """Let one of two counters that promise the same visit at once win. Raises: Overtaken."""
    try:
        ledger.requests.settle(f"home-pickup {dossier.code} {serial}", content=dossier.code, answer=code)
    except Overtaken:
        raise Overtaken(thing=f"Hồ sơ {codes.shown(dossier.code)}") from None
