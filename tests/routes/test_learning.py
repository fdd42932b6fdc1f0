"""What driven runs teach: the truth of made-up runs is found again, and nothing false leads the figures away."""

import math
import random
from datetime import timedelta

import pytest

from routes import learning
from routes.learning import BOUNDS, USUAL, Driven, Figures, Hop, Rules
from routes.model import VehicleKind

USUALLY = USUAL[VehicleKind.MOTORBIKE]
TRUTH = Figures(
    detour=1.6, speed_kmh=15.0, at_the_door=timedelta(minutes=6), each_further=timedelta(minutes=1, seconds=30)
)


def driven(*, runs: int, truth: Figures = TRUTH, seed: int = 1, doors: int = 30, odometer: bool = True) -> list[Driven]:
    """Return runs with known figures: doors 100 m to 3 km apart, times and odometers that scatter as in life."""
    chance = random.Random(seed)
    return [_driven(chance, truth, doors=doors, odometer=odometer) for _ in range(runs)]


def _driven(chance: random.Random, truth: Figures, *, doors: int, odometer: bool) -> Driven:
    hops, straight, road = [], 0.0, 0.0
    for _ in range(doors):
        metres = 100 + 2900 * chance.random() ** 2
        way = metres * truth.detour * chance.lognormvariate(0, 0.15)
        things = chance.choice((1, 1, 1, 1, 2, 3))
        at_door = truth.service(things).total_seconds() * chance.lognormvariate(0, 0.35)
        lunch = 1800 if chance.random() < 0.02 else 0
        hops.append(Hop(metres=metres, seconds=way / truth.speed_kmh * 3.6 + at_door + lunch, things=things))
        straight, road = straight + metres, road + way
    odometer_m = round(road, -2) if odometer else None
    return Driven(hops=tuple(hops), straight_m=straight, odometer_m=int(odometer_m) if odometer_m else None)


