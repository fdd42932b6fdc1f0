"""What a button of the form does: take a match, then look up everything that can be.

Every step sends the whole form and gets it back with more in it, so it works without any script; nothing typed is lost.
"""

from postal.queries import counter
from postal.web.registering import communes, papers, procedure, route, sender
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


def repeat(draft: Draft, dossier: str) -> None:
    """Fill in the sender of an earlier dossier of this office."""
    known = counter.sender_of(draft.store, dossier, actor=draft.actor)
    if known is not None:
        sender.fill_in(draft, known)


def _pick(draft: Draft, step: str) -> None:
    """Take one of several offered matches: `commune:sender:20242`, `procedure:2.000635`."""
    what, _, rest = step.partition(":")
    if what == "procedure":
        procedure.choose(draft, rest)
    if what == "commune":
        group, _, code = rest.partition(":")
        communes.choose(draft, group, code)
