"""The register of solving: who asked for a plan, which worker has it, how far it is, what came of it.

Every change of hands is one statement that names what it changes from, so of two workers one has it; what a worker
writes names the try it was given, so that one which was thought dead writes nothing any more.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from postal.domain.solving import (
    AT_WORK,
    OPEN,
    SILENT,
    TRIES,
    TROUBLE_NAMES,
    AlreadySolving,
    Asked,
    Fate,
    Progress,
    Result,
    Solving,
    Stage,
    Trouble,
)
from postal.store import codec
from postal.store.tables import SolvingRow, table_of

_AT_WORK = tuple(sorted(stage.value for stage in AT_WORK))
_OPEN = tuple(sorted(stage.value for stage in OPEN))


class Solvings:
    """The solvings inside one transaction or snapshot."""

    def __init__(self, connection: Connection, *, at: datetime) -> None:
        self._connection = connection
        self._at = at

    # --- looking ------------------------------------------------------------------------------------------------------

    def get(self, number: str) -> Solving | None:
        """Return a solving, None when nobody asked for it."""
        row = self._connection.execute(select(_table()).where(_table().c.id == number)).first()
        return _solving(row) if row is not None else None

    def of(self, proposal: str) -> list[Solving]:
        """Return what was asked of a proposal, the latest first."""
        wanted = select(_table()).where(_table().c.proposal == proposal)
        rows = self._connection.execute(wanted.order_by(_table().c.asked_at.desc(), _table().c.id)).all()
        return [_solving(row) for row in rows]

    def waiting(self, *, limit: int) -> list[str]:
        """Return what no worker has, what was asked first first."""
        wanted = select(_table().c.id).where(_table().c.stage == Stage.WAITING.value)
        found = self._connection.execute(wanted.order_by(_table().c.asked_at, _table().c.id).limit(limit))
        return list(found.scalars())

    def silent(self) -> list[Solving]:
        """Return what a worker has that shows no sign of life any more."""
        gone = _table().c.stage.in_(_AT_WORK) & (_table().c.beat_at < self._at - SILENT)
        return [_solving(row) for row in self._connection.execute(select(_table()).where(gone)).all()]

    # --- asking -------------------------------------------------------------------------------------------------------

    def open(self, number: str, asked: Asked) -> None:
        """Keep what somebody wants until a worker takes it. Raises: AlreadySolving."""
        values = {
            "id": number,
            "proposal": asked.proposal,
            "improves": asked.proposal if asked.improves else None,
            "stage": Stage.WAITING.value,
            "asked": codec.dumps(asked),
            "asked_at": self._at,
            "worker": "",
            "tries": 0,
            "progress": "",
            "result": "",
            "fate": Fate.NONE.value,
            "trouble": "",
        }
        try:
            self._connection.execute(insert(_table()).values(values))
        except IntegrityError as error:
            raise AlreadySolving from error

    def ask_to_stop(self, number: str) -> bool:
        """Ask whoever works on it to stop, or end it where nobody has begun; False when it is over already."""
        ended = self._end(number, stage=Stage.GIVEN_UP, trouble=Trouble.STOPPED_EARLY, only=(Stage.WAITING.value,))
        return ended or self._change(number, only=(Stage.RUNNING.value,), stage=Stage.STOPPING.value)

    # --- working ------------------------------------------------------------------------------------------------------

    def claim(self, number: str, *, worker: str) -> bool:
        """Take what nobody has; False when another worker was first."""
        return self._change(
            number,
            only=(Stage.WAITING.value,),
            stage=Stage.RUNNING.value,
            worker=worker,
            tries=_table().c.tries + 1,
            beat_at=self._at,
        )

    def beat(self, number: str, *, worker: str, progress: Progress | None) -> Stage | None:
        """Show a sign of life and how far it is; return the stage, None when this worker has it no more."""
        found = {"beat_at": self._at} | ({"progress": codec.dumps(progress)} if progress is not None else {})
        if not self._change(number, only=_AT_WORK, worker_is=worker, **found):
            return None
        row = self._connection.execute(select(_table().c.stage).where(_table().c.id == number)).one()
        return Stage(row.stage)

    def finish(self, number: str, *, worker: str, result: Result | None, fate: Fate, step: int | None) -> bool:
        """Note what came of it; False when this worker has it no more."""
        content = codec.dumps(result) if result is not None else ""
        return self._change(
            number,
            only=_AT_WORK,
            worker_is=worker,
            stage=Stage.DONE.value,
            improves=None,
            result=content,
            fate=fate.value,
            step=step,
            ended_at=self._at,
        )

    def fail(self, number: str, *, worker: str, trouble: str) -> bool:
        """Note that nothing came of it, in words; False when this worker has it no more."""
        over = {"stage": Stage.FAILED.value, "improves": None, "trouble": trouble, "ended_at": self._at}
        return self._change(number, only=_AT_WORK, worker_is=worker, **over)

    def give_back(self, solving: Solving) -> None:
        """Let somebody else take what its worker left; after a few tries, or where it was to stop, give it up."""
        if solving.stage is Stage.STOPPING or solving.tries >= TRIES:
            why = Trouble.LOST_STOPPING if solving.stage is Stage.STOPPING else Trouble.SILENT
            self._end(solving.id, stage=Stage.GIVEN_UP, trouble=why, only=_AT_WORK, worker_is=solving.worker)
            return
        free = {"stage": Stage.WAITING.value, "worker": "", "progress": ""}
        self._change(solving.id, only=_AT_WORK, worker_is=solving.worker, **free)

    # --- answering ----------------------------------------------------------------------------------------------------

    def settle(self, number: str, *, was: Fate, fate: Fate, step: int | None = None) -> bool:
        """Note what somebody did with a result; False when somebody else was quicker."""
        same = (_table().c.id == number) & (_table().c.fate == was.value)
        done = self._connection.execute(update(_table()).where(same).values(fate=fate.value, step=step))
        return done.rowcount == 1

    def _end(
        self, number: str, *, stage: Stage, trouble: Trouble, only: Collection[str], worker_is: str | None = None
    ) -> bool:
        over = {"stage": stage.value, "improves": None, "trouble": TROUBLE_NAMES[trouble], "ended_at": self._at}
        return self._change(number, only=only, worker_is=worker_is, **over)

    def _change(self, number: str, *, only: Collection[str], worker_is: str | None = None, **values: Any) -> bool:
        same = (_table().c.id == number) & _table().c.stage.in_(only)
        if worker_is is not None:
            same &= _table().c.worker == worker_is
        return self._connection.execute(update(_table()).where(same).values(**values)).rowcount == 1


def _table() -> Any:
    return table_of(SolvingRow)


def _solving(row: Any) -> Solving:
    return Solving(
        id=row.id,
        asked=codec.loads(row.asked, Asked),
        asked_at=row.asked_at,
        stage=Stage(row.stage),
        worker=row.worker,
        tries=row.tries,
        beat_at=row.beat_at,
        ended_at=row.ended_at,
        progress=codec.loads(row.progress, Progress) if row.progress else None,
        result=codec.loads(row.result, Result) if row.result else None,
        fate=Fate(row.fate),
        step=row.step,
        trouble=row.trouble,
    )
