"""Whose a vehicle is by the words around its plate: a firm's van, or what a person drives."""

from __future__ import annotations

from scrubber.policy.clauses import MARK, Context, Page
from scrubber.policy.firms import Firms
from scrubber.policy.folded import compile_pattern
from scrubber.policy.subjects import WhoseCues
from scrubber.policy.wording import BODY, dumped, last_match, lead

_VAN = (
    r"(?:\w*bus|\w*busje|\w*bussen|\w*busjes|bestel(?:bus|wagen|auto)\w*|(?:bak|koel|kraan)wagen\w*|vracht(?:wagen|"
    r"auto)\w*|"
    r"truck\w*|oplegger\w*|\w*aanhanger\w*|aanhangwagen\w*|trailer\w*|(?:bedrijfs|dienst|pool)(?:auto|wagen)\w*|"
    r"wagen|lease\w*|"
    r"camionette|wagens|voertuigen|sprinter|crafter|vito|transit|transporter|vivaro|trafic|ducato|berlingo|caddy)"
)
_ANY_VEHICLE = (
    r"(?:\w*bus|\w*busje|\w*wagen|\w*wagentje|\w*auto|\w*aanhanger|oplegger|trekker|\w*scooter|\w*fiets|lease\w*)"
)
# The vehicle of a firm, whoever writes: "de bus van de zaak".
_FIRMS_VEHICLE = compile_pattern(
    rf"\b{_ANY_VEHICLE} van (?:de|het|mijn|m'n|mn|ons|onze|een|zijn|haar) "
    rf"(?:{BODY}|werk|baas|aannemer|installateur|koerier\w*|bezorgdienst|leverancier|gemeente)\b"
)
_LETTERED = compile_pattern(r"\b(?:opschrift|belettering|logo|reclame)\b[^.!?\n]{0,40}$")
_OTHER_VEHICLE = compile_pattern(
    r"\b(?:tegenpartij|wederpartij|veroorzaker|prive|zzp\w*|freelancer|onderaannemer|inhuurkracht|"
    r"(?:mijn|m'n|mn|zijn|z'n|haar|hun) eigen|(?:mijn|m'n|mn|zijn|z'n|haar|hun) (?:\w+ ){0,2}"
    r"(?:\w*auto\w*|\w*wagen\w*|\w*bus|\w*busje|scooter|motor|fiets|golf\w*|polo|aanhanger|caravan|camper)|"
    r"\w*(?:auto|wagen|bus|busje|scooter|motor|aanhanger|fiets) van (?:mijn|m'n|mn|de|een|onze) "
    r"(?:\w*buur\w*|buren|vriend\w*|zwager|schoon\w+|zoon|dochter|man|vrouw|ouders|vader|moeder|broer|zus\w*|kennis))\b"
)
_ARE = compile_pattern(r"^zijn (?:ze|zij|we|wij|er|jullie|u|per|de|het|die|nu|nog|alle|beide|twee|met|van|in)\b")
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
_OF_CLIENT = compile_pattern(r"\bvan (?:mijn|een|onze|de) (?:klant|client|huurder|verzekerde|buur\w*|vriend\w*)\b")
_DESKS_VEHICLE = compile_pattern(
    r"\b(?:uw|jullie) (?:\w+ )?(?:\w*bus|\w*busje|vrachtwagen|bezorgauto|wagen)\b[^.\n%]{0,24}$"
    r"|\b(?:van|voor) de zaak\b[^\n%]{0,14}$"
)
_ANOTHERS_VEHICLE = compile_pattern(
    r"\b(?:mijn|m'n|mn|me|zijn|z'n|haar|hun|diens|eigen) (?:[a-z-]+ ){0,2}"
    r"(?:taxi\w*|\w*bus|\w*busje|\w*wagen|\w*auto|trekker|tractor|oplegger|camion\w*)\b"
)
_OF_WORK = compile_pattern(
    r"\b(?:lease|bedrijfs|firma|dienst|pool)-?\w+|"
    r"\bvan (?:de|het|mijn|ons|onze|zijn|haar) (?:zaak|bedrijf|firma|werk|baas|werkgever)\b"
)
_TOWS = compile_pattern(r"\b(?:trekker|oplegger|aanhanger|trailer|tractor)\b")
_OPPONENT = compile_pattern(r"\b(?:tegenpartij|wederpartij|veroorzaker|aanrijder|schadeveroorzaker)\b")
_SEEN = compile_pattern(
    r"\been (?:[\w-]+ ){0,2}(?:\w*bus|\w*busje|\w*wagen|\w*auto|truck|trekker|\w*aanhanger|scooter|motor|voertuig)\b"
)
_OF_NAMED = compile_pattern(r"\bvan (?:(?:de heer|mevrouw|dhr\.?|mw\.?|mevr\.?|meneer) )?%+[ \t(,:]*$")
_HIS = compile_pattern(r"\b(?:zijn|z'n|haar|hun|diens)(?: [\w-]+){0,2}[ \t(:]*$")
_MY_OWN = compile_pattern(
    r"\b(?:mijn|m'n|mn|me|mijne|ikzelf|my)\b|"
    r"\bik (?:zelf )?(?:rij|rijd|reed|kom|kwam|parkeer\w*|sta|stond|heb (?:een|de|het))\b|"
    r"\b(?:rij|rijd|reed|kom|kwam|parkeer\w*|sta|stond) ik\b"
)


