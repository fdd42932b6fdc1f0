"""Lanes, delegations, lineage and who decides, in a browser: what axe finds, and a choice without scripts."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from postal.domain.people import Account, Role
from postal.services import accounts
from tests import cast
from tests.journeys.conftest import PASSWORD, House, keep

AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
PATHS = (
    "/lanes",
    "/delegations",
    "/successions",
    "/competence",
    "/competence?procedure=1.012783&address=phường Hội An, Đà Nẵng&handed_in=MC-20410",
    "/competence?procedure=khai sinh&address=xã Hòa Liên, huyện Hòa Vang, Đà Nẵng",
    "/competence?procedure=giấy&address=",
)


def test_a_divided_ward_is_chosen_by_plain_forms_and_axe_finds_nothing_on_the_way(house: House) -> None:
    account = Account(
        username="dung", name="Đỗ Dũng", place=cast.OFFICE, roles=frozenset({Role.COORDINATOR}), entitled=()
    )
    accounts.create(house.store, account, password=PASSWORD, at=cast.monday)
    plain = house.person("dung", script=False)
    house.go(plain, "/competence")
    plain.get_by_label("Thủ tục", exact=True).fill("khai sinh")
    plain.get_by_label("Địa chỉ của vụ việc").fill("thôn 5, xã Hòa Liên, huyện Hòa Vang, Đà Nẵng")
    plain.get_by_role("button", name="Xem ai giải quyết").click()
    expect(plain.locator("#answer")).to_have_text("Còn phải chọn")
    plain.get_by_label("Phường Hải Vân").check()
    plain.get_by_role("button", name="Xem ai giải quyết").click()
    expect(plain.locator("#answer")).to_have_text("Kết quả")
    expect(plain.locator("main")).to_contain_text("Ủy ban nhân dân phường Hải Vân")
    expect(plain.locator("main")).to_contain_text("đã chọn Phường Hải Vân")
    house.go(plain, "/lanes")
    plain.get_by_label("Nơi đi").fill("551000")
    plain.get_by_label("Nơi đến").fill("MC-20410")
    plain.get_by_label("Đơn vị chuyển", exact=True).fill("Bưu điện thành phố Đà Nẵng")
    plain.get_by_label("Mức J+n").fill("1")
    plain.get_by_label("Căn cứ", exact=True).fill("QĐ 5/QĐ-BĐ")
    plain.get_by_role("button", name="Thêm tuyến").click()
    expect(plain.get_by_role("status")).to_contain_text("Đã thêm tuyến")
    looked = house.person("dung")
    found = {}
    for number, path in enumerate(PATHS):
        house.go(looked, path)
        keep(looked, f"competence-{number}")
        looked.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        results = Axe().run(looked, options=AXE)
        found[path] = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in results.response["violations"]]
        assert looked.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    assert {path: said for path, said in found.items() if said} == {}
