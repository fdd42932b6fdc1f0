"""How long a plan takes as the stops become more: `python -m bench.public.growth STOPS SECONDS` measures one size.

A made-up day: stops by chance on a plane that grows with them, a third with a window, vehicles with a load and hours.
Told: when the first plan was there, when the plan was within 2 % of the one at the end, and the peak of the memory.
"""

from __future__ import annotations

import json
import math
import random
import resource
import sys
import tempfile
from pathlib import Path

from routes import formats
from routes.search.engine import Limit, Progress
from routes.search.improved import Improved

NEAR = 1.02


def day(stops: int, *, seed: int) -> str:
    """Return such a day in Solomon's form."""
    chance, side = random.Random(seed), round(10 * math.sqrt(stops))
    lines = ["DAY", "VEHICLE", "NUMBER CAPACITY", f"{max(3, stops // 12)} 200", "CUSTOMER", "CUST NO."]
    lines.append(f"0 {side // 2} {side // 2} 0 0 2880 0")
    for at in range(1, stops + 1):
        opens = chance.randrange(400, 1800) if at % 3 == 0 else 0
        closes = opens + 240 if at % 3 == 0 else 2200
        x, y, demand = chance.randrange(side), chance.randrange(side), chance.randrange(1, 20)
        lines.append(f"{at} {x} {y} {demand} {opens} {closes} 5")
    return "\n".join(lines)


def measure(stops: int, seconds: float) -> dict[str, float]:
    """Plan a day of so many stops and tell how it went."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.txt"
        path.write_text(day(stops, seed=1))
        instance = formats.read(path)
    told: list[Progress] = []

    def note(progress: Progress) -> bool:
        told.append(progress)
        return False

    found = Improved().solve(instance, limit=Limit(seconds=seconds), seed=1, watch=note)
    near = [each.seconds for each in told if each.feasible and each.cost <= NEAR * found.cost]
    return {
        "stops": stops,
        "first_seconds": round(found.first_seconds or math.inf, 3),
        "near_seconds": round(min(near, default=math.inf), 1),
        "seconds": round(found.seconds, 1),
        "vehicles": len(found.tours),
        "cost": found.cost / instance.scale,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), float(sys.argv[2]))))
