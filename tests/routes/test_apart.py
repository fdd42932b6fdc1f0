"""Work in a process of its own: it tells, stops, breaks, vanishes, and never outlives whoever started it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from routes import apart
from routes.apart import Answered, Apart, Broke, Ending, Tell, Vanished

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 20.0


def counts(until: int, tell: Tell) -> int:
    """Count, a hundredth of a second each, until told to stop."""
    for number in range(until):
        if tell(number):
            return number
        time.sleep(0.01)
    return until


def breaks(text: str, tell: Tell) -> None:
    raise ValueError(text)


def ended(work: Apart) -> Ending:
    ending: Ending = until(work.look)
    return ending


def until(look: Callable[[], Any]) -> Any:
    """Return what is there at last."""
    deadline = time.monotonic() + SECONDS
    while (found := look()) is None:
        assert time.monotonic() < deadline, "it goes on and on"
        time.sleep(0.01)
    return found


def is_alive(process_id: int) -> bool:
    """Tell whether a process runs; one that has ended and is not yet fetched does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process_id}/status").read_text()
    except FileNotFoundError:
        return False


def test_work_apart_tells_how_far_it_is_and_answers() -> None:
    work = Apart(counts, 30)
    assert ended(work) == Answered(30)
    assert 0 < work.told < 30


def test_asked_to_stop_it_answers_with_the_best_so_far() -> None:
    work = Apart(counts, 100_000)
    work.ask_to_stop()  # before it has told anything
    ending = ended(work)
    assert isinstance(ending, Answered)
    assert ending.value < 100_000


def test_a_process_that_is_killed_has_vanished() -> None:
    work = Apart(counts, 100_000)
    assert work.process_id
    os.kill(work.process_id, signal.SIGKILL)
    assert ended(work) == Vanished(-signal.SIGKILL)
    work.ask_to_stop()  # nobody is there to hear it
    work.kill()
    assert work.look() == Vanished(-signal.SIGKILL)


def test_an_error_is_told_with_its_name() -> None:
    assert ended(Apart(breaks, "hai bưu tá một xe")) == Broke("ValueError", "hai bưu tá một xe")


def test_the_work_ends_with_whoever_started_it() -> None:
    script = (
        "import os, signal, time\n"
        "from tests.routes import test_apart\n"
        "from routes.apart import Apart\n"
        "if __name__ == '__main__':\n"
        "    work = Apart(test_apart.counts, 100_000)\n"
        "    test_apart.until(lambda: work.look() or work.told)\n"
        "    print(work.process_id, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    child = int(killed.stdout)
    deadline = time.monotonic() + SECONDS
    while is_alive(child):
        assert time.monotonic() < deadline, "it works on for nobody"
        time.sleep(0.02)


def test_it_gives_way_to_others(tmp_path: Path) -> None:
    work = Apart(counts, 100_000)
    until(lambda: work.look() or work.told)
    assert work.process_id
    assert os.getpriority(os.PRIO_PROCESS, work.process_id) == os.getpriority(os.PRIO_PROCESS, 0) + apart.GIVES_WAY
    work.kill()
    with pytest.raises(ProcessLookupError):
        os.kill(work.process_id, 0)
