"""Lets worlds live, in several processes, and counts what was found."""

import multiprocessing
import random
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.worlds import people, world
from bench.worlds.world import Told
from postal.store import Store, sqlite_url
from tests import databases

STEPS = (100, 300)
"""How many steps a world has, at least and at most."""


@dataclass(kw_only=True)
class Outcome:
    """What was found in all worlds together. `broken` names the seed and what was wrong."""

    worlds: int = 0
    operations: int = 0
    facts: int = 0
    quarantined: int = 0
    refusals: int = 0
    items: int = 0
    bags: int = 0
    done: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, told: Told) -> None:
        """Count what happened in one world."""
        self.operations += told.operations
        self.facts += told.facts
        self.quarantined += told.quarantined
        self.refusals += told.refusals
        self.items += told.items
        self.bags += told.bags
        self.done += told.words
        self.conflicts += told.conflicts


def live(seeds: range, *, processes: int = 1) -> Outcome:
    """Let a world live for each seed and return what was found."""
    begun, outcome = time.perf_counter(), Outcome()
    with tempfile.TemporaryDirectory(prefix="worlds-", dir=_memory()) as folder:
        template = settled(Path(folder))
        for seed, told, wrong in _lived([(seed, template) for seed in seeds], processes=processes):
            outcome.worlds += 1
            outcome.add(told)
            if wrong:
                outcome.broken.append((seed, wrong))
    outcome.seconds = round(time.perf_counter() - begun, 1)
    return outcome


def _lived(worlds: list[tuple[int, Path]], *, processes: int) -> Iterator[tuple[int, Told, str]]:
    if processes == 1:
        yield from map(_one, worlds)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(_one, worlds, chunksize=4)


def _one(given: tuple[int, Path]) -> tuple[int, Told, str]:
    """Let one world live; return its seed, what happened, and what was wrong, empty for nothing."""
    seed, template = given
    path = template.with_name(f"{seed}.db")
    shutil.copyfile(template, path)
    drawn = random.Random(f"numbers of {seed}")
    store = Store.open(sqlite_url(path), secret_key=databases.SECRET_KEY, token_bytes=drawn.randbytes)
    lived = world.World(store, seed=seed)
    try:
        lived.live(random.Random(f"length of {seed}").randint(*STEPS))
    except world.Broken as broken:
        return seed, lived.told, str(broken)
    except Exception as error:  # noqa: BLE001 - whatever it is, the world is broken, and the next one is asked too
        return seed, lived.told, f"{type(error).__name__}: {error} {traceback.format_exc(limit=-4)}"
    finally:
        store.close()
        for beside in path.parent.glob(f"{path.name}*"):
            beside.unlink()
    return seed, lived.told, ""


def settled(folder: Path) -> Path:
    """Return a database with the places and people of all worlds."""
    path = folder / "settled.db"
    store = Store.open(sqlite_url(path), secret_key=databases.SECRET_KEY)
    people.settle(store)
    store.close()
    return path


def _memory() -> str | None:
    """Return the machine's memory as a folder, so that no disk is waited for; what a power cut takes is not asked."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own
    return str(memory) if memory.is_dir() else None