def off(found: Figures, truth: Figures) -> dict[str, float]:
    """Return by how much each figure is off, as a part of the truth."""
    return {
        "detour": abs(found.detour / truth.detour - 1),
        "speed": abs(found.speed_kmh / truth.speed_kmh - 1),
        "door": abs(found.at_the_door / truth.at_the_door - 1),
        "further": abs(found.each_further / truth.each_further - 1),
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_truth_of_made_up_runs_is_found_again(seed: int) -> None:
    lesson = learning.learn(driven(runs=40, seed=seed), usual=USUALLY)
    error = off(lesson.figures, TRUTH)
    assert error["detour"] < 0.05
    assert error["speed"] < 0.10
    assert error["door"] < 0.10
    assert error["further"] < 0.30, "few doors have several things"
    assert (lesson.runs, lesson.odometers) == (40, 40)


def test_more_runs_teach_better() -> None:
    mean = {}
    for runs in (2, 10, 60):
        errors = [off(learning.learn(driven(runs=runs, seed=s), usual=USUALLY).figures, TRUTH) for s in range(4)]
        mean[runs] = sum(sum(error.values()) for error in errors)
    assert mean[60] < mean[10] < mean[2]


def test_without_a_run_the_usual_figures_stand() -> None:
    assert learning.learn([], usual=USUALLY).figures == USUALLY


def test_one_run_moves_the_figures_less_than_half_the_way() -> None:
    found = learning.learn(driven(runs=1), usual=USUALLY).figures
    assert abs(found.detour - USUALLY.detour) < abs(TRUTH.detour - found.detour)
    assert abs(found.at_the_door - USUALLY.at_the_door) < 0.6 * abs(TRUTH.at_the_door - USUALLY.at_the_door)


def test_without_an_odometer_the_time_is_learned_and_the_detour_is_not() -> None:
    lesson = learning.learn(driven(runs=40, odometer=False), usual=USUALLY)
    assert (lesson.figures.detour, lesson.odometers) == (USUALLY.detour, 0)
    pace = lesson.figures.detour / lesson.figures.speed_kmh
    assert pace == pytest.approx(TRUTH.detour / TRUTH.speed_kmh, rel=0.1), "a leg takes as long as it took"


@pytest.mark.parametrize("wrong_by", [-3600, -600, -120, 120, 600, 1200])
def test_lying_clocks_at_every_twentieth_door_hardly_move_the_figures(wrong_by: int) -> None:
    chance, honest = random.Random(5), driven(runs=40)
    lied = [
        Driven(
            hops=tuple(
                Hop(metres=h.metres, seconds=h.seconds + wrong_by, things=h.things) if chance.random() < 0.05 else h
                for h in run.hops
            ),
            straight_m=run.straight_m,
            odometer_m=run.odometer_m,
        )
        for run in honest
    ]
    before, after = (learning.learn(runs, usual=USUALLY).figures for runs in (honest, lied))
    moved = off(after, before)
    assert max(moved["detour"], moved["speed"], moved["door"]) < 0.05
    assert moved["further"] < 0.10


@pytest.mark.parametrize("kind", VehicleKind)
@pytest.mark.parametrize("seed", range(5))
def test_no_garbage_leads_the_figures_out_of_their_bounds(kind: VehicleKind, seed: int) -> None:
    chance = random.Random(seed)
    values = (0.0, -1.0, 1e-9, 1.0, 37.5, 1e3, 1e6, 1e12, math.inf, -math.inf, math.nan)

    def some() -> float:
        return chance.choice(values)

    runs = [
        Driven(
            hops=tuple(Hop(metres=some(), seconds=some(), things=chance.choice((-1, 0, 1, 9))) for _ in range(40)),
            straight_m=chance.choice((None, some())),
            odometer_m=chance.choice((None, -5, 0, 10**9)),
        )
        for _ in range(10)
    ]
    bounds = BOUNDS[kind]
    found = learning.learn(runs, usual=USUAL[kind], bounds=bounds).figures
    assert bounds.detour[0] <= found.detour <= bounds.detour[1]
    assert bounds.speed_kmh[0] <= found.speed_kmh <= bounds.speed_kmh[1]
    assert bounds.at_the_door[0] <= found.at_the_door <= bounds.at_the_door[1]
    assert bounds.each_further[0] <= found.each_further <= bounds.each_further[1]


def test_doors_all_equally_far_apart_keep_the_figures_sensible() -> None:
    runs = [Driven(hops=tuple(Hop(metres=1000, seconds=900) for _ in range(30)))] * 20
    found = learning.learn(runs, usual=USUALLY).figures
    leg = 1000 * found.detour / found.speed_kmh * 3.6
    assert leg + found.at_the_door.total_seconds() == pytest.approx(900, rel=0.1)
    assert 5 < found.speed_kmh < 20


def test_a_run_over_several_doors_confirmed_at_once_leaves_those_hops_out() -> None:
    batch = [Hop(metres=1500, seconds=4.0), Hop(metres=800, seconds=2.0)]
    lesson = learning.learn([Driven(hops=(*batch, Hop(metres=700, seconds=500)))], usual=USUALLY)
    assert (lesson.hops, lesson.left_out) == (1, 2)


def test_an_odometer_that_was_misread_teaches_nothing() -> None:
    misread = [Driven(hops=(), straight_m=10_000.0, odometer_m=metres) for metres in (125, 400_000, 9_000_000)]
    lesson = learning.learn(misread, usual=USUALLY)
    assert (lesson.odometers, lesson.figures.detour) == (0, USUALLY.detour)


def test_the_usual_figures_outweigh_what_few_hops_say() -> None:
    few = [Driven(hops=(Hop(metres=500, seconds=2000),))]
    eager = learning.learn(few, usual=USUALLY, rules=Rules(hops_of_usual=1)).figures
    calm = learning.learn(few, usual=USUALLY).figures
    assert USUALLY.at_the_door <= calm.at_the_door < eager.at_the_door
