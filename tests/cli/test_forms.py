"""Forms at the terminal: by name and code, or told what there is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from postal.domain.dossier import Dossier
from postal.store import Store
from postal.store.tables import RegisterEntryRow, table_of
from tests.cli.conftest import Terminal
from tests.labels import paper


@pytest.mark.usefixtures("living")
def test_a_form_and_a_register_are_written_to_a_file(
    terminal: Terminal, opened: Callable[[], Store], tmp_path: Path
) -> None:
    with opened().read() as reader:
        entry = table_of(RegisterEntryRow)
        line = reader.rows(select(entry).limit(1))[0]
        dossier, desk, year = line.dossier, line.desk, line.year
        found = reader.thing(Dossier, dossier)
    assert found is not None
    out = tmp_path / "mau.pdf"
    answer = terminal("form", "mau-01", dossier, "--out", str(out), "--json")
    assert answer.code == 0, answer.err
    assert answer.json["form"] == "mau-01"
    assert found.official_code in paper.text(out.read_bytes())
    for kind, start in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        book = tmp_path / f"so.{kind}"
        assert terminal("form", "mau-07", f"{desk}/{year}", "--out", str(book)).code == 0
        assert book.read_bytes().startswith(start)


@pytest.mark.usefixtures("seeded")
def test_an_unknown_name_or_code_is_answered_with_what_there_is(terminal: Terminal, tmp_path: Path) -> None:
    out = str(tmp_path / "x.pdf")
    unknown = terminal("form", "mau-99", "7K2M49RTBQ", "--out", out)
    assert unknown.code == 1
    assert "Không có mẫu “mau-99”. Có: mau-01" in unknown.err
    wrong = terminal("form", "giay-moi", "7K2M49RTBQ", "--out", out)
    assert wrong.code == 1
    assert "Mã này in được" in wrong.err
    assert not Path(out).exists()
