"""Made-up worlds in which no envelope is ever without one holder, as one JSON line: `python -m bench.worlds`.

Each world is drawn from a seed: offices, hubs, desks, people with one or several positions, devices, up to 60 envelopes
and their bags, 100 to 300 steps; double clicks, wrong people, wrong places, and facts that come late, in any order and
twice. The product's services do each step on SQLite, a plain model written from the rules (`bench/worlds/model.py`) is
told the same, and after every step both must name one holder of every envelope, every stored row must be what its
events say, and every holder must be explained by an event. A broken world is told by its seed; `--seed N --worlds 1` is
that world again.
"""

import argparse
import json
import os
import sys

from bench.worlds import living


def main() -> None:
    """Let worlds live, print what was found, and fail when one is broken."""
    asked = argparse.ArgumentParser(prog="bench.worlds", description="Seeded worlds, judged by a plain model.")
    asked.add_argument("--worlds", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = asked.parse_args()
    outcome = living.live(range(given.seed, given.seed + given.worlds), processes=given.processes)
    print(json.dumps({"ok": not outcome.broken, **vars(outcome)}))
    sys.exit(1 if outcome.broken else 0)


if __name__ == "__main__":
    main()
