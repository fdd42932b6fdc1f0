"""What a button of the form does: take a match, then look up everything that can be.

Every step sends the whole form and gets it back with more in it, so it works without any script; nothing typed is lost.
"""

from postal.domain.dossier import Dossier
from postal.queries import counter
from postal.web.registering import communes, papers, procedure, route, sender, tariff
from postal.web.registering.drafts import Draft


def take(draft: Draft, step: str) -> None:
    """Do what a button asked for, then look everything up that can be."""
    _pick(draft, step)
    sender.read_card(draft)
    sender.recall(draft)
    for group in communes.GROUPS:
        communes.find(draft, group)
    procedure.find(draft)
    papers.lay_out(draft)
    if step == "complete":
        papers.complete(draft)
    if step == "more_lines":
        papers.add_lines(draft)
    route.find(draft)
    tariff.propose_postage(draft)


def repeat(draft: Draft, dossier: str) -> None:
    """Fill in the sender of an earlier dossier of this office, and what was asked for then."""
    known = counter.sender_of(draft.store, dossier, actor=draft.actor)
    earlier = counter.earlier(draft.store, dossier, actor=draft.actor)
    if known is not None and earlier is not None:
        sender.fill_in(draft, known)
        draft.form.typed |= _asked_for(earlier)
        procedure.choose(draft, earlier.procedure)


def _asked_for(earlier: Dossier) -> dict[str, str]:
    """Return the fields that the next dossier of the same sender usually has in common with the one before."""
    again = {"procedure_q": earlier.procedure}
    if earlier.service:
        again["service"] = earlier.service.value
    if earlier.return_way:
        again["return_way"] = earlier.return_way.value
    if earlier.return_place:
        again["return_place"] = earlier.return_place
    if earlier.postage.collected:
        again["postage"] = again["postage_proposed"] = str(earlier.postage.collected)
    return again


def _pick(draft: Draft, step: str) -> None:
    """Take one of several offered matches: `commune:sender:20242`, `procedure:2.000635`."""
    what, _, rest = step.partition(":")
    if what == "procedure":
        procedure.choose(draft, rest)
    if what == "commune":
        group, _, code = rest.partition(":")
        communes.choose(draft, group, code)
