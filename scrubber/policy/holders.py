"""Which firm a datum is of by the name beside it: its holder, the row, the block, the trade right before it."""

from __future__ import annotations

import re

from scrubber.policy.called import HELD_BY_NAME, OTHER_PARTY, plain, squeezed
from scrubber.policy.clauses import MARK, Context, Page
from scrubber.policy.firms import Firms
from scrubber.policy.folded import compile_pattern
from scrubber.policy.subjects import WhoseCues

# "t.n.v. Kok Bewindvoering inz. R. Bos": that person's account.
_ON_BEHALF = compile_pattern(
    r"\b(?:inz|inzake|t\.?b\.?v|ten behoeve van|betr|betreffende)\b\.?:? "
    r"(?:de heer |mevrouw |(?:dhr|mw|mevr|fam)\.? |[a-z]\.)|\binz\b\.?\s*$"
)
_HELD_BY = compile_pattern(r"^[ \t\n,]*(?:\(|t\.?n\.?v\b|ten name van|op naam van|/|-)[^\n]{0,60}")
_ACCOUNT_OF = compile_pattern(
    r"\b(?:rek|rekening\w*|rek\.?nr|iban\w*|bank(?:rekening|nummer|gegevens)\w*)[ \t:.(/-]*(?:nr\.? )?"
    r"(?:van |v/d |vd )?"
    r"(?:de |het |onze |ons |mijn |een )?[\w'.-]+(?: [\w'.-]+)?[^\w\n]{0,4}(?:is|luidt|blijft|:)?[^\w\n]{0,4}$"
)
_THAT_IS = compile_pattern(
    r"^\W*(?:dat|dit|het|die|deze)(?: rekening\w*| nummer| iban)? (?:is|wordt|luidt)\b[^%\n]{0,12}$"
)
_NAMED_BEFORE = compile_pattern(r"(?:^|[\n|.:?!])[^\n.;:]{3,60}[,|(\n]\s*$")
_AT_ONE = compile_pattern(
    r"\b(?:bij|naar|in|van|aan|voor) (?:de |het |onze |ons )?[a-z'-]+(?: [\w'&-]+){0,4}?[,(]?\s*"
    r"(?:(?:aan|op|in) (?:de |het )?|te )?$"
)
_SENTENCE = compile_pattern(r"\b(?:naar|uw|jullie|ik|wij|we|is|mijn|m'n|bij|woon\w*|kom\w*|ga\w*|verhui\w*)\b")
# "sinds de installatie van de laadpaal aan onze gevel (@": what is done, no firm.
_DEED = compile_pattern(
    r"\b\w*(?:installaties?|bouw|verhuur|advies|transport|opvang|levering|techniek|services?) (?:van|aan|voor)\b"
)
_PERSONAL = compile_pattern(r"\b(?:mijn|m'n|mn|mij|klant|bewoner|huis|thuis|woning|kamer)\b")
_PART = re.compile(rb"\n|(?<=[.!?])(?<!\b[a-z]\.[a-z]\.) ")  # "Kok B.V. zit op" goes on
_BEFORE_NAME = compile_pattern(
    r"^.*(?:[,(:?]|\b(?:is|zijn|heet|heten|bij|naar|van|voor|op|namelijk|nl|das|wordt|gaat|staat|ligt) )"
)
_WORDS = 5
_UNNAMED = compile_pattern(
    r"\b(?:uw|jullie|je|jouw|deze|die|een|mijn|m'n|mn|mij|klant|bewoner|huis|thuis|woning|kamer)\b"
)


