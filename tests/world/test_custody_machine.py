"""Whatever is tried in whatever order, at screens and by devices, custody is what the plain model says.

Hypothesis chooses what happens and how chance falls, and shortens what it finds to the few steps that matter.
"""

import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from bench.worlds import living
from bench.worlds.world import DRAWN, OFFLINE, World
from postal.store import Store, sqlite_url
from tests import databases

pytestmark = pytest.mark.slow
CHANCE = st.randoms(use_true_random=False)
AT_A_SCREEN = tuple(sorted(DRAWN))
BAGS = tuple(word for word in AT_A_SCREEN if "bag" in word or "pack" in word)


class Custody(RuleBasedStateMachine):
    """A post office, its people and their devices; the world itself compares after every step."""

    template: Path
    """A database with the places and people."""

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(tempfile.mkdtemp(dir=self.template.parent)) / "world.db"
        shutil.copyfile(self.template, self.path)
        drawn = random.Random(1)
        self.store = Store.open(sqlite_url(self.path), secret_key=databases.SECRET_KEY, token_bytes=drawn.randbytes)

    @initialize(seed=st.integers(min_value=0, max_value=9))
    def begin(self, seed: int) -> None:
        """Begin with some sealed envelopes at hand, so that there is something to do."""
        self.world = World(self.store, seed=seed)
        for word in ("register",) * 8 + ("seal",) * 12 + ("sync",) * 4:
            self.world.happen(word)

    @rule(word=st.sampled_from(AT_A_SCREEN), chance=CHANCE)
    def somebody_does(self, word: str, chance: random.Random) -> None:
        """Let somebody do something at a screen."""
        self._let(word, chance)

    @rule(word=st.sampled_from(("offer", "accept", "accept")), chance=CHANCE)
    def somebody_hands_over(self, word: str, chance: random.Random) -> None:
        """Let somebody hand something over or sign for it."""
        self._let(word, chance)

    @rule(word=st.sampled_from(BAGS), chance=CHANCE)
    def somebody_works_on_a_bag(self, word: str, chance: random.Random) -> None:
        """Let somebody start, pack, seal, offer or open a bag."""
        self._let(word, chance)

    @precondition(lambda self: self.world.devices)
    @rule(word=st.sampled_from(sorted(OFFLINE)), chance=CHANCE)
    def a_device_does(self, word: str, chance: random.Random) -> None:
        """Let a device see what is new, write something down, or send what it keeps."""
        self._let(word, chance)

    def teardown(self) -> None:
        """Let every device tell the rest, and verify everything."""
        try:
            if hasattr(self, "world"):
                self.world.rest()
        finally:
            self.store.close()
            shutil.rmtree(self.path.parent)

    def _let(self, word: str, chance: random.Random) -> None:
        self.world.chance = chance
        self.world.happen(word)


def test_custody_is_what_the_model_says_whatever_is_tried(tmp_path: Path) -> None:
    Custody.template = living.settled(tmp_path)
    run_state_machine_as_test(
        Custody,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
