"""Runs at the terminal: lists, ways and charts as files."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from postal.domain.run import DeliveryRun
from postal.store import Store
from postal.store.tables import RunRow, table_of
from tests.cli.conftest import Terminal
from tests.labels import paper


@pytest.fixture
def run(living: Path, opened: Callable[[], Store]) -> DeliveryRun:
    """Return a run of the demo."""
    with opened().read() as reader:
        found = reader.things(DeliveryRun, select(table_of(RunRow).c.state).order_by(table_of(RunRow).c.code).limit(1))
    return found[0]


def test_a_run_is_written_in_the_kind_that_the_file_is_named_after(
    run: DeliveryRun, terminal: Terminal, tmp_path: Path
) -> None:
    for kind, start in (("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("gpx", b"<?xml")):
        out = tmp_path / f"chuyen.{kind}"
        answer = terminal("route", "sheet", run.code, "--out", str(out), "--json")
        assert (answer.code, answer.json["run"]) == (0, run.code), answer.err
        assert out.read_bytes().startswith(start)
    out = tmp_path / "chuyen.geojson"
    assert terminal("route", "sheet", run.code, "--out", str(out)).code == 0
    assert json.loads(out.read_text())["type"] == "FeatureCollection"
    wrong = terminal("route", "sheet", run.code, "--out", str(tmp_path / "chuyen.doc"))
    assert (wrong.code, "pdf, csv, xlsx, gpx, geojson" in wrong.err) == (1, True)


def test_the_charts_of_a_day_are_told_and_written(run: DeliveryRun, terminal: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "ngay.pdf"
    answer = terminal("route", "charts", run.office, "--day", str(run.day), "--out", str(out))
    assert answer.code == 0, answer.err
    assert "Giờ làm của mỗi bưu tá: Nhiều nhất" in answer.out
    assert paper.squeezed("Kế hoạch trong ngày") in paper.squeezed(paper.text(out.read_bytes()))
    wrong = terminal("route", "charts", run.office, "--day", "hôm qua", "--out", str(out))
    assert (wrong.code, "hôm qua" in wrong.err) == (1, True)
