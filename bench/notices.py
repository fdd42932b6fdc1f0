"""Whether every citizen is told once, whatever dies, as one JSON line: `python -m bench.notices`.

A database owes so many true messages, and some that stop being true before they go out. The product's own worker,
`python main.py worker`, pays them to a gateway on this machine that fails three times in ten: busy, broken before or
after it took the message, connections that end without an answer, answers that come too late. Like a real one it knows
a message again by its reference and sends it to the phone once. The worker is killed with SIGKILL at random moments of
its work and started again. In the end every phone must have had each of its messages once: none lost, none doubled,
and nothing that was no longer true.

Time is short because the worker is told to hold a claim for 12 seconds, a little longer than it waits for an answer,
and to wait a fifth of a second before it tries again; both are options of the command.
"""

import argparse
import contextlib
import functools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sqlalchemy import text

from postal.domain import codes, events
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import Event, MoneyLedger
from postal.domain.people import Person
from postal.services import catalogue, messages
from postal.store import Ledger, Store, sqlite_url
from postal.store.registers import Receipt
from tests import cast, databases

ROOT = Path(__file__).resolve().parent.parent
CLAIM_SECONDS = 12.0
PAUSE_SECONDS = 0.2
TOO_LATE = 11.0
"""Seconds after which nobody waits for the gateway's answer any more."""

FAILING = 0.3
FACTS_A_DOSSIER = 3
FALSE_ONE_IN = 20
AT_A_TIME = 100
LONGEST_SECONDS = 1800

Worker = Callable[[], contextlib.AbstractContextManager["subprocess.Popen[bytes]"]]

FAULTS: dict[str, float] = {
    "busy": 0.25,
    "rate": 0.2,
    "broken_after": 0.2,
    "hangs_up_before": 0.1,
    "hangs_up_after": 0.24,
    "too_late": 0.01,
}
"""How the gateway fails, by share: 503, 429, 500 and no answer at all, before and after it took the message."""

_TAKES = {"broken_after", "hangs_up_after", "too_late"}
_STATUS = {"busy": 503, "rate": 429, "broken_after": 500, "too_late": 202}


@dataclass(kw_only=True)
class Outcome:
    """What was owed and what came of it. `asked_again` are requests for a message the gateway had already."""

    database: str
    facts: int
    kills: int = 0
    requests: int = 0
    failed_answers: int = 0
    asked_again: int = 0
    reached: int = 0
    lost: int = 0
    doubled: int = 0
    false_owed: int = 0
    false_sent: int = 0
    not_settled: int = 0
    messages_a_second: float = 0.0
    seconds: float = 0.0

    @property
    def is_sound(self) -> bool:
        """Tell whether everybody was told once, and nobody something false."""
        wrong = self.lost + self.doubled + self.false_sent + self.not_settled
        return self.reached == self.facts > 0 and not wrong


@dataclass
class Gateway:
    """A gateway as the network knows it: it forgets answers, never messages. `phones` counts what reached whom."""

    chance: random.Random
    known: set[str] = field(default_factory=set)
    phones: Counter[tuple[str, str]] = field(default_factory=Counter)
    requests: int = 0
    failed: int = 0
    again: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, reference: str, to: str, said: str) -> str:
        """Take a message or not, and return the fault that its sender sees, empty for a good answer."""
        with self.lock:
            self.requests += 1
            fault = self._fault()
            self.failed += bool(fault)
            if fault and fault not in _TAKES:
                return fault
            if reference in self.known:
                self.again += 1
                return fault or "known"
            self.known.add(reference)
            self.phones[to, said] += 1
            return fault

    def _fault(self) -> str:
        if self.chance.random() >= FAILING:
            return ""
        return self.chance.choices(list(FAULTS), list(FAULTS.values()))[0]


