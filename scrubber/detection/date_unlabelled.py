"""A date without a label: a year of long ago beside a name or in a record, or where a birth date is asked for."""

from __future__ import annotations

import re

from scrubber.detection import checksums, years
from scrubber.detection.date_persons import NAMED, is_item_of_person, is_record, is_somebody
from scrubber.detection.date_sayings import CHILD, IS_FROM, NOT_IN_YEAR, SOMEBODY_IS
from scrubber.detection.date_values import NO_DATE, OTHER_DATE, STOPS, year_of
from scrubber.detection.page import Page

_THING_FROM = re.compile(
    r"\b(?:factuur|brief|mail|offerte|contract|polis|rekening|overeenkomst|auto|foto|pakket|bestelling|bericht|akte"
    r"|beschikking|aanslag|huis|woning|ketel|nota|afspraak|account|abonnement)\b[^,.]{0,14}$"
)
_AFTER_NUMBER = re.compile(
    r"(?<![\d.,/\-])(\d{8,10}|\d{4}\.\d\d\.\d{3}|[A-Z]{2}[A-Z0-9]{6}\d)[\"' ]{0,2}[,;|/\t][\"' ]{0,2}$"
)
_AFTER_BSN = re.compile(r"(?<![\d.,/\-])(\d{8,9})[\"' ,;|/\t]{1,5}$")
_STANDS_IN = re.compile(r"\b(?:in|op|via|bij) (?:een|het|de|mijn|jullie|dit|deze|uw|dat|onze|ons) $")
"""Where the date is to stand: "dan mag het in een ticket: …"."""
_CELL_NAMED = re.compile(
    r"[A-Z][a-z'\-]+ (?:(?:van|de|den|der|ter|ten|el|'t) ){0,3}[A-Z][A-Za-z'\-]+[\"']?(?: \(|,|;| \||\t| - )[ ]?$"
)
_CELL_BEFORE = re.compile(r"(?:^|[|;/\t,(:\-])[ >*\"']*$")
_CELL_AFTER = re.compile(r"[ \"']*(?:$|[|;/\t,)\n.]|- )")
_HUMAN = re.compile(
    r"\b(?:ik|ikzelf|mijn|m'n|mn|me|wij|we|hij|zij|ze|haar|hem|hun|zijn vrouw|zijn man|onze|he|she|my|jarig"
    r"|heer|mevrouw|mevr|mw|dhr|meneer|man|vrouw|zoon\w*|dochter\w*|moeder|vader|ma|pa|mama|papa|kind\w*|oma|opa|oom|tante"
    r"|broer\w*|zus\w*|neef\w*|nicht\w*|partner|client\w*|patient\w*|huurder|bewoner|bewoonster|collega|vriend\w*|baby"
    r"|koper|verkoper|bestuurder|verzekerde|leerling|deelnemer|inschrijv\w*|bsn|paspoort|rijbewijs|id-?kaart|nationaliteit"
    r"|ongehuwd|gehuwd|weduwe|wonende|identiteit\w*|legitimatie)\b"
)
"""Somebody is spoken of, or a paper of somebody's."""
_OTHER_WHEN = re.compile(
    r"\b(?:sinds|vanaf|vanuit|tot|t/m|per|eind|begin|rond|ongeveer|anno|versie|update|release|firmware|build|boek\w*"
    r"|gebouwd|bouw\w*|opgericht|opgeleverd|overle\w+|gestorven|getrouwd|gehuwd op|trouw\w*"
    r"|gescheiden|verhuisd|betrokken"
    r"|aangesloten|ingegaan|afgesloten|ondertekend|getekend|gedateerd|gepasseerd|gestuurd|ontvangen|lid|klant|dienst"
    r"|factu\w+|brie\w+|mail|mails|offerte\w*|\w*contract\w*|polis|rekening|nota|overeenkomst|akte|beschikking|aanslag|vonnis"
    r"|besluit|vergunning|diploma|getuigschrift|afschrift|foto\w*|opname\w*|pakket|bestell\w+|bericht|account|abonnement"
    r"|woning|huis|auto|ketel|meter|kenteken|uitspraak|arrest|hr|crvb|hof|wet|regeling|verordening|jaargang|editie|artikel|krant"
    r"|kwartaal|periode|dossier|kenmerk|order|ticket|datum|dd|d\.d\.)\b[^.!?\n]{0,30}$"
)
"""What else may have happened that day."""
_NAME_SHAPED = re.compile(
    r"(?<![.!?] )\b[A-Z][a-z]*\.?(?: ?[A-Z]\.)* (?:(?:van|de|den|der|ter|ten|el|'t) ){0,3}[A-Z][a-z'\-]{2,}[,:]? ?\(?$"
)
_WHEN_AFTER = re.compile(
    r"[ ,)]{0,3}(?:(?:ben|werd|zijn) (?:ik|wij|we) (?:klant|lid)\b"
    r"|overleden|overleed|getrouwd|gescheiden|verhuisd|opgericht|gebouwd|t/m|tot|\u2020)"
)
_ON_DAY = re.compile(r"(?:^|[.!?,;:] |\n)(?:en |want |maar |dus )?op (?:\w+dag )?$")
_THEN_SOMEBODY = re.compile(
    r" (?:\w{2,}(?:te|de|ten|den)|kregen|kreeg|gingen|ging|waren|was|hadden|had|kwamen|kwam|kochten|kocht|hebben|heb"
    r"|begonnen|begon|sloten|sloot|namen|nam|deden|deed|gaven|gaf|lieten|liet|vonden|vond|zagen|zag|schreven|schreef)"
    r" (?:ik|wij|we|hij|zij|ze|er|het|de|een|mijn|m'n|onze|ons|jullie|u|die|dat)\b"
    r"(?![^.!?\n]{0,60}\b(?:geboren|jarig|wereld|\w*licht|leven|zoon|dochter|tweeling|kind|mij)\b)"
)
"""What happened on a day: "Op 15-03-1997 kregen wij ...", verb before subject."""


