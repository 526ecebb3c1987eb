"""Whether a datum is an organisation's, and by which ground: the firm that writes, is named, holds the account."""

from __future__ import annotations

from collections.abc import Sequence

from scrubber.policy.banking import (
    debited,
    firm_banks,
    firms_account,
    holder_in_xml,
    ones_account,
    our_account,
)
from scrubber.policy.beside import Beside
from scrubber.policy.called import plain
from scrubber.policy.clauses import Context, Page
from scrubber.policy.firms import Firms
from scrubber.policy.folded import compile_pattern, fold
from scrubber.policy.holders import Holders
from scrubber.policy.letterhead import head_of
from scrubber.policy.named import People
from scrubber.policy.payees import billed, named_after, paid_to, printed
from scrubber.policy.seats import (
    also_home,
    at_home,
    at_home_before,
    beside_one,
    elsewhere,
    firms_place,
    new_seat,
    post_to_us,
    sent_there,
    where_people_work,
    works_there,
)
from scrubber.policy.subjects import WhoseCues
from scrubber.policy.vehicles import Vehicles, desks_vehicle, other_vehicle, seen
from scrubber.policy.wording import dumped, lead, line_of, still_said

_CORPORATE = frozenset(
    {"ADDRESS", "IBAN_CODE", "BANK_ACCOUNT", "LICENSE_PLATE", "PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS"}
)
_ACCOUNTS = frozenset({"IBAN_CODE", "BANK_ACCOUNT"})
_REACHED = frozenset({"PHONE_NUMBER", "EMAIL_ADDRESS", "IP_ADDRESS"})
_OWN_THING = {
    "IBAN_CODE": "organisation_account",
    "BANK_ACCOUNT": "organisation_account",
    "ADDRESS": "organisation_place",
    "LICENSE_PLATE": "organisation_vehicle",
}
_ANOTHERS = compile_pattern(
    r"\b(?:zijn|z'n|haar|hun|diens|hij|zij|ze|hem)\b[^.?!\n]{0,30}(?:@|$)|"
    r"\b(?:zijn|z'n|haar|hun|diens) (?:bank)?(?:rekening\w*|iban|adres|kenteken)\b[^.?!\n]{0,60}(?:@|$)"
)
_ROOM = compile_pattern(
    r"\b(?:kamer|afdeling|plek|plaats|plak|chalet|huisje|bungalow|caravan|appartement|app|studio|woning|unit|kavel|"
    r"stacaravan)\b"
)
_ITEM = compile_pattern(r"^[ \t>]*(?:[-*]|\d{1,2}[.)])")
_OURS_AT = compile_pattern(
    r"\b(?:ons|onze) (?:\w+ )?(?:\w*adres|vestiging|(?:bank)?rekening\w*|iban|nummerplaat|kenteken)"
    r"(?: is| wordt| luidt)?[ \t\n:=]*$"
)
_PERSON_AFTER = compile_pattern(
    r"^[ \t]*[,(]?[ \t]*(?:t\.?n\.?v\.?|op naam van|ten name van|van)? ?(?:de heer |mevr?\w*\.? |dhr\.? |partij )?%"
)
_SPEAKERS = compile_pattern(
    r"\b(?:mijn|m'n|mn) (?:\w+ ){0,2}(?:\w*rekening\w*|iban|\w*adres|kenteken|auto|nummer|gironummer)\b[^.!?\n%]{0,40}$"
)
_RECORD = compile_pattern(
    r"\b(?:gegevens|aangepast|gewijzigd|geregistreerd|staat u|doorgegeven|opgegeven|op naam van)\b"
)
_ADDRESSED = compile_pattern(r"\b(?:uw|je|jouw|your|u woont|u (?:nog )?(?:steeds )?(?:woont|verblijft)|woonachtig)\b")
_POSSESSED = compile_pattern(r"\b(?:mijn|m'n|mn|me|mijne|eigen|my|mezelf|ikzelf|woon\w*)\b")


