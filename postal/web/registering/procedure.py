"""The procedure of the form: found by what was typed, or chosen among several, with its fees in force."""

from postal.domain.procedures import UnknownProcedure
from postal.queries import counter, procedures, tariffs
from postal.web.registering.drafts import Draft


def choose(draft: Draft, code: str) -> None:
    """Take a procedure by its code, the one a clerk chose among several."""
    typed = draft.form.typed
    typed |= {"procedure": code, "procedure_for": typed.get("procedure_q", "")}


def find(draft: Draft) -> None:
    """Look up what was typed: one procedure is opened, several are offered."""
    typed = draft.form.typed
    asked = typed.get("procedure_q", "")
    if asked and not (typed.get("procedure") and asked == typed.get("procedure_for")):
        choice = counter.find_procedure(draft.store, asked, on=draft.today)
        draft.procedures = () if choice.chosen else choice.matches
        choose(draft, choice.chosen)
        if not (choice.chosen or choice.matches):
            draft.form.refuse("procedure_q", _not_found(draft, asked))
        draft.turn_to = draft.turn_to or ("complete" if choice.chosen else "procedure_q")
    if not asked and not typed.get("procedure_for"):
        typed["procedure"] = ""
    if typed.get("procedure"):
        _open(draft, typed["procedure"])


def _not_found(draft: Draft, asked: str) -> str:
    """Return what became of a procedure that was abolished, or how to look for one."""
    gone = procedures.abolished(draft.store, asked, on=draft.today)
    return gone or f"Chưa thấy thủ tục “{asked}”. Gõ tên tắt (ví dụ: khai sinh, lltp) hoặc mã thủ tục."


def _open(draft: Draft, code: str) -> None:
    try:
        draft.procedure = procedures.procedure(draft.store, code, on=draft.today)
    except UnknownProcedure as refused:
        draft.form.refuse("procedure_q", refused)
        draft.form.typed["procedure"] = ""
        return
    version = draft.procedure.version.version
    draft.fees = tariffs.fees_view(draft.store, procedure=code, version=version, at=draft.at)