def other_vehicle(context: Context) -> bool:
    """Whether the last vehicle named before the plate is a person's: "de bus is stuk, mijn eigen auto, @"."""
    found = [one for one in _OTHER_VEHICLE.finditer(context.before) if not _ARE.found(one.group())]
    if not found:
        return False
    words = context.before[found[-1].start() :]
    return not (_FIRMS_VEHICLE.found(words) or _OF_WORK.found(words))


def desks_vehicle(context: Context) -> bool:
    """Whether the words right before the plate call it the desk's or "van de zaak"."""
    return _DESKS_VEHICLE.found(context.before[-100:])


def seen(context: Context) -> bool:
    """Whether the plate is of a vehicle that somebody saw: "een witte bus, @"."""
    return _SEEN.found(context.before)


def _firms_one(before: bytes, context: Context, *, for_one: bool, alone: bool) -> bool:
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
    last = last_match(_FIRMS_VEHICLE, before)
    if last >= 0 and not _OTHER_VEHICLE.found(before[last:]):
        return True
    if not (for_one and alone) or _SEEN.found(near) or _OF_CLIENT.found(near + MARK + context.after[:60]):
        return False
    if _VAN_BEFORE.found(near) or _VAN_AFTER.found(context.after[:60]):
        return True
    return _NAMED_ONLY.found(near.rpartition(b"\n")[2]) and _VAN_ABOVE.found(before[: len(before) - len(near)])


class Vehicles:
    """Answers for one page (view)."""

    def __init__(self, page: Page, cues: WhoseCues, firms: Firms) -> None:
        self._page = page
        self._cues = cues
        self._firms = firms

    def firms_one(self, context: Context) -> bool:
        """Whether the words say that the vehicle is that of a firm."""
        for_one, alone = self._firms.sender_writes_for_one, self._of_its_own(context)
        return _firms_one(lead(self._page, context), context, for_one=for_one, alone=alone)

    def _of_its_own(self, context: Context) -> bool:
        """Whether nobody else who may drive is spoken of near the datum."""
        near = context.sentence_before + b" " + context.before
        if self._firms.tends_vehicles or _OPPONENT.found(self._lead(context)):
            return False
        return not self._cues.found("other_party", near)

    def driven(self, context: Context, clause: bytes) -> bool:
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

    def works_with(self, context: Context, clause: bytes, *, foreign: bool) -> bool:
        """Whether a firm speaks of a vehicle of its own, whoever drives it.

        `foreign`: somebody else is named before it.
        """
        cues, firms = self._cues, self._firms
        if cues.found("private", clause) or _MY_OWN.found(clause) or cues.found("other_party", clause):
            return False
        if _OPPONENT.found(self._lead(context)):
            return False
        if _HIS.found(context.before) or seen(context) or _OF_NAMED.found(context.before):
            return False
        if dumped(context):
            return False
        if firms.fleet:
            return not cues.found("relation", context.before)
        if not firms.sender_writes_for_one:
            return False
        if cues.found("work_vehicle", clause):
            return True
        return firms.drives and not (foreign or cues.found("relation", context.before))
