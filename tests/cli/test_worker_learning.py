"""The worker lets each office learn from its closed runs once a day."""

from datetime import timedelta

import pytest

from postal import worker
from postal.services import delivery, learning
from postal.store import Store
from postal.worker import Lessons
from tests import arrivals, cast
from tests.arrivals import binh
from tests.services.visits import at_doors


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store in which a run of the central office was closed."""
    arrivals.keep_postmen(seeded)
    run = at_doors(seeded)
    delivery.close_run(seeded, run.code, by=binh, at=cast.after(hours=8))
    return seeded


def test_an_office_learns_once_a_day_and_again_on_the_next(office: Store) -> None:
    lessons = Lessons()
    for at, worked_on in (
        (cast.after(hours=9), cast.today),
        (cast.after(hours=10), cast.today),
        (cast.after(days=1), cast.today + timedelta(days=1)),
    ):
        worker.look_to_learn(office, lessons, clock=lambda at=at: at)  # type: ignore[misc]
        with office.read() as reader:
            assert reader.learned.worked_on(cast.OFFICE) == worked_on


def test_an_office_that_cannot_learn_holds_up_nobody(office: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    lessons = Lessons()

    def broken(*_: object, **__: object) -> int:
        raise ArithmeticError

    monkeypatch.setattr(learning, "learn", broken)
    with pytest.raises(ArithmeticError):
        worker.look_to_learn(office, lessons, clock=lambda: cast.after(hours=9))
    worker.look_to_learn(office, lessons, clock=lambda: cast.after(hours=10))
    assert lessons.waiting == []
