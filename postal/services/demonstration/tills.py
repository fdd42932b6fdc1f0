"""Money at work: fees paid at any counter, tills counted, postage brought to the bank, fees to the authorities."""

from datetime import datetime, timedelta

from postal.domain import calendars, cash
from postal.domain.dossier import Dossier
from postal.domain.people import Actor
from postal.services import money
from postal.services.demonstration.cases import Stage
from postal.services.demonstration.world import World, spread
from postal.services.money import Counted, Payin

FRIDAY = 4
_COUNTERS = ("quay1", "quay2", "quay3", "quay4")


def take_fees(world: World, *, at: datetime) -> None:
    """Let citizens pay at a counter what their authority asked for."""
    today = calendars.local(at).date()
    due = [case for case in world.at(Stage.WAITS_FOR_PAYMENT, due=today) if case.plan.pays_at_post]
    paying = [case for case in due if not case.has_paid_here]
    for case, when in zip(paying, spread(at, minutes=10, count=len(paying)), strict=True):
        dossier, _ = world.dossier(case)
        by = world.staff.actors[world.chance.choice(_COUNTERS)]
        form = Payin(fees=dossier.fees.owed, request=f"pay-{case.dossier}-{today}")
        money.pay(world.store, case.dossier, form, by=by, at=when, below=world.below)
        case.has_paid_here = True


def settle(world: World, *, at: datetime) -> None:
    """Count every till; on Fridays bring postage to the bank and fees to the authorities."""
    is_friday = calendars.local(at).weekday() == FRIDAY
    for number, (key, by) in enumerate(sorted(_tills(world).items())):
        when = at + timedelta(minutes=number)
        held = world.in_till(key)
        if held.total:
            money.count(world.store, Counted(postage=held.postage, fees=held.fees_total), by=by, at=when)
            if is_friday:
                empty(world, key, by=by, at=when + timedelta(minutes=20))


def empty_all(world: World, *, at: datetime) -> None:
    """Bring everything that lies in the tills to where it belongs."""
    for number, (key, by) in enumerate(sorted(_tills(world).items())):
        if world.has_money(key):
            empty(world, key, by=by, at=at + timedelta(minutes=5 * number))


def empty(world: World, key: str, *, by: Actor, at: datetime) -> None:
    """Remit the fees in a till authority by authority, then bring the postage to the bank."""
    for number, desk in enumerate(_authorities(world, key)):
        _remit(world, key, desk, by=by, at=at + timedelta(seconds=40 * number))
    if world.in_till(key).postage:
        _to_the_bank(world, by=by, at=at + timedelta(minutes=4))


def _tills(world: World) -> dict[str, Actor]:
    return {key: by for key, by in world.staff.holders.items() if ":counter" in key}


def _authorities(world: World, key: str) -> list[str]:
    """Return the desks whose fees lie in a till."""
    fees = [code for code in world.in_till(key).fees if code]
    with world.store.read() as reader:
        return sorted({found.desk for found in reader.many(Dossier, fees).values()})


def _remit(world: World, key: str, desk: str, *, by: Actor, at: datetime) -> None:
    officer = world.staff.holders.get(f"{desk}:desk")
    offered = money.remit(
        world.store,
        giver=world.staff.custodian(key),
        receiver=world.staff.custodian(f"{desk}:desk"),
        by=by,
        at=at,
        below=world.below,
        signed_by=officer,
    )
    if officer is None:
        _sign_on_paper(world, offered.code, by=by, at=at)


def _to_the_bank(world: World, *, by: Actor, at: datetime) -> None:
    bank = cash.bank_custodian(by.place, unit_name=world.staff.places[by.place].name)
    offered = money.pass_on(world.store, receiver=bank, by=by, at=at, below=world.below)
    _sign_on_paper(world, offered.code, by=by, at=at)


def _sign_on_paper(world: World, code: str, *, by: Actor, at: datetime) -> None:
    money.sign_on_paper(
        world.store,
        code,
        signer="Người nhận tiền (dữ liệu giả)",
        signed_at=at + timedelta(seconds=10),
        photo=world.sheet,
        media_type="image/png",
        by=by,
        at=at + timedelta(seconds=20),
    )