def unlabelled(page: Page, name: str, start: int, end: int) -> float:
    """Without a label: a year of long ago beside a name or in a record, or where a birth date is asked for."""
    line_start, line_end = page.line_start(start), page.line_end(end)
    here = page.lower[max(line_start, start - 45) : start]
    cell_start = max(page.folded.rfind(separator, line_start, start) for separator in ";|\t")
    reach = min(len(here), start - cell_start) if cell_start >= 0 else len(here)
    year = year_of(page.folded[start:end])
    long_ago = 1905 <= year <= years.youngest()
    left = page.folded[max(line_start, start - 45) : start]
    named = NAMED.search(left)
    somebody = named is not None and is_somebody(page, left, named)
    numbered = name != "compact" and _AFTER_NUMBER.search(left)
    row = _AFTER_BSN.search(left) if name == "compact" and end - start == 8 else None
    if row and 1905 <= year <= years.this_year() and checksums.bsn(row[1]):
        return 0.7
    if numbered and (year <= years.grown() or checksums.bsn(numbered[1].replace(".", ""))) and year >= 1905:
        return 0.7
    if 1905 <= year <= years.grown() and (SOMEBODY_IS.search(here) or (somebody and _CELL_NAMED.search(left))):
        return 0.75  # right behind who it is of, whatever else the line dates
    asked = "birth" in page.cue_kinds and name != "compact" and 1905 <= year <= years.grown()
    others = {"date", "version"} if somebody and long_ago else OTHER_DATE
    if any(
        cue.kind in others
        and cue.end > start - reach
        and not (somebody and STOPS.search(page.folded, cue.end, start))
        and not (asked and cue.kind == "reference" and _STANDS_IN.search(page.lower, max(0, cue.start - 12), cue.start))
        for cue in page.before(start, 45)
    ):
        return 0.0
    following = page.folded[end : end + 2].strip()[:1]
    if following == ":" or (
        following not in {")", ",", ";"} and any(c.kind == "date" and c.end <= line_end for c in page.after(end, 25))
    ):
        return 0.0
    if 1905 <= year <= years.children() and IS_FROM.search(here) and not _THING_FROM.search(here):
        return 0.7
    child = year >= 1905 and CHILD.search(page.lower, max(0, start - 200), end + 80) is not None
    if child and name != "compact" and somebody and _CELL_NAMED.search(left):
        return 0.7
    if name != "compact" and 1905 <= year <= years.children() and is_item_of_person(page, start, end):
        return 0.65
    if somebody and left.endswith("(") and page.folded[end : end + 1] in {")", ","} and name != "compact":
        return 0.85
    if long_ago and (somebody or SOMEBODY_IS.search(here)):
        return 0.75
    cell = _CELL_BEFORE.search(left) is not None and _CELL_AFTER.match(page.folded, end, min(line_end + 1, end + 6))
    if long_ago and cell and is_record(page, line_start, line_end):
        return 0.75
    if name == "compact":
        return 0.0
    if long_ago and year <= years.grown() and _nothing_else(page, start, end):
        return 0.6
    if "birth" not in page.spoken_of:
        return 0.0
    alone = page.folded[line_start:line_end].strip(" >*-.,!") == page.folded[start:end]
    latest = years.youngest() if "birth" in page.cue_kinds else years.children()  # here, or only in what it answers
    return 0.75 if alone or 1905 <= year <= latest else 0.0


def _nothing_else(page: Page, start: int, end: int) -> bool:
    """Whether nobody says what else happened on a day of long ago, where somebody is spoken of."""
    lead = page.lower[max(0, start - 100) : start]
    said = lead[max(lead.rfind(". "), lead.rfind("\n")) + 1 :]
    if _OTHER_WHEN.search(said) or _WHEN_AFTER.match(page.lower, end):
        return False
    if _ON_DAY.search(lead) and _THEN_SOMEBODY.match(page.lower, end, end + 100):
        return False
    value = page.folded[start:end]
    short = not value[-4:].isdigit()
    if short and (NOT_IN_YEAR.match(page.lower, end) or NO_DATE.search(value)):
        return False
    line_start, line_end = page.line_start(start), page.line_end(end)
    alone = line_start > 0 and page.folded[line_start:line_end].strip(" >*-.,") == value
    if alone or _NAME_SHAPED.search(page.folded, max(0, start - 60), start):
        return True
    return _HUMAN.search(lead) is not None or _HUMAN.search(page.lower, end, end + 60) is not None
