"""One table of permissions: complete, and a refusal that says who could."""

import unicodedata
from dataclasses import replace

import pytest

from postal.domain import permissions
from postal.domain.people import ROLE_NAMES, Role
from postal.domain.permissions import MAY, Forbidden, Permission
from tests import cast

PAIRS = [(role, permission) for role in Role for permission in Permission]


def test_the_table_is_complete_and_every_permission_is_somebodys() -> None:
    assert set(MAY) == set(Permission)
    assert all(MAY.values())


def test_every_role_may_do_something() -> None:
    assert {role for roles in MAY.values() for role in roles} == set(Role)


def test_every_permission_is_named_apart_as_a_clerk_would_say_it() -> None:
    names = [permission.value for permission in Permission]
    assert len(set(names)) == len(Permission.__members__)
    assert names == [unicodedata.normalize("NFC", name) for name in names]


@pytest.mark.parametrize(("role", "permission"), PAIRS, ids=lambda value: value.name.lower())
def test_an_actor_may_do_what_one_of_his_roles_may(role: Role, permission: Permission) -> None:
    somebody = replace(cast.lan, roles=frozenset({role}))
    assert permissions.may(somebody, permission) is (role in MAY[permission])
    if role in MAY[permission]:
        permissions.require(somebody, permission)
    else:
        with pytest.raises(Forbidden, match="lan"):
            permissions.require(somebody, permission)


def test_a_refusal_names_the_permission_and_the_roles_that_have_it() -> None:
    with pytest.raises(Forbidden) as refused:
        permissions.require(cast.nam, Permission.MANAGE_ACCOUNTS)
    assert Permission.MANAGE_ACCOUNTS.value in str(refused.value)
    assert ROLE_NAMES[Role.ADMIN] in str(refused.value)


def test_who_has_no_role_may_do_nothing() -> None:
    nobody = replace(cast.lan, roles=frozenset())
    assert not [permission for permission in Permission if permissions.may(nobody, permission)]


def test_the_post_does_not_decide_and_the_authority_does_not_register() -> None:
    post = {Role.COUNTER_CLERK, Role.CONTROLLER, Role.SORTING, Role.TRANSPORT, Role.POSTMAN}
    authority = {Role.DESK_OFFICER, Role.DEPARTMENT_OFFICER}
    assert not MAY[Permission.DECIDE] & post
    assert not MAY[Permission.RECEIVE_OFFICIALLY] & post
    assert not MAY[Permission.REGISTER] & authority


def test_who_manages_accounts_sees_no_personal_data() -> None:
    assert not MAY[Permission.MANAGE_ACCOUNTS] & MAY[Permission.SEE_PERSONAL_DATA]


def test_the_head_of_a_desk_does_what_its_officers_do_and_nothing_of_the_post() -> None:
    head = replace(cast.hoa, roles=frozenset({Role.DESK_OFFICER, Role.CONTROLLER}))
    assert permissions.leads(head)
    assert not permissions.leads(cast.hoa)
    assert not permissions.leads(cast.minh), "the head of a post office is none of a desk"
    same = [p for p in Permission if permissions.may(head, p) is permissions.may(cast.hoa, p)]
    assert same == list(Permission)
