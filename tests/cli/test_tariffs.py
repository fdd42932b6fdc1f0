"""Price tables at the terminal: tried, entered, taken out, and a wrong row that keeps the whole file out."""

from pathlib import Path

import pytest

from tests.cli.conftest import Terminal

TABLE = (
    "service,area,over_g,up_to_g,amount,decision,basis,valid_from,valid_to\n"
    "both,inside,0,500,30000,QĐ 12/2026,Bảng giá thử,2027-01-01,\n"
)


@pytest.mark.usefixtures("seeded")
def test_a_price_table_goes_in_and_comes_out_at_the_terminal(terminal: Terminal, tmp_path: Path) -> None:
    table, wrong, out = tmp_path / "gia.csv", tmp_path / "sai.csv", tmp_path / "ra.csv"
    table.write_text(TABLE, encoding="utf-8")
    wrong.write_text(TABLE.replace("30000", "0"), encoding="utf-8")
    refused = terminal("import", "tariffs", str(wrong), "--json")
    assert (refused.code, refused.json["added"]) == (1, 0)
    assert "phải lớn hơn 0" in str(refused.json["errors"])
    for options, many in ((("--dry-run",), 1), ((), 1), ((), 0)):
        said = terminal("import", "tariffs", str(table), "--json", *options)
        assert (said.code, said.json["added"]) == (0, many)
    assert terminal("export", "tariffs", str(out)).code == 0
    assert out.read_text(encoding="utf-8-sig").splitlines() == TABLE.splitlines()
