"""The map of the board: where its files and pictures may come from."""

import gzip
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from postal.web.security import CONTENT_POLICY

Open = Callable[[str], TestClient]
HOST = "https://ban-do.example.vn"


@pytest.mark.parametrize("name", ["leaflet.js", "leaflet.css"])
def test_leaflet_is_served_like_every_static_file(visitor: TestClient, name: str) -> None:
    first = visitor.get(f"/static/vendor/leaflet/{name}")
    own = visitor.get("/static/postal.css")
    assert first.status_code == 200
    assert first.headers.get("cache-control") == own.headers.get("cache-control")
    again = visitor.get(f"/static/vendor/leaflet/{name}", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_what_the_map_adds_to_a_page_stays_within_its_budget(visitor: TestClient) -> None:
    names = ("vendor/leaflet/leaflet.js", "vendor/leaflet/leaflet.css", "map.js")
    answers = {name: visitor.get(f"/static/{name}") for name in names}
    assert {answer.status_code for answer in answers.values()} == {200}
    sizes = {name: len(gzip.compress(answer.content)) for name, answer in answers.items()}
    assert sizes["vendor/leaflet/leaflet.js"] <= 44_000
    assert sum(sizes.values()) <= 60_000, sizes


def test_pictures_come_from_here_unless_a_background_map_is_configured(signed_in: Open) -> None:
    page = signed_in("hung").get("/runs/proposals/unknown")
    assert page.headers["content-security-policy"] == CONTENT_POLICY


def test_only_pages_with_a_map_may_fetch_pictures_from_its_host_and_from_no_other(
    app: FastAPI, signed_in: Open
) -> None:
    app.state.settings = replace(app.state.settings, tiles=HOST + "/{z}/{x}/{y}.png")
    head = signed_in("hung")
    with_map = head.get("/runs/proposals/unknown").headers["content-security-policy"].split("; ")
    assert f"img-src 'self' data: blob: {HOST}" in with_map
    assert [rule for rule in with_map if rule not in CONTENT_POLICY.split("; ")] == [
        f"img-src 'self' data: blob: {HOST}"
    ]
    assert head.get("/runs").headers["content-security-policy"] == CONTENT_POLICY
