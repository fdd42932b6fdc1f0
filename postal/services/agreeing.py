"""How well what was recorded agrees with the plan, of a run or about an item, for those who may see its doors."""

from postal.domain import codes, permissions
from postal.domain.agreement import Agreed, Agreement, Basis, Measured
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.run import DeliveryRun
from postal.services import learning, measuring
from postal.store import Reader, Store, driven
from routes.grades import Graded


def of_run(store: Store, code: str) -> Measured:
    """Return what was recorded on a run, measured. Raises: UnknownCode."""
    with store.read() as reader:
        run = reader.thing(DeliveryRun, code)
        if run is None:
            raise UnknownCode(thing=codes.shown(code))
        return _measured(reader, run)


def of_item(store: Store, code: str, *, actor: Actor) -> dict[tuple[str, int], Agreed]:
    """Return how well the visits about an item agree with their plans, for who may see where the door is."""
    with store.read() as reader:
        visits = driven.runs_of(reader, code)
        runs = reader.many(DeliveryRun, visits)
        seen = [runs[each] for each in visits if each in runs and _may_see(runs[each], actor)]
        return {key: each for run in seen for key, each in agreed_of(reader, run).items() if key[0] == code}


def of_stop(store: Store, code: str, number: int) -> tuple[tuple[str, Agreed], ...]:
    """Return how well what was recorded at one door of a run agrees with the plan, by item or pickup, as it came."""
    with store.read() as reader:
        run = reader.thing(DeliveryRun, code)
        if run is None:
            raise UnknownCode(thing=codes.shown(code))
        marks = driven.marks(reader, [run])[code]
        if all(mark.stop != number for mark in marks):
            return ()
        graded = measuring.grades_of(run, marks)
    return tuple((mark.thing, _agreed(graded[mark.thing, mark.version])) for mark in marks if mark.stop == number)


def agreed_of(reader: Reader, run: DeliveryRun) -> dict[tuple[str, int], Agreed]:
    """Return how well each record of a run agrees with the plan, by thing and version."""
    graded = measuring.grades_of(run, driven.marks(reader, [run])[run.code])
    return {key: _agreed(each) for key, each in graded.items()}


def _measured(reader: Reader, run: DeliveryRun) -> Measured:
    marks = driven.marks(reader, [run])[run.code]
    way = measuring.way_of(marks, office=reader.reference.place(run.office))
    return Measured(
        straight_m=way.metres,
        placed=len(way.stops),
        detour=learning.learned(reader, run.office, territory=run.territory).detour,
        agreed={key: _agreed(each) for key, each in measuring.grades_of(run, marks).items()},
    )


def _may_see(run: DeliveryRun, actor: Actor) -> bool:
    """Tell whether somebody may see the doors of a run: its postman and its office, with the right to names."""
    is_near = actor.place == run.office or actor.account == run.postman
    return is_near and permissions.may(actor, Permission.SEE_PERSONAL_DATA)


def _agreed(graded: Graded) -> Agreed:
    """Return a grade in the words of the house."""
    return Agreed(
        grade=Agreement(graded.grade.value),
        bases=tuple(Basis(basis.value) for basis in graded.bases),
        metres=graded.metres,
        error_m=graded.error_m,
        stayed_s=None if graded.stayed is None else round(graded.stayed.total_seconds()),
        kmh=graded.kmh,
    )
