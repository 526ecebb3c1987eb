"""Whose an account is by the words around it: a firm's that collects or banks, "onze rekening", or one person's."""

from __future__ import annotations

from scrubber.policy.clauses import Context, Page
from scrubber.policy.folded import compile_pattern
from scrubber.policy.wording import BODY, LEAD, PAYEE

_FIRMS_ACCOUNT = compile_pattern(
    rf"\b(?:van|vanaf|naar|op|aan) (?:de |het |onze |ons )?(?:rekening van (?:de |het "
    rf"|onze )?)?{BODY}(?: zelf)?:? ?\(?$|"
    rf"\b{BODY}(?: \(|, |(?: kunnen)?, (?:hij|zij|die) gaf | gaf )$|"
    r"\b(?:derdengelden|kwaliteits|g-|bedrijfs|verenigings|zakelijke )-?rekening\b[^.\n%]{0,24}$"
    r"|\baf\b[^\n]{0,90}\bnaar: ?$"
)
_THAT_ONES = compile_pattern(
    rf"^[ ,.)(]{{0,3}}(?:(?:dat|dit|die) is )?(?:de rekening )?(?:van|is van) (?:de |het |onze )?{BODY}\b|"
    r"^, (?:bouw|aannemers|schilders|installatie|loodgieters|klus|schoonmaak)bedrijf\b"
)
# Which account is a firm's: the firm collects, banks, has it.
_FIRM_BANKS = compile_pattern(
    rf"\b(?:de|het|onze|ons) (?:\w+ )?{BODY} (?:(?:int|incasseert|gebruikt|bankiert|ontvangt|rekent)\b|"
    r"heeft\b[^.!?\n%]{0,40}\b(?:bank|rekening\w*|nummer|iban)\b)[^.!?\n%]{0,40}$|"
    r"\b(?:naar|vanaf|van|via|in) (?:de|onze|ons) \w*kas[ :(,]*$|"
    rf"\b(?:lopende|rekening\w*|iban|bank) van (?:de|het|onze|ons) (?:\w+ )?{BODY}[ :(,]*$"
)
_THAT_FIRMS = compile_pattern(
    rf"^[ ,(]{{1,3}}van (?:de|het|onze|ons) (?:\w+ )?{BODY}\b|"
    r"^[^.!?\n%]{0,24}[.,;] (?:maar )?(?:dat|dit|die) (?:is|was) (?:nog )?"
    rf"(?:de (?:\w*rekening\w*|iban)|het \w*nummer|die)? ?van (?:de|het|onze|ons) (?:\w+ )?{PAYEE}\b"
)
_OUR_ACCOUNT = compile_pattern(
    r"\b(?:ons|onze) (?:\w+ )?(?:(?:bank|post)?rekening\w*|iban|bank|bankgegevens|banknummer|nummer)\b"
    r"[^.!?\n%]{0,90}[ \t\n:=(,]$"
)
_MINE = compile_pattern(r"\b(?:ik|mijn|m'n|mn|me|mij|mijne|eigen|prive|spaar\w*)\b")
_HERS = compile_pattern(
    r"\b(?:zijn|z'n|haar|diens) (?:eigen |oude |nieuwe |prive)?(?:bank|giro|spaar|betaal)?-?"
    r"(?:rekening\w*|iban|giro\w*)(?: is| nr| nummer)?[ \t,:(]*$"
)
_XML_NAME = compile_pattern(r"<(?:\w+:)?(?:nm|name|naam)>[^<\n]{1,80}</(?:\w+:)?(?:nm|name|naam)>")
_XML = compile_pattern(r"<(?:\w+:)?(?:iban|id|acct|account\w*)>[ \t]*$")
_DEBIT = compile_pattern(
    r"\b(?:incass\w*|geincasseerd|afschrij\w*|afgeschreven|domicili\w*|machtiging|af te schrijven|leges)\b"
)


def firms_account(context: Context) -> bool:
    """Whether the words right at the account say of which firm it is: "incasso vanaf de toko: @"."""
    return _FIRMS_ACCOUNT.found(context.before[-100:]) or _THAT_ONES.found(context.after[:60])


def firm_banks(page: Page, context: Context) -> bool:
    """Whether a firm is said to bank there: "de club int op @", "@. Dat is de rekening van de club"."""
    end = context.finding.end
    if _THAT_FIRMS.found(page.masked[end : min(end + 100, context.segment.end)]):
        return True
    found = _FIRM_BANKS.search(context.before)
    return found is not None and not _MINE.found(found.group())


def our_account(context: Context) -> bool:
    """Whether "onze rekening ... @" stands there, with nothing of "mine" in between."""
    found = _OUR_ACCOUNT.search(context.before)
    return found is not None and not _MINE.found(found.group())


def ones_account(context: Context) -> bool:
    """Whether the account is right away called his or hers, or a person's name follows it in a bank's file (MT940)."""
    return _HERS.found(context.before[-60:]) or context.after.lstrip().startswith(b"/name/%")


def holder_in_xml(page: Page, context: Context) -> bytes:
    """The last name element above an account in markup, "%" for what is a person's; b"" where there is none."""
    start = context.finding.start
    if page.folded[start - 1 : start] != b">":
        return b""
    above = page.masked[max(context.segment.start, start - LEAD) : start]
    if not _XML.found(above):
        return b""
    names = _XML_NAME.finditer(above)
    return names[-1].group().partition(b">")[2].partition(b"<")[0] if names else b""


def debited(clause: bytes) -> bool:
    """Whether a direct debit is spoken of: a firm pays so from its own account, whoever of its people is named."""
    return _DEBIT.found(clause)
