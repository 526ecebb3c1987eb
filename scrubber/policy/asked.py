"""What a desk turn asks for: which kinds of datum, about whom, and how much of each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from scrubber.policy.cues import read_cues
from scrubber.policy.folded import Match, Pattern, compile_pattern, sentence_starts
from scrubber.policy.strict import Value, read_yaml

About = Literal["sender", "third_party", "any", "each"]

_LISTS = (
    "request", "not_request", "not_before", "not_after", "partial",
    "about_sender", "about_third", "about_role", "about_each", "change", "old",
)  # fmt: skip
_MAX_TURN = 20_000
_COUNTED = frozenset({"IBAN_CODE", "CREDIT_CARD", "ID_DOCUMENT", "HEALTH_ID", "NL_BSN", "CREDENTIAL"})
_LIST_ITEM = compile_pattern(r"^[ \t>\n]*(?:[-*+#]|\d{1,2}[.)]|[a-z]\)|(?:uw|je|jouw|het|de|een)\b)")
_GOES_ON = compile_pattern(
    r"^[ \t>\n]*(?:\(|(?:denk aan|zoals|namelijk|te weten|het gaat om|dit betreft|"
    r"en (?:ook )?(?:uw|je|het|de|een)|alsmede|liefst|plus)\b)"
)
_TURNS = compile_pattern(r";|\b(?:maar|want|wel|but|dus)\b|, (?:dan|zodat|graag|en|de|het|een|uw|je)\b")
_ADDRESSING = re.compile(
    rb"\b(?:kun|kan|wil|heb|mag|zou|ben|had|moet|kunt|wilt|doe|geef|ga|weet|vind|stuur|als|dat|om|dan|of) je\b"
)
_PLURAL = compile_pattern(r"(?:kentekens|platen|data|adressen|nummers|nrs|rekeningen|bewijzen|codes|woorden|datums)$")
_PHRASE = re.compile(rb"[,;:()?]| en (?:het|de|een|uw|je) ")
_NEGATION = compile_pattern(r"\b(?:geen|niet|nooit|nimmer|zonder|overbodig|al bekend|hebben (?:wij|we) al)\b")
_WITHOUT = compile_pattern(r"\bzonder(?: (?:uw|je|jouw|het|de|een))?$")
_UNABLE = compile_pattern(r"\b(?:kunnen|kan|lukt|gaat)\b[^.?!]*\b(?:niet|geen)\b")
_DETERMINED = compile_pattern(r"\b(?:uw|je|jouw|your)(?: (?:eigen|huidige|nieuwe|volledige|juiste|complete))?$")
_NEGATED = compile_pattern(
    r"\b(?:geen|nooit|nimmer|zonder (?:echte|herkenbare|volledige|hele|persoonlijke))"
    r"(?:[ ,/]+(?:private|prive|geheime|echte|complete|root|bsn's|bsns|bsn-nummers|iban's|ibans|"
    r"kopie|kopieen|scan|foto|afbeelding|beeld|nummer|volledige?|hele?|van|uw|je|"
    r"jouw|het|de|een|of|en|noch|eigen|oude|pasfoto|bsn|burgerservicenummer|\w*nummers?|paspoort|rijbewijs|wachtwoord|"
    r"pincode|iban|id|identiteitsbewijs|identiteitskaart|\w+gegevens))*[ ,/]*$"
)
_APART = compile_pattern(r"[,;]|\b(?:en|of|plus|alsmede|and)\b")
_ONLY = compile_pattern(
    r"^[ ,(:;/-]*(?:(?:en )?(?:alleen|enkel|slechts|maar|waarvan|dan|uitsluitend|hiervan|daarvan)\b|$)[^,;]*$"
)
_THEREOF = compile_pattern(
    r"^(?: (?:hiervan|daarvan|ervan|van (?:die|de|het) (?:nieuwe|oude|juiste|huidige)\b|door\w*|sturen|geven|mailen|"
    r"noemen|is|zijn|volstaan)|[ ]*[^a-z ]|$)"
)
# "We sturen je een code, wil je die doorgeven?": what the desk sends is asked back.
_BACK = compile_pattern(
    r"\b(?:wil|wilt|kun|kunt|kan|mag|zou|stuur|geef|typ|tik|mail|app|dm|lees|noem|plak|vul|graag|hoor|krijg|ontvang)\w*\b"
    r"[^.?!]*\b(?:die|deze|dat|dit|hem|erin|terug)\b"
)
_SUCH = compile_pattern(
    r"^[^,.?!]{0,20}?\b(?:stuur|mail|geef|deel|zet|noem|plak|app|vermeld|typ|tik|schrijf|post|upload)\w*\b"
    r"[^,.?!]{0,10}?\b(?:die|deze|dat|dit|hem|ze)\b(?: \w+){0,3}? (?:niet|nooit|nergens)\b"
)
_SUCH_ASKED = compile_pattern(
    r"^\W*(?:wil|wilt|kun|kunt|kan|mag|zou|stuur|stuurt|geef|geeft|typ|tik|mail|app|lees|noem|plak|vul|welke|wat)\b"
    r"[^.?!]{0,30}\b(?:die|deze|dat|dit|hem|erin|daarin|daarop|staat er)\b"
)
# "Stuur die code dus niet in dit ticket."
_DONT = compile_pattern(
    r"^ (?:(?:dus|maar|aub|svp|liever|beslist|zeker|alstublieft|alsjeblieft) )?(?:niet|nooit|nergens)"
    r"(?: in (?:dit|deze|een|het|uw|je)\b| via\b| per\b| hier\b| door\b| openbaar| publiek| aan ons|[ ]*[.!]|$)"
)
_CLAUSE = compile_pattern(r"[,;:()]|\b(?:en|of|maar|want|and|but)\b")


@dataclass(frozen=True, slots=True)
class Ask:
    """A question for `entity_type`. `evidence` names the turn or the quote. `partial`: only some digits were asked.

    `about` "each": of several people or things; `change`: the question is about a change, the old value helps too.
    `old`: it is about the old value itself. `sorts`: which sorts of the type it names ("paspoort"); none: any will do.
    `refused`: no question at all, the desk says that it does not want this.
    """

    entity_type: str
    about: About
    partial: bool
    evidence: str
    change: bool = False
    refused: bool = False
    old: bool = False
    sorts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AskCues:
    """rules/words/policy/asked.yaml, compiled."""

    kinds: Mapping[str, Pattern]
    not_kinds: Mapping[str, Pattern]
    lists: Mapping[str, Pattern]
    sorts: Mapping[str, Mapping[str, Pattern]]

    def sorts_in(self, kind: str, text: bytes) -> frozenset[str]:
        """Which sorts of a type are named; none where the word for all of them is among them."""
        found = frozenset(name for name, cues in self.sorts.get(kind, {}).items() if cues.found(text))
        return frozenset() if "any" in found else found

    def sort_of(self, kind: str, label: bytes) -> str:
        """The sort that is named last, right before a value; "" without one."""
        last, at = "", -1
        for name, cues in self.sorts.get(kind, {}).items():
            for match in cues.finditer(label):
                if match.end() > at:
                    last, at = name, match.end()
        return "" if last == "any" else last

    def found(self, name: str, text: bytes) -> bool:
        return self.lists[name].found(text)


def load_asked(path: Path, entity_types: tuple[str, ...]) -> AskCues:
    """SettingsError names the line of whatever is wrong in the file."""
    root = read_yaml(path).mapping((*_LISTS, "kinds", "not_kinds", "sorts"), (*_LISTS, "kinds"))
    lists = {name: _cues(root[name]) for name in _LISTS}
    kinds = {kind: _cues(value) for kind, value in root["kinds"].mapping(entity_types).items()}
    odd = root["not_kinds"].mapping(entity_types) if "not_kinds" in root else {}
    sorts = root["sorts"].mapping(entity_types) if "sorts" in root else {}
    return AskCues(
        kinds,
        {kind: _cues(value) for kind, value in odd.items()},
        lists,
        {kind: _sorts(value) for kind, value in sorts.items()},
    )


def _sorts(value: Value) -> dict[str, Pattern]:
    names = tuple(value.data) if isinstance(value.data, dict) else ()
    return {name: _cues(cues) for name, cues in value.mapping(names).items()}


def _cues(value: Value) -> Pattern:
    pattern = read_cues(value)
    if pattern is None:
        value.refuse("at least one cue is wanted here")
    return pattern


# A line of a chat that was pasted into the message: "[10:03] Mila (medewerker): mag ik uw postcode?"
_CHAT = compile_pattern(
    r"(?m:^)[ \t>*\-]*(?:[\[(]?\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: uur)?[\])]?[ \t,:\-]*)?"
    r"(?:[a-z%][a-z .%]{0,30}[ \t]*[(\[/|\-,][ \t]*)?"
    r"(?:agent|medewerk(?:er|ster)|support|helpdesk|servicedesk|klantenservice|klantendienst|chatbot|bot|service|webcare|"
    r"adviseur|jullie|uw collega)[ \t]*[)\]]?(?:[ \t]*[\[(]?\d{1,2}[:.]\d\d[\])]?)?[ \t]*:[^\n]*"
)


def chat_lines(folded: bytes) -> list[bytes]:
    """What the desk said in a chat that the message repeats line by line."""
    if b":" not in folded:
        return []
    return [match.group().split(b":")[-1] for match in _CHAT.finditer(folded[:_MAX_TURN])]


def asks_in(folded: bytes, evidence: str, cues: AskCues, wanted: Collection[str] | None = None) -> list[Ask]:
    """The questions and refusals in one folded turn of the desk (its first 20,000 characters), quote marks passed over.

    `wanted`: only questions for these types are looked for; None: for all.
    """
    kinds = [kind for kind in cues.kinds if wanted is None or kind in wanted]
    text = folded[:_MAX_TURN].replace(b">", b" ")
    if not any(cues.kinds[kind].found(text) for kind in kinds):
        return []
    starts = sentence_starts(text)
    asks: list[Ask] = []
    asked_before = False
    last: list[Ask] = []  # what the sentence before asked for
    told = b""  # what it told without a question: "we sturen u een code"
    asking = False  # a request that ended in a colon goes on through the list under it
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else len(text)
        sentence = text[start:end]
        bare = sentence.strip()
        if not bare:
            continue
        listed = asking and (_LIST_ITEM.found(sentence) or len(bare) < 60)
        listed = listed or (asked_before and _GOES_ON.found(sentence))
        question = bare.endswith(b"?") or cues.found("request", sentence)
        if last and cues.found("partial", sentence) and not _NEGATION.found(sentence):
            # "Uw rekeningnummer graag. De laatste vier cijfers volstaan."
            asks = [replace(ask, partial=True) if ask in last and ask.entity_type in _COUNTED else ask for ask in asks]
        if last and _SUCH.found(bare):
            # "... een code. Stuur die dus niet in dit ticket!"
            asks = [replace(ask, refused=True) if ask in last else ask for ask in asks]
        found: list[Ask] = []
        if (question and not cues.found("not_request", sentence)) or listed:
            found = _kinds_in(sentence, evidence, cues, kinds)
            if told and not found and _SUCH_ASKED.found(bare):
                found = [ask for ask in _kinds_in(told, evidence, cues, kinds) if not ask.refused]
        elif _NEGATION.found(sentence):
            found = [ask for ask in _kinds_in(sentence, evidence, cues, kinds) if ask.refused]
        asks += found
        told = b"" if question or found else sentence
        last = [ask for ask in found if not ask.refused]
        asked_before = question
        asking = bare.endswith(b":") if question else (listed and not bare.endswith((b".", b"!")))
    return asks


def _kinds_in(sentence: bytes, evidence: str, cues: AskCues, kinds: Sequence[str]) -> list[Ask]:
    found: list[Ask] = []
    for kind in kinds:
        text = sentence
        odd = cues.not_kinds.get(kind)
        if odd is not None:
            for match in odd.finditer(sentence):
                text = text[: match.start()] + b"#" * (match.end() - match.start()) + text[match.end() :]
        refused = False
        matches = cues.kinds[kind].finditer(text)
        for match in matches:
            if _wanted(text, match.start(), match.end(), cues):
                about = _about(sentence, match, cues)
                partial = _partial(sentence, match, cues)
                old = cues.found("old", sentence)
                sorts = cues.sorts_in(kind, b" ".join(other.group() for other in matches))
                new = _NEW.found(text[max(0, match.start() - 30) : match.start()])
                change = cues.found("change", sentence) and not new
                found.append(Ask(kind, about, partial, evidence, change, old=old and not new, sorts=sorts))
                if partial and (whole := _whole(text, match, matches)):
                    # "De laatste vier cijfers van uw oude IBAN en het volledige nieuwe": two questions.
                    found.append(Ask(kind, about, False, evidence, old=not whole, sorts=sorts))
                break
            refused = True
        else:
            if refused:
                found.append(Ask(kind, "any", False, evidence, refused=True))
    return found


def _whole(text: bytes, first: Match, matches: Sequence[Match]) -> bool:
    """Whether a later mention of the kind is for the whole of the new one."""
    return any(m.start() > first.end() and _ENTIRE.found(text[first.end() : m.start()]) for m in matches)


_NEW = compile_pattern(r"\b(?:nieuwe?|huidige|juiste)[ ]*$")
_ENTIRE = compile_pattern(r"\b(?:volledige?|hele|gehele|complete)\b[^.?!]{0,20}$")


def _partial(sentence: bytes, kind: Match, cues: AskCues) -> bool:
    """Whether "de laatste vier cijfers" is said of this kind, and not of another one in the same list."""
    for part in cues.lists["partial"].finditer(sentence):
        if part.end() <= kind.start():
            if not _APART.found(sentence[part.end() : kind.start()]):
                return True
        elif part.start() >= kind.end():
            between = sentence[kind.end() : part.start()]
            if _ONLY.found(between) or not _APART.found(between) or _THEREOF.found(sentence[part.end() :]):
                return True
        else:
            return True
    return False


def _about(sentence: bytes, match: Match, cues: AskCues) -> About:
    """Whose: what stands right before the kind ("uw") and after it ("van uw dochter") goes before the sentence."""
    if cues.found("about_each", sentence) or _PLURAL.found(match.group()):
        return "each"
    before, after = sentence[: match.start()].rstrip(), sentence[match.end() :]
    third = cues.found("about_third", sentence)
    if _DETERMINED.found(before) and not (third and cues.found("about_third", b"x" + _PHRASE.split(after, 1)[0])):
        return "sender"
    if third:
        return "third_party"
    if cues.found("about_role", sentence):
        return "any"
    return "sender" if cues.found("about_sender", _ADDRESSING.sub(b" ", sentence)) else "any"


def _wanted(sentence: bytes, start: int, end: int, cues: AskCues) -> bool:
    before = sentence[max(0, start - 40) : start]
    clause = before[max((m.end() for m in _CLAUSE.finditer(before)), default=0) :].strip()
    after = sentence[end:]
    turn = _TURNS.search(after)
    if clause and cues.found("not_before", clause) and _BACK.found(after):
        return True
    if _DONT.found(after) or cues.found("not_after", after[: turn.start()] if turn else after):
        return False
    if _NEGATED.found(sentence[max(0, start - 120) : start]) and b"vergeet" not in before:
        return False
    if _WITHOUT.found(clause):
        return _UNABLE.found(after)  # "zonder uw IBAN kunnen wij niet betalen" asks for it
    return not cues.found("not_before", clause) or b"vergeet" in clause
