"""Trying the product out at the terminal: a demo once and never in production, a simulation that is judged."""

import random
from pathlib import Path

import pytest
from sqlalchemy import text

from postal.cli import trying
from postal.services import catalogue, simulation, verification
from postal.services.demonstration import world
from postal.services.demonstration.staff import PASSWORD
from postal.store import Store
from tests.cli.conftest import Terminal


def test_a_demo_is_made_once(terminal: Terminal, seeded: Path) -> None:
    said = terminal("demo", "--dossiers", "20", "--seed", "3", "--json")
    assert said.json["made"] is True
    assert said.json["dossiers"] >= 20
    assert terminal("demo", "--if-empty", "--json").json == {"made": False}
    again = terminal("demo")
    assert (again.code, "đã có hồ sơ" in again.err) == (1, True)


def test_a_demo_tells_the_password(terminal: Terminal, seeded: Path) -> None:
    assert PASSWORD in terminal("demo", "--dossiers", "20").out


def test_a_demo_is_refused_in_production(terminal: Terminal, seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTAL_PRODUCTION", "1")
    monkeypatch.setenv("POSTAL_PUBLIC_URL", "https://hoso.example.vn")
    said = terminal("demo", "--if-empty")
    assert said.code == 1
    assert "không tạo dữ liệu giả" in said.err


def test_a_simulation_answers_with_one_json_object(terminal: Terminal, database: Path) -> None:
    said = terminal("simulate", "--dossiers", "25", "--seed", "7", "--json")
    assert said.code == 0
    assert {"dossiers", "delivered", "by_status", "handovers", "discrepancies", "seconds"} <= said.json.keys()
    assert (said.json["dossiers"], said.json["custody_violations"], said.json["database"]) == (25, 0, "sqlite")
    assert said.json["dossiers_per_second"] > 0
    assert said.json["events"] > 500
    assert not database.exists()


def test_a_simulation_runs_on_a_given_database_and_only_on_an_empty_one(
    terminal: Terminal, empty_database_url: str
) -> None:
    words = ("simulate", "--dossiers", "6", "--seed", "7", "--database", empty_database_url, "--json")
    said = terminal(*words)
    assert said.json["custody_violations"] == 0
    assert said.json["database"] in empty_database_url.replace("postgresql+psycopg", "postgresql")
    assert terminal(*words).code == 1


def test_the_same_seed_gives_the_same_figures(terminal: Terminal) -> None:
    one, two = (terminal("simulate", "--dossiers", "6", "--seed", "9", "--json").json for _ in range(2))
    timed = {"seconds", "cpu_seconds", "setup_seconds", "dossiers_per_second", "events_per_second"}
    assert {k: v for k, v in one.items() if k not in timed} == {k: v for k, v in two.items() if k not in timed}


# --- the judge --------------------------------------------------------------------------------------------------------


@pytest.fixture
def played(store: Store) -> Store:
    """Return a store in which journeys were played."""
    catalogue.seed(store, at=world.clock(simulation.BEGINS_ON, 6))
    simulation.run(simulation.prepare(store, chance=random.Random(1)), dossiers=8)
    return store


def plant_a_second_holder(store: Store) -> None:
    """Let one hand-over be accepted twice, as two writers would without the unique key."""
    loosen = {
        "postgresql": ["ALTER TABLE event DROP CONSTRAINT uq_event_stream_version"],
        "sqlite": [
            "CREATE TABLE loose AS SELECT * FROM event",
            "DROP TABLE event",
            "ALTER TABLE loose RENAME TO event",
        ],
    }
    columns = "stream, version, family, kind, data, occurred_at, recorded_at, account, place, device"
    again = f"SELECT 999999, '{'x' * 16}', {columns} FROM event WHERE kind = 'Accepted' AND family = 'item' LIMIT 1"
    with store.database.writing() as connection:
        for statement in (*loosen[store.name], f"INSERT INTO event (seq, id, {columns}) {again}"):
            connection.execute(text(statement))


def test_a_planted_double_holder_is_counted_on_either_database(played: Store) -> None:
    assert verification.custody_violations(played) == []
    plant_a_second_holder(played)
    assert len(verification.custody_violations(played)) >= 1


def test_a_simulation_that_breaks_custody_exits_with_one(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = trying._play

    def dishonest(store: Store, *, dossiers: int, chance: random.Random) -> trying._Played:
        played = honest(store, dossiers=dossiers, chance=chance)
        plant_a_second_holder(store)
        return played

    monkeypatch.setattr(trying, "_play", dishonest)
    said = terminal("simulate", "--dossiers", "8", "--json")
    assert said.code == 1
    assert said.json["custody_violations"] >= 1
