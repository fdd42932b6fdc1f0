"""Two people at one screen: the second signs with a secret of his own, and the first stays signed in."""

from dataclasses import dataclass

from fastapi import Request

from postal.domain.people import Actor, Custodian
from postal.domain.refusals import Refused
from postal.services import accounts
from postal.services.accounts import WrongSignIn
from postal.settings import Settings
from postal.store import Store
from postal.web import security

_tries = security.Tries(most=10, seconds=300)


class NoSecondPerson(Refused):
    """Nobody signed beside the one who is signed in."""

    code = "no_second_person"
    vi = "Chưa có người nhận ký. Người nhận gõ tên đăng nhập và mật khẩu của mình."
    en = "Nobody signed for the receiving side. The receiver types an own user name and password."


class NotInThatPosition(Refused):
    """The second person does not answer for the position that shall receive."""

    code = "not_in_that_position"
    vi = "{name} chưa phụ trách {position}. Nhận ca vị trí đó trước, hoặc chọn nơi nhận khác."
    en = "{name} does not hold {position}. Take over that position first, or choose another receiver."


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """What the second person typed."""

    username: str
    password: str

    @property
    def is_empty(self) -> bool:
        """Tell whether nobody typed anything."""
        return not self.username.strip() and not self.password


def second_person(request: Request, store: Store, settings: Settings, signature: Signature) -> Actor:
    """Return who signed. Raises: NoSecondPerson, WrongSignIn, TooManyTries."""
    if signature.is_empty:
        raise NoSecondPerson
    username = signature.username.strip().lower()
    _tries.must_be_left(username, security.caller(request), hotline=settings.hotline)
    try:
        return accounts.check_password(store, username, password=signature.password, device="web")
    except WrongSignIn:
        _tries.count(username, security.caller(request))
        raise


def must_act_for(somebody: Actor, custodian: Custodian) -> None:
    """Refuse a signature for a position that somebody else holds. Raises: NotInThatPosition."""
    if not somebody.acts_for(custodian):
        raise NotInThatPosition(name=somebody.name, position=custodian)
