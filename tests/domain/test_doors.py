"""Several things for one door are one stop; what leads to no one house is a door for each person."""

from dataclasses import replace
from datetime import timedelta

from postal.domain import doors
from postal.domain.doors import Errand, Waiting
from tests import cast

FIRST = Waiting(
    code="P1",
    version=1,
    errand=Errand.DELIVER,
    office=cast.OFFICE,
    dossier="22222-22222",
    dossier_version=1,
    commune="20242",
    address="12 Lê Lợi",
    since=cast.monday,
    who="Lê Thị Hạnh",
)


def waiting(*things: tuple[str, str], commune: str = "20242") -> list[Waiting]:
    """Return things for these addresses and people."""
    return [
        replace(
            FIRST,
            code=f"P{number}",
            address=address,
            who=who,
            commune=commune,
            since=cast.monday + timedelta(minutes=number),
        )
        for number, (address, who) in enumerate(things, start=1)
    ]


def together(*things: tuple[str, str]) -> list[str]:
    """Return the codes of the things at each door."""
    return [" ".join(each.code for each in door.waiting) for door in doors.grouped(waiting(*things))]


def test_the_results_of_an_agent_with_many_dossiers_are_for_one_door() -> None:
    written = ["12 Lê Lợi", "số 12 đường Lê Lợi", "Số nhà 12, Lê Lợi", "12 đ. Lê Lợi", "12 LÊ LỢI"]
    assert together(*((address, f"Người {number}") for number, address in enumerate(written))) == ["P1 P2 P3 P4 P5"]


def test_neighbours_in_one_hamlet_are_doors_of_their_own_and_one_persons_things_are_not() -> None:
    assert together(
        ("Thôn 3", "Lê Thị Hạnh"), ("thôn 3", "Phạm Minh Tâm"), ("Thôn 03", "LÊ THỊ HẠNH"), ("Thôn 3", "")
    ) == ["P1 P3", "P2", "P4"]


def test_the_same_house_in_another_commune_is_another_door() -> None:
    here, there = waiting(("12 Lê Lợi", "A")), waiting(("12 Lê Lợi", "A"), commune="20257")
    assert len(doors.grouped([*here, *(replace(each, code="P9") for each in there)])) == 2


def test_a_door_knows_its_building_within_its_commune() -> None:
    (flat,) = doors.grouped(waiting(("Căn hộ 1205, chung cư Sơn Trà", "A")))
    (other,) = doors.grouped(waiting(("P.3, Chung cư Sơn Trà", "B"), commune="20257"))
    (hamlet,) = doors.grouped(waiting(("Thôn 3", "C")))
    assert flat.site is not None
    assert flat.site.partition(" ")[2] == "chung cu son tra"
    assert flat.site != other.site
    assert hamlet.site is None