class Holders:
    """Answers for one page (view)."""

    def __init__(self, page: Page, cues: WhoseCues, firms: Firms) -> None:
        self._page = page
        self._cues = cues
        self._firms = firms

    def holds(self, context: Context) -> bool:
        """Whether the name after "t.n.v.", which may have been taken for a person's, is a firm's."""
        start, end = context.finding.start, context.finding.end
        folded = self._page.folded
        after = [folded[end : end + min(80, len(context.after))].split(b"\n", 1)[0]]
        below = folded[end : min(end + 100, context.segment.end)].split(b"\n", 2)[1:2]
        after += [
            line for line in below if (held := HELD_BY_NAME.search(line)) and not line[: held.start()].strip(b" \t-*>")
        ]
        before = folded[max(0, start - min(60, len(context.before))) : start].rpartition(b"\n")[2]
        for text in (*after, before):
            held = HELD_BY_NAME.search(text)
            if held is None:
                continue
            name = held.group()
            if _ON_BEHALF.found(name):
                continue
            if self._firms.is_called(plain(name)) or (self._firms.domain and self._firms.domain in squeezed(name)):
                return True
        return bool(self._firms.domain) and squeezed(after[0][:60]).startswith(self._firms.domain)

    def has_account(self, context: Context) -> bool:
        """Whether "rekening praktijk:", "IBAN van de winkel is", "... van de club? Dat is" introduces an account."""
        lead = context.before
        if len(lead) < 40 and _THAT_IS.found(lead):
            lead = context.sentence_before.rstrip(b" \t\n.!?")
        elif lead.lstrip().startswith(b"van "):  # "... op de rek. van de club:": the dot ended no sentence
            lead = context.sentence_before + lead
        of = _ACCOUNT_OF.search(lead[-90:])
        return of is not None and (
            self._cues.found("trade", of.group()) or self._cues.found("firm_name", plain(of.group()))
        )

    def in_row(self, context: Context) -> bool:
        """Whether the datum stands in a row of a table that names a firm."""
        before, after = context.before.rpartition(b"\n")[2], context.after.split(b"\n", 1)[0]
        row = before + MARK + after
        if row.count(b";") + row.count(b"|") + row.count(b"\t") < 2:
            return False
        return self._cues.found("legal_form", plain(row)) or self._cues.found("trade", row)

    def by_trade(self, context: Context, kind: str) -> bool:
        """A firm's name in brackets or as holder after the datum, or right before an address."""
        after = _HELD_BY.search(context.after)
        folded = self._page.folded[context.finding.end : context.finding.end + 80]
        if (
            after is not None
            and not _ON_BEHALF.found(folded)
            and (
                self._cues.found("trade", after.group()) or (kind != "ADDRESS" and self._firms.is_called(after.group()))
            )
        ):
            return True
        before = _NAMED_BEFORE.search(context.before[-64:])
        if kind != "ADDRESS":
            if before is None:
                return False
            said = before.group() if not _SENTENCE.found(before.group()) else _last_name(before.group())
            return self._firms.is_called(said)
        if self._cues.found("resident", context.before[-100:]):
            return False
        if before is not None and self._names_trade(before.group()):
            return True
        at = _AT_ONE.search(context.before[-80:])
        if at is not None and not _PERSONAL.found(at.group()) and self._firms.is_called(at.group()):
            return True
        start = context.finding.start
        own = self._firms.unplaced(max(context.segment.start, start - 60), start).rpartition(b"\n")[2]
        if self._firms.domain and self._firms.domain in squeezed(own) and not _PERSONAL.found(own):
            return True  # "Kapsalon Zon, @" of zon's own mail domain
        above = [line for line in context.before[-160:].split(b"\n")[:-1] if line.strip()]
        return len(context.before.rpartition(b"\n")[2].strip()) < 3 and any(
            len(line) < 90 and not _SENTENCE.found(line) and self._cues.found("trade", line) for line in above[-2:]
        )

    def _names_trade(self, before: bytes) -> bool:
        """Whether what stands right before an address, or the last name in it, is a firm's."""
        cues, last = self._cues, _last_name(before)
        if not _SENTENCE.found(before) and cues.found("trade", _DEED.replaced(before, b" ")):
            return True
        return bool(last) and not _UNNAMED.found(last) and (cues.found("trade", last) or self._firms.is_called(last))

    def by_legal_form(self, context: Context, clause: bytes) -> bool:
        """Whether a legal form or a trade register number stands in the block of the datum, and not for another."""
        cues = self._cues
        block = context.block
        if context.finding.entity_type != "ADDRESS" and not self._firms.sender_writes_for_one:
            # A line or a sentence that holds another datum is about that one.
            block = b"\n".join([clause, *(part for part in _PART.split(block) if b"%" not in part)])
        if not cues.found("legal_form", plain(OTHER_PARTY.replaced(block, b""))):
            return False
        if context.finding.entity_type == "ADDRESS" and cues.found("personal_block", context.block):
            return False
        return not (
            (cues.found("mine", clause) or cues.found("other_party", clause))
            and not cues.found("legal_form", plain(clause))
        )


def _last_name(before: bytes) -> bytes:
    """The last stretch before a datum that can be a name: "verkoper is Garage Kok, " gives "garage kok"."""
    said = before.rstrip(b" ,|(\n").rpartition(b"\n")[2]
    name = _BEFORE_NAME.replaced(said, b"").strip()
    return name if 0 < len(name.split()) <= _WORDS else b""
