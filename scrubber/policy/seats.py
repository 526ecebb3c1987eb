"""Whose place an address is by the words around it: where a firm sits, or where somebody lives or works."""

from __future__ import annotations

from scrubber.policy.clauses import Context
from scrubber.policy.folded import compile_pattern
from scrubber.policy.wording import BODY

# Where a firm sits, in spite of a home spoken of before it.
_SITS_AT = compile_pattern(
    rf"\b{BODY}(?: zelf| is| zit| ligt| staat| betaalt| gevestigd| hiernaast| onder ons)* ?(?:op|in|aan|te|:|,|\() ?"
    r"(?:de |het )?$|"
    r"\b(?:mijn|m'n|mn|me) werk\W{0,3}(?:das|dat is|is)? ?$|"
    r"\b(?:het|ons) terrein(?: is| zit| ligt)?(?: op| aan)?[ ,:(]*$"
)
_NAMED_BODY = compile_pattern(
    r"\b(?:(?:woning|woon)?stichting|(?:woning)?corporatie|\w*vereniging|cooperatie)"
    r"(?: [\w'-]+){1,4}[,(:] ?$"
)
# Of such a body one may be a member or live in its house.
_ITS_OWN = compile_pattern(
    r"\b(?:lid|vrijwillig\w+|bestuurslid|penningmeester|secretaris|huur\w*|huren|bewo\w+|geachte|beste|verhuis\w*|"
    r"adres|wonen\w*|verblij\w*|kamer|appartement|opgenomen|(?:woon|woonde|woont|woonden|woonachtig|woonplaats))\b[^.!?\n%]*$"
)
_DWELLS = compile_pattern(
    r"\b(?:woon\w*|wonen\w*|verblij\w*|slaap\w*|slapen|logeer\w*|logeren|kamer|appartement|inwon\w*)\b[^,.;%]{0,40}$|"
    r"\b(?:boven|achter|naast|tegenover) (?:de|het|mijn|onze?) [\w-]+\W{0,3}$|"
    r"\b(?:mijn|m'n|mn|zijn|haar|hun) (?:\w+ )?(?:\w*boerderij|studio|loods|garage|atelier)\W{0,3}$"
)
# "de winkel leverde aan @": where a firm sends something to is not where it is.
_SENDS = compile_pattern(
    rf"\b{BODY}\b[^%]*\b(?:leverde|levert|stuurde|stuurt|verstuurde|bezorgde|bezorgt|bracht|brengt|geleverd|gestuurd|"
    r"bezorgd|of (?:ze|zij|hij)|dat (?:wij|we|ik))\b[^%]*\b(?:naar|aan|op|bij|in) (?:de |het )?$"
)
_ONE_OF = compile_pattern(
    r"\b(?:monteur|medewerk\w+|chauffeur|bezorger|man|vrouw|iemand|klant|lid|leerling|collega|eigenaar) "
    r"van (?:de|het|een) [\w-]+\W{0,3}$"
)
_DWELT_IN = compile_pattern(r"^ ?(?:woon\w*|wonen|gewoond|verblij\w*)\b")
_BESIDE = compile_pattern(
    r"\b(?:naast|tegenover|boven|achter|vlak ?bij|nabij|langs) (?:de|het|een|mijn|onze?|ons) (?:\w+ )?"
    r"[\w-]+[, (]*(?:op|aan|in)? ?(?:de |het )?$|\b(?:om|op) de hoek (?:van|bij|met) (?:de |het )?$"
)
_NEW_SEAT = compile_pattern(
    r"\b(?:nieuwe|tweede|derde|huidige) (?:pand|locatie|bedrijfsruimte|ruimte|unit|hal)\b[^.!?\n%]{0,30}$"
)
# Where somebody who writes for a firm takes his post.
_TO_US = compile_pattern(
    r"\b(?:correspondentie|post|stukken|brieven|reactie|antwoord|briefwisseling|facturen)\b[^.!?\n%]{0,80}"
    r"\b(?:ondergetekende|bovenstaand\w*|ons kantoor|mijn kantoor)\b[ ,:(]*(?:op |te |aan )?$"
)
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
_HOME = compile_pattern(
    r"\b(?:mijn|m'n|mn|woon\w*|wonen\w*|thuis\w*|huisadres|bij mij|zijn huis|haar huis|klant|bewoner)\b"
)
_AT_WORK = compile_pattern(
    r"\b(?:mijn|m'n|mn|me) "
    r"(?:werk\w*|kantoor\w*|zaak|bedrijf\w*|winkel|praktijk\w*|salon|studio|atelier|baas|stage\w*)\b"
)
_NOT_AT_HOME = compile_pattern(
    r"\b(?:niemand|niet|nooit|zelden|weinig|i\.?p\.?v\.?|in plaats van)"
    r"(?: (?:meer|vaak|bij|naar|op|mij|mijn|ons|me|overdag)){0,3} (?:thuis|huis|huisadres|thuisadres)\b"
)
_WORKPLACE = compile_pattern(
    r"\b(?:(?:mijn|m'n|mn|me|het|ons) werk|werkgever|baas|vestiging\w*|filiaal|bedrijf\w*|kantoor\w*|pand|"
    r"magazijn|loods|zakelijk\w*)\b"
)
# Where a firm does its work, or what it lets or sells, is not where it sits.
_ELSEWHERE = compile_pattern(
    r"\b(?:pand|perceel|object|project|werf|bouwplaats|klus|aflever\w*|lever\w*|bezorg\w*|huurwoning|woning|"
    r"appartement|"
    r"kavel|verhuurd\w*|te koop|verkocht|bezichtig\w*)\b"
)


def firms_place(context: Context) -> bool:
    """Whether a firm's place is named right before an address: "mijn huisadres, want de winkel (@"."""
    near = context.before[-100:]
    if _NAMED_BODY.found(near):
        return not _ITS_OWN.found(near)
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


def post_to_us(context: Context) -> bool:
    """Whether post to the one who writes is spoken of: "correspondentie aan ondergetekende, @"."""
    return _TO_US.found(context.before)


def works_there(context: Context) -> bool:
    """Whether the sender works at the address, for somebody else."""
    return _WORKS_AT.found(context.before[-100:])


def also_home(context: Context) -> bool:
    """Whether the address is said to be a home too: "@ (ook thuis)"."""
    return _AT_HOME_AFTER.found(context.after[:60])


def at_home_before(before: bytes) -> bool:
    """Whether a private address is spoken of in the lines above: what follows may be it, however far."""
    return _PRIVATE.found(before)


def where_people_work(context: Context) -> bool:
    """Whether the paragraph is about a place of work."""
    return _WORKPLACE.found(context.paragraph)


def elsewhere(clause: bytes) -> bool:
    """Whether the address is one where a firm works, sends, lets or sells, rather than where it sits."""
    return _ELSEWHERE.found(clause)


def at_home(before: bytes) -> bool:
    """Whether the words before an address speak of a home, "niemand thuis" and "mijn werk" aside."""
    return _HOME.found(_NOT_AT_HOME.replaced(_AT_WORK.replaced(before, b" "), b" "))
