"""Two operating-system processes accept the same thousand items: exactly one holder each, and never two.

The control takes away what keeps them apart, the key of the events and the look at the version of the row; it must show
two holders, or the test is blind.
"""

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from postal.domain.item import Item
from postal.store import Store
from tests import cast, databases, envelopes, oracle
from tests.store import racing

ROOT = Path(__file__).resolve().parent.parent.parent
ITEMS = 1000


@pytest.fixture
def offered(store: Store) -> list[str]:
    """Return a thousand items that Lan offers to the desk."""
    codes = envelopes.at_the_counter(store, ITEMS)
    with store.begin(at=cast.monday) as ledger:
        held = ledger.items(codes)
        given = [i.hand_over(to=cast.desk, record=cast.RECORD, by=cast.lan, at=cast.monday) for i in held]
        ledger.append_all(list(zip(held, given, strict=True)))
    return codes


def race(url: str, *how: str) -> dict[str, dict[str, int]]:
    """Let Hoa and Bình accept everything at the same moment, each in a process; return who won how many."""
    command = [sys.executable, "-m", "tests.store.racing", url]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    both = {name: subprocess.Popen([*command, name, *how], cwd=ROOT, text=True, **pipes) for name in ("hoa", "binh")}
    for _ in range(ITEMS // racing.HEAT):
        meet(*both.values())
    told = {name: each.communicate(timeout=120) for name, each in both.items()}
    assert {name: error for name, (_, error) in told.items()} == {"hoa": "", "binh": ""}
    return {name: json.loads(out) for name, (out, _) in told.items()}


def meet(*racers: "subprocess.Popen[str]") -> None:
    """Wait until every racer is at the barrier, then let them go."""
    for each in racers:
        assert each.stdout
        assert each.stdout.readline() == "ready\n", each.communicate()[1]
    for each in racers:
        assert each.stdin
        each.stdin.write("\n")
        each.stdin.flush()


def drop_the_key(url: str) -> None:
    """Take away what keeps two writers apart."""
    if not url.startswith("sqlite:///"):
        with psycopg.connect(url.replace("+psycopg", "")) as server:
            server.execute("ALTER TABLE event DROP CONSTRAINT uq_event_stream_version")
        return
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    (made,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'event'").fetchone()
    loose, found = re.subn(r"CONSTRAINT uq_event_stream_version UNIQUE \(stream, version\),?", "", made)
    assert found == 1
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(re.sub(r",\s*\)$", ")", loose).replace("CREATE TABLE event", "CREATE TABLE loose", 1))
    connection.execute("INSERT INTO loose SELECT * FROM event")
    connection.execute("DROP TABLE event")
    connection.execute("ALTER TABLE loose RENAME TO event")
    connection.execute("COMMIT")
    connection.close()


@pytest.mark.slow
def test_two_processes_accept_a_thousand_items_and_each_item_has_one_holder(
    store: Store, database_url: str, offered: list[str]
) -> None:
    told = race(database_url)
    assert told["hoa"]["won"] + told["binh"]["won"] == ITEMS
    assert told["hoa"]["lost"] + told["binh"]["lost"] == ITEMS
    assert min(told["hoa"]["won"], told["binh"]["won"]) > 0, "there was no race"
    assert oracle.judge_database(database_url) == []
    with store.read() as reader:
        assert {item.version for item in reader.many(Item, offered).values()} == {4}
    assert envelopes.holder_of(store, offered) == {cast.desk.key}


@pytest.mark.slow
def test_without_the_unique_key_the_same_race_leaves_two_holders(
    store: Store, database_url: str, offered: list[str]
) -> None:
    store.close()
    drop_the_key(database_url)
    told = race(database_url, "blind")
    broken = oracle.judge(oracle.rows_of(database_url))
    assert told["hoa"]["won"] + told["binh"]["won"] > ITEMS
    assert oracle.two_holders(broken) <= set(offered)
    assert len(oracle.two_holders(broken)) > ITEMS / 2


@databases.ON_SQLITE
def test_the_judge_of_the_race_knows_an_honest_ledger(store: Store, database_url: str, offered: list[str]) -> None:
    assert oracle.judge_database(database_url) == []