def main() -> None:
    """Owe, kill and count as asked; print what came of it, and fail when anybody was told never, twice or wrongly."""
    asked = argparse.ArgumentParser(prog="bench.notices", description=__doc__)
    asked.add_argument("--facts", type=int, default=10_000)
    asked.add_argument("--kills", type=int, default=50)
    asked.add_argument("--claim", type=float, default=CLAIM_SECONDS, help="seconds the worker holds a claim")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--database", choices=databases.KINDS, default="sqlite")
    asked.add_argument("--json", action="store_true", help="accepted; the answer is always one JSON line")
    given = asked.parse_args()
    outcome = run(facts=given.facts, kills=given.kills, seed=given.seed, database=given.database, claim=given.claim)
    print(json.dumps({**asdict(outcome), "ok": outcome.is_sound}))
    raise SystemExit(0 if outcome.is_sound else 1)


def run(*, facts: int, kills: int, seed: int, database: str = "sqlite", claim: float = CLAIM_SECONDS) -> Outcome:
    """Owe so many true messages and some false ones, and let a worker that is killed so often pay them."""
    chance, outcome = random.Random(seed), Outcome(database=database, facts=facts)
    gateway = Gateway(chance=random.Random(seed + 1))
    with _database(database) as url, _listening(gateway) as address:
        true, false = _owe_all(url, facts=facts, chance=chance)
        begun = time.perf_counter()
        worker = functools.partial(_worker, url, address, claim=claim)
        _pay_with_kills(url, worker, gateway=gateway, kills=kills, chance=chance, outcome=outcome)
        outcome.seconds = round(time.perf_counter() - begun, 1)
        outcome.not_settled = _open_count(url)
    count(outcome, gateway, true=true, false=false)
    return outcome


def count(outcome: Outcome, gateway: Gateway, *, true: set[tuple[str, str]], false: set[tuple[str, str]]) -> None:
    """Compare what reached phones with what was owed: by phone and what stands before the tail of a message."""
    reached = Counter[tuple[str, str]]()
    for (to, said), times in gateway.phones.items():
        reached[to, said.split(".")[0]] += times
    outcome.reached = len(true & set(reached))
    outcome.lost = len(true - set(reached))
    outcome.doubled = sum(times - 1 for times in reached.values())
    outcome.false_owed, outcome.false_sent = len(false), len(set(reached) - true)
    outcome.requests, outcome.failed_answers, outcome.asked_again = gateway.requests, gateway.failed, gateway.again
    outcome.messages_a_second = round(outcome.reached / outcome.seconds, 1)


# --- what is owed -----------------------------------------------------------------------------------------------------


