"""What addresses look like: additions, postcodes, places and what stands between them. Over folded text."""

from __future__ import annotations

import re

ARTICLES = frozenset({"de", "het", "den", "the"})
GAPS = frozenset({" ", "-", ". ", ".", "  ", "'", "' ", " '"})
SIDES = frozenset(
    {"noord", "oost", "zuid", "west", "nz", "zz", "oz", "wz", "zuidoost", "noordoost", "zuidwest", "noordwest"}
)
"""Which half or side of a street: "Hoofdweg-Oost", "Noorderhaven ZZ"."""
MISSPELT = re.compile(
    r"(?:(staat|sraat|srtaat|starat|strraat|straaat|straatt|straar|straay|strat|staart|strast|strtaat|strraat|straad)"
    r"|(lan|laaan|lann|laann|laam)|(wge|wegg|weeg|wech)|(plien|plijn|plain|plen)|(single|sinegl|signel|cingel)"
    r"|(gragt|gracth|grahct|grach)|(dreeef|dref)|(dik|dijck|dijkk|djik)|(kaade|kadee))$"
)
MISSPELT_ENDS = (
    *("staat", "sraat", "taat", "arat", "aaat", "raat", "aatt", "straar", "straay", "strat", "staart", "strast"),
    *("straad", "lan", "lann", "laam", "wge", "wegg", "weeg", "wech", "plien", "plijn", "plain", "plen", "single"),
    *("sinegl", "signel", "cingel", "gragt", "gracth", "grahct", "grach", "dreeef", "dref", "dik", "dijck", "dijkk"),
    *("djik", "kaade", "kadee"),
)
"""Cheaper than MISSPELT, for the many words that end in none."""
MENDED = ("", "straat", "laan", "weg", "plein", "singel", "gracht", "dreef", "dijk", "kade")
"""What each group of MISSPELT means."""
STANDS = frozenset(
    {"be", "ont", "ver", "op", "voor", "boven", "onder", "achter", "tegen", "bij", "toe", "af", "in", "over", "open"}
    | {"vast", "stil", "tussen", "terug", "recht", "klaar", "rechts", "buiten", "binnen", "lid", "deel", "midden"}
)
"""Before "staat" no street: "voorstaat", "rechtsstaat"."""
BRIDGE_SPLIT = re.compile(r"[ ,;/|()\n.:\-]+")
HAS_POSTCODE = re.compile(r"\d[ ]?[a-z]{2}\b.{0,30}$|\b\d{4,5} [a-z]")
NO_HOUSE = re.compile(
    r"[ ]?(?:wkn?\b|mnd|mndn|uren|berichten|bestellingen|klanten|leden|dozen|euro|eur\b|uur|u\b|min|sec|%"
    r"|kwh|kw\b|gb\b|mb\b|tb\b|km|m2|cm\b|mm\b|jaar|maand|dag|week|weken|keer"
    r"|x\b|stuks|st\b|"
    r"personen|mensen|graden|kilo|kg|mbit|gbit|procent|punten|januari|februari|maart|april|mei\b|juni|juli|augustus"
    r"|september|(?:jan|feb|mrt|apr|jun|jul|aug|sept?|okt|nov|dec)\b|"
    r"oktober|november|december|\u20ac)|[:,.]\d|\d|[-/]\d{1,2}[-/]\d|@|\.\w"
)
COUNTED = re.compile(
    r" (?:winkels?|agenten|bussen|auto'?s|fietsen|huizen|panden|bomen|kinderen|mannen|vrouwen|jongens|meisjes|avonden"
    r"|nachten|ochtenden|middagen)\b"
)
DWELLS = re.compile(r"woon|wonen|adres|bezorg|thuis|lever|verhui")
"""Where a house number, and no count, stands before what is counted."""
ADDITION = re.compile(
    r"(?:[ /-]{1,3}\d{1,2}(?:e|ste|de)?[ -]?(?:hoog|hg|etage|verdieping|verd)(?!\w)\.?(?: ?(?:links"
    r"|rechts|voor|achter)\b)?"
    r"| ?[-\u2013/] ?(?:\d{1,4}[a-z]{0,2}|[a-z]{1,2}\d{0,3}|i{1,3}|iv|hs|huis|bis|bg|zw|rd)(?![\w@-])"
    r"|[a-z]{1,2}\d{0,2}(?![\w@])|bis(?!\w)|hs(?!\w)"
    r"| ?-? ?(?:bov|ben|bgg|gelijkvl|souterr?|bel-?et)\.?(?=[ ]?(?:[,;)\n]|$| [1-9]\d{3} ?[a-z]{2}\b))"
    r"|-(?:boven|beneden|hoog|achter|voor|links|rechts|zwart|rood)(?!\w)"
    r"| bs(?=[ ]?(?:[,;)\n]|$| [1-9]\d{3} ?[a-z]{2}\b))"
    r"| ws(?=[ ]?(?:[,;\n]|$))"
    r"| (?:bis(?: [a-z]\b)?|hs|huis|hoog|boven|beneden|achter|voor|rechts|links|zwart|rood|zw|rd|bg|[znow]z|i{1,3}|iv"
    r"|vi{0,3}|sous|a\.?h\.?|o\.?g\.?)(?![\w@-]|\.\w)"
    r"| ?(?:bs|hs|bg)[a-d](?!\w)|huis(?!\w)| [a-h]-(?:bis|hs|\d{1,3}|i{1,3})(?!\w)"
    r"| [1-9][a-z]{1,2}(?=[ ]?[,;)\n]|$)| ?t/?m ?(?:\d{1,4}[a-z]?|[a-h])(?!\w)"
    r"| (?:en|&|\+) \d{1,3}[a-z]?(?=[ ]?(?:[,;\n]|$| [1-9]\d{3} ?[a-z]{2}\b))"
    r"| ?,? ?toev(?:oeging|\.)?:? [a-z0-9]{1,3}(?!\w)"
    r"| [a-z]\d{2}(?!\w)| [a-z]\d(?=[ ]?(?:[,;)\n]|\.(?!\d)|$| te | [1-9]\d{3} ?[a-z]{2}\b))"
    r"| [a-h](?:-[a-h])?(?=[ ]?(?:[,;.\n)|\"'<]|$"
    r"| [1-9]\d{3} ?[a-z]{2}\b)| t/m )"
    r"| ?,? ?\(?(?:\d{1,2}(?:e|ste|de)? ?|(?:een|twee|drie|vier) )(?:hoog|etage|verdieping|verd\.?)(?!\w)\)?"
    r"| ?,? ?(?:huisje|chalet|kavel|bungalow|stacaravan|standplaats|staanplaats|plek|ligplaats|steiger|loods|hal"
    r"|vleugel"
    r"|gebouw|deur|poort|portiek|trap|bus|bte|box|kamer|keamer|zaal|afdeling|unit|apt|app|appartement|flat|kmr|k\.|lokaal|toren|blok|studio|etage"
    r"|verdieping)\.? ?(?:[a-z]?\d{1,4}(?:[.\-]\d{1,3})?[a-z]?(?!\w)|[a-z](?![\w.']))"
    r"| t\.?[/ ]?o\.?(?: nr\.?| nummer)? ?\d{1,4}[a-z]?| tegenover (?:nr\.? ?)?\d{1,4})"
)
POSTCODE_NEXT = re.compile(
    r"(?:[ ]{0,3}<br ?/?>(?=[\n ]{0,4}[1-9]))?"
    r"[ ]{0,3}(?:(?:[,;|(/\x02\t\xb7*-]|te |in )?[ ]{0,4}(?:postcode:? ?)|(?:[,;|(/\x02\t\xb7*-]|te |in "
    r"|\n)?[ ]{0,4}(?:\n[ >]{0,12})?)(?:nl[- ]|b-"
    r"|be-)?\(?([1-9]\d{3} {0,2}[a-z]{2})(?:[1-9]\d{0,3})?(?![a-z0-9@])\)?"
)
BELGIAN_NEXT = re.compile(
    r"[ ]{0,3}(?:[,;|(-]|\n|te )[ ]{0,4}(?:\n[ ]{0,8})?(?:[Bb]-|[Bb][Ee]-)?([1-9]\d{3})(?= {1,2}[A-Z])"
)
BELGIAN_BESIDE = re.compile(r"(?: ?[,;/|(-] ?| te |[ ]?\n| )(?:be?-)?([1-9]\d{3}) {1,2}(?=[a-z]{2})")
YEAR_STREET = re.compile(
    r"(?:-(?:19)?\d\d|-'\d\d)?,? (?:nr\.? |nummer |no\.? |huisnr\.? )?([1-9]\d{0,2})(?![\d:.,/-]*\d)"
)
"""The house number of "Plein 1944 12"."""
FOREIGN_NEXT = re.compile(r"[ ]{0,3}[,;\n][ ]{0,4}(?:[A-Z]{1,2}-)?(\d{5})(?= {1,2}[A-Z])")
COUNTRY = re.compile(
    r"[ ,]{0,2}\n?[ ]?\(?(?:nederland|the netherlands|belgie|belgium|duitsland|spanje|frankrijk|portugal|italie"
    r"|polen|suriname|curacao|aruba)\)?(?!\w)| \([a-z]{1,3}\)"
)
PLACE_START = re.compile(r"[ ]{0,3}(?:[,|;/-] ?|,?(?<= )te (?=[A-Z'])|\n[ >]{0,4})?(?='?s?-?[A-Za-z])")
ORDINAL_PLACE = re.compile(r",? \d{1,2}e [A-Z][a-z]{3,}")
PLACE_WORD = re.compile(r"(?:'[st]-?[ ]?)?[A-Za-z]+(?:['-][A-Za-z]+)*")
CITY = re.compile(r",? ?(?:\n)?(?:te )?(?=[A-Z'])")
SAID = frozenset({"hoor", "leuk", "raar", "graag", "weer", "wees", "goed", "groet", "wel", "maar", "echt"})
"""Places by name, but after a house number at the end of a sentence mere words."""
CITY_BESIDE = re.compile(r" (?:\(|te )?(?=['a-zA-Z])|,[ ]?(?:te )?(?=[a-z'])| ?[-/|] ?(?=[A-Z'])")
STREET_AFTER = re.compile(
    r" (?:te )?(?:'s-|'t )?[A-Z][A-Za-z' -]{1,24}, ?([A-Z][A-Za-z'. -]{2,30}?) [1-9]\d{0,3}(?!\d)"
)
FROM = re.compile(r"van (?:de |het )?(?=[A-Z])")
LEAD = re.compile(r"(?:(?:van|op|in|bij|aan|naar|tegen|gebouw|locatie|pand) )+(?:(?:de|het|den) )?(?=\S)")
"""At the start of a sentence: "Van Havenstraat 21 naar ...", "Op Keizerstraat 61 ..."."""
WITHIN = re.compile(r"[\w.'\-]+(?: [\w.'\-]+)*? (?:van|op|bij|in|aan|uit) (?:(?:de|het|den) )?")
"""A name and where it lives: "Mohamed van de Kapellestraat 18"."""
NO_PARTICLES = frozenset({"aan", "op", "te", "bij", "uit", "voor", "in", "onder", "over"})
OPPOSITE = re.compile(r"(?:t\.?[/ ]?o\.?|tegenover|nabij|t\.h\.v\.|thv|ter hoogte van)(?: nr\.?| nummer)? ?$")
GLUED_HOUSE = re.compile(r"[-/][1-9]\d{0,3}[a-z]{0,2}(?![\w\-/.@])")
"""The house number dashed to a postcode: "1234AB-12"."""
WHERE = re.compile(r"\b(?:in|op|te|naar|vanuit|rond|regio|wijk|bij) (?:de )?$")
"""Before a bare postcode that stands where a place would."""
AT_HOME = re.compile(r"\b(?:thuis|woon|wonen|adres|huis|zit)(?: is| op| nu| in){0,2}[ :(]{1,2}$")
"""Before a postcode and number, also written small and apart: "thuis is 9717 ep 12a"."""
ZIP = re.compile(r"(?:zip|zipcode|zip_code|postal_?code|postcode|pc)=$")
HOUSE_AFTER = re.compile(
    r"(?:[ ]{0,2}[\"']?[,;&|][ ]?[\"']?(?:house|street)?(?:huis)?_?(?:number|nummer|nr|no)[\"']?[ ]?[:=][ ]?[\"']?"
    r"|[ ]{0,2}(?:[,;/-]|\n)?[ ]{0,2}(?:en )?(?:huis ?nr\.?|huisnummer|nr\.?|nummer|no\.?|hnr\.?"
    r"|h\.?nr\.?)?[: ]{0,2})([1-9]\d{0,4})(?:(?![\d.:,€%-]*\d)|(?=-\d{1,3}(?![\d-])))"
)
JOIN = re.compile(
    r"\)?[ ,]{1,2}(?:te )?(?:'s-|'t )?[A-Z][A-Za-z'-]*(?:[ -][A-Za-z'-]+){0,3}?(?:,| )(?: ?aan)?(?: ?(?:de|het"
    r"|'t))? ?"
)
PREFIXES = frozenset(
    {"hof", "hofje", "laan", "laantje", "plein", "pleintje", "weg", "steenweg", "kade", "singel", "park", "kasteel"}
    | {"baan", "dijk", "pad", "oever", "veld", "tuin", "burcht"}
)
PREFIXED = frozenset({"van", "op", "naar", "der", "den", "de", "ter", "ten", "vd"})
"""What stands first and second in "Hof van Holland 7", "Steenweg op Turnhout 12"."""
RESIDES = re.compile(
    r"(?:\b(?:woon\w*|wonen\w*|thuis|huis|stekje|verblijf\w*|verblijven|logeer\w*|ingetrokken|verhuis\w*|bezorg\w*|\w*adres"
    r"|voordeur|appartement|flat|woning|buren|buur\w*|post|ophalen|af te halen|afhalen|afgeleverd"
    r"|lever\w*|zit(?:ten)? (?:nu |tijdelijk )?(?:op|in)"
    r"|stuur|sturen|gestuurd|eigenaar|huurder|dorp)\b[^.!?\n]{0,30}(?:\b(?:op|aan|naar|bij|in|is|te"
    r"|nu|de|het|den)|[(\"':,])|\b(?:op|aan)(?: de| het|'t| den)?)"
    r" ?[(\"':,]{0,2} ?$"
)
VISITS = re.compile(
    r"(?:\b(?:bij|voor|op|aan|naar|van|langs|achter|naast|tegenover|thv|hoogte|ter|in)(?: de| het| 't| den| it)?|,|\()"
    r" ?['\"]?$"
)
SERVED = re.compile(
    r"\b(?:voor)?deur|stoep|\bbuur|buren|bewoner|bezorg|afgeven|afgegeven|afgeleverd|\bpakje|pakket|container|lantaarn|kliko"
    r"|grofvuil|kastanje|\bboom\b|bomen|parke[ae]r|\bwoon|\bwonen|thuis|adres|glasvezel|putdeksel|riool|stoplicht"
    r"|straatverlichting|verhui|ophalen|leegstaa|overlast|aanbellen|aangebeld|sluikstort|bouwplaats|factuuradres"
)
"""What happens at dwellings and in streets."""
ENDS_PHRASE = re.compile(
    r"[ ]?(?:[,;)\"']|\.(?!\d)|$|\n| (?:maar|waar|en|want|of|daar|dat|die|is|staat|heeft|kan|niet|te"
    r"|bij|helemaal|naast)\b)"
)
BRIDGE_ASIDE = re.compile(r',? ?(?:"[^"\n]{2,30}"|\([^()\n]{2,30}\)|ws "?[a-z\' ]{2,30}"?),? $')
DWELLING = re.compile(r"[1-9]\d{0,2}[ \-]?(?:hs|bis|i{1,3}|huis)(?![\w-])")
"""A number that only houses have: "9hs", "12-II"."""
PREFIX_STREET = re.compile(
    r"(?:calle|rue|avenue|avenida|boulevard|chaussee|via|viale|strada|place|plaza|rua|ulica|ul|allee|chemin|route)$"
)
