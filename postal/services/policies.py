"""What a place decides for itself, written by who leads it."""

from datetime import datetime

from postal.domain import permissions, policies
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.policies import Policy, PolicyName
from postal.store import Store


def set_policy(store: Store, name: PolicyName, *, value: str, basis: str, by: Actor, at: datetime) -> Policy:
    """Decide how one's own place works; the audit trail says who decided.

    How limits are counted holds for what is received from now on: a dossier keeps what it was received under.

    Raises: Forbidden, UnknownPolicy, NotForThisPlace, NoPolicyBasis, WrongHours.
    """
    permissions.require(by, Permission.SET_POLICY)
    with store.begin(at=at) as ledger:
        kind = ledger.reference.place(by.place).kind
        chosen = policies.checked(name, value, basis=basis, kind=kind)
        ledger.audit.note(
            account=by.account,
            place=by.place,
            what="policy_set",
            subject=by.place,
            detail=f"{name.value}: {chosen}. {basis}"[:256],
        )
        return ledger.policies.put(by.place, name, value=chosen, basis=basis[:256], account=by.account)
