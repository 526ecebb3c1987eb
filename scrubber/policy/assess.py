"""Whose each datum is, and whether it was asked for, is on file, or is needed: one answer for one value.

Evidence names a turn, a quotation or a cue; never text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from scrubber.finding import Assessment, DataSubject, Finding
from scrubber.message import Message, OnFile, TextView
from scrubber.policy.asked import Ask, AskCues, asks_in, chat_lines, load_asked
from scrubber.policy.authors import Authors
from scrubber.policy.base import Case
from scrubber.policy.clauses import Context, Page, open_page
from scrubber.policy.folded import compile_pattern, fold
from scrubber.policy.need_model import FAMILY_OF, NeedModel
from scrubber.policy.need_model import load as load_model
from scrubber.policy.need_signs import written
from scrubber.policy.needed import NEVER_NEEDED, NeedCues, Needs, load_needed, many_of
from scrubber.policy.subjects import Subject, WhoseCues, combine, load_whose
from scrubber.policy.weighed import Weighings, load_weighed
from scrubber.policy.whose import Whose
from scrubber.values import normalise

CARD_SECRET = "card_secret"  # noqa: S105  # the name of a trait
OWN_PASSWORD = "own_password"  # noqa: S105  # the name of a trait
TRAITS = (CARD_SECRET, OWN_PASSWORD)
"""What a rule may know of a datum beside its assessment: a card's CVC or PIN; a password the sender merely mentions."""

WORD_FILES = ("asked.yaml", "needed.yaml", "weighed.yaml", "whose.yaml")
_PERSONAL = frozenset({"DATE_OF_BIRTH", "ID_DOCUMENT", "HEALTH_ID", "CREDENTIAL", "SPECIAL_CATEGORY"})
_SETTLED = _PERSONAL | {"LICENSE_PLATE"}
_PARTIAL = 6
_READ = frozenset({"body", "subject", "field"})
"""Kinds of text that are read also where nothing was found."""
_CARD = r"(?:pas|bankpas|pinpas|betaalpas|kaart|creditcard|bank|giropas)"
_PIN = r"(?:pin|pincode|pinnummer)"
_CARD_SECRET = compile_pattern(
    r"\b(?:cvc|cvv|cvc2|cvv2|csc|cid|veiligheidscode|beveiligingscode van de (?:kaart|pas|creditcard)|"
    r"code achter ?op|achterop|"
    rf"card security)\b|\b{_PIN}\b[^.?!\n]{{0,40}}\b{_CARD}\b|\b{_CARD}\b[^.?!\n]{{0,60}}\b{_PIN}\b"
)
_WORDS = re.compile(rb"[a-z]+|[0-9]+")
_PASSWORD = compile_pattern(
    r"\b(?:ww|wachtwoord\w*|paswoord\w*|password\w*|pass|pwd|pw|passw|wachtw|inlog\w*|login|ingelogd|inloggen)\b"
)


@dataclass(frozen=True, slots=True)
class Assessed:
    """The assessment of a finding and its traits."""

    assessment: Assessment
    traits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cues:
    asked: AskCues
    needed: NeedCues
    weighed: Weighings
    whose: WhoseCues
    learned: NeedModel | None = None


def load_cues(words: Path, entity_types: tuple[str, ...], learned: Path | None = None) -> Cues:
    """The word lists of `words`, and the weights in the file `learned`. SettingsError: missing, malformed, no cue."""
    return Cues(
        load_asked(words / "asked.yaml", entity_types),
        load_needed(words / "needed.yaml", entity_types),
        load_weighed(words / "weighed.yaml", entity_types, NEVER_NEEDED),
        load_whose(words / "whose.yaml"),
        load_model(learned) if learned else None,
    )


@dataclass(slots=True)
class _Value:
    """What is known of one value over the whole message."""

    subjects: list[Subject] = field(default_factory=list)
    needed: str = ""
    superseded: bool = False
    traits: set[str] = field(default_factory=set)
    spelling: str = field(default="", repr=False)
    sort: str = ""


