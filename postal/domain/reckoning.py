"""How a run ended: what was planned against what was done, from the events alone. Whole đồng."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from postal.domain.events import (
    AttemptFailed,
    AttemptReason,
    Collected,
    Delivered,
    Event,
    InvitationLeft,
    Payment,
    PickupFailed,
    PickupMade,
)
from postal.domain.run import DeliveryRun

Visit = TypeVar("Visit", Delivered, AttemptFailed, InvitationLeft, PickupMade, PickupFailed)

Happened = Mapping[str, Sequence[Event]]
"""What happened, by stream: items, home pickups and dossiers of a run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reckoning:
    """What was done on a run. `missed` gives the last reason of each item or pickup that was visited in vain.

    `cash` is the part of what was collected that the postman carried. `papers_less` are the items that were given
    although fewer papers were got back than the authority wants.
    """

    delivered: tuple[str, ...] = ()
    recovered: int = 0
    invited: tuple[str, ...] = ()
    picked_up: tuple[str, ...] = ()
    missed: tuple[tuple[str, AttemptReason], ...] = ()
    collected: int = 0
    cash: int = 0
    papers_less: tuple[str, ...] = ()

    def why_missed(self, thing: str) -> AttemptReason | None:
        """Return why a visit for an item or pickup was in vain, None when there was no such visit."""
        return dict(self.missed).get(thing)


def reckon(run: DeliveryRun, happened: Happened) -> Reckoning:
    """Return what was done on a run."""
    given = {code: event for code in run.items for event in _on(run, happened, code, Delivered)}
    money = [event for events in happened.values() for event in _money(run, events)]
    done = set(given) | {code for code in run.pickups if _on(run, happened, code, PickupMade)}
    return Reckoning(
        delivered=tuple(given),
        recovered=sum(event.recovered for event in given.values()),
        invited=tuple(code for code in run.invitations if _on(run, happened, code, InvitationLeft)),
        picked_up=tuple(code for code in run.pickups if code in done),
        missed=tuple(_missed(run, happened, [c for c in (*run.items, *run.pickups) if c not in done])),
        collected=sum(event.amount for event in money),
        cash=sum(event.amount for event in money if event.payment is Payment.CASH),
        papers_less=tuple(code for code, event in given.items() if event.reason),
    )


def _missed(run: DeliveryRun, happened: Happened, wanted: Iterable[str]) -> Iterable[tuple[str, AttemptReason]]:
    for code in wanted:
        reasons = [visit.reason for visit in _on(run, happened, code, AttemptFailed)]
        reasons += [visit.reason for visit in _on(run, happened, code, PickupFailed)]
        if reasons:
            yield code, reasons[-1]


def _money(run: DeliveryRun, events: Iterable[Event]) -> list[Collected]:
    return [event for event in events if isinstance(event, Collected) and event.run == run.code]


def _on(run: DeliveryRun, happened: Happened, stream: str, kind: type[Visit]) -> list[Visit]:
    """Return what happened to one thing on this run, in order."""
    return [event for event in happened.get(stream, ()) if isinstance(event, kind) and event.run == run.code]
