"""Who decides, at the terminal: with a database and without, and an exit code for each kind of answer."""

from pathlib import Path

import pytest

from tests.cli.conftest import Terminal

OLD = "24 Bạch Đằng, phường Thạch Thang, quận Hải Châu, TP Đà Nẵng"
DIVIDED = "thôn 5, xã Hòa Liên, huyện Hòa Vang, Đà Nẵng"


def ask(terminal: Terminal, address: str, *more: str, procedure: str = "1.001193") -> tuple[int, dict[str, object]]:
    said = terminal("competent", "--procedure", procedure, "--address", address, "--json", *more)
    return said.code, said.json


def test_who_decides_needs_no_database_and_makes_none(terminal: Terminal, database: Path) -> None:
    code, said = ask(terminal, OLD)
    assert (code, said["outcome"]) == (0, "decided")
    assert said["authority"] == {"code": "UB-20242", "name": "Ủy ban nhân dân phường Hải Châu"}
    assert said["desk"] == {"code": "MC-20242", "name": "Trung tâm Phục vụ hành chính công phường Hải Châu"}
    assert not database.exists()


def test_the_answer_is_the_same_with_a_database(terminal: Terminal, database: Path, seeded: Path) -> None:
    assert seeded == database
    asked = ("--on", "2026-11-23T09:00", "--at", "551000")
    code, said = ask(terminal, OLD, *asked)
    seeded.unlink()
    assert ask(terminal, OLD, *asked) == (code, said)
    assert code == 0
    lane = said["lane"]
    assert isinstance(lane, dict)
    assert (lane["tier_days"], lane["cutoff"], said["expected_on"]) == (1, "15:00", "2026-11-25")
    steps = said["steps"]
    assert isinstance(steps, list)
    assert [step["basis"] for step in steps if "Cơ quan giải quyết" in step["text"]] != [""]


def test_a_divided_ward_asks_with_its_own_exit_code_until_one_is_chosen(terminal: Terminal) -> None:
    code, said = ask(terminal, DIVIDED)
    assert (code, said["outcome"], said["authority"]) == (3, "needs_choice", None)
    candidates = said["candidates"]
    assert isinstance(candidates, list)
    assert {each["code"] for each in candidates} == {"20194", "20197"}
    code, said = ask(terminal, DIVIDED, "--choose", "20194")
    assert (code, said["outcome"], said["address"]) == (0, "decided", DIVIDED)
    assert said["commune"] == {
        "code": "20194",
        "name": "Phường Hải Vân",
        "province": "Thành phố Đà Nẵng",
        "formerly": "",
    }


def test_what_nobody_published_has_its_own_exit_code_and_the_next_step(terminal: Terminal) -> None:
    code, said = ask(terminal, "phường Bến Nghé, quận 1, TP HCM")
    assert (code, said["outcome"]) == (4, "not_published")
    assert "nhờ quản trị nhập danh mục" in str(said["next_step"])


def test_a_desk_outside_the_boundary_is_kept_apart_from_who_receives_and_who_decides(terminal: Terminal) -> None:
    _, said = ask(terminal, "phường Hội An, Đà Nẵng", "--at", "MC-20242")
    three = [said[name] for name in ("handed_in", "received", "authority")]
    assert [place["code"] for place in three if isinstance(place, dict)] == ["MC-20242", "MC-20242", "UB-20410"]
    _, said = ask(terminal, "phường Hội An, Đà Nẵng", "--at", "MC-00070")
    assert said["may_receive"] is False


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--procedure", "9.999999", "--address", OLD), "Chưa có thủ tục"),
        (("--procedure", "1.001193", "--address", OLD, "--at", "XX"), 'Chưa có "XX"'),
        (("--procedure", "1.001193", "--address", OLD, "--on", "hôm qua"), "Không đọc được thời điểm"),
    ],
)
def test_what_is_in_no_list_is_refused(terminal: Terminal, words: tuple[str, ...], sentence: str) -> None:
    said = terminal("competent", *words)
    assert said.code == 1
    assert sentence in said.err


def test_people_read_every_step_with_its_basis(terminal: Terminal) -> None:
    said = terminal("competent", "--procedure", "1.001193", "--address", OLD)
    assert said.out.startswith("Giải quyết: Ủy ban nhân dân phường Hải Châu.")
    assert "1. Địa chỉ" in said.out
    assert "[Luật Hộ tịch 60/2014/QH13" in said.out


@pytest.mark.usefixtures("seeded")
def test_lanes_come_from_a_file_and_overlaps_are_kept_out(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "lanes.csv"
    file.write_text(
        "code,origin,destination,carrier,tier_days,cutoff,basis,valid_from,valid_to\n"
        "X-1,551000,MC-20410,Bưu điện,1,15:00,QĐ 1,2026-12-01,\n"
        "X-2,551000,MC-20410,Bưu điện,2,15:00,QĐ 1,2026-12-15,\n",
        encoding="utf-8",
    )
    said = terminal("import", "lanes", str(file))
    assert said.code == 1
    assert "1 dòng mới" in said.out
    assert "trùng ngày với tuyến X-1" in said.out
