"""What stands around names: signatures, headers, data behind them, firms. Over folded text."""

from __future__ import annotations

import re

SIGN_GAP = re.compile(
    r"[\s,.!;:>*|()'~_\x02\x03-]*(?:(?:van|from|dhr|mevr|mevrouw|mw|de heer|namens|mr|ir|drs|dr|ing|prof)\.?[ ,]+)*"
)
SIGN_NEAR = re.compile(r"[^\n]{0,60}\n+[ >]*(?:[^\n]{1,60}\n+[ >]*)?")
HEADER = re.compile(
    r"[ >*]*(?:van|aan|from|to|cc|afzender|ontvanger|reply-to|op [^\n]{0,30}\d[^\n]{4,40}?)[ ]?:?[* ]*[\"']?$"
)
WROTE = re.compile(
    r"[\"']? ?(?:<[^<>\n]{3,80}>|\([^()\n]{3,80}\))? ?(?:schreef|wrote|heeft (?:het volgende )?geschreven)"
)
DATA_AFTER = re.compile(
    r"[ ,]{0,2}\(?(?:geb|\xb0|bsn|geboren|wonende|tel\b|m:|\d{9})|[ ,;|/-]{1,3}(?:\d{8,9}\b|[a-z0-9._\-]+@)"
)
PRODUCT = re.compile(r"[A-Z]{2,}-[A-Za-z]+")
PETS = frozenset((
    "hond", "hondje", "kat", "katje", "poes", "poesje", "kater", "kitten", "puppy", "paard", "pony", "konijn",
    "cavia", "parkiet", "kanarie", "papegaai", "hamster", "poedel", "labrador", "labradoodle", "herder", "teckel",
    "retriever", "bulldog", "chihuahua", "terrier", "beagle", "merrie", "hengst", "ruin", "veulen", "koe", "geit",
    "storm", "orkaan", "robot", "robotje", "chatbot", "bot", "model", "schip", "boot", "zeiljacht",
))  # fmt: skip
"""Whose name is nobody's: animals, and a few things that bear one."""
PET = re.compile(rf"\b(?:{'|'.join(sorted(PETS))})[ ,:(]{{1,3}}$")
PARTICLES_BEFORE = re.compile(r"(?<!\w)(?:(?:Van|De|Den|Der|El|Ten|Ter|Te)(?: (?:de|den|der|het))? ){1,3}$")
GOES_ON = re.compile(r" [a-z]")
HOPELESS = -4.0
"""A single name weighed below this is something else, whoever else bears it."""
PLACING = frozenset({"in", "op", "te", "uit", "bij", "aan"})
ARTICLES = frozenset({"de", "den", "der", "het", "t", "la"})
HYPHENED = ("-de", "-van", "-den", "-der", "-ter", "-ten", "-te")
TO_PERSONS = frozenset({"naar", "door", "bij"})
TRADES = (
    "club", "vereniging", "huis", "winkel", "bedrijf", "atelier", "agentschap", "bakkerij", "slagerij", "kwekerij",
    "restaurant", "praktijk", "kantoor", "handel", "zaak", "stichting", "koor", "centrum", "makerij",
)  # fmt: skip
"""How lower-case compounds end after which the name of a firm or a club stands: "voetbalclub", "ciderhuis"."""
ROLES = (
    "medewerker", "medewerkster", "consulent", "consulente", "manager", "leider", "leidster", "adviseur", "adviseuse",
    "begeleider", "begeleidster", "beheerder", "beheerster", "coordinator", "functionaris", "ambtenaar", "therapeut",
    "therapeute", "verzorger", "verzorgster", "eigenaar", "eigenaresse", "deskundige", "behandelaar", "docent",
    "docente", "genoot", "genote", "genoten", "monteur", "agent", "voorzitter", "secretaris", "verpleegkundige",
    "assistent", "assistente", "specialist", "makelaar", "bezorger", "opzichter", "inspecteur", "controleur",
)  # fmt: skip
"""How compounds end after which a name stands."""
ASKED_FOR = re.compile(
    r"\b(?:vraag|vragen|gevraagd|bel|bellen|mail|app|contact|gesproken|spreken|sprak|overlegd|afgesproken|telefoon)"
    r"(?: maar| even| dan| gerust)?(?: naar| met| via| op bij)? $|\b(?:mijn|onze|ons|mn|m'n) (?:kleine |oudste "
    r"|jongste )?$"
    r"|\b(?:bsn|burgerservicenummer) (?:van )?$"
)
"""What people do with somebody whom they name: ask for, speak with, ring."""
QUANTITY = re.compile(r"\d ?$")
CAMEL = re.compile(r"(?!Mc|Mac|Van|De|La|Le|Di|Da|El|Al|O')[A-Z][a-z]{1,}[A-Z][a-z]+")
ON_NAME_OF = re.compile(r"t\.? ?[na]\.? ?v[. :]{0,3}")
FORM_INSIDE = re.compile(r"(?:^|[ ,])(?:b\.v|n\.v|v\.o\.f|c\.v)$")
FORM_AFTER = re.compile(
    r",? ?(?:&|\+) [a-z]|,? (?:b\.?v\b|n\.?v\b|v\.?o\.?f\b|bvba|holding|gmbh|ltd|inc\b|cv\b|c\.v\.|u\.a\."
    r"|eenmanszaak|vastgoed|v\.?z\.?w\b|e\.k\.|bv\b|s\.?r\.?l\b)"
)
STREET_END = ("straat", "laan", "plein", "gracht", "singel", "steeg", "kade", "dreef", "plantsoen", "weg", "park")
