"""What parking once for several doors gains on a made-up dense day: `python -m bench.parking` prints one JSON line.

A town of four by four kilometres with 150 doors whose points are known: eight blocks of flats, twelve alleys, the rest
alone. One driver, planned with every door a stop of its own and with parking stops; the times at doors, for parking
and for walking are the guesses the product begins with. `ok` says that parking stops take less time.
"""

import json
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from routes import parking, planner
from routes.matrix import GreatCircleMatrix
from routes.model import Depot, Place, Route, Shift, Stop, Vehicle

DOORS = 150
SEED = 7
METRE = 1 / 111_195
OFFICE = Depot(key="office", place=Place(16.05 + 2000 * METRE, 108.20 + 2000 * METRE))
MORNING = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)
WHOLE_DAY = timedelta(hours=24)


def dense_day(seed: int = SEED) -> list[Stop]:
    """Return the doors of the day."""
    chance = random.Random(seed)
    places: list[tuple[float, float]] = []
    for _ in range(8):
        x, y = chance.uniform(0, 4000), chance.uniform(0, 4000)
        places += [(x, y)] * chance.randint(4, 9)
    for _ in range(12):
        x, y = chance.uniform(0, 4000), chance.uniform(0, 4000)
        places += [(x + 15 * door * chance.uniform(0.6, 1.4), y) for door in range(chance.randint(2, 6))]
    places += [(chance.uniform(0, 4000), chance.uniform(0, 4000)) for _ in range(DOORS - len(places))]
    return [
        Stop(key=f"d{number:03}", place=Place(16.05 + y * METRE, 108.20 + x * METRE, uncertainty_m=10), area="a")
        for number, (x, y) in enumerate(places)
    ]


def driven(stops: Sequence[Stop]) -> Route:
    """Return the way of one driver with all the time there is."""
    shift = Shift(starts_at=MORNING, ends_at=MORNING + WHOLE_DAY, longest=WHOLE_DAY)
    vehicle = Vehicle(key="driver", shift=shift, start=OFFICE, end=OFFICE)
    return planner.plan(stops, vehicle=vehicle, ranking=("a",), matrix=GreatCircleMatrix()).route


def main() -> None:
    """Measure, print."""
    doors = dense_day()
    began = time.perf_counter()
    parked = parking.gathered(doors)
    took = time.perf_counter() - began
    alone, together = driven(doors), driven([each.stop for each in parked])
    figures = {
        "ok": together.duration < alone.duration,
        "doors": len(doors),
        "stops": len(parked),
        "km_apart": round(alone.metres / 1000, 1),
        "km_parked": round(together.metres / 1000, 1),
        "minutes_apart": round(alone.duration / timedelta(minutes=1)),
        "minutes_parked": round(together.duration / timedelta(minutes=1)),
        "minutes_on_foot": round(sum((each.walking for each in parked), timedelta()) / timedelta(minutes=1)),
        "seconds_to_gather": round(took, 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
