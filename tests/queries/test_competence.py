"""Who decides a case, looked up from an address of any era."""

from datetime import date

import pytest

from postal.domain.competence import NoCompetentPlace
from postal.queries import competence
from postal.store import Store
from tests import databases

ON = date(2026, 11, 23)


@databases.ON_SQLITE
def test_who_decides_comes_with_the_reason_and_its_basis(seeded: Store) -> None:
    found = competence.competent(seeded, "1.001193", case_commune="20410", on=ON)
    assert (found.authority.code, found.desk.code) == ("UB-20410", "MC-20410")
    assert "Luật Hộ tịch" in found.basis
    assert competence.competent(seeded, "3.000333", case_commune="20410", on=ON).desk.code == "MC-T48"
    with pytest.raises(NoCompetentPlace):
        competence.competent(seeded, "1.001193", case_commune="26740", on=ON)
