"""The readers of public routing problems: each gives the problem, or names the line it cannot understand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from routes import formats
from routes.formats import BadFile, Rounding
from routes.instance import FOREVER, BadInstance, NoCapacity, Pair
from tests.routes import problems

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "problem.txt"
        path.write_text(text)
        return path

    return write


def test_a_problem_of_solomon_keeps_one_decimal_of_its_distances(write: Write) -> None:
    instance = formats.read(write(problems.SOLOMON))
    assert (instance.scale, instance.units) == (10, "distances cut off after one decimal")
    assert instance.distances[0][0, 1] == 22  # the root of five is 2.236…
    assert instance.nodes[1].closes == 100 * 10
    assert (instance.fleet[0].count, instance.fleet[0].capacity) == (2, 10)


@pytest.mark.parametrize(
    ("rounding", "way", "scale"), [("nearest", 2, 1), ("up", 3, 1), ("down", 2, 1), ("thousandths", 2236, 1000)]
)
def test_another_convention_of_rounding_is_taken_when_it_is_asked_for(
    write: Write, rounding: str, way: int, scale: int
) -> None:
    instance = formats.read(write(problems.SOLOMON), rounding=Rounding(rounding))
    assert (instance.distances[0][0, 1], instance.scale) == (way, scale)


def test_a_vrplib_problem_on_a_plane_is_rounded_to_whole_numbers(write: Write) -> None:
    instance = formats.read(write(problems.PLANE))
    assert instance.distances[0].tolist() == [[0, 2, 5], [2, 0, 3], [5, 3, 0]]
    assert [node.demand for node in instance.nodes] == [0, 4, 5]
    assert instance.nodes[1].closes == FOREVER


@pytest.mark.parametrize(
    ("form", "weights"),
    [
        ("FULL_MATRIX", "0 1 2\n1 0 3\n2 3 0"),
        ("LOWER_ROW", "1\n2 3"),
        ("UPPER_ROW", "1 2\n3"),
        ("LOWER_DIAG_ROW", "0\n1 0\n2 3 0"),
        ("UPPER_DIAG_ROW", "0 1 2 0 3 0"),
        ("LOWER_COL", "1 2 3"),
    ],
)
def test_explicit_weights_are_read_in_every_order_they_come_in(write: Write, form: str, weights: str) -> None:
    instance = formats.read(write(problems.explicit(form, weights)))
    assert instance.distances[0].tolist() == [[0, 1, 2], [1, 0, 3], [2, 3, 0]]
    assert instance.units == "ways as the file gives them"


def test_windows_service_and_the_bound_of_a_vrplib_problem_are_read(write: Write) -> None:
    more = "SERVICE_TIME : 3\nDISTANCE : 40\nVEHICLES : 2\n"
    windows = "TIME_WINDOW_SECTION\n1 0 99\n2 5 9\n3 0 50\n"
    instance = formats.read(
        write(problems.PLANE.replace("CAPACITY", more + "CAPACITY").replace("EOF", windows + "EOF"))
    )
    assert [(node.opens, node.closes, node.service) for node in instance.nodes] == [(0, 99, 0), (5, 9, 3), (0, 50, 3)]
    assert (instance.fleet[0].longest, instance.fleet[0].count, instance.fleet[0].closes) == (40, 2, 99)


def test_pairs_of_li_and_lim_are_what_is_taken_on_and_set_down(write: Write) -> None:
    instance = formats.read(write(problems.LILIM))
    assert instance.pairs == (Pair(pickup=1, delivery=2, amount=7),)
    assert instance.fleet[0].fixed_cost > instance.distances[0].sum()


def test_pairs_of_sartori_and_buriol_drive_by_the_minutes_of_the_file(write: Write) -> None:
    instance = formats.read(write(problems.SARTORI))
    assert instance.pairs == (Pair(pickup=1, delivery=2, amount=7),)
    assert instance.distances[0].tolist() == [[0, 5, 6], [5, 0, 4], [7, 4, 0]]
    assert np.shares_memory(instance.distances[0], instance.durations[0])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the file is empty"),
        ("a poem\n", "line 1: none of the formats"),
        (
            problems.SOLOMON.replace("2 10", "2"),
            "line 5: number and capacity of the vehicles are 2 numbers, here are 1",
        ),
        (problems.SOLOMON.replace("1 3 2 4", "1 3 two 4"), "line 11: number, x, y"),
        (problems.SOLOMON.replace("2 6 6 5", "7 6 6 5"), "line 12: customer 2 is expected, not 7"),
        (problems.SOLOMON.replace("0 100 1", "100 7 1"), "line 11: customer 1 closes at 7, before it opens at 100"),
        (problems.PLANE.replace("EUC_2D", "GEO"), "line 4: weights 'GEO' are not understood"),
        (problems.PLANE.replace("CAPACITY", "RAINFALL"), "line 5: RAINFALL is not understood"),
        (problems.PLANE.replace("3 5 0", ""), "NODE_COORD_SECTION has 3 lines, here are 2"),
        (problems.PLANE.replace("\n-1", "\n2\n-1"), "one depot is expected, here are 2"),
        (problems.explicit("LOWER_ROW", "1 2"), "line 8: LOWER_ROW of 3 nodes has 3 weights, here are 2"),
        (problems.explicit("LOWER_ROW", "1 2 3.5"), "line 8: weights are whole numbers, not '3.5'"),
        (problems.LILIM.replace("2 0 2", "2 0 9"), "line 3: task 1 is delivered at 9, which is no task"),
        (problems.LILIM.replace("-7", "-6"), "line 3: tasks 1 and 2 are not each other's partners"),
        (problems.SARTORI.replace("5 0 4", "5 0"), "line 12: the ways of a node are 3 numbers, here are 2"),
        (problems.SARTORI.replace("CAPACITY: 10", ""), "the file ends without CAPACITY"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_by_its_line(write: Write, text: str, sentence: str) -> None:
    with pytest.raises(BadFile) as refused:
        formats.read(write(text))
    assert sentence in str(refused.value)


def test_a_file_that_says_what_cannot_be_is_refused(write: Write) -> None:
    with pytest.raises(NoCapacity):
        formats.read(write(problems.SOLOMON.replace("2 10", "2 0")))
    with pytest.raises(BadInstance, match="there is no vehicle"):
        formats.read(write(problems.SOLOMON.replace("2 10", "0 10")))


def test_what_is_given_in_whole_numbers_cannot_be_rounded(write: Write) -> None:
    for text in (problems.SARTORI, problems.explicit("LOWER_ROW", "1 2 3")):
        with pytest.raises(BadFile, match="nothing to round"):
            formats.read(write(text), rounding=Rounding.TENTHS)
