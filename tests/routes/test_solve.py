"""The command that plans a file: what it prints is judged by a checker that reads the file itself."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from routes import solve
from tests.conftest import ROOT
from tests.routes import checker, problems


def planned(path: Path, *options: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Run the command and return what it prints."""
    assert solve.main([str(path), *options, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


@pytest.fixture(autouse=True)
def _interrupts_as_before() -> Any:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    "text",
    [problems.solomon(25, seed=4), problems.vrplib(30, seed=5), problems.lilim(8, seed=6), problems.SARTORI],
    ids=["solomon", "vrplib", "lilim", "sartori"],
)
def test_the_checker_confirms_what_is_printed(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "problem"
    path.write_text(text)
    answer = planned(path, "--iterations", "100", "--seed", "2", capsys=capsys)
    verdict = checker.judge(path, answer["routes"])
    assert (answer["feasible"], answer["unassigned"]) == (True, [])
    assert verdict.is_sound, verdict
    assert answer["cost"] == pytest.approx(verdict.cost)
    assert answer["vehicles"] == len(answer["routes"])
    again = planned(path, "--iterations", "100", "--seed", "2", capsys=capsys)
    assert (again["routes"], again["cost"]) == (answer["routes"], answer["cost"])


def test_the_checker_finds_what_is_wrong_with_a_plan(tmp_path: Path) -> None:
    def faults(text: str, *routes: Sequence[int]) -> list[str]:
        path = tmp_path / "problem"
        path.write_text(text)
        verdict = checker.judge(path, routes)
        return [*verdict.faults, *(f"missing {at}" for at in verdict.missing)]

    assert faults(problems.SOLOMON, [1, 2], [3]) == []
    assert faults(problems.SOLOMON, [1, 2]) == ["missing 3"]
    assert "stop 1 is served 2 times" in faults(problems.SOLOMON, [1, 2], [3, 1])
    assert "route 1 leaves with 13 of 10" in faults(problems.SOLOMON, [1, 2, 3])
    assert "3 vehicles, there are 2" in faults(problems.SOLOMON, [1], [2], [3])
    late = problems.SOLOMON.replace("2 6 6 5 0 100", "2 6 6 5 0 5")
    assert faults(late, [1, 2], [3]) == ["route 1 is at 2 at 82, after 50"]
    assert faults(problems.SOLOMON.replace("200", "6"), [2], [1, 3])[0] == "route 1 is back at 150, after 60"
    assert "route 1 delivers at 2 what it has not taken on" in faults(problems.LILIM, [2, 1])
    assert "route 1 never delivers what it took on at 1" in faults(problems.LILIM, [1], [2])


def test_a_stop_that_nobody_can_carry_reach_or_fit_in_is_left_out_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "problem"
    lines = ["1 3 2 40 0 100 1", "2 6 6 5 0 2 1", "3 0 4 4 0 100 1", "4 2 4 4 0 100 1", "5 1 4 4 0 100 1"]
    path.write_text(problems.SOLOMON[: problems.SOLOMON.index("1 3 2 4")].replace("2 10", "1 10") + "\n".join(lines))
    answer = planned(path, "--iterations", "300", capsys=capsys)
    reasons = {left["stop"]: left["reason"] for left in answer["unassigned"]}
    assert not answer["feasible"]
    assert (reasons[1], reasons[2]) == ("over_load", "too_far")
    assert [reason for stop, reason in reasons.items() if stop > 2] == ["no_driver"]
    verdict = checker.judge(path, answer["routes"])
    assert verdict.faults == []
    assert verdict.missing == sorted(reasons)
    assert verdict.cost == pytest.approx(answer["cost"])


def test_an_answer_says_how_distances_were_rounded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "problem"
    path.write_text(problems.SOLOMON)
    assert "one decimal" in planned(path, "--iterations", "5", capsys=capsys)["convention"]
    answer = planned(path, "--iterations", "5", "--rounding", "up", capsys=capsys)
    assert answer["convention"] == "distances rounded up to whole numbers"
    assert answer["cost"] == checker.judge(path, answer["routes"], rounding="up").cost


def test_without_json_the_plan_is_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "problem"
    path.write_text(problems.SOLOMON)
    assert solve.main([str(path), "--iterations", "5", "--engine", "plain"]) == 0
    assert "every stop is served within its limits" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a poem", "line 1: none of the formats known"),
        (problems.SOLOMON.replace("2 10", "2 0"), "a vehicle with a capacity of 0"),
        (problems.SOLOMON.replace("0 100 1", "9 7 1"), "line 11: customer 1 closes at 7, before it opens at 9"),
    ],
    ids=["no format", "no capacity", "a window over before it opens"],
)
def test_a_bad_file_ends_with_a_sentence_and_code_2(
    tmp_path: Path, text: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "problem.txt"
    path.write_text(text)
    assert solve.main([str(path)]) == 2
    assert sentence in capsys.readouterr().err


def test_a_file_that_is_not_there_and_a_limit_below_zero_end_with_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert solve.main([str(tmp_path / "nothing")]) == 2
    assert "No such file" in capsys.readouterr().err
    (tmp_path / "problem").write_text(problems.SOLOMON)
    assert solve.main([str(tmp_path / "problem"), "--seconds", "-1"]) == 2
    assert "a limit is not below zero" in capsys.readouterr().err


def test_an_interrupt_gives_the_best_plan_so_far(tmp_path: Path) -> None:
    path = tmp_path / "problem"
    path.write_text(problems.solomon(40, seed=8))
    command = [sys.executable, "-c", _INTERRUPTED, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    answer = json.loads(done.stdout)
    assert checker.judge(path, answer["routes"]).is_sound
    assert answer["seconds"] < 20


_INTERRUPTED = """
import os, signal, sys, threading
from routes import solve
from routes.search import improved  # loaded before the clock of the interrupt begins
threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT)).start()
sys.exit(solve.main([sys.argv[1], "--seconds", "50", "--json"]))
"""
