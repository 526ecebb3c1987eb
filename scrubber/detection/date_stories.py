"""Births that are told: somebody "van" a date, an age that fits the year, a birth announced, a date put right."""

from __future__ import annotations

import re

from scrubber.detection import years
from scrubber.detection.date_persons import is_name
from scrubber.detection.date_sayings import CHILD
from scrubber.detection.date_values import any_year_of
from scrubber.detection.page import Page

_KIN = (
    r"(?:(?:klein|pleeg|stief|bonus|schoon|peet|adoptie)?(?:zoon|zoontje|dochter|dochtertje|kind|kindje|moeder|vader|ouders)"
    r"|baby|man|vrouw|partner|oma|opa|broer|broertje|zus|zusje|tante|oom|neef|neefje|nicht|nichtje|zwager|tweeling"
    r"|vriend|vriendin|mama|papa|meisje|jongen|jongetje|leerling|client|cliente|bewoner|bewoonster|patient)"
)
_WHO = rf"(?:ik|hij|ie|zij|ze|die|{_KIN})"
_OF = re.compile(
    r"(?P<lead>\b(?:van|met|door|aan|bij|tegen|namens|voor) (?:mijn |m'n |mn |onze |ons |de |het |haar |zijn |een )?)?"
    rf"(?:\b(?P<kin>{_KIN})(?: [a-z][a-z'\-]+)?|\b(?P<name>[a-z][a-z'\-]{{2,}})),? (?:(?:is|was|en is) )?"
    r"(?:nog |zelf |ook |dus )?(?:die )?(?:van|v\.?d\.?|vd) (?:(?:ma|di|wo|do|vr|za|zo)[a-z]*dag )?$"
)
""""Jayden van …", "Iris van der Kolk, van …", "onze zoon van …"; `lead`: what is rather of them that day."""
_FROM = ("van ", "v.d. ", "vd ", "v.d ", "dag ")
_OF_BIRTH = (" is ", "bevallen", "ter wereld", "levenslicht", "mama geworden")
_SO = ("dus", "nl", "nl.", "namelijk", "oftewel", "te weten", "van")
_SAID_OF = re.compile(
    r"\b(?:mail\w*|e-mail\w*|bericht\w*|brie\w+|reactie\w*|antwoord\w*|afspra\w+|gesprek\w*|telefoon\w*|bezoek\w*|foto\w*"
    r"|factu\w+|offerte\w*|contract\w*|polis\w*|nota\w*|rekening\w*|pakket\w*|pakje\w*|bestel\w+|melding\w*|klacht\w*"
    r"|aanvra\w+|verzoek\w*|advies|adviezen|verslag\w*|rapport\w*|uitslag\w*|recept\w*|besluit\w*|beschikking\w*|boeking\w*"
    r"|overeenkomst\w*|akte\w*|betaling\w*|storting\w*|overboeking\w*|declaratie\w*|controle\w*|opname\w*|verjaarsfeest\w*"
    r"|feest\w*|bruiloft\w*|crematie\w*|uitvaart\w*|ticket\w*|app|appje|sms\w*|notitie\w*|review\w*|versie\w*|update\w*"
    r"|vlucht\w*|reis|reizen|les|lessen|training\w*|wedstrijd\w*|operatie\w*|behandeling\w*|intake\w*|consult\w*|levering\w*"
    r"|sinds|vanaf|overleden|overleed|getrouwd|verhui\w+|overlijden|begraf\w+|begraven|ingaande|start|ingang\w*|opgezegd"
    r"|verlof|vakantie\w*|ziek\w*|schade\w*|ongeluk\w*|ongeval\w*|aanrijding\w*|inbraak\w*|diefstal\w*|bekeuring\w*|boete\w*"
    r"|storing\w*|monteur\w*|order\w*|cursus\w*|diploma\w*|paspoort|rijbewijs|geldig\w*|tot|per)\b"
)
_SENTENCE = re.compile(r"[.!?] |\n")
_AGE = (
    r"(?:\d{1,2}|een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|dertien|veertien|vijftien|zestien|zeventien"
    r"|achttien|negentien|twintig)"
)
_AGES = ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"]
_AGES += ["dertien", "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien", "twintig"]
_OLD = re.compile(
    rf"\b{_WHO}\b[^.!?\n\d]{{0,30}} (?:is|ben|was|wordt|word|werd|geworden|van)(?: (?:nu|net|pas|al|bijna|ruim"
    rf"|inmiddels|dan|toch|dus|straks))* (?P<age>{_AGE})(?: jaar| jr)?(?: oud)?"
    r"(?! (?:euro|keer|we[ek]{2}|maand|dagen|uur|stuks))"
    r"\b[^.!?\n\d]{0,30}$"
)
"""How old somebody is, a little before the date, which must fit: "Finn is acht (om precies te zijn van …"."""
_SO_OLD = re.compile(
    rf"[ ,()\-]{{1,4}}(?:en )?(?:dus |nu |net |is |wordt |ik ben |hij is |ze is |zij is )*"
    rf"(?:nu |al |net |pas |bijna )?(?P<age>{_AGE}) ?(?:jaar|jr)\b(?! (?:geleden|lang|klant|lid|garantie|oude))"
)
_TURNS = re.compile(rf"\b{_WHO} (?:[a-z]+ )?(?:1[268]|21|65|67) (?:wordt|word|is)\b[^.!?\n\d]{{0,60}}: ?$")
""" "Als ie 18 wordt … dus dan weten jullie meteen wanneer: …"."""
_BORN = re.compile(
    rf"\b{_KIN}\b[^.!?\n]{{0,50}} is (?:er|daar|gearriveerd|geland|gekomen|aangekomen)"
    r"[!.,:;)]{1,3} ?(?:op )?$"
    r"|\bbevallen(?: op)?(?: (?:ma|di|wo|do|vr|za|zo)[a-z]*dag)? $|\bter wereld (?:gekomen )?op $"
    r"|\blevenslicht (?:gezien )?op $|\bmama geworden op $"
)
_SO_FROM = re.compile(
    rf"\b{_WHO} (?:is|was|ben) (?:nog )?van [^.!?\n]{{0,24}}\b(?:dus|nl\.?|namelijk|oftewel|te weten)[,:]? (?:van )?$"
)
""""Ze is van gisteravond, dus …"."""
_INTO_WORLD = re.compile(
    r"[ ,)]{1,3}(?:(?:te|in) (?:[a-z'\-]+ ){1,3})?(?:(?:is|zijn|ben) )?"
    r"(?:ter wereld|het levenslicht|bevallen|geboren)\b"
)
_RIGHT_ONE = re.compile(
    r"\b(?:zijn|haar|mijn|m'n|mn|hun|de (?:juiste|goede|correcte|echte|ware)|(?:de|het) (?:mijne|zijne|hare))"
    r" (?:dat(?:um|a)?\.?)?(?: ?(?:is|was|moet zijn|luidt|klopt))?(?: (?:dus|gewoon|namelijk|wel|trouwens))? ?[:=]? ?$"
    r"|\bmoet(?: (?:dat|het|dit|er))?(?: natuurlijk| gewoon| dus)? (?:zijn|worden|staan)[: ]{1,2}$"
    r"|\b(?:in plaats van|i\.?p\.?v\.?) $"
)
_MUST_BE = re.compile(
    r"\b(?P<name>[A-Z][a-z'\-]+)(?: [A-Za-z'\-]+){0,3}[,:]? (?:dat )?moet (?:dat |het )?(?:zijn|worden):? $"
)
_TO_CHANGE = re.compile(
    r" (?:van (?:te )?maken|(?:moeten )?(?:zijn|worden|staan)[ ]?(?:$|[.,!?;\n])|moet (?:het|dat|er) (?:zijn|staan))"
)
_GIFT = re.compile(
    r"\b(?:gravure\w*|graveer\w*|graveren|gegraveerd\w*|geborduurd\w*|borduur\w*|geboorte(?:kaart\w*|lepel\w*|bord\w*|tegel\w*"
    r"|poster\w*|beker\w*|ketting\w*)|naamlepel\w*|babylepel\w*|slabbe\w*|romper\w*|kraam(?:cadeau|kado)\w*)\b"
)
_NAME_AND = re.compile(
    r"(?:^|[^\w&+])(?P<name>[A-Z][a-z'\-]+)[\"']?(?:,| -| \*|:| en(?: daaronder| eronder)?| met(?: daaronder| eronder)?"
    r"| daaronder| eronder)?(?: de datum)?[\"' :*]{1,3}$"
)
_COUPLE = re.compile(
    r"(?:&|\+| en ) ?[A-Z][a-z'\-]+[^a-zA-Z]{0,3}$|\b(?:trouw|huwelijk|bruiloft|jubileum|verlov|samen)"
)


