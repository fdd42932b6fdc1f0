"""What was acknowledged is there after `kill -9`, at any moment; the long form is `python -m bench.kill`."""

import pytest

from bench import kill


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_process_is_killed(database_kind: str) -> None:
    outcome = kill.run(kills=15 if database_kind == "sqlite" else 4, seed=1, database=database_kind)
    assert outcome.acknowledged > 100
    assert (outcome.lost, outcome.duplicated, outcome.torn, outcome.unsound) == (0, 0, 0, 0)
    assert outcome.slowest_restart_seconds < 5


def test_a_loss_would_be_noticed() -> None:
    assert not kill.Outcome(database="sqlite", acknowledged=0).is_sound
    assert not kill.Outcome(database="sqlite", acknowledged=9, lost=1).is_sound
    assert kill.Outcome(database="sqlite", acknowledged=9).is_sound
