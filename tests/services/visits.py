"""A run of two doors whose visits were recorded with places."""

from dataclasses import replace
from datetime import timedelta

from postal.domain.events import Receiver
from postal.domain.proofs import Spot
from postal.domain.run import DeliveryRun
from postal.services import delivery
from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import binh, hanh, tam

HERE = Spot(lat=16.06778, lon=108.22083, accuracy_m=12)

_METRE = 1 / 111_195


def north(metres: float, *, accuracy_m: int = 12, stayed_s: int | None = None) -> Spot:
    """Return a place so many metres north of HERE."""
    return replace(HERE, lat=HERE.lat + metres * _METRE, accuracy_m=accuracy_m, stayed_s=stayed_s)


def at_doors(
    store: Store, *, minutes: tuple[int, int] = (30, 50), spots: tuple[Spot | None, Spot | None] = (HERE, north(2000))
) -> DeliveryRun:
    """Return a started run whose two items were given, each so many minutes after the start and at its place."""
    run = arrivals.on_the_way(store, hanh, tam)
    for code, after, spot in zip(run.items, minutes, spots, strict=True):
        give(store, run, code, after=after, spot=spot)
    return run


def give(store: Store, run: DeliveryRun, code: str, *, after: int, spot: Spot | None) -> None:
    """Give an item of a run to its receiver."""
    delivery.deliver(
        store,
        code,
        run_code=run.code,
        receiver=Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=False,
        proof=f"ink for {code}".encode(),
        media_type="image/png",
        spot=spot,
        by=binh,
        at=cast.monday + timedelta(minutes=after),
    )
