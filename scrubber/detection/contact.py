"""How to reach somebody: telephone numbers, e-mail addresses, IP addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from scrubber.detection.numbers import digits_of, label_kind, stands_alone
from scrubber.detection.page import Page
from scrubber.detection.recognizer import DutchRecognizer, Hit, odds

_POLISH_LICENCE = re.compile(r"\d{5}/\d\d/\d{4}")
_DATE_FIRST = re.compile(r"\(?\d{2}([\-./])\d{2}\1(?:19|20)\d\d")
_NO_PHONE = frozenset(
    {"reference", "imei", "bsn", "bank", "iban", "card", "health", "licence", "vnumber", "passport", "version", "ip"}
)
_SPELLED = re.compile(r"[ .\-/()]")
_ENTERPRISE = re.compile(r"0\d{3}\.\d{3}\.\d{3}")
"""How a Belgian enterprise number is written, and many a reference."""
_NEW_CELL = re.compile(
    r"[|;\u2022\xb7] ?(?:t|m|tel\.?)?:? ?$|\b(?:mijn|mn|m'n|haar|zijn|hun|eigen|oude|nieuwe) nummer (?:is )?$"
)
_BELGIAN_MOBILE = re.compile(r"04\d\d[ ./]{1,2}\d\d[ .]?\d\d[ .]?\d\d")
_LETTER = re.compile(r"(?:^|\n)[ \t]*[TM][:.]?[ \t]+$")
"""How a signature announces a telephone: "T 014 58 20 77"."""
_AREA_SPLIT = re.compile(r"\(?0\d{1,3}\)?[ .\-/]{1,3}\d")


class DutchPhoneRecognizer(DutchRecognizer):
    """Dutch and Belgian numbers in any spelling, service numbers, and international ones that start with a plus."""

    ENTITIES = ("PHONE_NUMBER",)
    PATTERNS = (
        "dutch_international",
        "belgian_international",
        "international",
        "national",
        "belgian",
        "service",
        "bare",
        "mistyped",
    )

    def find(self, page: Page) -> Iterator[Hit]:
        for name, start, end in self.spans(page):
            value = page.folded[start:end]
            if not stands_alone(page, start, end, "_\\@#") or page.is_own_number(start, end):
                continue
            if _DATE_FIRST.match(value) or _POLISH_LICENCE.fullmatch(value):
                continue
            score = self._score(page, name, start, end, value)
            if score:
                if page.folded[start] == "(" and ")" not in value:
                    start += 1
                yield Hit("PHONE_NUMBER", start, end, score)

    def _score(self, page: Page, name: str, start: int, end: int, value: str) -> float:
        digits = digits_of(value)
        before, after = page.folded[max(0, start - 2) : start], page.folded[end : end + 2]
        parameter = before[-1:] == "=" and page.label(start, {"phone"}, 1) is not None  # "tel=06…"
        if before[-1:] in {"-", "/", ".", "=", "+", ","} and before[:1].isalnum() and not parameter:
            return 0.0
        if (after[:1] in {"-", "/", ".", ":"} and after[1:].isdigit()) or before == "++":
            return 0.0  # "+++250/4471/00173+++": what a Belgian payment says
        kind = "phone" if _LETTER.search(page.folded, max(0, start - 8), start) else label_kind(page, start, end, 40)
        if kind == "reference" and digits.startswith("06") and self._is_no_reference(page, start, digits):
            kind = ""
        if kind in {"reference", "card"} and _SPELLED.search(value) and self._other_cell(page, start):
            kind = ""
        if name == "mistyped":
            return 0.7 if kind == "phone" and len(digits) in {9, 11} else 0.0
        if _ENTERPRISE.fullmatch(value) and kind != "phone":
            return 0.0
        if value.startswith("00") and kind != "phone" and re.match(r" ?\d", after):
            return 0.0
        refused = kind in _NO_PHONE
        if name.endswith("international"):
            return 0.0 if refused and value[0] != "+" else 0.95
        if name == "service":
            return 0.0 if refused else 0.9
        if name == "bare":
            return 0.9 if kind == "phone" else 0.7 if digits.startswith(("316", "324")) and not refused else 0.0
        if name == "belgian":
            shape = [len(part) for part in re.split(r"\D+", value.strip("("))]
            usual = shape in ([2, 3, 2, 2], [3, 2, 2, 2], [2, 7], [3, 6], [2, 3, 4], [3, 3, 3], [3, 3, 2, 2])
            if kind == "phone":
                return 0.9
            return 0.75 if usual and shape != [3, 3, 3] and not refused else 0.0
        return self._national(digits, value, kind, refused)

    @staticmethod
    def _other_cell(page: Page, start: int) -> bool:
        """ "KvK 12345678 | 0318-…", "een kaart, en mijn nummer 0471 …": what stands between ends the label."""
        return _NEW_CELL.search(page.lower[max(0, start - 24) : start]) is not None

    @staticmethod
    def _is_no_reference(page: Page, start: int, digits: str) -> bool:
        """ "… over mijn opzegging? 06…": the sentence with the other word is over; "nummer 06…": it says no more."""
        near = next((cue for cue in page.before(start, 40) if cue.kind == "reference"), None)
        if near is None:
            return False
        if len(digits) == 10 and page.lower[near.start : near.end] in {"nummer", "nr"}:
            return True
        return re.search(r"[?!.\n] ", page.folded[near.end : start]) is not None

    @staticmethod
    def _national(digits: str, value: str, kind: str, refused: bool) -> float:
        if digits[1] in "89" and digits[1:3] not in {"80", "84", "85", "87", "88", "90", "91", "97"}:
            return 0.0
        if kind == "phone":
            return 0.98
        mobile = digits[1] == "6" or _BELGIAN_MOBILE.fullmatch(value) is not None
        split = _AREA_SPLIT.match(value) is not None
        if refused:
            return 0.6 if mobile and split else 0.0
        if mobile or split:
            return 0.95
        return 0.8 if not _SPELLED.search(value) else 0.6


_NO_DOMAIN = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css", "local.", "php", "html", "ts"})
_MESSAGE_ID = re.compile(r"(?:message-id|in-reply-to|references|content-id|call-id)\s*:[^\n@]*$")


class EmailRecognizer(DutchRecognizer):
    """E-mail addresses, internal domains included, and those written with (at). No list of domains, no network."""

    ENTITIES = ("EMAIL_ADDRESS",)
    PATTERNS = ("address", "spelled")

    def find(self, page: Page) -> Iterator[Hit]:
        text, lower = page.folded, page.lower
        for name, start, end in self.spans(page):
            if name == "spelled":
                yield Hit("EMAIL_ADDRESS", start, end, 0.9)
                continue
            while start < end and lower[start] in "._-+'*=|/&%#!?~{}^$":
                start += 1
            at = text.find("@", start, end)
            if "+" not in text[start:at]:  # "mail=jan@…": a parameter; a bounce address ("x+jan=…@") keeps its "="
                start = max(start, *(text.rfind(separator, start, at) + 1 for separator in "=/|&"))
            if at <= start or at - start > 64:
                continue
            if lower[at + 1 : end].rpartition(".")[2] in _NO_DOMAIN or lower[start:at] == "git":
                continue
            before = lower[max(0, start - 3) : start]
            if before == "://" or (before[-1:] == ":" and "://" in lower[max(0, start - 40) : start]):
                continue
            if lower[max(0, start - 1) : start] == "<" or lower[end : end + 1] == ">":
                line = lower[max(page.line_start(start), start - 80) : start]
                if _MESSAGE_ID.search(line):
                    continue
            yield Hit("EMAIL_ADDRESS", start, end, 1.0)


_VERSION_GAP = re.compile(r"[ :=]{0,3}(?:v|versie|version|is|was|nr\.?|nummer)?[ .:=]{0,2}")
_PRODUCT = re.compile(r"(?:(?:\b[a-z]+[0-9]+[a-z]*|\bv)[ /]?|[a-z]/)$")


class IpAddressRecognizer(DutchRecognizer):
    """IPv4 and IPv6 addresses; not versions (2.86.86.86 after "fw"), netmasks, times or MAC addresses."""

    ENTITIES = ("IP_ADDRESS",)
    PATTERNS = ("v4", "v6")
    WEIGHTS = ("base", "label", "version_label", "small_octets", "after_product", "large_octet")

    def find(self, page: Page) -> Iterator[Hit]:
        text = page.folded
        for name, start, end in self.spans(page):
            if name == "v6":
                yield from self._v6(page, start, end)
                continue
            before, after = text[max(0, start - 2) : start], text[end : end + 2]
            if before[-1:].isalnum() or before[-1:] in {".", "_"} or (before[-1:] == "-" and before[:1].isalnum()):
                continue
            if after[:1].isalnum() or after[:1] == "_" or (after[:1] in {".", "-"} and after[1:].isalnum()):
                continue
            octets = [int(part) for part in text[start:end].split(".")]
            if max(octets) > 255 or octets[0] in {0, 255} or text[start:end] == "127.0.0.1":
                continue
            score = odds(self._weigh(page, start, end, octets))
            yield Hit("IP_ADDRESS", start, end, score)

    def _weigh(self, page: Page, start: int, end: int, octets: list[int]) -> float:
        weights, lower = self.weights, page.lower
        total = weights["base"]
        near = next((cue for cue in page.before(start, 40) if cue.kind in {"ip", "version", "reference"}), None)
        if near is not None and near.kind == "reference":  # "vanaf het IP van de zaak"
            near = next((cue for cue in page.before(start, 30) if cue.kind == "ip"), near)
        if near is not None and near.kind != "ip":
            gap = lower[near.end : start]
            direct = near.kind == "reference" or _VERSION_GAP.fullmatch(gap) is not None
            if len(gap) < 14 and "\n" not in gap and (direct or min(octets[0], max(octets[1:])) < 40):
                total += weights["version_label"]
        elif near is not None or page.near(start, end, {"ip"}, 40):
            total += weights["label"]
        if max(octets) < 32:
            total += weights["small_octets"]
        if max(octets[0], octets[1]) > 99 or octets[0] in {
            10,
            31,
            37,
            45,
            46,
            62,
            77,
            78,
            79,
            80,
            81,
            82,
            83,
            84,
            85,
            86,
            87,
            88,
            89,
            91,
            92,
            93,
            94,
            95,
        }:
            total += weights["large_octet"]
        line = lower[max(page.line_start(start), start - 24) : start]
        if _PRODUCT.search(line):
            total += weights["after_product"]
        return total

    @staticmethod
    def _v6(page: Page, start: int, end: int) -> Iterator[Hit]:
        text = page.folded
        if text[end - 1] == ":" and text[end - 2 : end] != "::":
            end -= 1
        if not stands_alone(page, start, end, "_") or text[start - 1 : start] == ":" or text[end : end + 1] == "-":
            return
        value = text[start:end]
        groups = [group for group in value.split(":") if group]
        if (
            len(value) > 45
            or len(groups) < 3
            or all(len(group) == 2 for group in groups)
            or not any(c.isdigit() for c in value)
        ):
            return
        try:
            address = ipaddress.IPv6Address(value)
        except ValueError:
            return
        if not address.is_loopback and not address.is_unspecified:
            yield Hit("IP_ADDRESS", start, end, 0.95)
