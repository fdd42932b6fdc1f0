"""Price tables on both databases: entered whole or not at all, taken out and entered again, withdrawn in time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any

import pytest

from postal.domain import permissions
from postal.domain.tariffs import PostagePrice, PriceInUse, StateFee
from postal.services import tariffs
from postal.services.catalogue import Imported
from postal.store import Store
from postal.store.tariffs import Tariffs
from tests import cast
from tests.cast import monday

HEADER = "service,area,over_g,up_to_g,amount,decision,basis,valid_from,valid_to\n"
NOW = (
    HEADER
    + "both,inside,0,100,30.000,QĐ 12/2026,Bảng giá thử,2026-07-01,\n"
    + "both,inside,100,500,45000,QĐ 12/2026,Bảng giá thử,2026-07-01,\n"
)
NEXT = HEADER + "both,inside,0,500,50000,QĐ 30/2026,Bảng giá thử,2027-01-01,\n"
FEES = (
    "procedure,version,name,case,amount,decision,basis,valid_from,valid_to\n"
    "2.000635,,Phí cấp phiếu,,200000,TT 244/2016,Biểu phí thử,2025-07-01,\n"
)


def enter(store: Store, text: str | bytes, *, dry_run: bool = False) -> Imported:
    return tariffs.import_tariffs(store, text, at=monday, dry_run=dry_run)


def postage(store: Store) -> list[tuple[str, int, int, date | None]]:
    with store.read() as reader:
        found = reader.tariffs.all(PostagePrice)
    return [(each.area, each.up_to_g, each.amount, each.valid_to) for each in found]


def test_the_product_ships_no_price_and_its_examples_cannot_be_taken_for_one(seeded: Store) -> None:
    with seeded.read() as reader:
        assert reader.tariffs.all(PostagePrice) == ()
        assert reader.tariffs.all(StateFee) == ()
    folder = resources.files("postal") / "data" / "tariffs"
    for name in ("postage-example.csv", "fees-example.csv"):
        content = (folder / name).read_bytes()
        assert all("SỐ MẪU" in line for line in content.decode().splitlines()[1:])
        assert enter(seeded, content, dry_run=True).errors == ()


def test_a_table_is_entered_and_entered_again_it_is_the_same(seeded: Store) -> None:
    first = enter(seeded, NOW)
    assert (first.kind, first.added, first.changed, first.unchanged, first.errors) == ("postage", 2, 0, 0, ())
    assert postage(seeded) == [("inside", 100, 30_000, None), ("inside", 500, 45_000, None)]
    again = enter(seeded, NOW)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)


def test_a_dry_run_writes_nothing(seeded: Store) -> None:
    assert enter(seeded, NOW, dry_run=True).added == 2
    assert postage(seeded) == []


def test_a_new_table_closes_the_old_one_and_says_so(seeded: Store) -> None:
    enter(seeded, NOW)
    done = enter(seeded, NEXT)
    assert any("31/12/2026" in note.message for note in done.notes)
    last = date(2026, 12, 31)
    assert postage(seeded) == [
        ("inside", 100, 30_000, last),
        ("inside", 500, 50_000, None),
        ("inside", 500, 45_000, last),
    ]


ROW = "both,inside,0,100,30000,QĐ 12/2026,Thử,2026-07-01,\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW.replace("30000", "0"), "giá phải lớn hơn 0"),
        (ROW.replace("30000", "-5000"), "Giá -5000 đ không dùng được"),
        (ROW.replace("30000", "30000.5"), "có phần lẻ của đồng"),
        (ROW.replace("30000", '"30.000,25"'), "có phần lẻ của đồng"),
        (ROW.replace("30000", '"30.000,000"'), "có phần lẻ của đồng"),
        (ROW.replace("30000", "ba mươi"), "không phải số tiền"),
        (ROW.replace("30000", "99999999999"), "Số tiền vượt"),
        (ROW.replace(",0,100", ",50,100"), "chưa có giá cho khối lượng trên 0 g đến 50 g"),
        (ROW.replace(",0,100", ",100,100"), "Nấc khối lượng từ 100 đến 100 g"),
        (ROW + ROW.replace(",0,100", ",80,200"), "chồng lên nấc"),
        (ROW + ROW, "trùng với dòng 2"),
        (ROW.replace("inside", "huyện"), "Không có khu vực “huyện”"),
        (ROW + ROW.replace("inside", "J+2"), "Tính theo một cách"),
        (ROW.replace("2026-07-01", "01/07/2026"), "không phải ngày"),
        (ROW.replace("2026-07-01", ""), "Thiếu ngày bắt đầu"),
        (ROW.replace("both", "hai chiều"), "không dùng được"),
        (ROW.replace("QĐ 12/2026", ""), "Thiếu số quyết định"),
        (ROW.replace("2026-07-01,", "2026-07-01,2026-12-31") + ROW.replace("2026-07-01", "2027-02-01"), "không có giá"),
        (ROW.replace("2026-07-01,", "2026-07-01,2026-12-31") + ROW.replace("2026-07-01", "2026-12-01"), "chồng lên"),
    ],
)
def test_one_wrong_row_keeps_the_whole_table_out(seeded: Store, row: str, said: str) -> None:
    good = "send,any,0,100,20000,QĐ 12/2026,Thử,2026-07-01,\n"
    done = enter(seeded, HEADER + row + good)
    assert any(said in error.message for error in done.errors), done.errors
    assert all(error.row in (2, 3) for error in done.errors)
    assert postage(seeded) == []
    assert (done.added, done.changed, done.unchanged) == (0, 0, 0), "nothing of it would come in"
    assert any("chưa nhập dòng nào" in note.message for note in done.notes)


def test_of_two_tables_entered_at_the_same_moment_the_second_is_tried_beside_the_first(
    seeded: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, both = Tariffs.all, threading.Barrier(2)

    def all_of(self: Tariffs, kind: type[Any]) -> tuple[Any, ...]:
        found = read(self, kind)
        try:
            both.wait(timeout=0.5)
        except threading.BrokenBarrierError:
            both.reset()
        return found

    monkeypatch.setattr(Tariffs, "all", all_of)
    rows = [ROW, ROW.replace("inside", "J+2")]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda row: enter(seeded, HEADER + row), rows))
    assert sorted(len(each.errors) for each in done) == [0, 1], "by province or by tiers, never both"
    monkeypatch.undo()
    assert len(postage(seeded)) == 1


def test_a_file_of_another_kind_is_refused_whole(seeded: Store) -> None:
    assert "Thiếu cột" in enter(seeded, "a,b\n1,2\n").errors[0].message
    assert "bị cắt giữa chừng" in enter(seeded, NOW.encode("utf-16")[:-1]).errors[0].message
    assert enter(seeded, NOW.encode("utf-16")).added == 2
    assert "trống" in enter(seeded, "").errors[0].message


def test_a_price_in_use_cannot_be_altered_by_a_file(seeded: Store) -> None:
    enter(seeded, NOW)
    done = enter(seeded, NOW.replace("30.000", "31.000"))
    assert ["đã áp dụng nên không sửa" in error.message for error in done.errors] == [True]
    assert postage(seeded)[0][2] == 30_000


def test_what_is_taken_out_comes_in_again_unchanged(seeded: Store) -> None:
    enter(seeded, NOW)
    enter(seeded, NEXT)
    enter(seeded, FEES)
    for kind, many in (("postage", 3), ("fees", 1)):
        content = tariffs.exported(seeded, kind)
        assert content.startswith(b"\xef\xbb\xbf")
        assert b"\r\n" in content
        done = enter(seeded, content)
        assert (done.kind, done.errors, done.added, done.changed, done.unchanged) == (kind, (), 0, 0, many)


def test_a_spreadsheet_takes_no_cell_for_a_formula(seeded: Store) -> None:
    enter(seeded, NOW.replace("Bảng giá thử", "'=HYPERLINK(1)"))
    assert b",'=HYPERLINK(1)," in tariffs.exported(seeded, "postage")


def test_a_fee_is_of_a_procedure_and_a_version_that_exist(seeded: Store) -> None:
    assert enter(seeded, FEES).added == 1
    unknown = enter(seeded, FEES.replace("2.000635", "9.999999"))
    assert "9.999999" in unknown.errors[0].message
    version = enter(seeded, FEES.replace("2.000635,,", "2.000635,77,"))
    assert "không có phiên bản 77" in version.errors[0].message


def test_a_table_to_come_is_withdrawn_and_the_one_before_goes_on(seeded: Store) -> None:
    enter(seeded, NOW)
    enter(seeded, NEXT)
    assert tariffs.withdraw(seeded, "both|inside|0|2027-01-01", by=cast.thu, at=monday)
    assert postage(seeded) == [("inside", 100, 30_000, None), ("inside", 500, 45_000, None)]
    with pytest.raises(PriceInUse):
        tariffs.withdraw(seeded, "both|inside|0|2026-07-01", by=cast.thu, at=monday)
    assert tariffs.withdraw(seeded, "gone", by=cast.thu, at=datetime(2026, 11, 16, tzinfo=UTC)) == ""


def test_only_who_keeps_the_catalogue_enters_prices(seeded: Store) -> None:
    with pytest.raises(permissions.Forbidden):
        tariffs.import_tariffs(seeded, NOW, at=monday, by=cast.lan)
    with pytest.raises(permissions.Forbidden):
        tariffs.withdraw(seeded, "any", by=cast.lan, at=monday)
