"""Whose datum it is: the sender's, somebody else's, an organisation's, or unknown. Every answer names its ground."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass

from scrubber.message import Sender
from scrubber.policy.authors import name_words
from scrubber.policy.clauses import MARK, Context, Page
from scrubber.policy.firms import Firms, plain
from scrubber.policy.folded import compile_pattern, fold
from scrubber.policy.subjects import Subject, WhoseCues
from scrubber.policy.things import (
    also_home,
    at_home_before,
    beside_one,
    firm_banks,
    firms_place,
    firms_vehicle,
    holder_in_xml,
    lead,
    new_seat,
    ones_account,
    other_vehicle,
    our_account,
    sent_there,
    still_said,
    works_there,
)
from scrubber.values import normalise

_CORPORATE = frozenset(
    {"ADDRESS", "IBAN_CODE", "BANK_ACCOUNT", "LICENSE_PLATE", "PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS"}
)
_ACCOUNTS = frozenset({"IBAN_CODE", "BANK_ACCOUNT"})
_REACHED = frozenset({"PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS"})
_ALNUM = re.compile(rb"[a-z0-9]+")
_REACH = 240
_FORM_LINES = 3  # a line further down a form is about the form's own person again


@dataclass(frozen=True, slots=True)
class _Person:
    start: int
    end: int
    subject: Subject


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
        self._names = name_words(sender.name)
        self._desk = tuple(address.lower().lstrip("@") for address in desk)
        self._known = {
            ("EMAIL_ADDRESS", normalise("EMAIL_ADDRESS", sender.email)),
            ("PHONE_NUMBER", normalise("PHONE_NUMBER", sender.phone)),
        } - {("EMAIL_ADDRESS", ""), ("PHONE_NUMBER", "")}
        self._firms = Firms(page, sender, cues, said)
        self._business: dict[int, bool] = {}
        self._first = next(iter(_ALNUM.findall(fold(sender.name))), b"")
        self._persons = {id(c): self._person(c) for c in contexts if c.finding.entity_type == "PERSON"}
        self._people = [
            _Person(c.finding.start, c.finding.end, self._persons[id(c)])
            for c in contexts
            if id(c) in self._persons
            and not cues.found("greeting", c.before[-40:])
            and not self._firms.is_name(c.finding.start, c.finding.end)
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
        near = _SALUTED.replaced(context.before[-_REACH:], b" ")
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
        if kind in _REACHED:
            return self._reached(context, kind, clause)
        if segment.kind == "quote" and segment.author != "desk" and self._firms.fraud:
            return ""  # what a cheat calls his firm
        if kind in _ACCOUNTS:
            holder = holder_in_xml(self._page, context)
            if holder:
                return "" if b"%" in holder and not self._firms.is_called(holder) else "trade"
            if ones_account(context) and not cues.found("trade", clause):
                return ""
            if self._firms.holds(context):
                return "trade"
        if kind in _ACCOUNTS and any(
            cues.found("held_by_person", t) for t in (context.after[:80], context.before[-60:])
        ):
            return ""
        if segment.kind == "quote" and segment.author == "desk":
            if _ADDRESSED.found(context.before[-60:]) or (context.labelled and _RECORD.found(context.paragraph)):
                return ""
            return f"quote {segment.number}"
        if self._row_of_person(context, clause):
            return ""
        if (kind == "ADDRESS" and also_home(context)) or (kind == "LICENSE_PLATE" and other_vehicle(context)):
            return ""
        return self._named(context, kind, clause) or self._around(context, kind, clause)

    def _reached(self, context: Context, kind: str, clause: bytes) -> str:
        """By which a person or a firm is reached: telephone, mail, internet address."""
        cues, segment = self._cues, context.segment
        if segment.kind == "quote" and segment.author == "desk":
            return "" if _ADDRESSED.found(context.before[-60:]) else f"quote {segment.number}"
        if cues.found("desk", clause):
            return "desk"
        if segment.kind == "signature":
            return "handtekening" if kind == "PHONE_NUMBER" and self._signed(context) else ""
        if kind == "IP_ADDRESS" or self._human_near(context, clause) or self._foreign_name(context):
            return ""
        return "legal_form" if self._firms.by_legal_form(context, clause) else ""

    def _named(self, context: Context, kind: str, clause: bytes) -> str:
        """What the words right at the datum say: "jullie rekening", "ons kantoor", a firm's name before the address."""
        cues, firms = self._cues, self._firms
        if cues.found("desk", clause):
            return "desk"
        own_thing = _OWN_THING[kind]
        if kind == "ADDRESS":
            if beside_one(context) and not firms.sender_writes_for_one:
                return ""
            if firms_place(context):
                return "trade"
            if cues.found("lives", context.before) or sent_there(context):
                return ""
            if new_seat(context) and firms.sender_writes_for_one and not cues.found("other_party", clause):
                return "organisation_place"
        if still_said(cues.lists[own_thing], clause) and not (
            (kind == "ADDRESS" and _at_home(context.before[-40:]))
            or (kind == "LICENSE_PLATE" and self._drives(context, clause))
            or (kind in _ACCOUNTS and cues.found("private", clause))
        ):
            return own_thing
        if _of_firm(context, kind):
            return "trade"
        if kind in _ACCOUNTS and (firms.has_account(context) or firm_banks(self._page, context)):
            return "organisation_account"
        if kind in _ACCOUNTS and firms.sender_writes_for_one and our_account(context):
            return "ours"
        if kind != "LICENSE_PLATE" and firms.by_trade(context, kind):
            return "trade"
        if firms.in_row(context):
            return "trade"
        if kind in _ACCOUNTS and context.segment.kind == "quote" and cues.found("pay_to", clause):
            return "pay_to"
        if kind == "LICENSE_PLATE" and context.segment.kind == "own":
            for_one, alone = firms.sender_writes_for_one, self._of_its_own(context)
            if firms_vehicle(lead(self._page, context), context, for_one=for_one, alone=alone):
                return "organisation_vehicle"
            if self._works_with(context, clause):
                return "fleet"
        return ""

    def _of_its_own(self, context: Context) -> bool:
        """Whether nobody else who may drive is spoken of near the datum."""
        near = context.sentence_before + b" " + context.before
        if self._firms.tends_vehicles or _OPPONENT.found(self._lead(context)):
            return False
        return not self._cues.found("other_party", near)

    def _drives(self, context: Context, clause: bytes) -> bool:
        """Whether somebody's own vehicle is spoken of, for all that it is a taxi or a tractor."""
        if _OF_WORK.found(clause):
            return False
        if _ANOTHERS_VEHICLE.found(clause):
            return True
        if self._cues.found("ours", clause):
            return False
        tows = _TOWS.found(context.before) and not self._firms.sender_writes_for_one
        return (tows or _OPPONENT.found(self._lead(context))) and not self._cues.found("legal_form", clause)

    def _lead(self, context: Context) -> bytes:
        """What stands above and before the datum, some lines of it."""
        start = context.finding.start
        return self._page.masked[max(context.segment.start, start - 160) : start]

    def _works_with(self, context: Context, clause: bytes) -> bool:
        """Whether a firm speaks of a vehicle of its own, whoever drives it."""
        cues, firms = self._cues, self._firms
        if cues.found("private", clause) or _MY_OWN.found(clause) or cues.found("other_party", clause):
            return False
        if _OPPONENT.found(self._lead(context)):
            return False
        if _HIS.found(context.before) or _SEEN.found(context.before) or _dumped(context):
            return False
        if firms.fleet:
            return not cues.found("relation", context.before)
        if not firms.sender_writes_for_one:
            return False
        if cues.found("work_vehicle", clause):
            return True
        return firms.drives and not (self._foreign_name(context) or cues.found("relation", context.before))

    def _around(self, context: Context, kind: str, clause: bytes) -> str:
        """What the block, the signature, the sender say."""
        cues, segment, firms = self._cues, context.segment, self._firms
        if segment.kind == "signature":
            signed = self._signed(context) or (kind == "ADDRESS" and firms.named)
            return "handtekening" if kind != "LICENSE_PLATE" and signed else ""
        if self._human_near(context, clause):
            return ""
        if kind == "ADDRESS" and (cues.found("lives", context.before) or works_there(context)):
            return ""
        foreign = self._foreign_name(context)
        spoken = _dumped(context) and not cues.found("legal_form", clause)
        if not foreign and not spoken and firms.by_legal_form(context, clause):
            return "legal_form"
        if segment.kind != "own" or cues.found("other_party", clause):
            return ""
        of_person = cues.found("personal_block", context.block) and not cues.found("legal_form", plain(context.block))
        if kind == "ADDRESS" and not of_person and self._in_business_park(context):
            return "business_park"
        about_another = of_person or cues.found("other_party", context.sentence_before + b" " + context.before)
        if (
            firms.sender_is_one
            and (not foreign or b"%" not in context.before)
            and (not about_another or cues.found("ours", clause))
        ):
            return "afzender"
        if not firms.sender_writes_for_one:
            return ""
        if _OURS_AT.found(context.before[-60:]):
            return "ours"
        if foreign and not (kind in _ACCOUNTS and not about_another and _DEBIT.found(clause)):
            return ""
        if cues.found("mine", clause):
            return "afzender" if not _POSSESSED.found(clause) and self._given(context, kind, clause) else ""
        if spoken:
            return ""
        if kind == "ADDRESS" and firms.household:
            return ""
        if cues.found("ours", clause):
            return "ours"
        if kind == "ADDRESS" and not context.labelled and firms.premises:
            return "" if at_home_before(lead(self._page, context)) else "premises"
        if kind in _ACCOUNTS and firms.in_own_words and not cues.found("self", clause):
            return "legal_form"
        return "afzender" if self._given(context, kind, clause) else ""

    def _in_business_park(self, context: Context) -> bool:
        """Whether the street is one of firms, and the sender writes for one or about where people work."""
        text = fold(self._page.view.text[context.finding.start : context.finding.end])
        if not self._cues.found("business_park", text):
            return False
        return self._firms.sender_writes_for_one or _WORKPLACE.found(context.paragraph)

    def _given(self, context: Context, kind: str, clause: bytes) -> bool:
        """Whether somebody who presents a firm gives a datum without another word: then it is the firm's own.

        What it writes about others, a person's record, a place where work is done, a list, is not.
        """
        cues = self._cues
        if not self._firms.presents_one or _dumped(context) or _ANOTHERS.found(clause):
            return False
        if cues.found("other_party", context.paragraph if _ITEM.found(context.line) else context.block):
            return False
        if cues.found("personal_block", self._page.own if b":" in context.line else context.block):
            return False
        if kind == "ADDRESS":
            return not _ELSEWHERE.found(clause)
        return not (_SEEN.found(context.before) if kind == "LICENSE_PLATE" else _PERSON_AFTER.found(context.after))

    def _human_near(self, context: Context, clause: bytes) -> bool:
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
        return not (cues.found("ours", clause) or firms.in_own_words)

    def _row_of_person(self, context: Context, clause: bytes) -> bool:
        """Whether the datum stands in a row that begins with a person, or in the record of one who owes."""
        if self._cues.found("debtor", clause):
            return True
        line = context.before.rpartition(b"\n")[2]
        if line.count(b",") + line.count(b";") + line.count(b"|") < 2 or b"t.a.v" in line or b"tav" in line:
            return False
        person = self._nearest(context)
        if person is None or person[0] != "third_party":
            return False
        index = bisect.bisect_left(self._people_starts, context.finding.start) - 1
        low, start = context.finding.start - len(line), self._people[index].start
        lead = self._page.folded[low:start]
        return start >= low and not lead.strip(b" \t-*|\"'0123456789.)")

    def _signed(self, context: Context) -> bool:
        start = context.segment.start
        if start not in self._business:
            self._business[start] = self._firms.signs(start, context.segment.end)
        return self._business[start]

    def _foreign_name(self, context: Context) -> bool:
        """Whether somebody else is named between the start of the block and the datum, not merely "t.a.v."."""
        person = self._nearest(context)
        return (
            person is not None
            and person[0] == "third_party"
            and b"t.a.v" not in context.before
            and b"tav" not in context.before
        )


