"""Vehicles that belong to who lets them, whoever drives: hired, leased, an employer's."""

from __future__ import annotations

from scrubber.policy.clauses import Context
from scrubber.policy.folded import compile_pattern

_CAR = r"(?:auto|wagen|bak|bus|busje|aanhanger|scooter|camper|fiets|bestelbus|bestelwagen|vrachtwagen|voertuig|trailer)"
# "huurauto, witte Yaris @", "een bus, gehuurd bij de bouwmarkt: @", "de leasemaatschappij ruilt mijn auto, @".
_HIRED = compile_pattern(
    rf"\b(?:huur|leen|deel|lease|vervang)-?{_CAR}\w*|\blease(?:-?(?:maatschappij|contract|rijder|regeling))\w*|"
    rf"\b(?:gehuurde?|geleasede?|vervangende) (?:\w+ )?\w*{_CAR}\b|\bvervangend vervoer\b|"
    rf"\b{_CAR}\b[^.!?\n%]{{0,20}}\b(?:gehuurd|geleased)\b[^.!?\n%]{{0,12}}\b(?:bij|van|via)\b"
)
# Who lets it, in what a person writes who drives one.
_LESSOR = compile_pattern(
    r"\blease-?maatschappij\w*|\bverhuur\w*|\bautoverhuur\w*|\buit dienst\b|"
    r"\b(?:gehuurd|geleased|leen\w*|huur\w*|lease\w*)(?: is)? "
    r"(?:van (?:de|het|een|mijn werk\w*|jullie|u)\b|(?:bij|via) [a-z])"
)
_ANOTHERS = compile_pattern(r"\b(?:zijn|haar|hun|diens) (?:lease|huur|leen)\w*")
# ... in spite of which one's own is spoken of.
_OWNED = compile_pattern(
    r"\b(?:eigen|prive\w*|tegenpartij|wederpartij|veroorzaker|overgenomen|gekocht|koop|kocht|verkocht|"
    r"(?:mijn|m'n|mn|zijn|haar|hun) (?:oude |nieuwe |vrouws |mans )?"
    r"(?:auto|wagen|bus|busje|motor|scooter|fiets|aanhanger|caravan|camper))\b"
)
_SOMEBODY = compile_pattern(
    r"\b(?:buur\w*|tegenpartij|wederpartij|overbuur\w*|prive\w*|mijn|m'n|mn|onze|ons|baas|huurder)\b"
)
_MINE = compile_pattern(r"\b(?:mijn|m'n|mn|buur\w*)\b")
# What a driver is given by who employs him.
_EMPLOYED = compile_pattern(
    r"\b(?:de|mijn|m'n|mn|me|onze) (?:baas|werkgever|chef|planner|planning)\b|\b(?:firma|bedrijf|werkgever) is\b"
)
_GIVEN = compile_pattern(
    r"\b(?:van|met|voor|in|op|aan) de (?:trailer|oplegger|bus|bestelbus|vrachtwagen|combi|bakwagen|koelwagen|truck|"
    r"wagen)"
    r"[ \t:(,]*(?:kenteken )?$"
)


def hired(lead: bytes, *, for_one: bool) -> bool:
    """Whether the vehicle is hired, leased or lent: it is the letting firm's. `lead`: the lines before the plate.

    A person must say who lets it, or it may be one that he calls his own; a firm (`for_one`) need not.
    """
    found = _HIRED.finditer(lead)
    if not found or _OWNED.found(_HIRED.replaced(lead[found[-1].end() :], b" ")):
        return False
    return ((for_one and b"lease" not in found[-1].group()) or _LESSOR.found(lead)) and not _ANOTHERS.found(lead)


def given_by_work(context: Context, said: bytes) -> bool:
    """Whether a driver writes of what he drives for who employs him. `said`: his own words."""
    return _GIVEN.found(context.before) and _EMPLOYED.found(said) and not _SOMEBODY.found(context.before[-60:])


def let(clause: bytes) -> bool:
    """Whether nothing says that it is another's vehicle, in what a letting firm writes."""
    return not (_MINE.found(clause) or _OWNED.found(clause))
