"""Numbers with a check digit: BSN, IBAN, old bank accounts, cards.

A check digit alone says little (one random nine-digit number in eleven is a "BSN"), so the label decides with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrubber.detection import checksums
from scrubber.detection.page import Cue, Page
from scrubber.detection.recognizer import DutchRecognizer, Hit, odds

LABELS = frozenset(
    {"bsn", "bank", "iban", "card", "phone", "passport", "licence", "vnumber", "plate", "health", "reference", "secret"}
    | {"pin", "code", "ip", "version", "imei"}
)
"""Cues that name a number; the nearest one before it is its label."""

_SAYS_IT_IS = re.compile(
    r"[ ,)]{0,3}(?:\(|is |was |= ?|als |dat is |dit is |zijn |staat bij )?(?:mijn |mn |m'n |het |de |ons |onze "
    r"|haar |zijn |uw |een )?"
)


_DOTTED = re.compile(r"\d\d\.\d\d\.\d\d\.\d{3}|\d{4}\.\d\d\.\d\d\.\d\d|\d{3}\.\d\d\.\d\d\.\d{3}")
_OLD_NUMBER = re.compile(r"\b(?:oude?|vorige?|vroegere?|eerdere?) (?:nummer|nr|rekening)[^\n.!?\d]{0,20}$")
_TO_OR_FROM = re.compile(
    r"\b(?:retour|terug|storten|gestort|stort|betaald|betaalde|overgemaakt|overmaken|over)\b[^\n.!?\d]{0,30}"
    r"\b(?:op|naar|van|vanop|vanaf|via) $"
)
_NO_LABEL = re.compile(r"nota bene\b|btw (?:(?:oeps|sorry|hier|nog|dus|dit|het|is)\b[ ,:]{0,3}){0,2}(?=\d)")
_OPENS_NEXT = re.compile(r"[ :=]{1,3}(?:is |nr\.? |nummer )?[A-Za-z]{0,4}\d")
"""Words that look like a label of a number: "nota bene", and "btw" for "by the way" before a bare number."""
_GIVEN_AS = re.compile(
    r"(?:overgemaakt|overmaken|gestort|storten|stort|overschrijven|overgeschreven|maak over) (?:\w+ ){0,3}(?:naar|op) $"
    r"|(?:blijven gaan|gaat|afschrijven|afgeschreven|incasseren|incasseert|schrijft|betaald"
    r"|overgemaakt) (?:\w+ ){0,3}(?:van|vanaf) $"
    r"|\bafspraak:? $|\bverzekerd (?:\w+ ){0,3}(?:onder|met)(?: (?:het )?(?:nummer|nr\.?))? $"
)
_DIRECTLY = re.compile(
    r"(?:(?:bank|giro|spaar|betaal|post)(?:rek\w*|bank|giro)?|rek\w*[ .-]?(?:nr|nummer))[.]?(?: ?nr\.?"
    r"| ?nummer)?(?: is| was)?"
    r"[ :=]{1,3}$"
)
_PLACE = re.compile(
    r"\b(?:op|onder|onderaan|boven|bovenaan|van|bij|uit|in|volgens) (?:de|het|mijn|m'n|mn|die|deze|dat|jullie|uw|onze"
    r"|haar|zijn|een|elke)(?: \w{2,12})? $"
)


def digits_of(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def stands_alone(page: Page, start: int, end: int, glue: str = "") -> bool:
    """No letter, digit or character of `glue` touches [start, end)."""
    text = page.folded
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (before.isalnum() or after.isalnum() or before in glue or after in glue)


def label_kind(page: Page, start: int, end: int, reach: int = 60) -> str:
    """The kind of label of the number at [start, end): before it, or said of it right after; "" where it has none."""
    said = next((cue for cue in page.after(end, 26) if cue.kind in LABELS), None)
    if said is not None and not page.folded[end : said.start].strip() and _OPENS_NEXT.match(page.folded, said.end):
        said = None  # "… 1234.56.782 id XK1234567": the label of the number after it
    if said is not None and _SAYS_IT_IS.fullmatch(page.lower[end : said.start]) and said.start > end:
        before = page.label(start, LABELS, 30)
        if before is None:
            return said.kind
    before = page.label(start, LABELS, max(reach, 110))
    if before is None or (before.kind != "bsn" and start - before.end > reach):
        return ""
    if before.kind == "reference":
        if _NO_LABEL.match(page.lower, before.start) and "bsn" in page.cue_kinds:
            return ""
        return _found_on(page, before, start) or before.kind
    return before.kind


def _found_on(page: Page, reference: Cue, start: int) -> str:
    """The kind that "BSN staat op de nota: …" names: the nota is where the number stands; "" where it is not so."""
    if not _PLACE.search(page.lower[max(0, reference.start - 24) : reference.start]):
        return ""
    if not re.fullmatch(
        r"(?: ook| hier| vermeld| staat| en| al| (?:door|op|mee)?gegeven| ingevuld| genoemd"
        r"| gemeld){0,3}[ ]?(?:[:=(,]|is) ?",
        page.lower[reference.end : start],
    ):
        return ""
    named = next((cue for cue in page.before(reference.start, 60) if cue.kind in LABELS), None)
    if named is None or re.search(r"[.!?\n]|\d", page.folded[named.end : reference.start]):
        return ""
    return named.kind if named.kind != "reference" else ""


class NlBsnRecognizer(DutchRecognizer):
    """Burgerservicenummer: eleven-test, then odds from label, spelling and neighbours (weights in the rules)."""

    ENTITIES = ("NL_BSN",)
    PATTERNS = ("grouped", "bare", "spaced", "loose")
    WEIGHTS = (
        "base", "label", "label_somewhere", "typical_spelling", "other_spelling", "odd_spelling", "leading_zero",
        "eight_digits",
        "person_data_near", "reference_label", "other_label", "reference_near", "alone_on_line", "glued", "amount",
    )  # fmt: skip

    def find(self, page: Page) -> Iterator[Hit]:
        names = self.PATTERNS if "bsn" in page.cue_kinds else self.PATTERNS[:3]
        for name, start, end in self.spans(page, *names):
            value = page.folded[start:end]
            digits = digits_of(value)
            if name == "loose" and (len(digits) != 9 or label_kind(page, start, end) != "bsn"):
                continue
            if not checksums.bsn(digits) or not stands_alone(page, start, end) or page.is_own_number(start, end):
                continue
            score = odds(self._weigh(page, start, end, value, digits))
            yield Hit("NL_BSN", start, end, score)

    def _weigh(self, page: Page, start: int, end: int, value: str, digits: str) -> float:
        weights = self.weights
        total = weights["base"]
        kind = label_kind(page, start, end)
        if kind == "bsn":
            total += weights["label"]
        elif kind in {"reference", "imei", "code", "version", "health"} and not _OF_TAXES.search(
            page.lower, max(0, start - 70), end + 5
        ):
            total += weights["reference_label"]
        elif kind or page.label(start, {"policy"}, 16) or _GIVEN_AS.search(page.lower[max(0, start - 40) : start]):
            total += weights["other_label"]
        elif self._reference_on_line(page, start, end):
            total += weights["reference_near"]
        elsewhere = kind != "bsn" and "bsn" in page.spoken_of
        if elsewhere:
            total += weights["label_somewhere"]
        shape = [len(part) for part in re.split(r"\D+", value)]
        if shape in ([4, 2, 3], [3, 3, 3], [3, 2, 2, 2]) and not _IP.fullmatch(value):
            total += weights["typical_spelling"] if shape == [4, 2, 3] else weights["other_spelling"]
        elif len(shape) > 1 and not (elsewhere and shape == [2, 2, 2, 3]):
            total += weights["odd_spelling"]
        if len(digits) == 8:
            total += weights["eight_digits"]
        elif digits[0] == "0":
            total += weights["leading_zero"]
        if page.near(start, end, {"birth", "passport", "licence", "person"}, 70):
            total += weights["person_data_near"]
        line = page.folded[page.line_start(start) : page.line_end(end)].strip()
        if line == value:
            total += weights["alone_on_line"]
        return total + self._surroundings(page, start, end)

    @staticmethod
    def _reference_on_line(page: Page, start: int, end: int) -> bool:
        first, last = page.line_start(start), page.line_end(end)
        line = page.folded[first:last]
        if _NO_LABEL.search(page.lower, max(first, start - 60), end):
            return False
        separator = max(";|\t", key=line.count)
        if line.count(separator) > 2:  # a record: only what stands in the same cell speaks of it
            first = max(first, page.folded.rfind(separator, first, start))
            stop = page.folded.find(separator, end, last)
            last = last if stop < 0 else stop
        return any(c.kind == "reference" and c.start >= first for c in page.before(start, 90)) or any(
            c.kind == "reference" and c.end <= last for c in page.after(end, 90)
        )

    def _surroundings(self, page: Page, start: int, end: int) -> float:
        """What touches the number: part of a path, a decimal, an amount or a longer code."""
        text = page.folded
        before, after = text[max(0, start - 2) : start], text[end : end + 2]
        total = 0.0
        if before[-1:] in {"#", "/", "_", "=", "\\", "@", "+", "-", "&"} or after[:1] in {
            "/",
            "_",
            "\\",
            "@",
            "%",
            "-",
        }:
            total += self.weights["glued"]
        if re.search(r"(?:€|eur|\$) ?$", page.lower[max(0, start - 5) : start]) or re.match(r",\d", after):
            total += self.weights["amount"]
        if before[-1:] in {".", ","} and before[:1].isdigit():
            total += self.weights["glued"]
        return total


_OF_TAXES = re.compile(r"belastingdienst|toeslag|bestuursrechtelijk|\bcak\b|\d\.?[tbhl]\.\d\d?\b")
"""Whose reference is the BSN itself."""
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_IBAN_SEPARATORS = frozenset(" .-\n\xa0")


class IbanRecognizer(DutchRecognizer):
    """IBAN of any country, in any spelling, also glued to the word before it. Length by country, then mod 97."""

    ENTITIES = ("IBAN_CODE",)
    PATTERNS = ("start",)

    def find(self, page: Page) -> Iterator[Hit]:
        text, lower = page.folded, page.lower
        done = 0
        for _, start, _end in self.spans(page):
            if start < done:
                continue
            length = checksums.IBAN_LENGTH.get(lower[start : start + 2].upper())
            if length is None or (lower[start].isdigit()):
                continue
            taken = self._take(text, start, length)
            if taken is None:
                continue
            stop, value = taken
            if checksums.iban(value) and not (stop < len(text) and text[stop].isdigit() and text[stop - 1].isdigit()):
                yield Hit("IBAN_CODE", start, stop, 1.0)
                done = stop

    @staticmethod
    def _take(text: str, start: int, length: int) -> tuple[int, str] | None:
        """`length` letters and digits from `start`, over at most two separators in a row: their end and themselves."""
        value: list[str] = []
        gap = 0
        for place in range(start, min(len(text), start + 3 * length)):
            character = text[place]
            if character.isalnum() and character.isascii():
                value.append(character)
                gap = 0
                if len(value) == length:
                    return place + 1, "".join(value)
            elif character in _IBAN_SEPARATORS and gap < 2 and not (character == "\n" and gap):
                gap += 1
            else:
                return None
        return None


_ROW = 120
"""How far around a cell its row is read."""


def _is_cell(page: Page, start: int, end: int) -> bool:
    """Whether [start, end) is the whole of a cell, amid others, of a row without heading; no order is named."""
    row = page.line_start(start)
    first, last = max(row, start - _ROW), min(page.line_end(end), end + _ROW)
    line = page.folded[first:last]
    separator = max(";|\t", key=line.count)
    if line.count(separator) < 2 or row in page.columns or page.follows(start, {"reference", "version"}, _ROW):
        return False
    if any(cue.kind == "reference" and cue.end <= last for cue in page.after(end, _ROW)):
        return False
    before, after = page.folded[first:start].rstrip(' "'), page.folded[end:last].lstrip(' "')
    return before.endswith(separator) and (not after or after.startswith(separator))


def _is_address(value: str) -> bool:
    """Whether the groups could be those of an IP address."""
    return all(int(part) < 256 for part in value.split(".")) and len(value.split(".")) == 4


_ACCOUNT_SPELLING = re.compile(r"\d\d\.\d\d\.\d\d\.\d{3}|\d{4}\.\d\d\.\d{3}")


class BankAccountRecognizer(DutchRecognizer):
    """Old Dutch accounts (nine or ten digits with eleven-test, giro with its word) and Belgian ones (mod 97)."""

    ENTITIES = ("BANK_ACCOUNT",)
    PATTERNS = ("belgian", "dutch", "giro")
    _GIRO = re.compile(r"giro|postbank|girotel|p\.?c\.?r")
    _NUMBERED = re.compile(r"bank|n(?:umme)?r|betaal|spaar|erven")

    def find(self, page: Page) -> Iterator[Hit]:
        rows = "bank" in page.answers and page.folded.count(";") > 1
        names = self.PATTERNS if rows or "bank" in page.cue_kinds else ("belgian", "dutch")
        for name, start, end in self.spans(page, *names):
            if not stands_alone(page, start, end, "+-/_") or page.is_own_number(start, end):
                continue
            value = page.folded[start:end]
            digits = digits_of(value)
            if name == "belgian":
                score = self._belgian(page, start, end, value, digits)
            elif name == "dutch":
                score = self._dutch(page, start, end, value, digits)
            else:
                score = self._giro(page, start, end)
            if score:
                yield Hit("BANK_ACCOUNT", start, end, score)

    @staticmethod
    def _belgian(page: Page, start: int, end: int, value: str, digits: str) -> float:
        if not checksums.belgian_account(digits) or "+++" in page.folded[max(0, start - 4) : start]:
            return 0.0
        kind = label_kind(page, start, end)
        if kind == "bank":
            return 0.95
        spelled = re.fullmatch(r"\d{3}[ \-.]\d{7}[ \-.]\d\d", value) is not None
        if spelled and kind == "reference":
            lead = page.lower[max(0, start - 50) : start]
            kind = "" if _OLD_NUMBER.search(lead) or _TO_OR_FROM.search(lead) else kind
        return 0.85 if spelled and kind in {"", "iban", "card"} else 0.0

    @staticmethod
    def _dutch(page: Page, start: int, end: int, value: str, digits: str) -> float:
        if value.startswith(("06 ", "06-")):
            return 0.0  # a mobile number
        valid = checksums.dutch_account(digits)
        if not valid and not page.spoken_of & {"bank", "iban"}:
            return 0.0
        kind = label_kind(page, start, end, 80)
        dotted = _DOTTED.fullmatch(value) is not None and (
            kind == "bank" or len(value.split(".")[0]) < 3 or not _is_address(value)
        )
        if dotted and kind == "reference" and _GIVEN_AS.search(page.lower[max(0, start - 40) : start]):
            kind = ""
        if not valid:
            # Mistyped, it is somebody's account still: where label and spelling say so together.
            spelled = dotted or re.fullmatch(r"\d\d \d\d \d\d \d{3}", value) is not None
            said = kind == "bank" or (dotted and kind in {"", "iban"} and page.spoken_of & {"bank", "iban"})
            named = kind == "bank" and _DIRECTLY.search(page.lower[max(0, start - 34) : start])
            return 0.6 if named or (spelled and said and value[0] != "0") else 0.0
        if kind == "bank":
            return 0.9
        if kind == "iban":
            return 0.7
        if dotted and not kind:
            return 0.7
        own = _ACCOUNT_SPELLING.fullmatch(value) is not None and not checksums.bsn(digits)
        if own and page.spoken_of & {"bank", "iban"} and not page.near(start, end, {"reference", "version"}, 22):
            return 0.65
        if not kind and _GIVEN_AS.search(page.lower[max(0, start - 40) : start]):
            return 0.75
        grouped = re.fullmatch(r"\d\d \d\d \d\d \d{3,4}|\d{4} \d\d \d\d \d\d", value) is not None
        if not kind and page.spoken_of & {"bank", "iban"} and "bsn" not in page.spoken_of:
            old = _OLD_NUMBER.search(page.lower, max(0, start - 50), start) is not None
            if old or (value[0] != "0" and _is_cell(page, start, end)):
                return 0.65
        # A spelling that telephone numbers share, so never with a nought in front.
        if grouped and not kind and value[0] != "0" and page.spoken_of & {"bank", "iban"}:
            return 0.65
        return 0.0

    def _giro(self, page: Page, start: int, end: int) -> float:
        if page.folded[start] == "P" and _is_cell(page, start, end):
            return 0.7
        label = page.label(start, LABELS, 1)
        if label is not None and label.kind == "bank" and label.start == label.end == start:
            return 0.85  # a column of accounts
        cue = next((c for c in page.before(start, 40) if c.kind in LABELS), None)
        if cue is None or cue.kind != "bank":
            return 0.0
        if self._GIRO.search(page.lower[cue.start : cue.end]) or page.lower[start] == "p":
            return 0.9
        gap = page.lower[cue.end : start]
        named = self._NUMBERED.search(page.lower[cue.start : cue.end]) is not None
        old = re.search(
            r"\b(?:oud|oude|giro|postbank|vroeger|opgeheven)\b", page.lower[max(0, cue.start - 40) : end + 20]
        )
        near = re.fullmatch(r"[ .:=(]{1,4}(?:is |was |nr\.? ?|nummer )?", gap) is not None
        return 0.7 if named and old and near and len(digits_of(page.folded[start:end])) >= 6 else 0.0


_CARD_PREFIX = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})$|5[1-5]\d{14}$|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}$|3[47]\d{13}$"
    r"|3(?:0[0-5]|[68]\d)\d{11}$|6(?:011|5\d\d|4[4-9]\d)\d{12}$|35(?:2[89]|[3-8]\d)\d{12}$|(?:5018|5020|5038|5893"
    r"|6304|6759|676[1-3]|6703)\d{8,15}$"
)


class CreditCardRecognizer(DutchRecognizer):
    """Card numbers: an issuer's prefix and length, Luhn, and no label that says it is something else."""

    ENTITIES = ("CREDIT_CARD",)
    PATTERNS = ("number",)

    @staticmethod
    def _card_end(text: str, start: int, longest: int) -> int | None:
        """The end of the card number at `start`, without groups of digits that follow it ("4… 03/29"); None: it"
        " is none."""
        end = longest
        while end - start >= 12:
            digits = digits_of(text[start:end])
            if _CARD_PREFIX.match(digits) and checksums.luhn(digits):
                return end
            cut = max(text.rfind(separator, start, end) for separator in " .-")
            if cut < 0:
                return None
            end = cut
        return None

    @staticmethod
    def _called_card(page: Page, start: int, end: int) -> int | None:
        """Four times four digits that are called a card's, though no issuer is known to begin so."""
        value = page.folded[start:end]
        spelled = re.fullmatch(r"5\d{3}([ .\-])\d{4}\1\d{4}\1\d{4}", value) is not None
        return end if spelled and checksums.luhn(digits_of(value)) and page.near(start, end, {"card"}, 70) else None

    def find(self, page: Page) -> Iterator[Hit]:
        for _, start, longest in self.spans(page):
            end = self._card_end(page.folded, start, longest) or self._called_card(page, start, longest)
            if end is None or page.is_own_number(start, end) or not stands_alone(page, start, end, "_-+"):
                continue
            if page.folded[start - 1 : start] == "." or re.match(r"[.,]\d", page.folded[end : end + 2]):
                continue
            value = page.folded[start:end]
            kind = label_kind(page, start, end)
            if kind == "card":
                yield Hit("CREDIT_CARD", start, end, 1.0)
            elif kind not in {"reference", "imei", "health", "version", "licence"}:
                yield Hit("CREDIT_CARD", start, end, 0.9)
            elif re.fullmatch(r"\d{4}([ \-])\d{4}\1\d{4}\1\d{4}", value) and page.near(start, end, {"card"}, 80):
                yield Hit("CREDIT_CARD", start, end, 0.6)