class Organisations:
    """Answers for one page (view)."""

    def __init__(self, page: Page, desk: Sequence[str], cues: WhoseCues, firms: Firms, people: People) -> None:
        self._page = page
        self._cues = cues
        self._desk = tuple(address.lower().lstrip("@") for address in desk)
        self._firms = firms
        self._beside = Beside(page, cues, firms, people)
        self._vehicles = Vehicles(page, cues, firms)
        self._holders = Holders(page, cues, firms)
        self._business: dict[int, bool] = {}

    def ground(self, context: Context, kind: str, text: str) -> str:
        """By which ground a datum of this kind, in these letters, is an organisation's; "" when it is none's."""
        if kind not in _CORPORATE:
            return ""
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
        clause = line_of(context)
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
            if self._holders.holds(context):
                return "trade"
        if kind in _ACCOUNTS and any(
            cues.found("held_by_person", t) for t in (context.after[:80], context.before[-60:])
        ):
            return ""
        if segment.kind == "quote" and segment.author == "desk":
            if _ADDRESSED.found(context.before[-60:]) or _SPEAKERS.found(context.before):
                return ""  # "mijn rekening": a desk has none
            if context.labelled and _RECORD.found(context.paragraph):
                return ""
            return f"quote {segment.number}"
        if self._beside.row_of_person(context, clause):
            return ""
        if (kind == "ADDRESS" and also_home(context)) or (kind == "LICENSE_PLATE" and other_vehicle(context)):
            return ""
        return self._named(context, kind, clause) or self._around(context, kind, clause)

    def _reached(self, context: Context, kind: str, clause: bytes) -> str:
        """By which a person or a firm is reached: telephone, mail, internet address."""
        segment = context.segment
        if segment.kind == "quote" and segment.author == "desk":
            return "" if _ADDRESSED.found(context.before[-60:]) else f"quote {segment.number}"
        if self._desks(context, clause):
            return "desk"
        if segment.kind == "signature":
            return "handtekening" if kind == "PHONE_NUMBER" and self._signed(context) else ""
        if kind == "IP_ADDRESS" or self._beside.human(context, clause) or self._beside.foreign_name(context):
            return ""
        return "legal_form" if self._holders.by_legal_form(context, clause) else ""

    def _desks(self, context: Context, clause: bytes) -> bool:
        """Whether the words call it the desk's: "uw rekening", but for a mail handed on, which is to another "u"."""
        handed_on = context.segment.kind == "quote" and context.segment.author == "third_party"
        return not handed_on and self._cues.found("desk", clause)

    def _named(self, context: Context, kind: str, clause: bytes) -> str:
        """What the words right at the datum say: "jullie rekening", "ons kantoor", a firm's name before the address."""
        cues, firms = self._cues, self._firms
        if self._desks(context, clause):
            return "desk"
        own_thing = _OWN_THING[kind]
        if kind != "LICENSE_PLATE" and firms.heads(head_of(self._page, context)):
            return "letterhead"
        if kind == "ADDRESS":
            if beside_one(context) and not firms.sender_writes_for_one:
                return ""
            if firms_place(context) or self._begins_with_one(context):
                return "trade"
            if cues.found("lives", context.before) or sent_there(context):
                return ""
            if new_seat(context) and firms.sender_writes_for_one and not cues.found("other_party", clause):
                return "organisation_place"
            if firms.presents_one and post_to_us(context):
                return "organisation_place"
        if still_said(cues.lists[own_thing], clause) and not (
            (kind == "ADDRESS" and at_home(context.before[-40:]))
            or (kind == "LICENSE_PLATE" and self._vehicles.driven(context, clause))
            or (kind in _ACCOUNTS and cues.found("private", clause))
        ):
            return own_thing
        if kind == "LICENSE_PLATE" and desks_vehicle(context):
            return "trade"
        if kind in _ACCOUNTS and firms_account(context):
            return "trade"
        if kind in _ACCOUNTS and (self._holders.has_account(context) or firm_banks(self._page, context)):
            return "organisation_account"
        if kind in _ACCOUNTS and (billed(context) or paid_to(context)):
            return "trade"
        if kind in _ACCOUNTS and firms.is_called(named_after(self._page, context)):
            return "trade"
        if kind in _ACCOUNTS and self._of_us(context):
            return "ours"
        if kind != "LICENSE_PLATE" and self._holders.by_trade(context, kind):
            return "trade"
        if self._holders.in_row(context):
            return "trade"
        if kind in _ACCOUNTS and context.segment.kind == "quote" and cues.found("pay_to", clause):
            return "pay_to"
        if kind == "LICENSE_PLATE" and context.segment.kind == "own":
            if self._vehicles.firms_one(context):
                return "organisation_vehicle"
            if self._vehicles.works_with(context, clause, foreign=self._beside.foreign_name(context)):
                return "fleet"
        return ""

    def _begins_with_one(self, context: Context) -> bool:
        """Whether what was found as an address begins with a firm's name, "Hotel Zon, Kade 1", and has no room."""
        start, end = context.finding.start, context.finding.end
        name, comma, rest = self._page.folded[start : min(end, start + 120)].partition(b",")
        if not comma or _ROOM.found(rest) or any(48 <= sign < 58 for sign in name):
            return False
        return self._firms.is_called(name) and not self._cues.found("lives", context.before)

    def _at_office(self, context: Context) -> bool:
        """Whether who signs for a firm names a department of it: "HR", "planning"."""
        if not self._firms.domain or not self._firms.sender_writes_for_one:
            return False
        return self._cues.found("department", context.before[-60:])

    def _of_us(self, context: Context) -> bool:
        """Whether who writes for a firm calls the account "ours", or writes of what the firm prints."""
        firms = self._firms
        if not firms.sender_writes_for_one:
            return False
        return printed(context) or (our_account(context) and not firms.household)

    def _around(self, context: Context, kind: str, clause: bytes) -> str:
        """What the block, the signature, the sender say."""
        cues, segment, firms = self._cues, context.segment, self._firms
        if segment.kind == "signature":
            signed = self._signed(context) or (kind == "ADDRESS" and (firms.named or self._at_office(context)))
            return "handtekening" if kind != "LICENSE_PLATE" and signed else ""
        if self._beside.human(context, clause):
            return ""
        if kind == "ADDRESS" and (cues.found("lives", context.before) or works_there(context)):
            return ""
        foreign = self._beside.foreign_name(context)
        spoken = dumped(context) and not cues.found("legal_form", clause)
        if not foreign and not spoken and self._holders.by_legal_form(context, clause):
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
        if foreign and not (kind in _ACCOUNTS and not about_another and debited(clause)):
            return ""
        if cues.found("mine", clause):
            return "afzender" if not _POSSESSED.found(clause) and self._given(context, kind, clause) else ""
        if spoken:
            return ""
        if (kind == "ADDRESS" or kind in _ACCOUNTS) and firms.household:
            return ""
        if cues.found("ours", clause):
            return "ours"
        if kind == "ADDRESS" and not context.labelled and firms.premises:
            return "" if at_home_before(lead(self._page, context)) else "premises"
        if (
            kind in _ACCOUNTS
            and (firms.in_own_words or (firms.holds_any and not of_person))
            and not cues.found("self", clause)
        ):
            return "legal_form"
        return "afzender" if self._given(context, kind, clause) else ""

    def _in_business_park(self, context: Context) -> bool:
        """Whether the street is one of firms, and the sender writes for one or about where people work."""
        text = fold(self._page.view.text[context.finding.start : context.finding.end])
        if not self._cues.found("business_park", text):
            return False
        return self._firms.sender_writes_for_one or where_people_work(context)

    def _given(self, context: Context, kind: str, clause: bytes) -> bool:
        """Whether somebody who presents a firm gives a datum without another word: then it is the firm's own.

        What it writes about others, a person's record, a place where work is done, a list, is not.
        """
        cues = self._cues
        if not self._firms.presents_one or dumped(context) or _ANOTHERS.found(clause):
            return False
        if cues.found("other_party", context.paragraph if _ITEM.found(context.line) else context.block):
            return False
        if cues.found("personal_block", self._page.own if b":" in context.line else context.block):
            return False
        if kind == "ADDRESS":
            return not elsewhere(clause)
        return not (seen(context) if kind == "LICENSE_PLATE" else _PERSON_AFTER.found(context.after))

    def _signed(self, context: Context) -> bool:
        start = context.segment.start
        if start not in self._business:
            self._business[start] = self._firms.signs(start, context.segment.end)
        return self._business[start]