def assess_all(cases: Sequence[Case], desk: Sequence[str], cues: Cues) -> list[list[Assessed]]:
    """Of each message one answer per finding, in their order; equal values of one type get equal answers.

    Step by step over all messages, and by type within a step: the patterns that a step needs then stay in the
    processor's cache, which halves what they cost.
    """
    readings = [_Reading.of(case, desk, cues) if case.findings else None for case in cases]
    read = [reading for reading in readings if reading is not None]
    for reading in read:
        kinds = {_family(kind) for kind, _ in reading.keys}
        reading.asks = _asks(reading.message, reading.pages, cues.asked, kinds)
    data: list[_Datum] = []
    for reading in read:
        data += _weighed(_told(reading, desk, cues))
    for datum in sorted(data, key=_by_kind):
        _take(datum)
    return [reading.answers() if reading is not None else [] for reading in readings]


@dataclass(slots=True)
class _Reading:
    """One message on its way. `keys`: type and normalised value of each finding."""

    message: Message
    pages: list[Page]
    keys: list[tuple[str, str]] = field(repr=False)
    key_of: dict[int, tuple[str, str]] = field(repr=False)
    needs: Needs
    asks: list[Ask] = field(default_factory=list)
    values: dict[tuple[str, str], _Value] = field(default_factory=dict, repr=False)

    @staticmethod
    def of(case: Case, desk: Sequence[str], cues: Cues) -> _Reading:
        pages = _pages(case.message, case.views, case.findings, desk)
        texts = {view.path: view.text for view in case.views}
        keys = [_key(finding, texts) for finding in case.findings]
        key_of = {id(finding): key for finding, key in zip(case.findings, keys, strict=True)}
        return _Reading(case.message, pages, keys, key_of, _needs(pages, cues))

    def answers(self) -> list[Assessed]:
        answers = _answers(self.values, self.asks, self.message.on_file)
        return [answers[key] for key in self.keys]


class _Datum(NamedTuple):
    """One finding, what stands around it and whose it is. `many`: one of a row of values of its type."""

    needs: Needs
    value: _Value
    context: Context
    subject: DataSubject
    many: bool


def _weighed(data: Iterable[_Datum]) -> list[_Datum]:
    """All of them weighed, before it is asked of any whether it is needed."""
    told = list(data)
    for datum in told:
        datum.needs.weigh(datum.context, datum.subject, datum.many, id(datum.value))
    return told


def _by_kind(datum: _Datum) -> str:
    return datum.context.finding.entity_type


def _told(reading: _Reading, desk: Sequence[str], cues: Cues) -> Iterator[_Datum]:
    """Every finding of the message with whose it is, page by page."""
    needs, values = reading.needs, reading.values
    for page in reading.pages:
        if not page.findings:
            continue
        contexts = page.contexts()
        rows = many_of(contexts, reading.key_of)
        whose = Whose(page, contexts, reading.message.sender, desk, cues.whose, needs.text)
        for context in contexts:
            finding = context.finding
            kind = finding.entity_type
            key = reading.key_of[id(finding)]
            value = values.get(key)
            if value is None:
                value = values[key] = _Value(spelling=page.view.text[finding.start : finding.end])
            subject = whose.of(context)
            value.subjects.append(subject)
            if reading.asks:  # which spelling and which age of a value answers matters to nobody else
                value.sort = value.sort or cues.asked.sort_of(kind, context.before[-50:])
                value.superseded = value.superseded or (needs.serves(kind) and needs.superseded(context))
            yield _Datum(needs, value, context, subject[0], kind in rows)


def _key(finding: Finding, texts: Mapping[tuple[str, ...], str]) -> tuple[str, str]:
    text = texts[finding.path][finding.start : finding.end]
    value = normalise(finding.entity_type, text)
    # What has neither letter nor digit is a value by its place alone.
    return finding.entity_type, value or f"\0{finding.path}{finding.start}"


def _pages(message: Message, views: Sequence[TextView], findings: Sequence[Finding], desk: Sequence[str]) -> list[Page]:
    subject = next((view.text for view in views if view.kind == "subject"), "")
    folded = {view.path: fold(view.text) for view in views if view.kind in _READ}
    body = next((folded[view.path] for view in views if view.kind in {"body", "field"}), b"")
    authors = Authors.of_message(message, desk, subject, body[:1500])
    by_path: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        by_path.setdefault(finding.path, []).append(finding)
    plain = Authors()
    return [
        open_page(
            view,
            by_path.get(view.path, ()),
            authors if view.kind in {"body", "field"} else plain,
            folded.get(view.path),
        )
        for view in views
        if view.path in by_path or view.kind in _READ
    ]


