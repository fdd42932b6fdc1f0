"""Stops that planned runs offer to each other: what waits for an answer here, what was asked elsewhere, what may be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import codes, transfers
from postal.domain.events import PlannedStop
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.run import DeliveryRun, RunState, StopOffer
from postal.queries import stops
from postal.store import Reader, Store


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferLine:
    """A stop that waits for the answer of another run: `run` has it, `other` is the run on the far side of the page."""

    run: str
    stop: str
    other: str
    who: str
    commune: str
    things: tuple[str, ...]
    due: str
    window: str
    can_act: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfers:
    """What a run is asked, what it asked, and what it could offer to whom; empty once it is loaded or has left."""

    asked: tuple[OfferLine, ...] = ()
    offered: tuple[OfferLine, ...] = ()
    stops: tuple[tuple[str, str], ...] = ()
    runs: tuple[tuple[str, str], ...] = ()

    @property
    def can_offer(self) -> bool:
        """Tell whether there is a stop to offer, and a run to take it."""
        return bool(self.stops and self.runs)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to show."""
        return not (self.asked or self.offered or self.can_offer)


def of_run_page(store: Store, code: str, *, actor: Actor, at: datetime) -> Transfers:
    """Return what may be moved between a run and the others of its office and day. Raises: UnknownCode."""
    with store.read(at=at) as reader:
        return of_run(reader, stops.run_of(reader, code), actor=actor)


def asked_of(store: Store, *, runs: Sequence[str], actor: Actor, at: datetime) -> tuple[OfferLine, ...]:
    """Return what other runs offer to the runs of a postman. Raises: UnknownCode."""
    with store.read(at=at) as reader:
        planned = [found for found in (stops.run_of(reader, code) for code in runs) if found.state is RunState.PLANNED]
        return tuple(
            line for found in planned for line in _Others(reader, found).asked(found, actor=actor, can_act=True)
        )


def of_run(reader: Reader, found: DeliveryRun, *, actor: Actor) -> Transfers:
    """Return what may be moved between a run and the others of its office and day."""
    if found.state is not RunState.PLANNED:
        return Transfers()
    others = _Others(reader, found)
    speaks = transfers.speaks_for(actor, found)
    waits = {each.stop for each in found.offers}
    free = [stop for stop in found.stops if stop.name not in waits]
    is_open = speaks and not others.is_loaded(found)
    return Transfers(
        asked=others.asked(found, actor=actor, can_act=speaks),
        offered=tuple(
            others.line(found, each, other=each.to, can_act=speaks) for each in found.offers if each.to in others.runs
        ),
        stops=tuple((stop.name, others.label(stop)) for stop in free) if is_open else (),
        runs=tuple((code, others.named(code)) for code, each in others.runs.items() if not others.is_loaded(each))
        if is_open
        else (),
    )


class _Others:
    """The other planned runs of a run's office and day, with the names they need read once."""

    def __init__(self, reader: Reader, found: DeliveryRun) -> None:
        day = [each for each in reader.rounds.runs_on([found.office], day=found.day) if each.state is RunState.PLANNED]
        self.runs = {each.code: each for each in day if each.code != found.code}
        self._names = {each.code: each.name for each in reader.reference.territories(office=found.office)}
        self._people = reader.accounts.names()
        self._communes = reader.reference.units({s.commune for each in day for s in each.stops}, on=found.day)
        items = reader.many(Item, [code for each in day for code in each.items])
        self._loaded = {each.code for each in day if _is_loaded(each, items.values())}

    def is_loaded(self, found: DeliveryRun) -> bool:
        """Tell whether a postman has signed for something of a run, or was offered it."""
        return found.code in self._loaded

    def asked(self, found: DeliveryRun, *, actor: Actor, can_act: bool) -> tuple[OfferLine, ...]:
        """Return what other runs offer to one; who offered does not answer."""
        return tuple(
            self.line(giver, each, other=giver.code, can_act=can_act and each.by != actor.account)
            for giver in self.runs.values()
            for each in giver.offers
            if each.to == found.code
        )

    def line(self, giver: DeliveryRun, each: StopOffer, *, other: str, can_act: bool) -> OfferLine:
        """Return an offer as a line."""
        stop = next(stop for stop in giver.stops if stop.name == each.stop)
        return OfferLine(
            run=giver.code,
            stop=stop.name,
            other=other,
            who=self.named(other),
            commune=self._commune(stop),
            things=stop.things,
            due=f"{stop.due_on:%d/%m}" if stop.due_on else "",
            window=stops.window_of(stop),
            can_act=can_act,
        )

    def named(self, code: str) -> str:
        """Return a run as people say it: its round and who drives it."""
        found = self.runs[code]
        return f"{self._names.get(found.territory, found.territory)}, {self._people.get(found.postman, found.postman)}"

    def label(self, stop: PlannedStop) -> str:
        """Return a stop as a choice: its number, its commune, its first thing."""
        return f"{stop.number}. {self._commune(stop)}, {codes.shown(stop.name)}"

    def _commune(self, stop: PlannedStop) -> str:
        return self._communes[stop.commune].name if stop.commune in self._communes else stop.commune


def _is_loaded(found: DeliveryRun, items: Iterable[Item]) -> bool:
    own = set(found.items)
    return any(transfers.is_loaded(item) for item in items if item.code in own)
