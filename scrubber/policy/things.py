"""Whose thing the words at a datum name: a firm's van, the place where it sits, its account, or a person's own."""

from __future__ import annotations

from scrubber.policy.clauses import MARK, Context, Page
from scrubber.policy.folded import Pattern, compile_pattern

_BODY = (
    r"(?:zaak|\w*winkel|toko|\w*praktijk|\w*school|restaurant|cafe|eetcafe|hotel|pension|camping|pizzeria|\w*kantoor|"
    r"\w*bedrijf|werkplaats|garage|\w*salon|atelier|studio|zaal|feestzaal|vestiging|filiaal|magazijn|loods|firma|bv|"
    r"b\.v\.|vof|vve|\w*vennootschap|maatschap|stichting|\w*vereniging|\w*club|kerk|moskee|parochie|harmonie|fanfare|koor|"
    r"dorpsraad|wijkraad|ouderraad|ziekenhuis|kliniek|apotheek|bakkerij|slagerij|kwekerij|\w*boerderij|manege|fabriek|"
    r"showroom|opvang|kinderopvang|kinderdagverblijf|uitzendbureau|organisatie|onderneming|\w*ploeg|werkgever|scouting|orkest|"
    r"oudercommissie|\w*bond|kringloop\w*|voedselbank|zwembad|sporthal|bibliotheek|museum|theater|\w*super|supermarkt|"
    r"bouwmarkt|tuincentrum|kapper|tandarts\w*|huisarts\w*|dierenarts\w*|fysio\w*|notaris\w*|\w*makelaar\w*|accountant\w*|"
    r"dealer|leverancier|hoofdkantoor|clublokaal|clubhuis|kantine|\w*kas)"
)
_VAN = (
    r"(?:\w*bus|\w*busje|\w*bussen|\w*busjes|bestel(?:bus|wagen|auto)\w*|(?:bak|koel|kraan)wagen\w*|vracht(?:wagen|auto)\w*|"
    r"truck\w*|oplegger\w*|\w*aanhanger\w*|aanhangwagen\w*|trailer\w*|(?:bedrijfs|dienst|pool)(?:auto|wagen)\w*|wagen|lease\w*|"
    r"camionette|wagens|voertuigen|sprinter|crafter|vito|transit|transporter|vivaro|trafic|ducato|berlingo|caddy)"
)
_ANY_VEHICLE = (
    r"(?:\w*bus|\w*busje|\w*wagen|\w*wagentje|\w*auto|\w*aanhanger|oplegger|trekker|\w*scooter|\w*fiets|lease\w*)"
)

# The vehicle of a firm, whoever writes: "de bus van de zaak".
_FIRMS_VEHICLE = compile_pattern(
    rf"\b{_ANY_VEHICLE} van (?:de|het|mijn|m'n|mn|ons|onze|een|zijn|haar) "
    rf"(?:{_BODY}|werk|baas|aannemer|installateur|koerier\w*|bezorgdienst|leverancier|gemeente)\b"
)
_LETTERED = compile_pattern(r"\b(?:opschrift|belettering|logo|reclame)\b[^.!?\n]{0,40}$")
_OTHER_VEHICLE = compile_pattern(
    r"\b(?:tegenpartij|wederpartij|veroorzaker|prive|zzp\w*|freelancer|onderaannemer|inhuurkracht|"
    r"(?:mijn|m'n|mn|zijn|z'n|haar|hun) eigen|(?:mijn|m'n|mn|zijn|z'n|haar|hun) (?:\w+ ){0,2}"
    r"(?:\w*auto\w*|\w*wagen\w*|\w*bus|\w*busje|scooter|motor|fiets|golf\w*|polo|aanhanger|caravan|camper))\b"
)
_OF_WORK = compile_pattern(r"\b(?:lease|bedrijfs|dienst|firma|pool|werk)-?(?:auto|wagen|bus)\w*")
# A van right before or after the plate, in what a firm writes: "ours", or one that only firms have. A driver who comes
# with "de bestelbus" speaks of what he drives himself.
_OURS = rf"(?:\b(?:onze?|een van (?:de|onze)) (?:\w+ )?{_VAN}|\b(?:bedrijfs|dienst|pool)(?:auto|wagen|bus)\w*)"
_VAN_BEFORE = compile_pattern(
    rf"{_OURS}(?:[ :(,-]+(?:is|heeft|met|het|de|nummer|kenteken|plaat|dat|volgens mij|[a-z0-9]{{2,12}})){{0,4}}"
    r"[ \t:(=,-]*$"
)
_VAN_AFTER = compile_pattern(rf"^[ \t,(-]{{1,4}}(?:is )?{_OURS}\b")
_VAN_ABOVE = compile_pattern(rf"\b(?:onze?|een van de|twee|drie|vier) (?:\w+ )?{_VAN}\b[^%]{{0,120}}$")
_NAMED_ONLY = compile_pattern(r"^\W*(?:(?:het|dit|dat) (?:is|gaat om|betreft) (?:de )?|kenteken\w*(?: is)?)[ :]*$")
_OURS_AFTER = compile_pattern(
    rf"^[ \t,(-]{{1,4}}(?:is |dat is )?(?:(?:een|de) (?:\w+ )?{_VAN} van ons|onze?|de onze|van ons|van de zaak)\b"
)
_SEEN = compile_pattern(r"\been (?:[\w-]+ ){0,2}(?:\w*bus|\w*busje|\w*wagen|\w*auto|truck|aanhanger)\b")
_OF_CLIENT = compile_pattern(r"\bvan (?:mijn|een|onze|de) (?:klant|client|huurder|verzekerde|buur\w*|vriend\w*)\b")
_HIS = compile_pattern(r"\b(?:zijn|z'n|haar|hun|diens)(?: [\w-]+){1,2}[ \t(:]*$")

