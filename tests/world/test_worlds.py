"""A few seeded worlds: the product and the judge name one holder of every envelope after every step."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.worlds import living

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_in_a_few_worlds_every_envelope_has_one_holder_after_every_step() -> None:
    lived = living.live(range(12))
    assert lived.broken == []
    assert (lived.worlds, lived.operations > 1000, lived.facts > 50) == (12, True, True)
    assert {"register", "offer", "accept", "pack", "seal bag", "receive bag", "deliver"} <= (+lived.done).keys()
    assert {"accept_without_offer", "double_custody", "scan_after_delivery"} <= lived.conflicts.keys()


def test_a_seed_is_one_world() -> None:
    once, again = living.live(range(3, 4)), living.live(range(3, 4))
    once.seconds = again.seconds = 0.0
    assert once == again


def test_a_broken_world_is_told_by_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.worlds.model.Model.holder", lambda *_: "nobody")
    ((seed, wrong),) = living.live(range(5, 6)).broken
    assert seed == 5
    assert "the judge says 'nobody'" in wrong


@pytest.mark.slow
def test_the_command_prints_one_line_and_says_ok() -> None:
    command = [sys.executable, "-m", "bench.worlds", "--worlds", "2", "--processes", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    (line,) = done.stdout.splitlines()
    assert line.startswith('{"ok": true, "worlds": 2, ')
