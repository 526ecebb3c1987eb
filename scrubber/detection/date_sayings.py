"""How people say that a date is a birth: "ik ben van", "geboren" behind it, an age, a year alone."""

from __future__ import annotations

import re

from scrubber.detection.page import Page

I_AM_FROM = re.compile(
    r"(?:\b(?:ik|hij|zij|ze|man|vrouw|zoon|dochter|moeder|vader|kind|broer|zus|partner|cliente?)"
    r"(?: \w+|, [\w\- ]{2,30},)?"
    r" (?:ben|is"
    r"|was|zijn) (?:\w+ )?van|\bben (?:van|v\.?d\.?|v/d)(?: de)?|"
    r"[^\w\n]\*|\(\* ?|\xb0|(?:ik|ikzelf|mezelf|zoon|zoontje|dochter|dochtertje|kind|man|vrouw|moeder|vader"
    r"|baby|partner|client"
    r"|cliente|oma|opa|broer|zus|zusje|broertje|tante|oom|vriend|vriendin)(?::? \w+"
    r"| \([\w\-]{2,20}){0,2}(?: \(| ?,| -)(?: ?(?:van|uit"
    r"|\*))? ?|geboren (?:\w+ ){0,3}\w*|\bbj)[ :]{0,3}(?:(?:ma|di|wo|do|vr|za|zo)\w* )?$"
)
AFTER = re.compile(
    r"^[ ,)]{0,3}(?:\w+ ){0,2}?(?:geboren|geb\.|als geboortedatum|mijn geboortedatum|jarig|is de geboortedatum)"
)
SOMEBODY_IS = re.compile(
    r"\b(?:ik|hij|zij|ze|die|man|vrouw|zoon|dochter|moeder|vader|kind|oma|opa|broer|zus|baby|tante|oom|she|he|partner"
    r"|client|cliente|patient) (?:ben|is|was|wordt|werd) (?:nu |al |net |pas |nl\.? |zelf |dus )?$"
)
IS_FROM = re.compile(
    r"(?:\b(?:ik|hij|zij|ze|die|heer|man|vrouw|zoon|dochter|moeder|vader|kind|oma|opa|oom|tante|broer|zus|neef|nicht"
    r"|zwager|partner|client|cliente|huurder|bewoner|collega|vriend|vriendin)\b[^.!?\n]{0,30}"
    r"|[a-z]{3,}, [a-z\-]{3,},) ?"
    r"(?:is|ben|was|en is) (?:nog |zelf )?van $|\bbeiden? (?:van )?$"
)
CHILD = re.compile(
    r"\b(?:baby|kind\w*|klein\w+|zoon\w*|dochter\w*|peuter\w*|kleuter\w*|geboren|geboorte|school\w*|opvang|jeugd\w*|leerling\w*)\b"
)
OF_ANIMAL = re.compile(
    r"\b(?:mijn|onze|ons|de|het|een|haar|zijn) (?:[a-z]+ )?"
    r"(?:hond|hondje|kat|poes|kater|kitten|pup|puppy|paard|pony|veulen|konijn)"
    r"(?: [a-z]+)? (?:is|was|werd)(?: (?:ook|pas|nu|al))?(?: geboren)?(?: (?:op|van))? $"
)
THING_OF = re.compile(
    r"\b(?:contract|factuur|brief|offerte|ketel|cv-ketel|foto|polis|akte|auto|abonnement|pakket|bestelling)"
    r" (?:van|met|voor) (?:mijn|m'n|mn|onze|ons|de|zijn|haar) [a-z]+ (?:is|was) van $"
)
"""Dates of animals, and of what somebody has: "het contract van mijn vader is van …"."""
BORN_IN_WORDS = re.compile(r"\b(?:negentien\s?(?:honderd)?|tweeduizend)[a-z ]*$|(?:19|20)\d\d$")
_IN_YEAR = re.compile(
    r"(?:\b(?:ik|hij|zij|ze|we|wij|ikzelf|zelf|moeder|vader|man|vrouw|oma|opa|zoon|dochter)"
    r" (?:ben|is|was|zijn)(?: nog| zelf| al| allebei| beiden?| dus)? (?:van|uit)|\d\d,? dus (?:van|uit)"
    r"|[(,] ?bj\.?:?"
    r"|\b(?:ik|ben|zelf|wij|we|hij|zij|is|man|vrouw|moeder|vader|oma|opa)\b[^.\n]{0,16}\bbouwjaar)[ :]{1,2}$"
)
NOT_IN_YEAR = re.compile(
    r" ?(?:tot\b|t/m|euro|cent|m2|km|uur|kwh|%|\u20ac|jaar|cm|mm\b|kg|db\b|volt|watt|kw\b|bar\b|graden|dagen|stuks"
    r"|minuten)|[.,:/\-]\d"
)
VINTAGE = re.compile(r"\b(?:bouwjaar|lichting|klasse|jaargang|leeftijd)[ :]{1,3}(?:is |van )?$")
"""How people joke about a year of birth; a date to the day is never a car's."""
BORN_AFTER = re.compile(r"(?:,? (?:om )?\d\d?[.:]\d\d(?: uur)?)?[ )]{1,2}geboren\b(?! en getogen)")
"""Right behind: "is 18 juni geboren", "(20 november 2025, 03.12 uur) geboren"."""
AGED = re.compile(
    r"\b(?:van|wordt|werd|is|was|ben|bijna|net|pas)(?: (?:ma|di|wo|do|vr|za|zo)[a-z]*dag| morgen| vandaag| al| nu)? "
    r"(?:[1-9]|[1-9]\d)(?: jaar| jr)?,? \( ?(?:geb\w*\.? )?$"
)
"""An age, and the date in brackets behind it: "voor Fleur van 6 (…)"."""


def in_year(page: Page, start: int, end: int) -> float:
    """ "ik ben van 1952", "mijn moeder (bj '38)": a year alone, right behind who is of it."""
    if NOT_IN_YEAR.match(page.lower, end) or page.near(start, end, {"vehicle", "plate"}, 40):
        return 0.0
    return 0.7 if _IN_YEAR.search(page.lower[max(0, start - 40) : start]) else 0.0