# Where a firm sits, in spite of a home spoken of before it.
_SITS_AT = compile_pattern(
    rf"\b{_BODY}(?: zelf| is| zit| ligt| staat| betaalt| gevestigd)* ?(?:op|in|aan|te|:|,|\() ?(?:de |het )?$|"
    r"\b(?:het|ons) terrein(?: is| zit| ligt)?(?: op| aan)?[ ,:(]*$"
)
_DWELLS = compile_pattern(
    r"\b(?:woon\w*|wonen\w*|verblij\w*|slaap\w*|slapen|logeer\w*|logeren|kamer|appartement|inwon\w*)\b[^,.;%]{0,40}$|"
    r"\b(?:boven|achter|naast|tegenover) (?:de|het|mijn|onze?) [\w-]+\W{0,3}$|"
    r"\b(?:mijn|m'n|mn|zijn|haar|hun) (?:\w+ )?(?:\w*boerderij|studio|loods|garage|atelier)\W{0,3}$"
)
# "de winkel leverde aan @": where a firm sends something to is not where it is.
_SENDS = compile_pattern(
    rf"\b{_BODY}\b[^%]*\b(?:leverde|levert|stuurde|stuurt|verstuurde|bezorgde|bezorgt|bracht|brengt|geleverd|gestuurd|"
    r"bezorgd|of (?:ze|zij|hij)|dat (?:wij|we|ik))\b[^%]*\b(?:naar|aan|op|bij|in) (?:de |het )?$"
)
_ONE_OF = compile_pattern(
    r"\b(?:monteur|medewerk\w+|chauffeur|bezorger|man|vrouw|iemand|klant|lid|leerling|collega|eigenaar) "
    r"van (?:de|het|een) [\w-]+\W{0,3}$"
)
_DWELT_IN = compile_pattern(r"^ ?(?:woon\w*|wonen|gewoond|verblij\w*)\b")
_BESIDE = compile_pattern(
    r"\b(?:naast|tegenover|boven|vlak ?bij|nabij|langs) (?:de|het|een|mijn|onze?|ons) (?:\w+ )?"
    r"[\w-]+[, (]*(?:op|aan|in)? ?(?:de |het )?$"
)
_NEW_SEAT = compile_pattern(
    r"\b(?:nieuwe|tweede|derde|huidige) (?:pand|locatie|bedrijfsruimte|ruimte|unit|hal)\b[^.!?\n%]{0,30}$"
)
_BUT = compile_pattern(r"\b(?:maar|niet meer)\b")
_AT_HOME_AFTER = compile_pattern(
    r"^[ \t\n]*[(,/-]+[ \t]*(?:dit is |dat is |= )?(?:ook |tevens |mijn |is )*"
    r"(?:thuis\w*|huisadres|prive\w*|woonadres|woning|woonhuis)\b"
)
_PRIVATE = compile_pattern(r"\b(?:prive-?adres\w*|huisadres|thuisadres|woonadres)\b")
_WORKS_AT = compile_pattern(
    r"\b(?:wij|we|ik) (?:\w+ ){0,2}(?:verbouwen|renoveren|schilderen|stuken|stucen|slopen|isoleren|monteren|"
    r"plaatsen|installeren|werken|verbouw|"
    r"renoveer|schilder|werk)\b[^.;\n%]{0,40}\b(?:op|aan|bij|in)\W*$|"
    r"\b(?:werk|werkzaamheden|klus\w*) (?:op|aan|bij|in)[ \t]+(?:de |het )?$|"
    r"\b(?:container|steiger|dixi|bouwhek\w*)\b[^.;\n%]{0,24}$"
)

