"""Whose datum it is: the sender's, somebody else's, an organisation's, or unknown. Every answer names its ground."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scrubber.finding import DataSubject
from scrubber.message import Sender
from scrubber.policy.authors import name_words
from scrubber.policy.clauses import MARK, Context, Page
from scrubber.policy.cues import read_cues
from scrubber.policy.folded import Pattern, compile_pattern, fold
from scrubber.policy.strict import read_yaml
from scrubber.values import normalise

_LISTS = (
    *("relation", "pronoun", "self", "held_by_person", "greeting", "i_am", "legal_form", "trade"),
    *("organisation_account", "organisation_place", "organisation_vehicle", "fleet", "resident", "personal_block"),
    *("desk", "pay_to", "private", "role_mailbox", "service_number", "postbox"),
)
_CORPORATE = frozenset(
    {"ADDRESS", "IBAN_CODE", "BANK_ACCOUNT", "LICENSE_PLATE", "PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS"}
)
_ACCOUNTS = frozenset({"IBAN_CODE", "BANK_ACCOUNT"})
_REACHED = frozenset({"PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS"})
_ALNUM = re.compile(rb"[a-z0-9]+")
_REACH = 240
_FORM_LINES = 3  # a line further down a form is about the form's own person again

Subject = tuple[DataSubject, str]


@dataclass(frozen=True, slots=True)
class WhoseCues:
    """rules/words/policy/whose.yaml, compiled."""

    lists: Mapping[str, Pattern]

    def found(self, name: str, text: bytes) -> bool:
        return self.lists[name].search(text) is not None


def load_whose(path: Path) -> WhoseCues:
    """SettingsError names the line of whatever is wrong in the file."""
    root = read_yaml(path).mapping(_LISTS, _LISTS)
    lists: dict[str, Pattern] = {}
    for name in _LISTS:
        pattern = read_cues(root[name])
        if pattern is None:
            root[name].refuse("at least one cue is wanted here")
        lists[name] = pattern
    return WhoseCues(lists)


@dataclass(frozen=True, slots=True)
class _Person:
    start: int
    end: int
    subject: Subject


class Whose:
    """Answers for one page (view)."""

    def __init__(
        self, page: Page, contexts: Sequence[Context], sender: Sender, desk: Sequence[str], cues: WhoseCues
    ) -> None:
        self._page = page
        self._cues = cues
        self._sender = sender
        self._names = name_words(sender.name)
        self._desk = tuple(address.lower().lstrip("@") for address in desk)
        self._known = {
            ("EMAIL_ADDRESS", normalise("EMAIL_ADDRESS", sender.email)),
            ("PHONE_NUMBER", normalise("PHONE_NUMBER", sender.phone)),
        } - {("EMAIL_ADDRESS", ""), ("PHONE_NUMBER", "")}
        self._domain = _domain_core(sender)
        self._business = {s.start: self._is_business(s.start, s.end) for s in page.segments if s.kind == "signature"}
        self._firm: bool | None = None
        self._fleet: bool | None = None
        self._first = next(iter(_ALNUM.findall(fold(sender.name))), b"")
        self._persons = {id(c): self._person(c) for c in contexts if c.finding.entity_type == "PERSON"}
        self._people = [
            _Person(c.finding.start, c.finding.end, self._persons[id(c)])
            for c in contexts
            if id(c) in self._persons and not cues.found("greeting", c.before[-40:])
        ]
        self._people_starts = [person.start for person in self._people]

    def of(self, context: Context) -> Subject:
        """(data subject, ground). The ground is "afzender", "handtekening", a cue list's name, "quote N", "naam"."""
        finding = context.finding
        kind = finding.entity_type
        text = self._page.view.text[finding.start : finding.end]
        if kind in _REACHED and (kind, normalise(kind, text)) in self._known:
            return "sender", "afzender"
        if kind == "PERSON":
            return self._persons[id(context)]
        if kind in _CORPORATE:
            ground = self._organisation(context, kind, text)
            if ground:
                return "organisation", ground
        return self._human(context)

    def _human(self, context: Context) -> Subject:
        segment = context.segment
        cues = self._cues
        if segment.kind == "quote" and segment.author == "third_party":
            return "third_party", f"quote {segment.number}"
        near = context.before[-_REACH:]
        if segment.kind == "signature":
            return ("third_party", "relation") if cues.found("relation", near[-60:]) else ("sender", "handtekening")
        after = _OF_WHOM.search(context.after)
        if cues.found("relation", near) or (after is not None and cues.found("relation", after.group())):
            return "third_party", "relation"
        if cues.found("pronoun", near + b" @"):
            return "third_party", "pronoun"
        if cues.found("self", near):
            return "sender", "self"
        person = self._nearest(context)
        if person is not None:
            return person
        if cues.found("relation", context.sentence_before):
            return "third_party", "relation"
        return "unknown", ""

    def _nearest(self, context: Context) -> Subject | None:
        """The last person named before the datum, in the same block of lines or close before it."""
        finding = context.finding
        index = bisect.bisect_left(self._people_starts, finding.start) - 1
        if index < 0:
            return None
        person = self._people[index]
        between = self._page.folded[person.end : finding.start]
        apart = b"\n\n" in between or b"\n \n" in between
        if len(between) > _REACH or (apart and not context.labelled):
            return None
        if context.labelled and between.count(b"\n") > _FORM_LINES and person.subject[0] == "third_party":
            mine = [p for p in self._people[:index] if p.subject[0] == "sender"]
            return mine[-1].subject if mine else person.subject
        return ("third_party", "naam") if person.subject[0] == "third_party" else person.subject

    def _person(self, context: Context) -> Subject:
        finding = context.finding
        words = name_words(self._page.view.text[finding.start : finding.end])
        initials = {word for word in _ALNUM.findall(self._page.folded[finding.start : finding.end]) if len(word) == 1}
        shared = words & self._names
        first = self._first
        before = context.before[-60:]
        if shared:
            strange = words - self._names
            if first in words or (not strange and (not initials or first[:1] in initials)):
                return "sender", "afzender"
            if strange and context.segment.kind != "signature" and first[:1] not in initials:
                return "third_party", "naam"
            return (
                ("sender", "afzender")
                if first[:1] in initials or context.segment.kind == "signature"
                else ("third_party", "naam")
            )
        if context.segment.kind == "signature":
            return "sender", "handtekening"
        if self._cues.found("i_am", before):
            return "sender", "i_am"
        if self._cues.found("relation", before) or self._cues.found("greeting", before):
            return "third_party", "relation"
        if self._names:
            return "third_party", "naam"
        return "unknown", ""

    def _organisation(self, context: Context, kind: str, text: str) -> str:
        cues, segment = self._cues, context.segment
        value = fold(text.strip().lstrip("+<(\"'"))
        if kind == "EMAIL_ADDRESS":
            address = text.strip().lower()
            if any(address == d or address.endswith("@" + d) for d in self._desk):
                return "desk"
            return "role_mailbox" if cues.found("role_mailbox", value) else ""
        if kind == "PHONE_NUMBER" and cues.found("service_number", value):
            return "service_number"
        if kind == "ADDRESS" and cues.found("postbox", value):
            return "postbox"
        clause = _line_of(context)
        if kind in _ACCOUNTS and any(
            cues.found("held_by_person", t) for t in (context.after[:80], context.before[-60:])
        ):
            return "trade" if self._firm_holds(context) else ""
        if segment.kind == "quote" and segment.author == "desk":
            return "" if _ADDRESSED.search(context.before[-60:]) else f"quote {segment.number}"
        if cues.found("desk", clause):
            return "desk"
        own_thing = _OWN_THING.get(kind)
        if own_thing and cues.found(own_thing, clause):
            return own_thing
        if kind != "LICENSE_PLATE" and kind not in _REACHED and self._trade_name(context, kind):
            return "trade"
        if kind not in _REACHED and self._firm_in_row(context):
            return "trade"
        if kind in _ACCOUNTS and segment.kind == "quote" and cues.found("pay_to", clause):
            return "pay_to"
        if segment.kind == "signature":
            return (
                "handtekening"
                if kind in {"ADDRESS", "PHONE_NUMBER"} | _ACCOUNTS and self._business[segment.start]
                else ""
            )
        if (
            kind == "IP_ADDRESS"
            or cues.found("private", clause)
            or cues.found("relation", context.before)
            or cues.found("pronoun", clause)
        ):
            return ""
        if (
            cues.found("legal_form", _OTHER_PARTY.sub(b"", context.block))
            and not self._foreign_name(context)
            and not (kind == "ADDRESS" and cues.found("personal_block", context.block))
        ):
            return "legal_form"
        if segment.kind == "own" and kind not in _REACHED and not self._foreign_name(context):
            if self._firm is None:
                self._firm = self._is_firm(self._sender)
            if self._firm:
                return "afzender"
            if kind == "LICENSE_PLATE" and self._about_fleet():
                return "fleet"
        return ""

    def _about_fleet(self) -> bool:
        if self._fleet is None:
            self._fleet = self._cues.found("fleet", self._page.own)
        return self._fleet

    def _is_firm(self, sender: Sender) -> bool:
        """Whether the sender is no person: a firm's name, or a firm's general mailbox."""
        if _FIRM.search(fold(sender.name)):
            return True
        address = fold(sender.email.strip())
        return bool(self._domain) and self._cues.found("role_mailbox", address)

    def _firm_holds(self, context: Context) -> bool:
        """Whether the name after "t.n.v." that was taken for a person's is a firm's."""
        start, end = context.finding.start, context.finding.end
        folded = self._page.folded
        for text in (
            folded[end : end + 80].split(b"\n", 1)[0],
            folded[max(0, start - 60) : start].rpartition(b"\n")[2],
        ):
            held = _HELD_BY_NAME.search(text)
            if held is not None and _FIRM.search(held.group().replace(b"t.n.v", b"")):
                return True
        return False

    def _firm_in_row(self, context: Context) -> bool:
        """Whether the datum stands in a row of a table that names a firm."""
        before, after = context.before.rpartition(b"\n")[2], context.after.split(b"\n", 1)[0]
        row = before + MARK + after
        if row.count(b";") + row.count(b"|") + row.count(b"\t") < 2:
            return False
        return self._cues.found("legal_form", row) or self._cues.found("trade", row)

    def _trade_name(self, context: Context, kind: str) -> bool:
        """A firm's name in brackets or as holder after the datum, or right before an address."""
        after = _HELD_BY.search(context.after)
        if after is not None and self._cues.found("trade", after.group()):
            return True
        if kind != "ADDRESS" or self._cues.found("resident", context.before[-100:]):
            return False
        before = _NAMED_BEFORE.search(context.before[-64:])
        if before is not None and not _SENTENCE.search(before.group()) and self._cues.found("trade", before.group()):
            return True
        above = [line for line in context.before[-160:].split(b"\n")[:-1] if line.strip()]
        return len(context.before.rpartition(b"\n")[2].strip()) < 3 and any(
            len(line) < 90 and not _SENTENCE.search(line) and self._cues.found("trade", line) for line in above[-2:]
        )

    def _foreign_name(self, context: Context) -> bool:
        """Whether somebody else is named between the start of the block and the datum, not merely "t.a.v."."""
        person = self._nearest(context)
        return (
            person is not None
            and person[0] == "third_party"
            and b"t.a.v" not in context.before
            and b"tav" not in context.before
        )

    def _is_business(self, start: int, end: int) -> bool:
        text = self._page.masked[start : min(end, start + 800)]
        if self._cues.found("legal_form", text) or self._cues.found("trade", text) or b"www." in text:
            return True
        if not self._domain:
            return False
        # Unmasked: a firm's name may have been taken for a person's.
        text = _MAILBOX.sub(b" ", self._page.folded[start : min(end, start + 800)])
        return self._domain in b"".join(_ALNUM.findall(text))


