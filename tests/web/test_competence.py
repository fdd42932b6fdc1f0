"""Who decides, on the form and after: an old address, a divided ward, and the reasons of the day."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from postal.domain.delegations import Delegation
from postal.domain.dossier import Dossier
from postal.domain.lineage import Fate, Succession
from postal.domain.places import Level
from postal.store import Store
from tests.web.conftest import MONDAY
from tests.web.filling import Sitting, sit_down

BIRTH = "khai sinh"
CARD = "049205000137||Nguyễn Văn Khánh|01012005|Nam|12 Trần Phú, Thanh Bình, Hải Châu, Đà Nẵng|01012022"


@pytest.fixture
def clerk(signed_in: Callable[[str], TestClient]) -> TestClient:
    """Return the browser of the clerk at the central office."""
    return signed_in("lan")


@pytest.fixture
def ready(clerk: TestClient) -> Sitting:
    """Return a form that could be saved as it stands."""
    sitting = sit_down(clerk).press("look", card=CARD)
    sitting.press("look", sender_phone="0912 345 678", procedure_q=BIRTH)
    return sitting.press("complete", weight="120", seal="881245", postage="30.000")


def saved(sitting: Sitting, store: Store) -> Dossier:
    code = re.fullmatch(r"/dossiers/(\w{10})\?new=1", sitting.page.headers["location"])
    assert code
    with store.read() as reader:
        dossier = reader.thing(Dossier, code[1])
    assert dossier
    return dossier


def test_an_old_address_with_its_street_is_read_and_both_texts_are_kept(ready: Sitting, web_store: Store) -> None:
    typed = "45 Trần Phú, phường Thạch Thang, quận Hải Châu, TP Đà Nẵng"
    ready.press("look", case_commune_q=typed)
    assert "✓ Phường Hải Châu, Thành phố Đà Nẵng" in ready.page.text
    assert f"Giữ cả chữ đã ghi: “{typed}”" in ready.page.text
    dossier = saved(ready.press("save"), web_store)
    assert dossier.case_commune == "20242"
    with web_store.read() as reader:
        assert reader.texts.get([dossier.case_text])[dossier.case_text] == typed


def test_a_divided_ward_is_offered_and_the_choice_keeps_the_old_text(ready: Sitting, web_store: Store) -> None:
    typed = "thôn 5, xã Hòa Liên, huyện Hòa Vang, Đà Nẵng"
    ready.press("look", case_commune_q=typed)
    assert "commune:case:20194" in ready.page.text
    assert "commune:case:20197" in ready.page.text
    ready.press("commune:case:20194")
    assert f"Giữ cả chữ đã ghi: “{typed}”" in ready.page.text
    dossier = saved(ready.press("save"), web_store)
    assert (dossier.case_commune, dossier.desk) == ("20194", "MC-20194")


def test_a_merged_commune_leads_to_the_continuing_one_and_says_so(ready: Sitting, web_store: Store) -> None:
    merged = Succession(
        code="KT-1", unit="20260", fate=Fate.MERGED, successors=("20314",), valid_from=MONDAY.date(), basis="NQ 9"
    )
    with web_store.begin(at=MONDAY) as ledger:
        ledger.reference.put_succession(merged, on=MONDAY.date())
    ready.press("look", case_commune_q="Cẩm Lệ")
    assert "✓ Phường Hòa Xuân, Thành phố Đà Nẵng (trước đây: Phường Cẩm Lệ, Thành phố Đà Nẵng)" in ready.page.text
    dossier = saved(ready.press("save"), web_store)
    assert (dossier.case_commune, dossier.desk) == ("20314", "MC-20314")


def test_an_old_dossier_keeps_the_competence_of_its_day(ready: Sitting, clerk: TestClient, web_store: Store) -> None:
    dossier = saved(ready.press("save"), web_store)
    before = clerk.get(f"/dossiers/{dossier.code}").text
    assert "Vì sao cơ quan này giải quyết" in before
    with web_store.begin(at=MONDAY + timedelta(days=1)) as ledger:
        tomorrow = (MONDAY + timedelta(days=1)).date()
        ledger.reference.put_delegation(
            Delegation(
                code="UQ-1",
                authority=dossier.department,
                delegate="UB-20410",
                procedure=dossier.procedure,
                basis="QĐ 1",
                valid_from=tomorrow,
            )
        )
        version = ledger.reference.procedure(dossier.procedure, on=MONDAY.date())
        rule = version.competence
        assert rule is not None
        moved = replace(rule, level=Level.PROVINCE, department="SO_TU_PHAP")
        ledger.reference.add_procedures([replace(version, version=9, valid_from=tomorrow, competence=moved)])
    with web_store.read() as reader:
        known = reader.thing(Dossier, dossier.code)
    assert known is not None
    assert (known.desk, known.department, known.competence_reason) == (
        dossier.desk,
        dossier.department,
        dossier.competence_reason,
    )
    after = clerk.get(f"/dossiers/{dossier.code}").text
    assert "Vì sao cơ quan này giải quyết" in after
    assert "UQ-1" not in after
    assert "Ủy ban nhân dân phường Hải Châu" in after