def _requests(pages: Sequence[Page]) -> bytes:
    ordered = sorted(pages, key=lambda page: page.view.kind != "subject")
    return b"\n\n".join(page.own for page in ordered if page.view.kind in {"subject", "body", "field"})


def _needs(pages: Sequence[Page], cues: Cues) -> Needs:
    subject = next((page.masked for page in pages if page.view.kind == "subject"), b"")
    return Needs(cues.needed, cues.weighed, _requests(pages), subject, cues.learned)


class Signed(NamedTuple):
    """For training: a finding that some request may need, its signs, whether a phrase calls it needed. Equal `value`:
    the same datum of the message again."""

    finding: Finding
    signs: tuple[str, ...]
    said: bool
    value: int


def signs(case: Case, cues: Cues) -> Iterator[Signed]:
    told = list(_told(_Reading.of(case, (), cues), (), cues))
    for needs, value, context, subject, many in told:
        if context.finding.entity_type in FAMILY_OF:
            said = tuple(written(needs.signs(context, subject, many)))
            yield Signed(context.finding, said, bool(needs.said(context, subject, many)), id(value))


def explained(
    case: Case, desk: Sequence[str], cues: Cues, most: int
) -> list[tuple[Finding, tuple[tuple[str, int], ...]]]:
    """The findings that the weights alone call needed, each with the signs that weigh most for it.

    Signs hold words of the message: they are for who holds the message, and are recorded nowhere.
    """
    told = _weighed(_told(_Reading.of(case, desk, cues), desk, cues))
    rows = (
        (datum.context.finding, datum.needs.heaviest(datum.context, datum.subject, datum.many, most)) for datum in told
    )
    return [(finding, signs) for finding, signs in rows if signs]


def _take(datum: _Datum) -> None:
    """Whether the datum is needed, and its traits, into what is known of its value."""
    needs, value, context, subject, many = datum
    if not value.needed:
        value.needed = needs.purpose(context, subject, many)
    if context.finding.entity_type == "CREDENTIAL":
        near = context.before[-100:] + b" @ " + context.after[:40]
        if _CARD_SECRET.found(near):
            value.traits.add(CARD_SECRET)
        elif _PASSWORD.found(near) and context.segment.kind == "own" and subject != "third_party":
            value.traits.add(OWN_PASSWORD)


def _asks(message: Message, pages: Sequence[Page], cues: AskCues, kinds: Collection[str]) -> list[Ask]:
    """Questions of the thread's desk turns (vouched for first), then of the desk turns quoted in the message."""
    asks: list[Ask] = []
    turns = list(enumerate(message.thread, 1))
    for claimed in (False, True):
        for number, turn in turns:
            if turn.from_desk and (turn.evidence != "source") == claimed:
                source = f"turn {number}" + (f" ({turn.evidence})" if claimed else "")
                asks += asks_in(fold(turn.text), source, cues, kinds)
    for page in pages:
        for segment in page.segments:
            if segment.kind == "quote" and segment.author == "desk":
                asks += asks_in(page.folded[segment.body : segment.end], f"quote {segment.number}", cues, kinds)
        for line in chat_lines(page.own):
            asks += asks_in(line, "chat", cues, kinds)
    asks += [Ask(kind, "any", False, "register") for kind in sorted(message.asked_kinds)]
    return asks


def asked_kinds(text: str, cues: Cues) -> frozenset[str]:
    """The entity types that a turn of the desk asks for, for a register that keeps no text."""
    return frozenset(ask.entity_type for ask in asks_in(fold(text), "", cues.asked) if not ask.refused)


def _answers(
    values: Mapping[tuple[str, str], _Value], asks: Sequence[Ask], on_file: Sequence[OnFile]
) -> dict[tuple[str, str], Assessed]:
    subjects = {key: combine(value.subjects) for key, value in values.items()}
    asked_of = _asked_of(values, subjects, asks) if asks else {}
    answered = {kind for (kind, _), evidence in asked_of.items() if evidence}
    refused = {ask.entity_type for ask in asks if ask.refused} - {ask.entity_type for ask in asks if not ask.refused}
    # Only the last digits were asked for: the whole number serves nothing more.
    whole = {ask.entity_type for ask in asks if not ask.refused and not ask.partial}
    refused |= {ask.entity_type for ask in asks if ask.partial} & {"IBAN_CODE"} - whole
    needed_iban = any(kind == "IBAN_CODE" and value.needed for (kind, _), value in values.items())
    out: dict[tuple[str, str], Assessed] = {}
    for key, value in values.items():
        kind, text = key
        subject, ground = subjects[key]
        asked = asked_of.get(key, "")
        filed = _filed(kind, text, value.spelling, on_file) if on_file else ""
        settled = not asked and (_family(kind) in refused or kind in refused or (kind in _SETTLED and kind in answered))
        needed = "" if settled or (kind == "BANK_ACCOUNT" and needed_iban) else value.needed
        out[key] = Assessed(
            Assessment(
                data_subject=subject,
                asked=bool(asked),
                on_file=bool(filed),
                needed=bool(needed),
                data_subject_evidence=ground,
                asked_evidence=asked,
                on_file_evidence=filed,
                needed_evidence=needed,
            ),
            frozenset(value.traits),
        )
    return out


