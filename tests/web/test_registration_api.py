"""The API of the counter: signing in, registering once, reading, and what a program is told when it may not."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from postal.domain.events import Collected, MoneyLedger
from postal.services import tariffs
from postal.store import Store
from tests.web.conftest import MONDAY, PASSWORD

BODY: dict[str, Any] = {
    "service": "both",
    "procedure": "1.001193",
    "sender": {
        "name": "Nguyễn Văn Khánh",
        "identity_number": "049205000137",
        "phone": "0912345678",
        "address": "12 Trần Phú",
        "commune": "20242",
    },
    "papers": [
        {"name": "Tờ khai đăng ký khai sinh (theo mẫu)", "originals": 1},
        {"name": "Giấy chứng sinh", "originals": 1},
    ],
    "weight_g": 120,
    "seal": "881245",
    "postage": 30000,
    "postage_basis": "Giá cước niêm yết",
}
SECRETS = {"secret_url", "pin"}

Open = Callable[[str], TestClient]


@pytest.fixture
def program(app: FastAPI) -> Open:
    """Return what signs a program in: a client that sends a bearer token and keeps no cookie."""

    def sign_in(username: str) -> TestClient:
        client = TestClient(app, base_url="https://testserver")
        answer = client.post("/api/v1/sessions", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        assert "set-cookie" not in answer.headers
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    return sign_in


def register(client: TestClient, *, key: str = "first-dossier", **changes: Any) -> Any:
    """Send a dossier."""
    return client.post("/api/v1/dossiers", json={**BODY, **changes}, headers={"Idempotency-Key": key})


def test_a_dossier_is_registered_and_read_back(program: Open, web_store: Store) -> None:
    clerk = program("lan")
    answer = register(clerk)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/dossiers/{made['code']}"
    with web_store.read() as reader:
        receipt = reader.receipts.current(made["code"])
    assert receipt
    assert (made["secret_url"], made["pin"]) == (f"https://testserver/{receipt.secret}", receipt.pin)
    assert made["expected_at_desk_on"] == "2026-11-17"
    read = clerk.get(answer.headers["location"]).json()
    assert (read["status"], read["agency_status"], read["items"][0]["code"]) == ("accepted", 1, made["item"])
    assert read["people"][0]["number"] == "049205000137"
    assert [paper["originals"] for paper in read["papers"]] == [1, 1]


def test_secret_and_pin_are_told_once(program: Open) -> None:
    clerk = program("lan")
    made = register(clerk).json()
    answer = clerk.get(f"/api/v1/dossiers/{made['code']}")
    assert not SECRETS & set(answer.json())
    assert made["pin"] not in answer.text
    assert made["secret_url"].rpartition("/")[2] not in answer.text


def test_the_same_key_is_the_same_dossier(program: Open) -> None:
    clerk = program("lan")
    assert register(clerk).json() == register(clerk).json()
    assert register(clerk, key="second-dossier").json()["code"] != register(clerk).json()["code"]


def test_the_same_key_with_other_content_is_refused(program: Open) -> None:
    clerk = program("lan")
    register(clerk)
    answer = register(clerk, postage=1)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:postal:idempotency_mismatch"


def test_two_accounts_may_choose_the_same_key(program: Open) -> None:
    first, second = register(program("lan")), register(program("be"), postage=0, postage_basis="")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["code"] != second.json()["code"]


def test_a_key_is_required(program: Open) -> None:
    answer = program("lan").post("/api/v1/dossiers", json=BODY)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_times_carry_their_offset(program: Open) -> None:
    clerk = program("lan")
    promised = "2026-11-20T10:00:00Z"
    made = register(clerk, mode="B", official_code="H48.17-261116-0001", promised_at=promised).json()
    read = clerk.get(f"/api/v1/dossiers/{made['code']}").json()
    assert read["opened_at"] == "2026-11-16T09:00:00+07:00"
    assert read["due_at"] == "2026-11-20T17:00:00+07:00"
    assert datetime.fromisoformat(read["due_at"]) == datetime.fromisoformat(promised)
    naive = register(clerk, key="without-offset", mode="B", promised_at="2026-11-20T17:00:00")
    assert naive.status_code == 422


@pytest.mark.parametrize(
    ("sender", "field", "sentence"),
    [
        ({"phone": "091234567"}, "sender.phone", "Số điện thoại phải có 10 số, bắt đầu bằng 0. Đang có 9 số."),
        ({"identity_number": "04920500013"}, "sender.identity_number", "Số căn cước có 12 số. Đang có 11 số."),
        ({"identity_number": ""}, "sender.identity_number", "Nhập số căn cước (12 số), số hộ chiếu hoặc mã số thuế."),
    ],
)
def test_a_wrong_field_is_named_with_its_sentence(
    program: Open, sender: dict[str, str], field: str, sentence: str
) -> None:
    answer = register(program("lan"), sender={**BODY["sender"], **sender})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] == [{"field": field, "detail": sentence}]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"papers": BODY["papers"][:1]}, "missing_paper"),
        ({"papers": []}, "no_papers"),
        ({"procedure": "1.000894"}, "not_carriable"),
        ({"case_commune": "20227"}, "commune_gone"),
        ({"mode": "B", "promised_at": "2026-11-20T17:00:00+07:00"}, "no_official_code"),
        ({"sender": {**BODY["sender"], "commune": ""}, "case_commune": "20242"}, "no_return_address"),
    ],
)
def test_a_refusal_has_a_stable_type_and_both_languages(program: Open, changes: dict[str, Any], kind: str) -> None:
    answer = register(program("lan"), **changes)
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, f"urn:postal:{kind}")
    assert len({problem["detail"], problem["detail_en"], ""}) == 3


def test_unknown_names_are_missing_not_wrong(program: Open) -> None:
    clerk = program("lan")
    assert register(clerk, procedure="9.999999").status_code == 404
    assert clerk.get("/api/v1/dossiers/7K2M49RTBQ").status_code == 404
    assert clerk.get("/api/v1/dossiers/7K2M49RTBP").json()["type"] == "urn:postal:wrong_check_symbol"


def test_who_is_not_signed_in_or_may_not_register_is_told_so(program: Open, visitor: TestClient) -> None:
    assert register(visitor).status_code == 401
    assert register(program("mai")).status_code == 403
    stale = program("lan")
    stale.headers["Authorization"] = "Bearer something-else"
    assert register(stale).json()["type"] == "urn:postal:not_signed_in"


def test_only_who_takes_part_reads_and_who_watches_reads_no_names(program: Open) -> None:
    code = register(program("lan")).json()["code"]
    assert program("be").get(f"/api/v1/dossiers/{code}").json()["type"] == "urn:postal:not_taking_part"
    watched = program("quantri").get(f"/api/v1/dossiers/{code}")
    assert watched.json()["people"] is None
    assert "Khánh" not in watched.text
    assert "Giấy chứng sinh" not in watched.text


def test_guessing_over_the_api_counts_with_guessing_on_the_page(visitor: TestClient) -> None:
    guess = {"username": "van.api", "password": "x"}
    tries = [visitor.post("/api/v1/sessions", json=guess).status_code for _ in range(6)]
    tries += [visitor.post("/sign-in", data=guess).status_code for _ in range(5)]
    assert tries == [403] * 10 + [429]


def test_the_schema_tells_the_way_in_and_every_refusal(visitor: TestClient) -> None:
    schema = visitor.get("/openapi.json").json()
    post = schema["paths"]["/api/v1/dossiers"]["post"]
    assert schema["openapi"].startswith("3.1")
    assert post["security"] == [{"HTTPBearer": []}]
    assert {"201", "401", "403", "404", "409", "422"} <= set(post["responses"])
    for status in ("401", "403", "404", "409", "422"):
        assert list(post["responses"][status]["content"]) == ["application/problem+json"]
    key = next(each for each in post["parameters"] if each["in"] == "header")
    assert (key["name"], key["required"]) == ("idempotency-key", True)
    assert "sender" in schema["components"]["schemas"]["DossierForm"]["required"]


def test_a_program_takes_the_price_of_the_table_or_says_why_not(program: Open, web_store: Store) -> None:
    header = "service,area,over_g,up_to_g,amount,decision,basis,valid_from,valid_to\n"
    table = f"{header}both,inside,0,500,45000,QĐ 12/2026,Bảng giá thử,2026-07-01,\n"
    assert tariffs.import_tariffs(web_store, table, at=MONDAY).errors == ()
    clerk = program("lan")
    refused = register(clerk, postage=0, postage_basis="")
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("other_than_priced")
    assert "Cước theo bảng giá là 45.000 đ (QĐ 12/2026" in refused.json()["detail"]
    bases = {}
    for amount in (45_000, 30_000):
        made = register(clerk, key=f"priced-{amount}", postage=amount, postage_basis="Khách quen")
        assert made.status_code == 201, made.text
        with web_store.read() as reader:
            taken = [e for *_, e in reader.events([made.json()["code"]]) if isinstance(e, Collected)]
        bases[amount] = next(e.basis for e in taken if e.ledger is MoneyLedger.POSTAGE)
    assert bases[45_000] == "Khách quen"
    assert bases[30_000].startswith("Khách quen (bảng giá: 45.000 đ, QĐ 12/2026")
