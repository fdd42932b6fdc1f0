"""A code may be scanned with a camera: read in the browser where it can, else from a photo that nobody keeps."""

import gzip
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from labels import qr
from postal.domain import codes
from postal.web import camera
from postal.web.camera import NoCodeInPhoto, TwoCodesInPhoto
from postal.web.photos import NotAPhoto, PhotoTooLarge
from tests.web import test_citizen_browser
from tests.web.conftest import PASSWORD
from tests.web.test_citizen_browser import AXE_TAGS, PHONE, Site
from tests.web.way import Way

site = test_citizen_browser.site

Open = Callable[[str], TestClient]
SEEDS = iter(range(80_000, 81_000))
SCRIPT = Path("postal/web/static/camera.js")
SECRET_URL = "HTTPS://HOSO.EXAMPLE.VN/7K2M49RTBQP3FHJ8QXV9T9C4N7MBK"


@pytest.fixture
def going(web_store: object) -> Way:
    """Return a dossier at the counter."""
    return Way(web_store, seed=next(SEEDS)).register()  # type: ignore[arg-type] # a store


def symbol(text: str, *, dots: int = 8) -> Image.Image:
    return Image.open(io.BytesIO(qr.png(qr.symbol(text), dots=dots))).convert("RGB")


def photo(*texts: str, size: tuple[int, int] = (1600, 1200), turned: float = 0, blurred: float = 0) -> Image.Image:
    """Return a photo of a desk with these codes on it, one beside the other."""
    desk = Image.new("RGB", size, (120, 104, 92))
    for number, text in enumerate(texts):
        desk.paste(symbol(text), (100 + 480 * number, 300))
    return desk.rotate(turned, expand=True, fillcolor=(120, 104, 92)).filter(ImageFilter.GaussianBlur(blurred))


def written(picture: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    to = io.BytesIO()
    picture.save(to, kind, **how)
    return to.getvalue()


# --------------------------------------------------------------------------------------------------------- the decoder
@pytest.mark.parametrize("text", ["7K2M49RTBQ", SECRET_URL])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("turned", "blurred"), [(0, 0), (17, 1), (90, 0), (180, 2)])
def test_a_code_is_read_from_a_photo(text: str, kind: str, turned: float, blurred: float) -> None:
    assert camera.code_in(written(photo(text, turned=turned, blurred=blurred), kind)) == text


def test_a_large_photo_and_one_that_lies_on_its_side_are_read() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert camera.code_in(written(photo("7K2M49RTBQ", size=(6000, 4000)))) == "7K2M49RTBQ"
    assert camera.code_in(written(photo("7K2M49RTBQ"), exif=exif)) == "7K2M49RTBQ"


def test_a_see_through_picture_is_read_on_white() -> None:
    drawn = symbol("7K2M49RTBQ")
    drawn.putalpha(drawn.convert("L").point(lambda light: 255 * (light < 128)))
    assert camera.code_in(written(drawn, "PNG")) == "7K2M49RTBQ"


def test_the_same_code_twice_is_one_and_two_codes_are_two() -> None:
    assert camera.code_in(written(photo("7K2M49RTBQ", "7K2M49RTBQ"))) == "7K2M49RTBQ"
    with pytest.raises(TwoCodesInPhoto, match="2 mã"):
        camera.code_in(written(photo("7K2M49RTBQ", "P3FHJ8QXV9")))


@pytest.mark.parametrize(
    ("made", "refusal"),
    [
        (lambda: written(photo()), NoCodeInPhoto),
        (lambda: written(photo("7K2M49RTBQ", blurred=30)), NoCodeInPhoto),
        (bytes, NotAPhoto),
        (lambda: b"%PDF-1.7 no picture", NotAPhoto),
        (lambda: written(photo("7K2M49RTBQ"))[:3000], NotAPhoto),
        (lambda: written(photo("7K2M49RTBQ"), "GIF"), NotAPhoto),
        (lambda: written(Image.new("1", (8000, 7000)), "PNG"), PhotoTooLarge),
        (lambda: written(Image.new("1", (20000, 20000)), "PNG"), PhotoTooLarge),
    ],
    ids=["empty desk", "blurred", "nothing", "pdf", "cut off", "gif", "56 megapixels", "400 megapixels"],
)
def test_what_shows_no_code_is_refused_with_the_next_step(made: Callable[[], bytes], refusal: type[Exception]) -> None:
    content = made()
    with pytest.raises(refusal):
        camera.code_in(content)


# ------------------------------------------------------------------------------------------------------------ the page
def post(client: TestClient, content: bytes) -> tuple[int, str]:
    page = client.get("/scan", params={"q": "x"}).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert csrf
    answer = client.post("/scan/photo", data={"csrf": csrf[1]}, files={"photo": ("p.jpg", content, "image/jpeg")})
    return answer.status_code, answer.text