# Which account is a firm's: the firm collects, banks, has it.
_FIRM_BANKS = compile_pattern(
    rf"\b(?:de|het|onze|ons) (?:\w+ )?{_BODY} (?:(?:int|incasseert|gebruikt|bankiert|ontvangt|rekent)\b|"
    r"heeft\b[^.!?\n%]{0,40}\b(?:bank|rekening\w*|nummer|iban)\b)[^.!?\n%]{0,40}$|"
    r"\b(?:naar|vanaf|van|via|in) (?:de|onze|ons) \w*kas[ :(,]*$|"
    rf"\b(?:lopende|rekening\w*|iban|bank) van (?:de|het|onze|ons) (?:\w+ )?{_BODY}[ :(,]*$"
)
_THAT_FIRMS = compile_pattern(
    rf"^[ ,(]{{1,3}}van (?:de|het|onze|ons) (?:\w+ )?{_BODY}\b|"
    r"^[^.!?\n%]{0,24}[.,;] (?:dat|dit|die) (?:is|was) (?:nog )?"
    rf"(?:de (?:\w*rekening\w*|iban)|het \w*nummer|die)? ?van (?:de|het|onze|ons) (?:\w+ )?{_BODY}\b"
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
_LEAD = 200


def lead(page: Page, context: Context) -> bytes:
    """What stands before the datum in its part of the message and in its paragraph, some lines of it."""
    start = context.finding.start
    text = page.masked[max(context.segment.start, start - _LEAD) : start]
    return text.rpartition(b"\n\n")[2]


def firms_vehicle(before: bytes, context: Context, *, for_one: bool, alone: bool) -> bool:
    """Whether the words say that a vehicle is a firm's.

    `before`: its `lead`; `for_one`: a firm writes; `alone`: and of nobody else who may drive.
    """
    near = context.before
    if for_one and _OURS_AFTER.found(context.after[:60]):
        return True
    if _HIS.found(near) or other_vehicle(context):
        return False
    if _LETTERED.found(near):
        return True
    last = _last(_FIRMS_VEHICLE, before)
    if last >= 0 and not _OTHER_VEHICLE.found(before[last:]):
        return True
    if not (for_one and alone) or _SEEN.found(near) or _OF_CLIENT.found(near + MARK + context.after[:60]):
        return False
    if _VAN_BEFORE.found(near) or _VAN_AFTER.found(context.after[:60]):
        return True
    return _NAMED_ONLY.found(near.rpartition(b"\n")[2]) and _VAN_ABOVE.found(before[: len(before) - len(near)])


def other_vehicle(context: Context) -> bool:
    """Whether the last vehicle named before the plate is a person's: "de bus is stuk, mijn eigen auto, @"."""
    found = _OTHER_VEHICLE.finditer(context.before)
    if not found:
        return False
    words = context.before[found[-1].start() :]
    return not (_FIRMS_VEHICLE.found(words) or _OF_WORK.found(words))


def firms_place(context: Context) -> bool:
    """Whether a firm's place is named right before an address: "mijn huisadres, want de winkel (@"."""
    near = context.before[-100:]
    return _SITS_AT.found(near) and not _DWELLS.found(near) and not _ONE_OF.found(near)


def beside_one(context: Context) -> bool:
    """Whether the firm is only what the address lies beside: "naast de school, @"."""
    return _BESIDE.found(context.before[-100:])


def sent_there(context: Context) -> bool:
    """Whether a firm only sent something there, or somebody lives or waits there."""
    before = context.before
    return _SENDS.found(before) or _ONE_OF.found(before[-80:]) or _DWELT_IN.found(context.after[:20])


def new_seat(context: Context) -> bool:
    """Whether the words call it a new place of the firm that writes."""
    return _NEW_SEAT.found(context.before[-100:])


def works_there(context: Context) -> bool:
    """Whether the sender works at the address, for somebody else."""
    return _WORKS_AT.found(context.before[-100:])


def also_home(context: Context) -> bool:
    """Whether the address is said to be a home too: "@ (ook thuis)"."""
    return _AT_HOME_AFTER.found(context.after[:60])


def still_said(pattern: Pattern, clause: bytes) -> bool:
    """Whether the pattern is found in the clause also after a "but": "niet naar kantoor, maar naar @"."""
    if not pattern.found(clause):
        return False
    turn = _last(_BUT, clause[: max(0, clause.find(MARK))])
    return turn < 0 or pattern.found(clause[turn:])


def firm_banks(page: Page, context: Context) -> bool:
    """Whether a firm is said to bank there: "de club int op @", "@. Dat is de rekening van de club"."""
    end = context.finding.end
    if _THAT_FIRMS.found(page.masked[end : min(end + 100, context.segment.end)]):
        return True
    found = _FIRM_BANKS.search(context.before)
    return found is not None and not _MINE.found(found.group())


def at_home_before(before: bytes) -> bool:
    """Whether a private address is spoken of in the lines above: what follows may be it, however far."""
    return _PRIVATE.found(before)


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
    above = page.masked[max(context.segment.start, start - _LEAD) : start]
    if not _XML.found(above):
        return b""
    names = _XML_NAME.finditer(above)
    return names[-1].group().partition(b">")[2].partition(b"<")[0] if names else b""


def _last(pattern: Pattern, text: bytes) -> int:
    """Where the last match ends; -1 without one."""
    return max((match.end() for match in pattern.finditer(text)), default=-1)