def _owe_all(url: str, *, facts: int, chance: random.Random) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Register dossiers with what they owe their citizens; return the true and the false, by phone and first words."""
    store, true, false = _open(url), set[tuple[str, str]](), set[tuple[str, str]]()
    at = datetime.now(UTC) - timedelta(minutes=1)
    for first in range(0, facts, AT_A_TIME * FACTS_A_DOSSIER):
        with store.begin(at=at) as ledger:
            for number in range(first, min(first + AT_A_TIME * FACTS_A_DOSSIER, facts), FACTS_A_DOSSIER):
                wanted = min(FACTS_A_DOSSIER, facts - number)
                _owe_one(ledger, number, wanted=wanted, chance=chance, at=at, true=true, false=false)
    store.close()
    return true, false


def _owe_one(
    ledger: Ledger,
    number: int,
    *,
    wanted: int,
    chance: random.Random,
    at: datetime,
    true: set[tuple[str, str]],
    false: set[tuple[str, str]],
) -> None:
    code = codes.mint(CodeKind.DOSSIER, below=chance.randrange).text
    phone = f"+849{number:08}"
    ledger.people.put(code, "sender", Person(name="Người chạy thử", phone=phone))
    dossier = ledger.begin(Dossier, code, cast.opened())
    for event in _happened(at):
        dossier = ledger.append(dossier, event)
    shown = f"Buu dien: ho so {codes.shown(code)}"
    said = ["da den co quan, hen tra ket qua 28/11", "can nop 50", "ma PIN 123456"][:wanted]
    messages.owe_sender(ledger, dossier, fact="agency_received_3", words="đã đến cơ quan, hẹn trả kết quả 28/11")
    if wanted > 1:
        messages.owe_fees(ledger, dossier)
    if wanted > 2:
        messages.owe_pin(ledger, Receipt(dossier=code, serial=2, secret="", pin="123456"))
    true |= {(phone, f"{shown} {each}") for each in said}
    if number % FALSE_ONE_IN == 0:
        messages.owe_pin(ledger, Receipt(dossier=code, serial=1, secret="", pin="999999"))
        false.add((phone, f"{shown} ma PIN 999999"))


def _happened(at: datetime) -> Iterator[Event]:
    """Yield how a dossier came to be received, with a second receipt and a fee that is owed."""
    by = cast.lan.as_author()
    yield events.ReceiptIssued(serial=1, reason="", by=by, occurred_at=at)
    yield events.OfficiallyReceived(
        official_code="H48-1", limit=None, started_at=at, start_basis="", promised_at=None, by=by, occurred_at=at
    )
    yield events.ReceiptIssued(serial=2, reason="", by=by, occurred_at=at)
    yield events.Charged(ledger=MoneyLedger.FEES, amount=50_000, basis="", payee=cast.DEPARTMENT, by=by, occurred_at=at)


def _open_count(url: str) -> int:
    """Return how many messages are neither sent nor dropped."""
    store = _open(url)
    asked = text("SELECT count(*) AS many FROM notice WHERE state NOT IN ('sent', 'dropped')")
    with store.read() as reader:
        (row,) = reader.rows(asked)
    store.close()
    return int(row.many)


# --- the worker, and who kills it -------------------------------------------------------------------------------------


def _pay_with_kills(
    url: str, worker: Worker, *, gateway: Gateway, kills: int, chance: random.Random, outcome: Outcome
) -> None:
    """Start the worker again and again, kill it at a random moment of its work, and let the last one finish."""
    share = outcome.facts / (kills + 1)
    while outcome.kills < kills:
        with worker() as process:
            wanted = gateway.requests + chance.randrange(1, max(2, round(share * 1.6)))
            _wait_for(lambda: gateway.requests >= wanted, process)  # noqa: B023 - asked in this round only
            time.sleep(chance.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
            process.wait()
        outcome.kills += 1
    with worker() as process:
        _wait_for(lambda: not _open_count(url), process, every=1.0)


@contextlib.contextmanager
def _worker(url: str, address: str, *, claim: float) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the product's worker as a process of its own."""
    environment = {
        **os.environ,
        "POSTAL_DATABASE_URL": url,
        "POSTAL_SECRET_KEY": databases.SECRET_KEY,
        "POSTAL_SMS_URL": address,
        "POSTAL_QUIET_HOURS": "",
    }
    command = [sys.executable, "main.py", "worker", "--claim", str(claim), "--pause", str(PAUSE_SECONDS)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _wait_for(is_done: Callable[[], bool], process: "subprocess.Popen[bytes]", *, every: float = 0.005) -> None:
    """Wait until the worker has done something; it must not end by itself, nor take for ever."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while not is_done():
        assert process.poll() is None, "the worker ended by itself"
        assert time.monotonic() < deadline, "the worker does not get on"
        time.sleep(every)


# --- the gateway ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _listening(gateway: Gateway) -> Iterator[str]:
    """Let the gateway listen on this machine, and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            if not sent:
                return  # its worker was killed between head and body
            body = json.loads(sent)
            fault = gateway.answer(self.headers["Idempotency-Key"], body["to"], body["text"])
            if fault.startswith("hangs_up"):
                self.close_connection = True
                return
            if fault == "too_late":
                time.sleep(TOO_LATE)
            with contextlib.suppress(ConnectionError):
                self.send_response(409 if fault == "known" else _STATUS.get(fault, 202))
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # its worker was killed
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/messages"
    finally:
        server.shutdown()
        server.server_close()


# --- the database -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _database(kind: str) -> Iterator[str]:
    """Yield a migrated database with the reference data."""
    if kind == "postgresql":
        with databases.running_postgres(durable=True) as server:
            _prepare(server.url())
            yield server.url()
        return
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "notices.db")
        _prepare(url)
        yield url


def _open(url: str) -> Store:
    return Store.open(url, secret_key=databases.SECRET_KEY)


def _prepare(url: str) -> None:
    store = _open(url)
    store.migrate()
    catalogue.seed(store, at=cast.monday)
    store.close()


if __name__ == "__main__":
    main()
