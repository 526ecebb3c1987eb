"""How a datum is spoken of: the lines that lead to it, quoted speech, a turn of the sentence, words for a firm."""

from __future__ import annotations

from scrubber.policy.clauses import MARK, Context, Page
from scrubber.policy.folded import Pattern, compile_pattern

# What a firm or another body is called.
BODY = (
    r"(?:zaak|\w*winkel|toko|\w*praktijk|\w*school|restaurant|cafe|eetcafe|hotel|pension|camping|pizzeria|\w*kantoor|"
    r"\w*bedrijf|werkplaats|garage|\w*salon|atelier|studio|zaal|feestzaal|vestiging|filiaal|magazijn|loods|firma|bv|"
    r"b\.v\.|vof|vve|\w*vennootschap|maatschap|stichting|\w*vereniging|\w*club|kerk|moskee|parochie|harmonie|"
    r"fanfare|koor|"
    r"dorpsraad|wijkraad|ouderraad|ziekenhuis|kliniek|apotheek|bakkerij|slagerij|kwekerij|\w*boerderij|manege|fabriek|"
    r"showroom|opvang|kinderopvang|kinderdagverblijf|uitzendbureau|organisatie|onderneming|\w*ploeg|werkgever|"
    r"scouting|orkest|"
    r"oudercommissie|\w*bond|kringloop\w*|voedselbank|zwembad|sporthal|bibliotheek|museum|theater|\w*super|supermarkt|"
    r"bouwmarkt|tuincentrum|kapper|tandarts\w*|huisarts\w*|dierenarts\w*|fysio\w*|notaris\w*|\w*makelaar\w*|"
    r"accountant\w*|"
    r"dealer|leverancier|hoofdkantoor|clublokaal|clubhuis|kantine|\w*kas|skoalle|bedrijfspand|fietsenmaker|uitvaart\w*|"
    r"aannemer|deurwaarder|incassobureau)"
)
# ... and who else sends bills or holds an account.
PAYEE = (
    rf"(?:{BODY}|\w*onderneming|\w*stichting|\w*corporatie|gemeente|waterschap|hovenier\w*|schilder\w*|loodgieter\w*|"
    r"installateur\w*|rijschool|klooster|abdij|advocaat|advocaten\w*|zorgverlener|schadehersteller|autoschade\w*|"
    r"woningbouw\w*|belastingdienst|zorggroep|begraafplaats|crematorium|universiteit|hogeschool)"
)
_BUT = compile_pattern(
    r"\b(?:maar|niet meer)\b|\b(?:i\.?p\.?v\.?|in ?plaats van)(?: (?:op|naar|aan|bij|de|het|mijn huisadres))*[ :(]*$"
)
_QUOTES = (b'"', b"'", b">")
LEAD = 200  # characters


def lead(page: Page, context: Context) -> bytes:
    """What stands before the datum in its part of the message and in its paragraph, some lines of it."""
    start = context.finding.start
    text = page.masked[max(context.segment.start, start - LEAD) : start]
    return text.rpartition(b"\n\n")[2]


def line_of(context: Context) -> bytes:
    """The clause, without the lines above where the datum's own line says anything."""
    line = context.before.rpartition(b"\n")[2]
    return line + MARK + context.after if len(line.strip()) > 2 else context.clause


def dumped(context: Context) -> bool:
    """Whether the datum stands in quoted speech, in markup, in JSON: that repeats somebody's words or record."""
    line = context.before.rpartition(b"\n")[2]
    if line[-1:] in _QUOTES or line.count(b'"') % 2:
        return True
    return line.lstrip()[:1] in (*_QUOTES, b"{", b"<")


def still_said(pattern: Pattern, clause: bytes) -> bool:
    """Whether the pattern is found in the clause also after a "but": "niet naar kantoor, maar naar @"."""
    if not pattern.found(clause):
        return False
    turn = last_match(_BUT, clause[: max(0, clause.find(MARK))])
    return turn < 0 or pattern.found(clause[turn:])


def last_match(pattern: Pattern, text: bytes) -> int:
    """Where the last match ends; -1 without one."""
    return max((match.end() for match in pattern.finditer(text)), default=-1)
