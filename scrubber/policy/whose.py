"""Whose datum it is: the sender's, somebody else's, an organisation's, or unknown. Every answer names its ground."""

from __future__ import annotations

from collections.abc import Sequence

from scrubber.message import Sender
from scrubber.policy.clauses import Context, Page
from scrubber.policy.firms import Firms
from scrubber.policy.folded import compile_pattern
from scrubber.policy.named import REACH, People
from scrubber.policy.organisation import Organisations
from scrubber.policy.subjects import Subject, WhoseCues
from scrubber.values import normalise

# Whom the message greets and what the screen says are nobody of whom data are given.
_SALUTED = compile_pattern(
    r"^\W*(?:(?:geachte|beste|dag|hallo|goede\w+) )?(?:de )?(?:heer|mevrouw|mevr|mw|dhr|meneer)[. ]*%+,|"
    r"\b(?:hij|ie|zij) (?:zegt|geeft|toont|meldt|vraagt|laat zien)\b"
)
_OF_WHOM = compile_pattern(r"^[ \t]*\(?(?:is |(?:dat|dit|die) is )?(?:van|voor|mn|mijn|m'n|de|het) [^,.;:\n]{2,40}")


class Whose:
    """Answers for one page (view)."""

    def __init__(
        self,
        page: Page,
        contexts: Sequence[Context],
        sender: Sender,
        desk: Sequence[str],
        cues: WhoseCues,
        said: bytes = b"",
    ) -> None:
        self._page = page
        self._cues = cues
        # How the channel says the sender is reached.
        self._reached = {
            ("EMAIL_ADDRESS", normalise("EMAIL_ADDRESS", sender.email)),
            ("PHONE_NUMBER", normalise("PHONE_NUMBER", sender.phone)),
        } - {("EMAIL_ADDRESS", ""), ("PHONE_NUMBER", "")}
        firms = Firms(page, sender, cues, said)
        self._people = People(page, contexts, sender, cues, firms)
        self._organisations = Organisations(page, desk, cues, firms, self._people)

    def of(self, context: Context) -> Subject:
        """(data subject, ground). The ground is "afzender", "handtekening", a cue list's name, "quote N", "naam"."""
        finding = context.finding
        kind = finding.entity_type
        if kind == "PERSON":
            return self._people.subject(context)
        text = self._page.view.text[finding.start : finding.end]
        if (kind, normalise(kind, text)) in self._reached:
            return "sender", "afzender"
        ground = self._organisations.ground(context, kind, text)
        return ("organisation", ground) if ground else self._human(context)

    def _human(self, context: Context) -> Subject:
        segment = context.segment
        cues = self._cues
        if segment.kind == "quote" and segment.author == "third_party":
            return "third_party", f"quote {segment.number}"
        near = _SALUTED.replaced(context.before[-REACH:], b" ")
        if segment.kind == "signature":
            return ("third_party", "relation") if cues.found("relation", near[-60:]) else ("sender", "handtekening")
        after = _OF_WHOM.search(context.after)
        if cues.found("relation", near) or (after is not None and cues.found("relation", after.group())):
            return "third_party", "relation"
        if cues.found("pronoun", near + b" @"):
            return "third_party", "pronoun"
        if cues.found("self", near):
            return "sender", "self"
        person = self._people.nearest(context)
        if person is not None:
            return person
        if cues.found("relation", context.sentence_before):
            return "third_party", "relation"
        return "unknown", ""