def _asked_of(
    values: Mapping[tuple[str, str], _Value], subjects: Mapping[tuple[str, str], Subject], asks: Sequence[Ask]
) -> dict[tuple[str, str], str]:
    """Evidence that the value answers a question, by value; "" where none does."""
    fresh = Counter(_family(kind) for (kind, _), value in values.items() if not value.superseded)
    near = Counter(kind for (kind, _), (subject, _) in subjects.items() if subject != "third_party")
    far = Counter(kind for (kind, _), (subject, _) in subjects.items() if subject == "third_party")
    sorts = {(kind, value.sort) for (kind, _), value in values.items()}
    asked_of: dict[tuple[str, str], str] = {}
    for key, value in values.items():
        kind, text = key
        subject, _ = subjects[key]
        fresh_rival = fresh[_family(kind)] > (not value.superseded)
        near_rival = near[kind] > (subject != "third_party")
        far_rival = far[kind] > (subject == "third_party")
        wanted = [ask for ask in asks if _of_sort(ask, kind, value.sort, sorts)]
        asked_of[key] = _asked(kind, text, subject, value.superseded and fresh_rival, near_rival, far_rival, wanted)
    return asked_of


def _family(kind: str) -> str:
    """An old-style account number and an IBAN replace each other."""
    return "IBAN_CODE" if kind == "BANK_ACCOUNT" else kind


def _asked(
    kind: str, text: str, subject: DataSubject, replaced: bool, near_rival: bool, far_rival: bool, asks: Sequence[Ask]
) -> str:
    """Evidence that this value answers a question; "" when none does.

    `replaced`: the message calls it old and gives a newer one. `near_rival`: it gives another that may be the sender's;
    `far_rival`: it gives another that is somebody else's.
    """
    wanted = _family(kind)
    for ask in asks:
        if ask.refused or ask.entity_type != wanted or (ask.partial and sum(c.isalnum() for c in text) > _PARTIAL):
            continue
        if replaced and not (ask.old or (ask.change and kind == "LICENSE_PLATE")):
            continue
        if ask.about == "third_party" and subject == "sender" and (kind in _PERSONAL or far_rival):
            continue
        if ask.about == "sender" and subject == "third_party" and (kind in _PERSONAL or near_rival):
            continue
        if ask.about == "any" and subject == "third_party" and near_rival:
            continue
        return ask.evidence
    return ""


def _of_sort(ask: Ask, kind: str, sort: str, sorts: Collection[tuple[str, str]]) -> bool:
    """Whether a value of this sort may answer: "paspoort" asked, a driving licence given beside it."""
    if not ask.sorts or not sort or sort in ask.sorts or ask.entity_type != kind:
        return True
    if kind == "CREDENTIAL":
        return sort != "wachtwoord"  # a code was asked; no code has to be found for a password to be too much
    return all((kind, name) not in sorts for name in ask.sorts)


def _filed(kind: str, text: str, spelling: str, on_file: Sequence[OnFile]) -> str:
    """Which entry of the file this is. Of an address the first part will do: street and number, without the place."""
    for number, entry in enumerate(on_file, 1):
        if entry.entity_type != kind:
            continue
        if normalise(kind, entry.value) == text:
            return f"on file {number}"
        if kind == "ADDRESS":
            short, long = _words(spelling), _words(entry.value)
            if any(map(str.isdigit, short)) and len(short) > 1 and long[: len(short)] == short:
                return f"on file {number}"
    return ""


def _words(value: str) -> list[str]:
    return [word.decode("ascii") for word in _WORDS.findall(fold(value))]
