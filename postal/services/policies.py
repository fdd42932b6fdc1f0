"""What a place decides for itself, written by who leads it."""

from datetime import datetime

from postal.domain import permissions
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.policies import Policy, PolicyName, whole_bag
from postal.store import Store


def set_policy(store: Store, name: PolicyName, *, value: str, basis: str, by: Actor, at: datetime) -> Policy:
    """Decide how one's own place works; the audit trail says who decided.

    Raises: Forbidden, UnknownPolicy.
    """
    permissions.require(by, Permission.SET_POLICY)
    chosen = whole_bag(value)
    with store.begin(at=at) as ledger:
        ledger.audit.note(
            account=by.account,
            place=by.place,
            what="policy_set",
            subject=by.place,
            detail=f"{name.value}: {chosen.value}. {basis}",
        )
        return ledger.policies.put(by.place, name, value=chosen.value, basis=basis[:256], account=by.account)
