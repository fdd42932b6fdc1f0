"""Every citizen is told once, whenever the worker dies; the long form is `python -m bench.notices`."""

import random

import pytest

from bench import notices


@pytest.mark.slow
def test_nobody_is_told_never_twice_or_wrongly_when_the_worker_is_killed(database_kind: str) -> None:
    outcome = notices.run(facts=60, kills=2, seed=3, database=database_kind, claim=3)
    assert outcome.kills == 2
    assert outcome.failed_answers > 0
    assert (outcome.reached, outcome.lost, outcome.doubled, outcome.not_settled) == (60, 0, 0, 0)
    assert (outcome.false_owed, outcome.false_sent) == (1, 0)


@pytest.mark.parametrize("wrong", ["lost", "doubled", "false_sent", "not_settled"])
def test_whatever_goes_wrong_would_be_noticed(wrong: str) -> None:
    fine = {"database": "sqlite", "facts": 9, "reached": 9}
    assert notices.Outcome(**fine).is_sound  # type: ignore[arg-type]
    assert not notices.Outcome(**fine, **{wrong: 1}).is_sound  # type: ignore[arg-type]


def test_a_phone_that_rings_twice_for_one_message_counts_as_doubled() -> None:
    said = ("+84900000000", "Buu dien: ho so 7K2M4-9RTBQ da den co quan")
    gateway = notices.Gateway(chance=random.Random(1))
    gateway.phones.update({(said[0], f"{said[1]}. Xem: h"): 1, (said[0], f"{said[1]}. Goi h"): 1})
    outcome = notices.Outcome(database="sqlite", facts=2, seconds=1)
    other = ("+84900000001", said[1])
    notices.count(outcome, gateway, true={said, other}, false=set())
    assert (outcome.reached, outcome.doubled, outcome.lost) == (1, 1, 1)
