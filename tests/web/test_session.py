"""Signing in and out, and what stands in front of every page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from postal.web import security

Open = Callable[[str], TestClient]


def test_who_is_not_signed_in_comes_back_to_where_he_was_heading(visitor: TestClient) -> None:
    answer = visitor.get("/staff")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/staff"


def test_the_session_cookie_is_a_host_cookie_that_scripts_cannot_read(visitor: TestClient) -> None:
    answer = visitor.post("/sign-in", data={"username": "lan", "password": "mật khẩu chạy thử"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"))


def test_each_role_begins_at_its_own_work(signed_in: Open) -> None:
    beginnings = {name: signed_in(name).get("/staff").headers["location"] for name in ("lan", "phat", "mai", "dung")}
    assert beginnings == {"lan": "/counter", "phat": "/today", "mai": "/desk", "dung": "/runs"}


@pytest.mark.parametrize(("username", "password"), [("lan", "sai mật khẩu rồi"), ("nobody", "mật khẩu chạy thử")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_sentence(
    visitor: TestClient, username: str, password: str
) -> None:
    answer = visitor.post("/sign-in", data={"username": username, "password": password})
    assert answer.status_code == 403
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in answer.text
    assert "set-cookie" not in answer.headers


def test_signing_in_does_not_lead_to_another_site(visitor: TestClient) -> None:
    form = {"username": "lan", "password": "mật khẩu chạy thử", "next": "//evil.example/"}
    assert visitor.post("/sign-in", data=form).headers["location"] == "/counter"


def test_guessing_ends_after_ten_tries(visitor: TestClient) -> None:
    answers = [visitor.post("/sign-in", data={"username": "van", "password": "x"}).status_code for _ in range(11)]
    assert answers == [403] * 10 + [429]


def test_signing_out_ends_the_session(signed_in: Open) -> None:
    client = signed_in("lan")
    token = client.cookies["__Host-session"]
    client.post("/sign-out", data={"csrf": _csrf(token)})
    client.cookies.set("__Host-session", token)
    assert client.get("/staff").status_code == 303
    assert client.get("/staff").headers["location"].startswith("/sign-in")


def test_a_form_without_its_token_does_nothing(signed_in: Open) -> None:
    client = signed_in("lan")
    assert client.post("/sign-out").status_code == 403
    assert client.get("/staff").headers["location"] == "/counter"


def test_another_site_cannot_send_our_forms(signed_in: Open) -> None:
    client = signed_in("lan")
    form = {"csrf": _csrf(client.cookies["__Host-session"])}
    assert client.post("/sign-out", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/sign-out", data=form, headers={"Origin": "https://evil.example"}).status_code == 403


def test_an_idle_session_ends(signed_in: Open, clock: object) -> None:
    client = signed_in("lan")
    clock.at += timedelta(minutes=31)  # type: ignore[attr-defined]
    assert client.get("/staff").headers["location"].startswith("/sign-in")


def test_every_answer_carries_the_security_headers(visitor: TestClient) -> None:
    for path in ("/sign-in", "/nowhere-at-all/x", "/static/postal.css"):
        headers = visitor.get(path).headers
        assert {name: headers[name] for name in security.HEADERS} == security.HEADERS


def _csrf(token: str) -> str:
    import hashlib
    import hmac

    return hmac.digest(token.encode(), b"csrf", hashlib.sha256).hex()