_FIRM = compile_pattern(
    r"\b(?:b\.?v|n\.?v|v\.?o\.?f|vzw|bvba|gmbh|ltd|stichting|vereniging|vve|v\.v\.e|holding|gemeente|maatschap|cooperatie|"
    r"kerk|parochie|school|basisschool|praktijk|huisartsen\w*|tandarts\w*|bestuur|club|sportclub|administratie)\b"
)
_HELD_BY_NAME = compile_pattern(r"\b(?:t\.?n\.?v|ten name van|op naam van)\b[^\n]{0,60}")
_MAILBOX = re.compile(rb"[\w.+-]*@[\w.-]+")
_OF_WHOM = compile_pattern(r"^[ \t]*\(?(?:is |(?:dat|dit|die) is )?(?:van|voor|mn|mijn|m'n|de|het) [^,.;:\n]{2,40}")
_HELD_BY = compile_pattern(r"^[ \t\n,]*(?:\(|t\.?n\.?v\b|ten name van|op naam van|/|-)[^\n]{0,60}")
_NAMED_BEFORE = compile_pattern(r"(?:^|[\n|.:])[^\n.;:]{3,60}[,|(\n]\s*$")
_SENTENCE = compile_pattern(r"\b(?:naar|uw|jullie|ik|wij|we|is|mijn|m'n|bij|woon\w*|kom\w*|ga\w*|verhui\w*)\b")
_OTHER_PARTY = re.compile(
    rb"(?m)^[^\n]*\b(?:incassant|leverancier|geadresseerde|ontvanger|verhuurder|werkgever)\b[^\n]*$|"
    rb"\bbeste [^\n,]*,|\bgeachte [^\n,]*,"
)
_OWN_THING = {
    "IBAN_CODE": "organisation_account",
    "BANK_ACCOUNT": "organisation_account",
    "ADDRESS": "organisation_place",
    "LICENSE_PLATE": "organisation_vehicle",
}