def told(page: Page, start: int, end: int) -> float:
    """A score for a date of a day in full that a story makes a birth."""
    year = any_year_of(page.folded[start:end])
    if not 1880 <= year <= years.this_year():
        return 0.0
    lower = page.lower
    first = max(page.line_start(start), start - 110)
    lead = lower[first:start]
    cut = max((match.end() for match in _SENTENCE.finditer(lead)), default=0)
    sentence = lead[cut:]
    ends = sentence.rstrip(" :,")
    # Which word stands before the date costs little to see, and most dates have none of these.
    born = any(word in lead for word in _OF_BIRTH) and _BORN.search(lead)
    so = ends.endswith(_SO) and _SO_FROM.search(sentence)
    if born or so or _INTO_WORLD.match(lower, end):
        return 0.75
    if (
        sentence.rstrip().endswith(":")
        and _TURNS.search(sentence)
        and year <= years.children()
        and not _SAID_OF.search(sentence)
    ):
        return 0.7
    if _fits(lead, lower[end : end + 40], year):
        return 0.75
    if _is_of(page, sentence, first + cut, year):
        return 0.7
    right = _RIGHT_ONE.search(sentence) or _TO_CHANGE.match(lower, end)
    if right and year >= years.grown() and CHILD.search(lower, max(0, start - 200), end + 80):
        named = _MUST_BE.search(page.folded, max(0, start - 50), start)
        if named is not None and is_name(page, named["name"].lower()):
            return 0.7
    if right and page.spoken_of & {"birth", "age"} and year <= years.children() and not _SAID_OF.search(sentence):
        return 0.7
    return 0.7 * _is_engraved(page, first, start)


