"""Work in a process of its own, which tells how far it is, stops when asked and takes nobody along when it dies.

The process gets what it works on as a value and nothing else. It gives way to whoever serves people on the same
machine, and ends with the process that started it, however that one ends.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

Tell = Callable[[Any], bool]
"""What the work calls now and then with how far it is; True means: stop now and give the best so far."""

Work = Callable[[Any, Tell], Any]
"""What runs in the other process: a function at the top of a module, with the task and whom to tell."""

TELLS_EVERY = 0.1
"""Seconds between two messages about how far it is, at least."""

GIVES_WAY = 5
"""How much lower its priority is (nice)."""

_STOP, _TOLD, _ANSWERED, _BROKE = "stop", "told", "answered", "broke"


@dataclass(frozen=True, slots=True)
class Answered:
    """The work is done."""

    value: Any


@dataclass(frozen=True, slots=True)
class Broke:
    """The work raised an error: what kind, and what it said."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Vanished:
    """The process is gone without a word, as one that was killed."""

    exit_code: int | None


Ending = Answered | Broke | Vanished


class Apart:
    """Work that runs in a process of its own from now on. `told` is what it told last."""

    def __init__(self, work: Work, task: Any) -> None:
        context = get_context("spawn")
        self._line, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, work, task), daemon=True)
        self._process.start()
        other.close()
        self.told: Any = None
        self._ending: Ending | None = None

    @property
    def process_id(self) -> int | None:
        """Return the number of its process."""
        return self._process.pid

    def look(self) -> Ending | None:
        """Take in what it has told, and return how it ended; None while it goes on."""
        while self._ending is None:
            try:
                if not self._line.poll():
                    return None
                kind, value = self._line.recv()
            except (EOFError, OSError):
                self._end(Vanished(self._exit_code()))
                break
            if kind == _TOLD:
                self.told = value
            else:
                self._end(Answered(value) if kind == _ANSWERED else Broke(*value))
        return self._ending

    def ask_to_stop(self) -> None:
        """Ask for the best so far; what has ended already needs no asking."""
        try:
            self._line.send(_STOP)
        except OSError:  # it ended in this moment; the next look says how
            return

    def kill(self) -> None:
        """End it at once, whatever it has."""
        self._process.kill()
        self._end(self._ending or Vanished(self._exit_code()))

    def _exit_code(self) -> int | None:
        self._process.join(timeout=5)
        return self._process.exitcode

    def _end(self, ending: Ending) -> None:
        self._ending = ending
        self._line.close()
        self._process.join(timeout=5)


# --- in the other process ---------------------------------------------------------------------------------------------


def _work(line: Connection, work: Work, task: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it, who then ends it
    os.nice(GIVES_WAY)
    stop = threading.Event()
    threading.Thread(target=_listen, args=(line, stop), daemon=True).start()
    line_free = threading.Lock()
    try:
        answer = (_ANSWERED, work(task, _Teller(line, line_free, stop)))
    except Exception as error:  # noqa: BLE001 - told to whoever started it, who decides
        answer = (_BROKE, (type(error).__name__, str(error)))
    with line_free:
        line.send(answer)


def _listen(line: Connection, stop: threading.Event) -> None:
    """Wait for the word to stop; a line that is cut means that nobody waits for an answer any more."""
    try:
        while line.recv() == _STOP:
            stop.set()
    except (EOFError, OSError):
        os._exit(1)


class _Teller:
    """Tells how far the work is, not too often, and whether it is to stop."""

    def __init__(self, line: Connection, line_free: threading.Lock, stop: threading.Event) -> None:
        self._line = line
        self._line_free = line_free
        self._stop = stop
        self._last = -TELLS_EVERY

    def __call__(self, told: Any) -> bool:
        now = time.monotonic()
        if now - self._last >= TELLS_EVERY:
            self._last = now
            with self._line_free:
                self._line.send((_TOLD, told))
        return self._stop.is_set()
