"""Loading what the product ships and importing what others publish, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from postal.domain.clocks import Limit, Unit
from postal.domain.people import Actor, Role
from postal.domain.permissions import Forbidden
from postal.domain.procedures import ProcedureVersion
from postal.services import catalogue, exporting
from postal.store import Store

SAMPLES = Path(__file__).parent.parent / "data"
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ON = date(2026, 11, 23)
HEADER = "code,name,level,field,channel,duration_text,duration_number,duration_unit\n"


def procedure(store: Store, code: str, *, on: date = ON) -> ProcedureVersion:
    with store.read() as reader:
        return reader.reference.procedure(code, on=on)


def versions(store: Store, code: str) -> list[ProcedureVersion]:
    with store.read() as reader:
        return reader.reference.versions(code)


def test_seeding_loads_everything_in_a_few_statements(store: Store) -> None:
    sent: list[str] = []

    with store.read() as reader:
        here = reader.reference._connection.engine.url

    def note(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if connection.engine.url == here:
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        done = catalogue.seed(store, at=MONDAY)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert 0 < len(sent) < 60, "rows go in together"
    assert (done.units, done.procedures, done.calendars) == (14150, 23, 2)
    assert (done.places, done.lanes, done.territories) == (341, 52, 9)


def test_seeding_again_changes_nothing(seeded: Store) -> None:
    again = catalogue.seed(seeded, at=MONDAY)
    assert again == catalogue.Seeded(units=0, places=0, lanes=0, territories=0, procedures=0, calendars=0)


def test_seeding_leaves_an_administrators_correction_alone(seeded: Store) -> None:
    with seeded.begin(at=MONDAY) as ledger:
        mended = replace(ledger.reference.place("551020"), phone="02363999999")
        ledger.reference.put_place(mended)
    catalogue.seed(seeded, at=MONDAY)
    with seeded.read() as reader:
        assert reader.reference.place("551020").phone == "02363999999"


def test_an_import_adds_good_rows_and_keeps_bad_ones_out(store: Store) -> None:
    done = catalogue.import_procedures(store, (SAMPLES / "import_procedures.csv").read_bytes(), at=MONDAY)
    assert (done.added, done.changed, len(done.errors)) == (4, 0, 25)
    assert procedure(store, "1.000023").limit == Limit(8, Unit.HOURS)


def test_a_dry_run_says_the_same_and_writes_nothing(store: Store) -> None:
    text = (SAMPLES / "import_procedures.csv").read_bytes()
    tried = catalogue.import_procedures(store, text, at=MONDAY, dry_run=True)
    assert versions(store, "1.000023") == []
    done = catalogue.import_procedures(store, text, at=MONDAY)
    assert replace(tried, dry_run=False) == done


def test_importing_twice_changes_nothing(store: Store) -> None:
    text = (SAMPLES / "import_durations.csv").read_bytes()
    catalogue.import_procedures(store, text, at=MONDAY)
    again = catalogue.import_procedures(store, text, at=MONDAY)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 10)


def test_a_changed_limit_is_a_new_version_and_the_old_one_keeps_its_dossiers(seeded: Store) -> None:
    text = (
        HEADER + "1.004837,Thủ tục đăng ký giám hộ,Cấp xã,Hộ tịch,Dịch vụ bưu chính,2 ngày làm việc,2,ngày làm việc\n"
    )
    done = catalogue.import_procedures(seeded, text, at=MONDAY)
    assert done.changed == 1
    old, new = versions(seeded, "1.004837")
    assert (old.limit, old.valid_to) == (Limit(3, Unit.WORKING_DAYS), date(2026, 11, 22))
    assert (new.limit, new.version, new.valid_from) == (Limit(2, Unit.WORKING_DAYS), 2, ON)
    assert new.papers == old.papers
    assert new.verified is False
    assert procedure(seeded, "1.004837", on=date(2026, 11, 22)).version == 1


def test_what_the_law_keeps_off_the_post_stays_off_whatever_a_list_says(seeded: Store) -> None:
    text = HEADER + "1.000894,Thủ tục đăng ký kết hôn,Cấp xã,Hộ tịch,Dịch vụ bưu chính,1 ngày,1,ngày\n"
    done = catalogue.import_procedures(seeded, text, at=MONDAY)
    assert procedure(seeded, "1.000894").carriable is False
    assert any("1.000894" in note.message and "Giữ nguyên" in note.message for note in done.notes)


def test_a_blank_in_a_list_overwrites_nothing(seeded: Store) -> None:
    before = procedure(seeded, "2.000635")
    text = HEADER + f"2.000635,{before.name},,,Dịch vụ bưu chính,N/A,,\n".replace(before.name, f'"{before.name}"')
    assert catalogue.import_procedures(seeded, text, at=MONDAY).unchanged == 1
    assert procedure(seeded, "2.000635") == before


def made(version: int, begins: date | None, ends: date | None = None) -> ProcedureVersion:
    return ProcedureVersion(
        code="1.777777", version=version, name="Thủ tục mẫu", basis="QĐ mẫu", valid_from=begins, valid_to=ends
    )


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (date(2026, 3, 1), "trùng thời gian với phiên bản 1"),
        (date(2026, 8, 1), "ở giữa không có phiên bản nào. Chọn ngày hiệu lực 01/07/2026"),
    ],
)
def test_versions_that_overlap_or_leave_a_gap_are_kept_out_by_name(store: Store, second: date, says: str) -> None:
    rows = [made(1, date(2026, 1, 1), date(2026, 6, 30)), made(2, second)]
    done = catalogue.import_procedures(store, exporting.procedures_csv(rows), at=MONDAY)
    assert (done.added, versions(store, "1.777777")) == (0, [])
    assert [(error.row, says in error.message) for error in done.errors] == [(2, True), (3, True)]


def test_a_version_that_was_closed_is_not_edited_by_a_file(store: Store) -> None:
    rows = [made(1, date(2026, 1, 1), date(2026, 6, 30)), made(2, date(2026, 7, 1))]
    catalogue.import_procedures(store, exporting.procedures_csv(rows), at=MONDAY)
    mended = [replace(rows[0], name="Tên khác"), rows[1]]
    done = catalogue.import_procedures(store, exporting.procedures_csv(mended), at=MONDAY)
    assert [(error.row, "hồ sơ cũ giữ phiên bản đó" in error.message) for error in done.errors] == [(2, True)]
    assert versions(store, "1.777777") == rows


def test_a_planned_version_in_a_file_follows_the_last_one(store: Store) -> None:
    catalogue.import_procedures(store, exporting.procedures_csv([made(1, date(2026, 1, 1))]), at=MONDAY)
    planned = replace(made(2, date(2027, 3, 1)), name="Tên mới", basis="Luật Hộ tịch 03/2026/QH16")
    past = replace(planned, valid_from=date(2026, 11, 1))
    refused = catalogue.import_procedures(store, exporting.procedures_csv([past]), at=MONDAY)
    assert ["đã qua" in error.message for error in refused.errors] == [True]
    done = catalogue.import_procedures(store, exporting.procedures_csv([planned]), at=MONDAY)
    assert (done.changed, done.errors) == (1, ())
    assert [(v.valid_from, v.valid_to) for v in versions(store, "1.777777")] == [
        (date(2026, 1, 1), date(2027, 2, 28)),
        (date(2027, 3, 1), None),
    ]


def test_one_bad_paper_keeps_the_whole_list_of_its_procedure_out_and_every_row_has_a_reason(seeded: Store) -> None:
    header = ",".join(exporting.PAPER_COLUMNS)
    lines = (
        "1.004837,1,Tờ khai,1,0,0,yes,no,,Luật mẫu,,,",
        "1.004837,2,Văn bản cử,0,0,0,yes,no,,Luật mẫu,,,",
        "1.777777,1,Tờ khai,1,0,0,yes,no,,Luật mẫu,,,",
        "1.000656,1,Tờ khai,1,0,0,yes,no,,Luật mẫu,,no,",
        "1.004884,1,Tờ khai mới,1,0,0,yes,no,,Luật mẫu,,yes,",
    )
    before = versions(seeded, "1.004837")
    done = catalogue.import_procedures(seeded, "\n".join((header, *lines)), at=MONDAY)
    said = {error.row: error.message for error in done.errors}
    assert sorted(said) == [2, 3, 4, 5]
    assert "Dòng khác của thủ tục này có lỗi" in said[2]
    assert "ít nhất một bản" in said[3]
    assert "Chưa có thủ tục 1.777777" in said[4]
    assert "không được số hóa phải có lý do" in said[5]
    assert (done.read, done.changed) == (5, 1)
    assert versions(seeded, "1.004837") == before
    assert [paper.name for paper in versions(seeded, "1.004884")[-1].papers] == ["Tờ khai mới"]


def test_offices_of_the_public_list_never_overwrite_ours(seeded: Store) -> None:
    done = catalogue.import_offices(seeded, (SAMPLES / "import_post_list.csv").read_bytes(), at=MONDAY)
    assert (done.added, done.changed, done.unchanged) == (2, 0, 2)
    with seeded.read() as reader:
        assert reader.reference.place("551020").name == "Bưu cục Sông Hàn"
        assert reader.reference.place("571500").name == "Sơn Tịnh"


def test_our_own_format_does_overwrite_an_office(seeded: Store) -> None:
    text = (SAMPLES / "import_offices.csv").read_text(encoding="utf-8").replace("551021", "551020", 1)
    done = catalogue.import_offices(seeded, text, at=MONDAY)
    assert done.changed == 1
    with seeded.read() as reader:
        assert reader.reference.place("551020").name == "Bưu cục Mẫu"


AUTHORITIES = (
    "code,kind,name,unit,province,level,department,address,lat,lon,precision,parent,basis,valid_from,valid_to,successor"
)


def test_an_authority_that_was_merged_is_continued_by_the_one_a_file_names(seeded: Store) -> None:
    merged = "MC-20242,desk,Một cửa cũ,20242,48,commune,,,,,,,Nghị quyết mẫu,,2026-10-31,MC-20257"
    done = catalogue.import_authorities(seeded, f"{AUTHORITIES}\n{merged}\n", at=MONDAY)
    assert (done.changed, done.errors) == (1, ())
    with seeded.read() as reader:
        assert reader.reference.standing_place("MC-20242", on=date(2026, 10, 31)).code == "MC-20242"
        assert reader.reference.standing_place("MC-20242", on=date(2026, 11, 1)).code == "MC-20257"


def test_a_file_that_names_no_successor_takes_none_away(seeded: Store) -> None:
    with seeded.begin(at=MONDAY) as ledger:
        office = ledger.reference.place("551020")
        ledger.reference.put_place(replace(office, valid_to=date(2026, 1, 1), successor="551000"))
    text = (SAMPLES / "import_offices.csv").read_text(encoding="utf-8").replace("551021", "551020", 1)
    assert "successor" not in text, "a file from before the column came"
    catalogue.import_offices(seeded, text, at=MONDAY)
    with seeded.read() as reader:
        assert reader.reference.place("551020").successor == "551000"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("MC-1,office,Tên,,48,,,,,,,,Căn cứ,,,", "desk"),
        ("mc 1,desk,Tên,,48,,,,,,,,Căn cứ,,,", "không đúng dạng"),
        ("MC-1,desk,Tên,,48,,,,,,,,Căn cứ,,2026-10-31,MC-1", "không thể là chính nơi này"),
        ("MC-1,desk,Tên,,48,,,,,,,,Căn cứ,,,MC-2", "phải có ngày cuối"),
        ("MC-1,desk,,,48,,,,,,,,Căn cứ,,,", "Thiếu tên cơ quan"),
    ],
)
def test_what_is_wrong_with_an_authority_is_said_at_its_row(store: Store, row: str, says: str) -> None:
    done = catalogue.import_authorities(store, f"{AUTHORITIES}\n{row}\n", at=MONDAY)
    assert [(error.row, says in error.message) for error in done.errors] == [(2, True)]


def test_only_who_manages_the_catalogue_may_import(store: Store) -> None:
    clerk = Actor(account="quay1", name="Người mẫu", place="551000", roles=frozenset({Role.COUNTER_CLERK}))
    with pytest.raises(Forbidden):
        catalogue.import_procedures(store, "", at=MONDAY, by=clerk)
    with pytest.raises(Forbidden):
        catalogue.import_offices(store, "", at=MONDAY, by=clerk)


def test_the_full_lists_come_in(seeded: Store, full_data: Path) -> None:
    limits = catalogue.import_procedures(seeded, (full_data / "tthc_durations.csv").read_bytes(), at=MONDAY)
    assert (limits.read, limits.added, limits.changed, len(limits.errors)) == (6201, 2030, 0, 0)
    names = catalogue.import_procedures(seeded, (full_data / "tthc_catalogue_2026.csv").read_bytes(), at=MONDAY)
    assert (names.read, names.added, len(names.errors)) == (5608, 3552, 3)
    offices = catalogue.import_offices(seeded, (full_data / "vnpost_offices.csv").read_bytes(), at=MONDAY)
    assert (offices.read, offices.added, offices.unchanged) == (1677, 1642, 34)
    assert [error.column for error in offices.errors] == ["new_ward_code"]


def test_an_imported_round_replaces_the_one_of_its_code_and_adds_the_others(seeded: Store) -> None:
    text = (
        "code,name,office,postman,communes,basis,areas\n"
        "551000-01,Hải Châu,551000,buuta1,,mẫu,20242: Thôn 3; 20242\n"
        "551000-11,Hòa Cường,551000,buuta9,20257,mẫu,\n"
    )
    tried = catalogue.import_territories(seeded, text, at=MONDAY, dry_run=True)
    done = catalogue.import_territories(seeded, text, at=MONDAY)
    again = catalogue.import_territories(seeded, text, at=MONDAY)
    assert (tried.added, tried.changed) == (done.added, done.changed) == (1, 1)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    with seeded.read() as reader:
        found = reader.reference.territory_at("20242", "Nhà bà Sáu, thôn 3", on=MONDAY.date())
        assert (found.code, found.name) == ("551000-01", "Hải Châu")
