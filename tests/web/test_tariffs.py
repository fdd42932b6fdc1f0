"""The page of the price tables: a file is tried, then entered as it was tried; what is in force, coming, past."""

import re
from collections.abc import Callable

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from postal.domain.tariffs import PostagePrice
from postal.services import tariffs
from postal.store import Store
from tests.web.conftest import MONDAY

Open = Callable[[str], TestClient]
HEADER = "service,area,over_g,up_to_g,amount,decision,basis,valid_from,valid_to\n"
TABLE = (
    HEADER
    + "both,inside,0,100,30.000,QĐ 12/2026,Bảng giá thử,2026-07-01,\n"
    + "both,inside,100,500,45000,QĐ 12/2026,Bảng giá thử,2026-07-01,\n"
)
PAST = HEADER + "both,inside,0,500,28000,QĐ 3/2025,Bảng giá thử,2025-07-01,2026-06-30\n"
NEXT = HEADER + "both,inside,0,500,50000,QĐ 30/2026,Bảng giá thử,2027-01-01,\n"
FEES = (
    "procedure,version,name,case,amount,decision,basis,valid_from,valid_to\n"
    "2.000635,,Lệ phí bản sao,,8000,TT 281/2016,Biểu thử,2025-07-01,\n"
)


@pytest.fixture
def keeper(signed_in: Open) -> TestClient:
    """Return the browser of who keeps the catalogue."""
    return signed_in("quantri")


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(csrf|content|name|key)" value="([^"]*)"', page))


def try_out(client: TestClient, content: str | bytes, *, name: str = "gia.csv") -> Response:
    csrf = hidden(client.get("/tariffs").text)["csrf"]
    sent = content.encode() if isinstance(content, str) else content
    return client.post("/tariffs/try", data={"csrf": csrf}, files={"file": (name, sent, "text/csv")})


def enter(client: TestClient, content: str) -> Response:
    tried = try_out(client, content)
    assert tried.status_code == 200, tried.text
    return client.post("/tariffs/enter", data=hidden(tried.text))


def prices(store: Store) -> list[int]:
    with store.read() as reader:
        return [each.amount for each in reader.tariffs.all(PostagePrice)]


@pytest.mark.parametrize(
    ("username", "status"), [("quantri", 200), ("dung", 200), ("lan", 403), ("hung", 403), ("mai", 403)]
)
def test_only_who_keeps_the_catalogue_opens_the_tables(signed_in: Open, username: str, status: int) -> None:
    client = signed_in(username)
    assert [client.get(path).status_code for path in ("/tariffs", "/tariffs/postage.csv")] == [status, status]
    link = 'href="/tariffs"' in client.get("/scan?q=").text
    assert link == (status == 200)


def test_an_empty_table_says_what_is_missing_and_that_nothing_is_invented(keeper: TestClient) -> None:
    page = keeper.get("/tariffs").text
    assert "Chưa có bảng giá cước đang áp dụng cho: gửi hồ sơ; nhận kết quả; gửi hồ sơ và nhận kết quả." in page
    assert "không tìm được bảng giá theo TT 22/2017/TT-BTTTT" in page


def test_a_file_is_tried_first_and_entered_as_it_was_tried(web_store: Store, keeper: TestClient) -> None:
    tried = try_out(keeper, TABLE)
    assert "2 dòng mới, 0 dòng thay đổi, 0 dòng như cũ, 0 lỗi. Chưa ghi gì." in tried.text
    assert prices(web_store) == []
    entered = keeper.post("/tariffs/enter", data=hidden(tried.text))
    assert entered.status_code == 303
    assert prices(web_store) == [30_000, 45_000]
    page = keeper.get(entered.headers["location"]).text
    assert "Đã nhập bảng giá: 2 dòng mới" in page
    assert "Cước gửi hồ sơ và nhận kết quả, trong tỉnh" in page
    assert "Trên 100 đến 500 g" in page
    assert "45.000 đ" in page
    again = try_out(keeper, TABLE)
    assert "2 dòng như cũ" in again.text
    assert "Nhập 0 dòng" not in again.text


def test_a_wrong_file_is_told_row_by_row_and_its_wrong_rows_are_a_file(web_store: Store, keeper: TestClient) -> None:
    tried = try_out(keeper, TABLE.replace("45000", "0").replace(",30.000,", ",-1,"))
    assert tried.status_code == 422
    assert "<title>Lỗi: " in tried.text
    assert "Giá 0 đ không dùng được" in tried.text
    assert "Giá -1 đ không dùng được" in tried.text
    assert "Bảng giá có dòng sai nên chưa nhập dòng nào" in tried.text
    rows = keeper.post("/tariffs/wrong-rows.csv", data=hidden(tried.text))
    assert rows.content.decode("utf-8-sig").splitlines()[0].endswith(",Lỗi")
    assert len(rows.content.decode("utf-8-sig").splitlines()) == 3
    assert keeper.post("/tariffs/enter", data=hidden(tried.text)).status_code == 422
    assert prices(web_store) == []


def test_no_file_and_a_file_that_is_none_are_refused_on_the_page(keeper: TestClient) -> None:
    assert "Chưa chọn tệp bảng giá" in try_out(keeper, b"").text
    strange = try_out(keeper, b"%PDF-1.7\n\x00\x01", name="gia.pdf")
    assert strange.status_code == 422
    csrf = hidden(keeper.get("/tariffs").text)["csrf"]
    altered = keeper.post("/tariffs/enter", data={"csrf": csrf, "content": "không phải base64"})
    assert altered.status_code == 422


def test_tables_stand_under_their_time_and_one_to_come_can_be_withdrawn(web_store: Store, keeper: TestClient) -> None:
    for text in (PAST, TABLE, NEXT, FEES):
        assert tariffs.import_tariffs(web_store, text, at=MONDAY).errors == ()
    page = keeper.get("/tariffs").text
    sections = re.split(r"<h2[^>]*>", page)
    found = {part.split("<")[0]: part for part in sections}
    assert "QĐ 12/2026" in found["Đang áp dụng"]
    assert "đến hết 31/12/2026" in found["Đang áp dụng"]
    assert "Lệ phí bản sao" in found["Đang áp dụng"]
    assert "QĐ 30/2026" in found["Sắp áp dụng"]
    assert "QĐ 3/2025" in found["Đã hết hiệu lực"]
    gone = keeper.post("/tariffs/withdraw", data=hidden(page))
    assert gone.status_code == 303
    page = keeper.get("/tariffs").text
    tiers = TABLE.replace("inside", "J+2").replace("both", "send").replace("2026-07-01", "2027-01-01")
    assert tariffs.import_tariffs(web_store, tiers, at=MONDAY).errors == ()
    gone = keeper.post("/tariffs/withdraw", data=hidden(keeper.get("/tariffs").text))
    assert "Đã bỏ Cước gửi hồ sơ, tuyến J+2." in keeper.get(gone.headers["location"]).text
    assert "QĐ 30/2026" not in page
    assert "đến hết 31/12/2026" not in page


def test_tables_are_taken_out_as_files_and_examples_say_that_they_are_none(
    web_store: Store, keeper: TestClient
) -> None:
    enter(keeper, TABLE)
    out = keeper.get("/tariffs/postage.csv")
    assert out.headers["content-disposition"] == 'attachment; filename="bang-gia-cuoc.csv"'
    assert out.content.decode("utf-8-sig").splitlines()[0] == HEADER.strip()
    for kind in ("postage", "fees"):
        assert "SỐ MẪU - không phải giá thật" in keeper.get(f"/tariffs/{kind}-example.csv").text
    assert keeper.get("/tariffs/other.csv").status_code in (404, 422)
    assert prices(web_store) == [30_000, 45_000]
