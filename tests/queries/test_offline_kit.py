"""What a workstation takes along: the prices of the days it may be used, and until when a version holds."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from postal.domain import calendars
from postal.domain.people import Actor, Role
from postal.queries.offline_kit import offline_kit
from postal.services import changing, tariffs
from postal.store import Store
from tests import cast

HEADER = "service,area,over_g,up_to_g,amount,decision,basis,valid_from,valid_to\n"
PROCEDURE = "1.004873"
dung = Actor(account="dung", name="Dũng", place=cast.OFFICE, roles=frozenset({Role.COORDINATOR}))


def kit(store: Store) -> dict[str, Any]:
    return offline_kit(store, actor=cast.lan, at=cast.monday)


def test_a_workstation_takes_along_the_prices_of_the_week_it_may_be_silent(seeded: Store) -> None:
    assert kit(seeded)["prices"] == []
    rows = (
        "both,inside,0,500,30000,QĐ 1,Thử,2026-07-01,2026-11-18\n"
        "both,inside,0,500,40000,QĐ 2,Thử,2026-11-19,2026-12-31\n"
        "both,inside,0,500,50000,QĐ 3,Thử,2027-01-01,\n"
    )
    assert tariffs.import_tariffs(seeded, HEADER + rows, at=cast.monday).errors == ()
    taken = kit(seeded)
    assert [(each[4], each[6], each[7]) for each in taken["prices"]] == [
        (30_000, "2026-07-01", "2026-11-18"),
        (40_000, "2026-11-19", "2026-12-31"),
    ]
    assert taken["prices"][0][5] == "QĐ 1: gửi hồ sơ và nhận kết quả, trong tỉnh, đến 500 g"
    assert taken["tiers"][cast.commune_desk.place] == 1


def test_a_workstation_knows_until_when_what_it_took_along_holds(seeded: Store) -> None:
    with seeded.read() as reader:
        newest = reader.reference.versions(PROCEDURE)[-1]
    thursday = calendars.local(cast.monday).date() + timedelta(days=3)
    changing.draft(
        seeded, replace(newest, note="mới", valid_from=thursday, basis="QĐ mẫu"), draft_id="d1", by=dung, at=cast.monday
    )
    changing.publish(seeded, "d1", by=dung, at=cast.monday)
    until = {each["code"]: each["until"] for each in kit(seeded)["procedures"]}
    assert until[PROCEDURE] == "2026-11-18"
    assert until["1.001193"] == ""
