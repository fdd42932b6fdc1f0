"""The sums of the form: proposed from the tables in force, and asked why where the clerk takes another one."""

from postal.domain.events import Service
from postal.domain.tariffs import Quote
from postal.queries import tariffs
from postal.queries.procedures import ProcedurePage
from postal.web import filters
from postal.web.registering.drafts import POSTED_PRICE, Draft


def propose_postage(draft: Draft) -> None:
    """Fill in the postage of the table in force, unless the clerk typed a sum of his own.

    A sum that this very step put there is `draft.is_new_postage`: the clerk has not seen it yet.
    """
    typed = draft.form.typed
    draft.postage = _quote(draft)
    before = typed.get("postage_proposed", "")
    is_ours = typed.get("postage", "") in ("", before)
    proposed = "" if draft.postage.amount is None else str(draft.postage.amount)
    if is_ours and not proposed and not typed.get("basis_proposed"):
        proposed = before  # repeated from the dossier before: it stands until a table says otherwise
    elif is_ours and proposed != typed.get("postage", ""):
        typed["postage"] = proposed
        draft.is_new_postage = bool(proposed)
    if typed.get("postage_basis", "") in ("", POSTED_PRICE, typed.get("basis_proposed", "")):
        typed["postage_basis"] = draft.postage.basis or POSTED_PRICE
    typed |= {"postage_proposed": proposed, "basis_proposed": draft.postage.basis}


def fees_due(draft: Draft) -> Quote:
    """Return the fees that are always due: by the table in force, else as the catalogue says."""
    if draft.fees is not None and draft.fees.due.amount is not None:
        return draft.fees.due
    version = draft.procedure.version if draft.procedure else None
    return Quote(amount=version.fee, basis=version.fee_basis) if version else Quote()


def propose_fees(draft: Draft) -> None:
    """Fill in the fees that are always due where none were typed."""
    due = fees_due(draft)
    if due.amount and not draft.form.typed.get("fees"):
        draft.form.typed |= {"fees": str(due.amount), "fees_basis": due.basis}


def postage_hint(draft: Draft) -> str:
    """Return what stands beside the postage: the sum of the table, or why there is none."""
    quote = draft.postage
    if quote.amount is None:
        return quote.why
    return f"Theo bảng giá: {filters.money(quote.amount)}. Thu khác thì ghi lý do ở ô căn cứ."


def fees_hint(draft: Draft) -> str:
    """Return what stands beside the fees: the sum of the table with its cases, or what the catalogue knows."""
    if draft.fees is None or not (draft.fees.cases or draft.fees.due.amount):
        return _of_the_catalogue(draft.procedure) if draft.procedure else ""
    due = draft.fees.due
    always = [f"Theo bảng phí: {filters.money(due.amount)}"] if due.amount is not None else []
    cases = [f"{each.case}: {filters.money(each.amount)} ({each.decision})" for each in draft.fees.cases]
    return ". ".join((*always, *cases)) + "."


def _of_the_catalogue(procedure: ProcedurePage) -> str:
    """Return the fee that the catalogue has with its basis, or that nobody has verified one."""
    if procedure.version.fee is None:
        return procedure.fee_note
    basis = f" ({procedure.fee_note})" if procedure.fee_note else ""
    return f"Theo danh mục: {filters.money(procedure.version.fee)}{basis}."


def check(draft: Draft) -> None:
    """Ask to take what the clerk has not seen yet, and why he takes another sum than the table says."""
    form, quote = draft.form, draft.postage
    if quote.amount is None:
        return
    price = filters.money(quote.amount)
    if draft.is_new_postage:
        form.refuse("postage", f"Cước theo bảng giá là {price}. Thu tiền rồi nhấn Lưu lần nữa.")
    elif form.money("postage") != quote.amount and form.text("postage_basis") in ("", POSTED_PRICE, quote.basis):
        form.refuse("postage_basis", f"Cước khác bảng giá ({price}). Ghi lý do vào ô này, hoặc sửa lại số tiền.")


def _quote(draft: Draft) -> Quote:
    route = draft.route
    sends = draft.service is not Service.RECEIVE
    return tariffs.postage_quote(
        draft.store,
        service=draft.service,
        office=draft.actor.place,
        desk=route.desk_place if route else "",
        weight_g=_weight(draft),
        tier_days=route.tier_days if route and sends and route.carrier else None,
        at=draft.at,
    )


def _weight(draft: Draft) -> int | None:
    """Return the weight as far as it can be read; the field's own check has the sentence."""
    typed = draft.form.typed.get("weight", "")
    return int(typed[:6]) if typed.isascii() and typed.isdigit() else None
