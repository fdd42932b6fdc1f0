"""The catalogue in a browser: what axe finds on its pages, and a change published without scripts."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from postal.domain import codes
from postal.domain.people import Account, Role
from postal.services import accounts
from tests import cast
from tests.journeys.conftest import PASSWORD, House, keep
from tests.services.cases import Case

AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
CODE = "1.004873"
LIST = "code,name,issuer,executor,field\n1.999998,Thủ tục mẫu,Bộ mẫu,,Hộ tịch\n1.99,Mã sai,Bộ mẫu,,Hộ tịch\n"


def coordinator(house: House) -> None:
    account = Account(
        username="dung", name="Đỗ Dũng", place=cast.OFFICE, roles=frozenset({Role.COORDINATOR}), entitled=()
    )
    accounts.create(house.store, account, password=PASSWORD, at=cast.monday)


def test_a_change_is_published_by_plain_forms_and_axe_finds_nothing_on_the_way(house: House) -> None:
    coordinator(house)
    case = Case(house.store).received()
    house.clock.forward(days=1)
    dung = house.person("dung", script=False)
    looked = house.person("dung")
    house.go(dung, f"/procedures/{CODE}/draft")
    dung.get_by_label("Thời hạn áp dụng: số").fill("5")
    dung.get_by_label("Căn cứ", exact=True).first.fill("QĐ 12/QĐ-UBND ngày 15/11/2026")
    dung.get_by_role("button", name="Lưu bản soạn").click()
    expect(dung.get_by_role("heading", name="Nếu đã áp dụng trong tháng vừa qua")).to_be_visible()
    expect(dung.locator("main")).to_contain_text("Khác đi ở 1 hồ sơ")
    expect(dung.get_by_role("link", name=codes.shown(case.code))).to_have_attribute("href", f"/dossiers/{case.code}")
    preview = dung.url.removeprefix(house.url)
    house.go(dung, "/procedure-imports")
    dung.get_by_label("Tệp danh mục").set_input_files(
        {"name": "danh-muc.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    dung.get_by_role("button", name="Gửi và thử").click()
    tried = dung.url.removeprefix(house.url)
    paths = (
        *("/procedures", "/procedures?q=khai+sinh&carriable=yes", f"/procedures/{CODE}", f"/procedures/{CODE}/draft"),
        *("/procedure-drafts", preview, "/procedure-imports", tried),
    )
    found = {}
    for number, path in enumerate(paths):
        house.go(looked, path)
        keep(looked, f"catalogue-{number}")
        looked.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        results = Axe().run(looked, options=AXE)
        found[path] = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in results.response["violations"]]
        assert looked.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    assert {path: said for path, said in found.items() if said} == {}
    house.go(dung, preview)
    dung.get_by_role("button", name="Công bố phiên bản 2").click()
    expect(dung.get_by_role("status")).to_contain_text("Đã công bố phiên bản 2")
    keep(dung, "catalogue-published")
