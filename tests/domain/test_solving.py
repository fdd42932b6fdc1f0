"""How far a plan is, in words, and which of two plans is better."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from postal.domain import solving
from postal.domain.events import PlannedStop
from postal.domain.people import Author
from postal.domain.proposal import Draft, Late, LeftBehind, Proposal, Why
from postal.domain.solving import TROUBLE_NAMES, Asked, Fate, Progress, Result, Solving, Stage, Tally

AT = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
FIRST = Tally(promised=2, usual=3, metres=100_000, seconds=36_000, cost=1_000)


def progress(**better: int) -> Progress:
    return Progress(seconds=12.4, iterations=300, first=FIRST, best=replace(FIRST, **better))


@pytest.mark.parametrize(
    ("better", "gain"),
    [
        ({"metres": 92_000}, "đã giảm 8% km"),
        ({"usual": 0, "metres": 120_000}, "đã xếp thêm 3 điểm"),
        ({"seconds": 33_000}, "đã giảm 8% thời gian"),
        ({}, "chưa tốt hơn phương án đầu"),
        ({"metres": 99_900}, "chưa tốt hơn phương án đầu"),
    ],
)
def test_the_gain_is_told_by_what_matters_most(better: dict[str, int], gain: str) -> None:
    assert progress(**better).gain == gain


def asked(**more: object) -> Solving:
    return replace(
        Solving(
            id="a" * 32,
            asked=Asked(by=Author(account="dung"), proposal="b" * 32, base=0, seconds=60),
            asked_at=AT,
            stage=Stage.WAITING,
            worker="",
            tries=0,
            beat_at=None,
            ended_at=None,
            progress=None,
            result=None,
            fate=Fate.NONE,
            step=None,
            trouble="",
        ),
        **more,  # type: ignore[arg-type]
    )


def test_every_stage_and_every_fate_has_its_sentence() -> None:
    running = asked(stage=Stage.RUNNING, progress=progress(metres=92_000))
    assert running.sentence == "Đang tính 12 giây – đã giảm 8% km."
    assert asked(stage=Stage.RUNNING).sentence == "Bắt đầu tính."
    for trouble in TROUBLE_NAMES.values():
        assert asked(stage=Stage.FAILED, trouble=trouble).sentence == trouble
    told = {asked(stage=Stage.DONE, fate=fate).sentence for fate in Fate}
    told |= {asked(stage=stage).sentence for stage in solving.OPEN}
    assert len(told) == len(Fate) + len(solving.OPEN)
    assert all(sentence.endswith(".") for sentence in told)


def board(*, metres: int = 10_000, late: int = 0, left: int = 0, promised: int = 0) -> Proposal:
    stops = tuple(PlannedStop(number=n, commune="20242", items=(f"P{n}",)) for n in (1, 2))
    draft = Draft(
        territory="551000-01",
        office="551000",
        part=0,
        postman="buuta1",
        by_spare=False,
        stops=stops,
        metres=metres,
        seconds=3_600,
        starts_at=AT,
        longest_minutes=480,
        late=tuple(Late(number=1, minutes=5, why=Why.TOO_FAR) for _ in range(late)),
    )
    behind = [
        LeftBehind(
            office="551000",
            territory="551000-01",
            commune="20242",
            things=(f"P9{n}",),
            why=Why.OVER_HOURS,
            is_promised=n < promised,
        )
        for n in range(left)
    ]
    return Proposal(
        place="551000",
        day=date(2026, 11, 16),
        made_at=AT,
        by=Author(account="dung"),
        drafts=(draft,),
        left=tuple(behind),
        used=(),
    )


@pytest.mark.parametrize(
    ("made", "than", "cost", "better"),
    [
        (board(), board(), 900, True),
        (board(), board(), 1_000, False),
        (board(left=1), board(), 1, False),
        (board(late=1), board(left=5), 1, False),
        (board(left=5), board(late=1), 9_999, True),
        (board(left=2, promised=1), board(left=1), 1, False),
    ],
)
def test_a_plan_is_better_by_promises_then_by_what_it_takes_along_then_by_cost(
    made: Proposal, than: Proposal, cost: int, better: bool
) -> None:
    first = Tally(cost=1_000)
    assert solving.is_better(Result(proposal=made, first=first, best=replace(first, cost=cost)), than=than) is better