_FIRM = (
    r"(?:zaak|winkel|toko|praktijk|school|skoalle|restaurant|kantoor|\w*bedrijf|bedrijfspand|werkplaats|garage|salon|atelier|studio"
    r"|vestiging|filiaal|firma|vennootschap|maatschap|stichting|vereniging|club|kerk|ziekenhuis|kliniek|hotel|bakkerij|slagerij"
    r"|apotheek|fabriek|magazijn|showroom|fietsenmaker|uitvaart\w*|notaris\w*|onderneming|werkgever|aannemer|manege|koor"
    r"|kinderopvang|kinderdagverblijf|makelaar\w*|leverancier|deurwaarder|incassobureau|verhuurder)"
)
# Where a firm is, which account is a firm's, as the words right at the datum say it.
_SITS_AT = compile_pattern(
    rf"\b{_FIRM}(?: zelf| is| zit| ligt| staat| gevestigd| hiernaast| onder ons)* ?(?:op|in|aan|te|:|,"
    rf"|\() ?(?:de |het )?$|"
    r"\b(?:mijn|m'n|mn|me) werk\W{0,3}(?:das|dat is|is)? ?$"
)
_FIRMS_ACCOUNT = compile_pattern(
    rf"\b(?:van|vanaf|naar|op|aan) (?:de |het |onze |ons )?(?:rekening van (?:de |het "
    rf"|onze )?)?{_FIRM}(?: zelf)?:? ?\(?$|"
    rf"\b{_FIRM}(?: \(|, | kunnen, (?:hij|zij|die) gaf | gaf )$|"
    r"\b(?:derdengelden|kwaliteits|g-|bedrijfs|verenigings|zakelijke )-?rekening\b[^.\n%]{0,24}$"
    r"|\baf\b[^\n]{0,90}\bnaar: ?$"
)
_THAT_FIRMS = compile_pattern(
    rf"^[ ,.)(]{{0,3}}(?:(?:dat|dit|die) is )?(?:de rekening )?(?:van|is van) (?:de |het |onze )?{_FIRM}\b|"
    r"^, (?:bouw|aannemers|schilders|installatie|loodgieters|klus|schoonmaak)bedrijf\b"
)
_DESKS_VEHICLE = compile_pattern(
    r"\b(?:uw|jullie) (?:\w+ )?(?:\w*bus|\w*busje|vrachtwagen|bezorgauto|wagen)\b[^.\n%]{0,24}$"
    r"|\b(?:van|voor) de zaak\b[^\n%]{0,14}$"
)


