"""Which person is spoken of right beside a datum: kin, one who paid, the person of its row, somebody named before."""

from __future__ import annotations

from scrubber.policy.clauses import Context, Page
from scrubber.policy.firms import Firms
from scrubber.policy.folded import compile_pattern
from scrubber.policy.named import People
from scrubber.policy.subjects import WhoseCues

# "boek hem maar terug": what is paid or sent is no person.
_THING = compile_pattern(
    r"\b(?:boek|stort|zet|maak|stuur|haal|doe|leg|schrijf|crediteer|verreken|betaal|lever|wijzig)"
    r"(?:en|t)? (?:u )?(?:hem|ze|m)\b|"
    r"\b(?:hem|ze|m) (?:dan |maar |ook |weer |graag )?(?:op|toe|na|terug|ver)?-?(?:sturen|bezorgen|leveren|"
    r"afleveren|verzenden|"
    r"brengen)\b"
)


class Beside:
    """Answers for one page (view)."""

    def __init__(self, page: Page, cues: WhoseCues, firms: Firms, people: People) -> None:
        self._page = page
        self._cues = cues
        self._firms = firms
        self._people = people

    def human(self, context: Context, clause: bytes) -> bool:
        """Whether a private thing, kin, a pronoun or the sender as payer is spoken of."""
        cues, firms = self._cues, self._firms
        if cues.found("private", clause) or cues.found("relation", context.before):
            return True
        if cues.found("pronoun", _THING.replaced(clause, b" ")):
            return True
        if not cues.found("paid_from", clause):
            return False
        # "Ons betaalbewijs: van @ naar uw rekening": a firm that pays does so from its own account.
        if cues.found("mine", clause) or not firms.sender_writes_for_one:
            return True
        return not (cues.found("ours", clause) or firms.in_own_words or firms.staffed)

    def row_of_person(self, context: Context, clause: bytes) -> bool:
        """Whether the datum stands in a row that begins with a person, or in the record of one who owes."""
        if self._cues.found("debtor", clause):
            return True
        line = context.before.rpartition(b"\n")[2]
        if line.count(b",") + line.count(b";") + line.count(b"|") < 2 or b"t.a.v" in line or b"tav" in line:
            return False
        nearest, last = self._people.nearest(context), self._people.last_before(context.finding.start)
        if nearest is None or last is None or nearest[0] != "third_party":
            return False
        low = context.finding.start - len(line)
        first_cell = self._page.folded[low : last.start]
        return last.start >= low and not first_cell.strip(b" \t-*|\"'0123456789.)")

    def foreign_name(self, context: Context) -> bool:
        """Whether somebody else is named between the start of the block and the datum, not merely "t.a.v."."""
        person = self._people.nearest(context)
        return (
            person is not None
            and person[0] == "third_party"
            and b"t.a.v" not in context.before
            and b"tav" not in context.before
        )
