"""What is exported goes in again unchanged: every version, every paper, by workbook and by CSV."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from postal.domain.clocks import Limit, Unit
from postal.domain.procedures import NationalEntry, OnlineLevel, ProcedureVersion
from postal.services import catalogue, exporting
from postal.store import Store
from tests import databases

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def emptied(store: Store) -> Store:
    """Forget the catalogue, as a new house has none."""
    with store.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM procedure")
    return store


def with_everything(store: Store) -> list[ProcedureVersion]:
    """Give a procedure a second version that says something in every field, and return all versions."""
    with store.begin(at=AT) as ledger:
        old = ledger.reference.versions("1.004837")[0]
        new = replace(
            old,
            version=2,
            name="=Tên bắt đầu như công thức; có, dấu “ngoặc”",
            valid_from=date(2026, 12, 1),
            limit=Limit(2, Unit.WORKING_DAYS),
            statutory_limit=Limit(3, Unit.WORKING_DAYS),
            cut_basis="QĐ 12/QĐ-UBND",
            fee=8000,
            fee_basis="NQ mẫu",
            online_level=OnlineLevel.PARTIAL,
            source_system="Hệ thống hộ tịch",
            source_takes_files=False,
            national=NationalEntry(limit_text="3 ngày", source="Danh mục 2025", seen_on=date(2026, 11, 1)),
            agency_source="Cổng của Bộ",
            agency_seen_on=date(2026, 11, 20),
        )
        ledger.reference.close_procedures([replace(old, valid_to=date(2026, 11, 30))])
        ledger.reference.add_procedures([new])
    return exporting.all_versions(store)


def test_an_export_read_back_changes_nothing(seeded: Store) -> None:
    versions = with_everything(seeded)
    for content in (
        exporting.procedures_csv(versions),
        exporting.papers_csv(versions),
        exporting.catalogue_zip(versions),
        exporting.catalogue_xlsx(versions),
    ):
        done = catalogue.import_procedures(seeded, content, at=AT)
        assert (done.added, done.changed, done.errors) == (0, 0, ())
    assert exporting.all_versions(seeded) == versions


def test_an_export_fills_an_empty_catalogue_with_the_same(seeded: Store) -> None:
    versions = with_everything(seeded)
    for content in (exporting.catalogue_zip(versions), exporting.catalogue_xlsx(versions)):
        done = catalogue.import_procedures(emptied(seeded), content, at=AT)
        assert done.errors == ()
        assert exporting.all_versions(seeded) == versions


def test_a_spreadsheet_takes_no_exported_cell_for_a_formula(seeded: Store) -> None:
    content = exporting.procedures_csv(with_everything(seeded))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert next(row["name"] for row in rows if row["version"] == "2").startswith("'=")


@databases.ON_SQLITE
def test_the_full_lists_come_back_unchanged_from_what_they_were_exported_to(seeded: Store, full_data: Path) -> None:
    for name in ("tthc_durations.csv", "tthc_catalogue_2026.csv"):
        done = catalogue.import_procedures(seeded, (full_data / name).read_bytes(), at=AT)
        again = catalogue.import_procedures(seeded, (full_data / name).read_bytes(), at=AT)
        assert done.added + done.changed + done.unchanged + done.merged + len(done.errors) == done.read
        assert (again.added, again.changed, again.errors) == (0, 0, done.errors)
    versions = exporting.all_versions(seeded)
    assert len({version.code for version in versions}) == 5605
    for content in (exporting.catalogue_zip(versions), exporting.catalogue_xlsx(versions)):
        same = catalogue.import_procedures(seeded, content, at=AT)
        assert (same.added, same.changed, same.errors) == (0, 0, ())
        done = catalogue.import_procedures(emptied(seeded), content, at=AT)
        assert done.errors == ()
        assert exporting.all_versions(seeded) == versions
