"""What the day's rounds are made of: what lies at an office, what is spoken for by a planned run, what was proposed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from postal.domain import board, codes
from postal.domain.board import Step, Taken
from postal.domain.dossier import Dossier
from postal.domain.home_pickup import HomePickup, PickupState
from postal.domain.item import Item
from postal.domain.lifecycle import Overtaken
from postal.domain.people import Author
from postal.domain.proposal import AlreadyPlanned, Proposal
from postal.domain.run import DeliveryRun, RunState
from postal.store import codec
from postal.store.tables import (
    DossierRow,
    HomePickupRow,
    ItemRow,
    PlannedRow,
    ProposalRow,
    ProposalStepRow,
    RunRow,
    table_of,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptProposal:
    """A proposed day under its number, and the runs it became: none while nobody accepted it.

    `proposal` is as the steps left it, `first` as it was made.
    """

    id: str
    proposal: Proposal
    runs: tuple[str, ...]
    first: Proposal
    steps: tuple[Taken, ...] = ()

    @property
    def seen(self) -> int:
        """Return how many steps were taken: what somebody who looks at it has seen."""
        return len(self.steps)


class Rounds:
    """The rounds of a day inside one transaction or snapshot."""

    def __init__(self, connection: Connection, *, at: datetime) -> None:
        self._connection = connection
        self._at = at

    # --- what there is ------------------------------------------------------------------------------------------------

    def items_for_citizens(self, offices: Collection[str]) -> list[Item]:
        """Return what lies at offices that it was sent to, oldest first; of it also what was offered to somebody."""
        table = table_of(ItemRow)
        here = table.c.custodian_place.in_(sorted(offices)) & (table.c.destination == table.c.custodian_place)
        alive = table.c.custody.in_(("held", "offered"))
        found = self._states(select(table.c.state).where(here, alive), Item)
        return sorted((i for i in found if i.destination.to_citizen), key=lambda i: (i.registered_at, i.code))

    def items(self, wanted: Collection[str]) -> dict[str, Item]:
        """Return items by their codes; unknown codes are absent."""
        table = table_of(ItemRow)
        found = self._states(select(table.c.state).where(table.c.code.in_(sorted(set(wanted)))), Item)
        return {item.code: item for item in found}

    def dossiers(self, wanted: Collection[str]) -> dict[str, Dossier]:
        """Return dossiers by their codes; unknown codes are absent."""
        table = table_of(DossierRow)
        found = self._states(select(table.c.state).where(table.c.code.in_(sorted(set(wanted)))), Dossier)
        return {dossier.code: dossier for dossier in found}

    def pickups_due(self, offices: Collection[str], *, on: date) -> list[HomePickup]:
        """Return the home pickups of offices that are promised for a day or before and not made, oldest first."""
        table = table_of(HomePickupRow)
        waits = and_(table.c.pickup_state == PickupState.ASKED.value, table.c.day <= on)
        found = self._states(select(table.c.state).where(table.c.office.in_(sorted(offices)), waits), HomePickup)
        return sorted(found, key=lambda pickup: (pickup.day, pickup.asked_at, pickup.code))

    def pickups(self, wanted: Collection[str]) -> dict[str, HomePickup]:
        """Return home pickups by their codes; unknown codes are absent."""
        table = table_of(HomePickupRow)
        found = self._states(select(table.c.state).where(table.c.code.in_(sorted(set(wanted)))), HomePickup)
        return {pickup.code: pickup for pickup in found}

    def runs_on(self, offices: Collection[str], *, day: date) -> list[DeliveryRun]:
        """Return the runs of offices on a day, by code."""
        table = table_of(RunRow)
        wanted = select(table.c.state).where(table.c.office.in_(sorted(offices)), table.c.day == day)
        return self._states(wanted.order_by(table.c.code), DeliveryRun)

    # --- what is spoken for -------------------------------------------------------------------------------------------

    def spoken_for(self, things: Collection[str], *, on: date) -> dict[str, str]:
        """Return by thing (item or home pickup) the run that keeps it on a day: planned, not driven, not gone by."""
        return {row.thing: row.run for row in self._claims(things) if _keeps(row, on)}

    def claim(self, things: Sequence[str], *, run: str, on: date) -> None:
        """Keep things for a run; what a run has lost that was never driven is free again.

        Raises: AlreadyPlanned when another run has one of them, also one that is being written at this moment.
        """
        table = table_of(PlannedRow)
        rows = self._claims(things)
        for row in rows:
            if _keeps(row, on):
                raise AlreadyPlanned(thing=codes.shown(row.thing), run=codes.shown(row.run))
        try:
            for row in sorted(rows, key=lambda row: str(row.thing)):
                same = and_(table.c.thing == row.thing, table.c.run == row.run)
                self._connection.execute(delete(table).where(same))
            self._connection.execute(insert(table), [{"thing": thing, "run": run} for thing in sorted(things)])
        except (IntegrityError, OperationalError) as error:
            if isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) != "40P01":
                raise
            raise Overtaken(thing=", ".join(map(codes.shown, sorted(things)[:3]))) from error

    def pass_on(self, things: Sequence[str], *, giver: str, taker: str) -> None:
        """Let another run have things that one has. Raises: Overtaken when it has not all of them any more."""
        table = table_of(PlannedRow)
        here = and_(table.c.thing.in_(sorted(things)), table.c.run == giver)
        done = self._connection.execute(update(table).where(here).values(run=taker))
        if done.rowcount != len(set(things)):
            raise Overtaken(thing=f"Chuyến {codes.shown(giver)}")

    def _claims(self, things: Collection[str]) -> Sequence[Any]:
        table, runs = table_of(PlannedRow), table_of(RunRow)
        joined = select(table.c.thing, table.c.run, runs.c.run_state, runs.c.day)
        joined = joined.outerjoin_from(table, runs, table.c.run == runs.c.code)
        return self._connection.execute(joined.where(table.c.thing.in_(sorted(set(things))))).all()

    # --- what was proposed --------------------------------------------------------------------------------------------

    def keep_proposal(self, number: str, proposal: Proposal) -> None:
        """Keep a proposed day under a number, until somebody accepts it."""
        values = {"place": proposal.place, "day": proposal.day, "made_at": self._at, "runs": ""}
        content = codec.dumps(proposal)
        self._connection.execute(insert(table_of(ProposalRow)).values(id=number, content=content, **values))

    def proposal(self, number: str) -> KeptProposal | None:
        """Return a proposed day, None when nobody knows it."""
        table = table_of(ProposalRow)
        row = self._connection.execute(select(table).where(table.c.id == number)).first()
        if row is None:
            return None
        first, steps = codec.loads(row.content, Proposal), self._steps(number) if row.steps else ()
        return KeptProposal(
            id=row.id, proposal=board.after(first, steps), runs=tuple(row.runs.split()), first=first, steps=steps
        )

    def _steps(self, number: str) -> tuple[Taken, ...]:
        table = table_of(ProposalStepRow)
        rows = self._connection.execute(select(table).where(table.c.proposal == number).order_by(table.c.number)).all()
        steps = codec.loads_all([row.content for row in rows], Step)
        return tuple(
            Taken(number=row.number, step=step, by=codec.loads(row.by, Author), at=row.at)
            for row, step in zip(rows, steps, strict=True)
        )

    def take_step(self, number: str, step: Step, *, seen: int, by: Author) -> None:
        """Keep a step after the `seen` ones. Raises: Overtaken when somebody was quicker."""
        table = table_of(ProposalRow)
        is_next = and_(table.c.id == number, table.c.runs == "", table.c.steps == seen)
        done = self._connection.execute(update(table).where(is_next).values(steps=seen + 1))
        if done.rowcount == 0:
            raise Overtaken(thing="Phương án chia chuyến")
        values = {"kind": step.kind.value, "content": codec.dumps(step), "by": codec.dumps(by), "at": self._at}
        self._connection.execute(insert(table_of(ProposalStepRow)).values(proposal=number, number=seen + 1, **values))

    def settle_proposal(self, number: str, *, runs: Sequence[str], seen: int) -> None:
        """Note which runs a proposal became after so many steps, once. Raises: Overtaken when somebody was quicker."""
        table = table_of(ProposalRow)
        is_open = and_(table.c.id == number, table.c.runs == "", table.c.steps == seen)
        done = self._connection.execute(update(table).where(is_open).values(runs=" ".join(runs)))
        if done.rowcount == 0:
            raise Overtaken(thing="Phương án chia chuyến")

    def _states(self, query: Any, kind: type[Any]) -> list[Any]:
        return [codec.loads(state, kind) for state in self._connection.execute(query).scalars()]


def _keeps(row: Any, on: date) -> bool:
    """Tell whether a run still keeps what was planned for it; see `DeliveryRun.keeps_for`."""
    return bool(row.run_state == RunState.PLANNED.value and row.day >= on)