def _line_of(context: Context) -> bytes:
    """The clause, without the lines above where the datum's own line says anything."""
    line = context.before.rpartition(b"\n")[2]
    return line + MARK + context.after if len(line.strip()) > 2 else context.clause


_ADDRESSED = compile_pattern(r"\b(?:uw|je|jouw|your|u woont|u (?:nog )?(?:steeds )?(?:woont|verblijft)|woonachtig)\b")
_FREE_MAIL = frozenset(
    b"gmail hotmail outlook live icloud me mac yahoo ziggo kpnmail kpnplanet planet hetnet home xs4all "
    b"telenet skynet proximus scarlet "
    b"caiway solcon upcmail casema quicknet chello zonnet tele2 protonmail proton gmx wp msn aol mail onet "
    b"student".split()
)


def _domain_core(sender: Sender) -> bytes:
    """The sender's mail domain as letters, where it is a firm's: no free mail, not just the sender's own name."""
    domain = fold(sender.email.rpartition("@")[2])
    core = domain.rpartition(b".")[0].rpartition(b".")[2]
    bare = b"".join(_ALNUM.findall(core))
    name = b"".join(_ALNUM.findall(fold(sender.name)))
    if len(bare) < 5 or core in _FREE_MAIL or bare in name:
        return b""
    return bare


_ORDER: tuple[DataSubject, ...] = ("third_party", "organisation", "sender", "unknown")


def combine(subjects: Iterable[Subject]) -> Subject:
    """One answer for all places of one value: what the channel says of the sender, else the most careful answer."""
    found = list(dict.fromkeys(subjects))
    if ("sender", "afzender") in found:
        return "sender", "afzender"
    return min(found, key=lambda subject: _ORDER.index(subject[0]), default=("unknown", ""))