def _fits(lead: str, following: str, year: int) -> bool:
    """Whether an age beside the date is the one that this year makes."""
    for said in (_OLD.search(lead), _SO_OLD.match(following)):
        if said is not None and not _SAID_OF.search(said[0], said.end("age") - said.start()):
            age = int(said["age"]) if said["age"].isdigit() else _AGES.index(said["age"])
            if -1 <= years.this_year() - year - age <= 2:
                return True
    return False


def _is_of(page: Page, sentence: str, first: int, year: int) -> bool:
    """Whether the date is somebody's own: "Jayden van 8 mei 2016", and not "de mail van Jan van 8 mei"."""
    of = _OF.search(sentence) if sentence.endswith(_FROM) else None
    if of is None or _SAID_OF.search(sentence):
        return False
    if of["name"]:
        place = first + of.start("name")
        if page.folded[place].islower() or not is_name(page, of["name"]):
            return False
    if of["lead"] is None or of["lead"].startswith("voor"):
        return year <= years.children() or bool(of["kin"]) or "birth" in page.spoken_of
    return year <= years.grown() and bool(of["name"]) and "birth" in page.spoken_of


def _is_engraved(page: Page, first: int, start: int) -> bool:
    """Whether one name and the date are what a gift of a birth shall say."""
    left = page.folded[first:start]
    named = _NAME_AND.search(left)
    if named is None or named["name"].lower() in page.lexicon.common or _COUPLE.search(left):
        return False
    return _GIFT.search(page.lower, max(0, start - 400), start + 200) is not None