def _of_firm(context: Context, kind: str) -> bool:
    """Whether the words right at the datum say of which firm it is: "de zaak zit op @", "incasso vanaf de toko: @"."""
    before = context.before[-100:]
    if kind == "ADDRESS":
        return _SITS_AT.found(before)
    if kind == "LICENSE_PLATE":
        return _DESKS_VEHICLE.found(before)
    return _FIRMS_ACCOUNT.found(before) or _THAT_FIRMS.found(context.after[:60])


def _dumped(context: Context) -> bool:
    """Whether the datum stands in quoted speech, in markup, in JSON: that repeats somebody's words or record."""
    line = context.before.rpartition(b"\n")[2]
    return line[-1:] in _QUOTES or line.lstrip()[:1] in _QUOTES or line.lstrip()[:1] in (b"{", b"<")


_QUOTES = (b'"', b"'", b">")
_ANOTHERS_VEHICLE = compile_pattern(
    r"\b(?:mijn|m'n|mn|me|zijn|z'n|haar|hun|diens|eigen) (?:[a-z-]+ ){0,2}"
    r"(?:taxi\w*|\w*bus|\w*busje|\w*wagen|\w*auto|trekker|tractor|oplegger|camion\w*)\b"
)
_OF_WORK = compile_pattern(
    r"\b(?:lease|bedrijfs|firma|dienst|pool)-?\w+|"
    r"\bvan (?:de|het|mijn|ons|onze|zijn|haar) (?:zaak|bedrijf|firma|werk|baas|werkgever)\b"
)
_TOWS = compile_pattern(r"\b(?:trekker|oplegger|aanhanger|trailer|tractor)\b")
_ANOTHERS = compile_pattern(
    r"\b(?:zijn|z'n|haar|hun|diens|hij|zij|ze|hem)\b[^.?!\n]{0,30}(?:@|$)|"
    r"\b(?:zijn|z'n|haar|hun|diens) (?:bank)?(?:rekening\w*|iban|adres|kenteken)\b[^.?!\n]{0,60}(?:@|$)"
)
# The account that a firm pays from, whoever of its people is named beside it.
_DEBIT = compile_pattern(
    r"\b(?:incass\w*|geincasseerd|afschrij\w*|afgeschreven|domicili\w*|machtiging|af te schrijven|leges)\b"
)
# Whom the message greets and what the screen says are nobody of whom data are given.
_SALUTED = compile_pattern(
    r"^\W*(?:(?:geachte|beste|dag|hallo|goede\w+) )?(?:de )?(?:heer|mevrouw|mevr|mw|dhr|meneer)[. ]*%+,|"
    r"\b(?:hij|ie|zij) (?:zegt|geeft|toont|meldt|vraagt|laat zien)\b"
)
# "boek hem maar terug": what is paid or sent is no person.
_THING = compile_pattern(
    r"\b(?:boek|stort|zet|maak|stuur|haal|doe|leg|schrijf|crediteer|verreken|betaal|lever|wijzig)"
    r"(?:en|t)? (?:u )?(?:hem|ze|m)\b"
)
_HIS = compile_pattern(r"\b(?:zijn|z'n|haar|hun|diens)(?: [\w-]+){0,2}[ \t(:]*$")
_OPPONENT = compile_pattern(r"\b(?:tegenpartij|wederpartij|veroorzaker|aanrijder|schadeveroorzaker)\b")
_SEEN = compile_pattern(
    r"\been (?:[\w-]+ ){0,2}(?:\w*bus|\w*busje|\w*wagen|\w*auto|truck|trekker|scooter|motor|voertuig)\b"
)
_ITEM = compile_pattern(r"^[ \t>]*(?:[-*]|\d{1,2}[.)])")
_OURS_AT = compile_pattern(
    r"\b(?:ons|onze) (?:\w+ )?(?:\w*adres|vestiging|(?:bank)?rekening\w*|iban|nummerplaat|kenteken)"
    r"(?: is| wordt| luidt)?[ \t\n:=]*$"
)
_MY_OWN = compile_pattern(r"\b(?:ik|mijn|m'n|mn|me|mijne|ikzelf|my)\b")
_POSSESSED = compile_pattern(r"\b(?:mijn|m'n|mn|me|mijne|eigen|my|mezelf|ikzelf|woon\w*)\b")
# Where a firm does its work, or what it lets or sells, is not where it sits.
_ELSEWHERE = compile_pattern(
    r"\b(?:pand|perceel|object|project|werf|bouwplaats|klus|aflever\w*|lever\w*|bezorg\w*|huurwoning|woning|appartement|"
    r"kavel|verhuurd\w*|te koop|verkocht|bezichtig\w*)\b"
)
_PERSON_AFTER = compile_pattern(
    r"^[ \t]*[,(]?[ \t]*(?:t\.?n\.?v\.?|op naam van|ten name van|van)? ?(?:de heer |mevr?\w*\.? |dhr\.? |partij )?%"
)
_RECORD = compile_pattern(
    r"\b(?:gegevens|aangepast|gewijzigd|geregistreerd|staat u|doorgegeven|opgegeven|op naam van)\b"
)
_OF_WHOM = compile_pattern(r"^[ \t]*\(?(?:is |(?:dat|dit|die) is )?(?:van|voor|mn|mijn|m'n|de|het) [^,.;:\n]{2,40}")
_HOME = compile_pattern(
    r"\b(?:mijn|m'n|mn|woon\w*|wonen\w*|thuis\w*|huisadres|bij mij|zijn huis|haar huis|klant|bewoner)\b"
)
_AT_WORK = compile_pattern(
    r"\b(?:mijn|m'n|mn|me) "
    r"(?:werk\w*|kantoor\w*|zaak|bedrijf\w*|winkel|praktijk\w*|salon|studio|atelier|baas|stage\w*)\b"
)


_WORKPLACE = compile_pattern(
    r"\b(?:(?:mijn|m'n|mn|me|het|ons) werk|werkgever|baas|vestiging\w*|filiaal|bedrijf\w*|kantoor\w*|pand|"
    r"magazijn|loods|zakelijk\w*)\b"
)
_NOT_AT_HOME = compile_pattern(
    r"\b(?:niemand|niet|nooit|zelden|weinig|i\.?p\.?v\.?|in plaats van)"
    r"(?: (?:meer|vaak|bij|naar|op|mij|mijn|ons|me|overdag)){0,3} (?:thuis|huis|huisadres|thuisadres)\b"
)


def _at_home(before: bytes) -> bool:
    return _HOME.found(_NOT_AT_HOME.replaced(_AT_WORK.replaced(before, b" "), b" "))


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