def test_a_photo_answers_as_a_typed_scan_does(signed_in: Open, going: Way) -> None:
    lan = signed_in("lan")
    status, text = post(lan, written(photo(going.item)))
    assert status == 200
    assert _main(text) == _main(lan.get("/scan", params={"q": going.item}).text)
    assert codes.shown(going.item) in text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (written(photo()), "Chụp gần hơn, đủ sáng, thẳng với nhãn; hoặc gõ 10 ký tự in dưới mã."),
        (written(photo("7K2M49RTBQ", "P3FHJ8QXV9")), "Trong ảnh có 2 mã khác nhau."),
        (b"", "Tệp này không phải ảnh đọc được."),
    ],
)
def test_a_photo_that_opens_nothing_says_what_to_do(signed_in: Open, content: bytes, sentence: str) -> None:
    status, text = post(signed_in("lan"), content)
    assert status == 422
    assert sentence in text
    assert "<title>Lỗi: " in text


def test_a_photo_needs_the_form_of_the_page_and_somebody_signed_in(signed_in: Open, visitor: TestClient) -> None:
    files = {"photo": ("p.jpg", written(photo("7K2M49RTBQ")), "image/jpeg")}
    assert signed_in("lan").post("/scan/photo", files=files).status_code == 403
    assert visitor.post("/scan/photo", files=files).headers["location"].startswith("/sign-in")


def test_the_script_is_small() -> None:
    assert len(gzip.compress(SCRIPT.read_bytes())) < 2_000


def _main(text: str) -> str:
    return text[text.index("<main") : text.index("</main>")]


# --------------------------------------------------------------------------------------------------------- the browser
NATIVE = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code", "code_128", "pdf417"]; }
  constructor(how) { window.askedFor = how.formats; }
  async detect() { return (window.seen || []).map((rawValue) => ({ rawValue })); }
};
navigator.mediaDevices.getUserMedia = async () => {
  const stream = document.createElement("canvas").captureStream();
  window.track = stream.getTracks()[0];
  return stream;
};
"""


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()


def test_a_live_camera_opens_the_one_code_it_sees(page: Page, site: Site) -> None:
    going = site.way("")
    page.add_init_script(NATIVE)
    sign_in(page, site)
    page.get_by_text("Quét bằng máy ảnh").click()
    status = page.locator(".camera [role=status]")
    status.get_by_text("Đưa mã vào giữa khung.").wait_for()
    assert page.evaluate("window.askedFor") == ["qr_code", "code_128"]
    assert not page.get_by_label("Ảnh có mã cần quét").is_visible()
    page.evaluate("window.seen = ['7K2M49RTBQ', 'P3FHJ8QXV9']")
    status.get_by_text("Có 2 mã.").wait_for()
    page.evaluate("code => window.seen = [code, code]", going.item)
    page.wait_for_url("**/scan?q=*")
    assert page.locator("h1 .code").inner_text() == codes.shown(going.item)


def test_a_closed_camera_is_switched_off(page: Page, site: Site) -> None:
    page.add_init_script(NATIVE)
    sign_in(page, site)
    page.get_by_text("Quét bằng máy ảnh").click()
    page.locator(".camera video").wait_for()
    page.get_by_text("Quét bằng máy ảnh").click()
    page.wait_for_function("window.track.readyState === 'ended'")
    assert page.locator(".camera video").count() == 0


@pytest.mark.parametrize("with_scripts", [False, True])
def test_without_a_detector_a_photo_is_sent(browser: Browser, site: Site, with_scripts: bool) -> None:
    going = site.way("")
    context = browser.new_context(viewport=PHONE, locale="vi-VN", java_script_enabled=with_scripts)
    page = context.new_page()
    page.add_init_script("delete window.BarcodeDetector")
    sign_in(page, site)
    page.get_by_text("Quét bằng máy ảnh").click()
    content = written(photo(going.item))
    page.get_by_label("Ảnh có mã cần quét").set_input_files(
        {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": content}
    )
    page.get_by_role("button", name="Đọc mã").click()
    assert page.locator("h1 .code").inner_text() == codes.shown(going.item)
    context.close()


def test_axe_finds_nothing_in_the_open_camera_and_nothing_scrolls_sideways(page: Page, site: Site) -> None:
    page.set_viewport_size(PHONE)
    sign_in(page, site)
    page.goto(f"{site.url}/scan?q=x")
    page.get_by_text("Quét bằng máy ảnh").click()
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}}).response["violations"]
    assert [each["id"] for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
