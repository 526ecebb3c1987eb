"""scrub(): messages in, decisions and redacted bytes out. No I/O, no clock, no randomness.

open → detect → spread → decide → redact → open again and detect again, at most three rounds; what is not verified by
then is HELD. Work is counted (`budget`), so the same message always ends the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from scrubber.budget import Budget, Limits
from scrubber.detection.base import Detector, Request
from scrubber.errors import BudgetExceeded, DetectionError, FormatError, StoreError
from scrubber.finding import ENTITY_TYPES, Action, Decision, Edit, Finding, Outcome, Scrubbed, Unread
from scrubber.formats.registry import Opened, Registry
from scrubber.message import Message, Path, TextView
from scrubber.places import Places, merge
from scrubber.policy.base import Case as Asked
from scrubber.policy.base import Policy
from scrubber.redaction import Redactor
from scrubber.spread import spread
from scrubber.values import VALIDATED, normalise

ROUNDS = 3
CONTEXT_TURNS = 4
CONTEXT_PART = 1500

REMAINS = "value-remains"
"""Note: a value that was redacted still stands in bytes that are no text of the message, such as a Message-ID."""

Fingerprint = Callable[[str, str], str]
"""(entity type, normalised value) -> keyed digest. The pipeline never keeps a value, only this."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What scrub() works with; made by bootstrap."""

    formats: Registry
    detector: Detector
    redactor: Redactor
    limits: Limits = field(default_factory=Limits)
    own_numbers: tuple[str, ...] = ()


_Searched = tuple[Request, tuple[Finding, ...] | DetectionError]


@dataclass(slots=True)
class _Case:
    """One message on its way. `reason` set means HELD."""

    message: Message
    parameters: Mapping[str, str]
    opened: Opened | None = None
    budget: Budget = field(default_factory=Budget)
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    failed: tuple[Unread, ...] = ()
    decisions: tuple[Decision, ...] = ()
    edits: tuple[Edit, ...] = ()
    payload: bytes | None = None
    searched: dict[Path, _Searched] = field(default_factory=dict)
    """What each view was searched with, and the answer: an equal request gets an equal answer."""


def scrub(
    messages: Sequence[Message],
    tools: Tools,
    policy: Policy,
    *,
    now: datetime,
    expire: bool = False,
    fingerprint: Fingerprint | None = None,
    parameters: Mapping[str, str] | None = None,
) -> list[Scrubbed]:
    """Answer every message, in order. `expire` also removes what was deferred; `now` sets due dates.

    Never raises for a bad message: it is HELD with a reason. A view on which the detector fails is `unread`.
    `parameters` are those of the media type (for JSON: which fields).
    """
    cases = [_Case(message, parameters or {}, budget=Budget(tools.limits)) for message in messages]
    for case in cases:
        _open(case, tools)
    _search(cases, tools)
    _decide([case for case in cases if not case.reason], policy, now)
    _redact([case for case in cases if not case.reason], tools, policy, now, expire)
    return [_answer(case, fingerprint) for case in cases]


def scrub_each(
    messages: Sequence[Message],
    tools: Tools,
    policy: Policy,
    *,
    now: datetime,
    expire: bool = False,
    fingerprint: Fingerprint | None = None,
    parameters: Mapping[str, str] | None = None,
) -> list[Scrubbed]:
    """As scrub(); what breaks on one message (our bug, its luck) makes that message FAILED, and no other.

    StoreError (a fingerprint can't be made) is for the caller: it is about no message.
    """
    try:
        return scrub(messages, tools, policy, now=now, expire=expire, fingerprint=fingerprint, parameters=parameters)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad message never stops the rest
        if len(messages) == 1:
            # The text of a foreign exception may quote the message: its type only.
            return [Scrubbed(messages[0].ref, Outcome.FAILED, f"error: {type(error).__name__}")]
    return [
        answer
        for message in messages
        for answer in scrub_each(
            [message], tools, policy, now=now, expire=expire, fingerprint=fingerprint, parameters=parameters
        )
    ]


def read_text(tools: Tools, media_type: str, payload: bytes) -> str:
    """The text a reader sees in a payload; "" when it can't be opened: a turn nobody can read asks nothing."""
    try:
        opened = tools.formats.open_tree(payload, media_type, {}, Budget(tools.limits))
    except (FormatError, BudgetExceeded):
        return ""
    groups: set[str] = set()
    texts = []
    for view in opened.views:
        # Of alternatives of one text the first is enough.
        if view.kind != "body" or (view.group and view.group in groups):
            continue
        groups.add(view.group)
        texts.append(view.text)
    return "\n".join(texts)


def _open(case: _Case, tools: Tools) -> None:
    try:
        case.budget.check_bytes(len(case.message.payload))
        case.opened = tools.formats.open_tree(
            case.message.payload, case.message.media_type, case.parameters, case.budget
        )
    except BudgetExceeded as error:
        case.reason = f"budget: {error}"
    except FormatError as error:
        case.reason = str(error)
    except RecursionError:
        case.reason = "budget: depth"


def _search(cases: Sequence[_Case], tools: Tools) -> None:
    """Detect over all views of all cases in one call, then give each value its every occurrence.

    A view that is searched as it was before (the subject of a mail whose body was redacted) keeps its answer.
    """
    opened = [(case, case.opened) for case in cases if case.opened is not None and not case.reason]
    wanted: list[tuple[_Case, Request]] = []
    for case, tree in opened:
        wanted += [(case, request) for request in _changed(case, tree, tools)]
    for (case, request), result in zip(wanted, tools.detector.detect([request for _, request in wanted]), strict=True):
        case.searched[request.view.path] = (request, result)
    for case, tree in opened:
        findings: list[Finding] = []
        failed: list[Unread] = []
        for view in tree.views:
            result = case.searched[view.path][1]
            if isinstance(result, DetectionError):
                failed.append(Unread(view.path, "text/plain", "not-searched"))
            else:
                findings += result
        try:
            case.budget.take_findings(len(findings))
            case.findings = spread(tree.views, findings)
            case.budget.take_findings(len(case.findings) - len(findings))
        except BudgetExceeded as error:
            case.reason = f"budget: {error}"
        case.failed = tuple(failed)
        unsearched = {unread.path for unread in failed}
        bodies = [view.path for view in tree.views if view.kind != "subject" and view.text.strip()]
        if unsearched and unsearched.issuperset(bodies):  # a subject that was searched makes no message clean
            case.reason = "not-searched"


def _changed(case: _Case, tree: Opened, tools: Tools) -> list[Request]:
    """What must be searched: every view that was not searched before just as it is now."""
    context = _context(case.message, tree.views)
    wanted: list[Request] = []
    for view in tree.views:
        request = Request(view, case.message.sender, tools.own_numbers, context)
        before = case.searched.get(view.path)
        if before is None or before[0] != request:
            wanted.append(request)
    return wanted


def _context(message: Message, views: Sequence[TextView]) -> str:
    """What the message answers: the last turns of its thread and its subject, each cut short."""
    turns = [turn.text[:CONTEXT_PART] for turn in message.thread[-CONTEXT_TURNS:]]
    return "\n".join([*turns, *(view.text[:CONTEXT_PART] for view in views if view.kind == "subject")])


def _decide(cases: Sequence[_Case], policy: Policy, now: datetime) -> None:
    asked = [Asked(case.message, case.opened.views if case.opened else (), case.findings) for case in cases]
    for case, decisions in zip(cases, policy.decide_all(asked, now), strict=True):
        case.decisions = decisions


def _redact(cases: Sequence[_Case], tools: Tools, policy: Policy, now: datetime, expire: bool) -> None:
    """Edit, open again, detect again; merge what that finds into the decisions on the original, until there is none."""
    removes = _removing(expire)
    removable = frozenset([kind for kind in ENTITY_TYPES if not policy.actions(kind).isdisjoint(removes)])
    going = list(cases)
    for number in range(ROUNDS):
        looks: list[_Case] = []
        for case in going:
            assert case.opened is not None  # noqa: S101 - cases without a reason are open
            edits = tools.redactor.edits(case.opened.views, case.decisions, expire=expire)
            if not edits or edits == case.edits:
                if edits:
                    case.reason = "not-verified"
                continue
            case.edits = edits
            case.payload = case.opened.apply(edits)
            message = replace(case.message, payload=case.payload)
            looks.append(_Case(message, case.parameters, budget=Budget(tools.limits), searched=dict(case.searched)))
        if not looks:
            return
        for look in looks:
            _open(look, tools)
        edited = [case for case in going if case.payload is not None and not case.reason]
        pairs = list(zip(edited, looks, strict=True))
        if number == 0:  # what still held something after the first round is looked at as a whole at once
            pairs = _doubtful(pairs, tools, removable, removes)
        _search([look for _, look in pairs], tools)
        pairs = [(case, look) for case, look in pairs if _is_seen(case, look) and _holds(look, removable)]
        _decide([look for _, look in pairs], policy, now)
        going = [case for case, look in pairs if _more(case, look, removes, waver=number == ROUNDS - 2)]
        if not going:
            return
    for case in going:
        case.reason = "not-verified"


def _removing(expire: bool) -> tuple[Action, ...]:
    return (Action.REDACT, Action.DEFER) if expire else (Action.REDACT,)


def _doubtful(
    pairs: Sequence[tuple[_Case, _Case]], tools: Tools, removable: frozenset[str], removes: Collection[Action]
) -> list[tuple[_Case, _Case]]:
    """The (case, second look) that may hold something that must still go, or that can't be judged.

    Most messages hold nothing of the kind any more; to see that, the recognisers of all other types need not be asked.
    """
    doubtful: set[int] = set()
    asked: list[tuple[int, Request]] = []
    for number, (case, look) in enumerate(pairs):
        # What was found and stays is found again: then the whole search is needed anyway.
        stays = any(d.action not in removes and d.finding.entity_type in removable for d in case.decisions)
        if stays or look.reason or look.opened is None:
            doubtful.add(number)
        else:
            changed = _changed(look, look.opened, tools)
            asked += [(number, replace(request, only=removable)) for request in changed]
    for (number, _), result in zip(asked, tools.detector.detect([request for _, request in asked]), strict=True):
        if isinstance(result, DetectionError) or any(finding.entity_type in removable for finding in result):
            doubtful.add(number)
    return [pair for number, pair in enumerate(pairs) if number in doubtful]


def _is_seen(case: _Case, look: _Case) -> bool:
    """Whether the second look saw all that the first one saw; else the case is HELD."""
    if look.opened is None or look.reason or len(look.failed) > len(case.failed):
        case.reason = f"not-verified: {look.reason or 'not-searched'}"
    return not case.reason


def _holds(look: _Case, removable: frozenset[str]) -> bool:
    return any(finding.entity_type in removable for finding in look.findings)


def _more(case: _Case, look: _Case, removes: Collection[Action], *, waver: bool) -> bool:
    """Whether the second look found something that must still go; then it is among the case's decisions.

    `waver`: it is the last round but one, and in a row of like data each that goes may turn the next: then all go of
    which a like one went, but what was asked for.
    """
    left = [decision for decision in look.decisions if decision.action in removes]
    if not left:
        return False
    places = Places(case.edits)
    moved = [places.moved(decision) for decision in left]
    if any(decision is None for decision in moved):
        case.reason = "not-verified"
        return False
    extra = [decision for decision in moved if decision is not None]
    merged = merge(case.decisions, extra)
    if waver:
        merged = _all_alike(merged, extra)
    if merged == case.decisions:
        case.reason = "not-verified"
        return False
    case.decisions = merged
    return True


def _all_alike(decisions: Sequence[Decision], gone: Sequence[Decision]) -> tuple[Decision, ...]:
    """The decisions; those that wait because their datum is needed go where one of their type went in a later look."""
    by_type = {decision.finding.entity_type: decision for decision in gone}
    out = []
    for decision in decisions:
        like = by_type.get(decision.finding.entity_type)
        if like is not None and decision.action is Action.DEFER and not decision.assessment.asked:
            judged = replace(decision.assessment, needed=False, needed_evidence="")
            decision = replace(like, finding=decision.finding, assessment=judged)
        out.append(decision)
    return tuple(out)


def _answer(case: _Case, fingerprint: Fingerprint | None) -> Scrubbed:
    ref = case.message.ref
    if case.reason or case.opened is None:
        return Scrubbed(ref, Outcome.HELD, case.reason)
    texts: dict[Path, TextView] = {view.path: view for view in case.opened.views}
    prints: tuple[str, ...] = ()
    if fingerprint is not None:
        prints = tuple(
            "" if d.action is Action.KEEP else fingerprint(d.finding.entity_type, _value(texts, d.finding))
            for d in case.decisions
        )
    notes = case.opened.notes
    if case.payload is not None and _remains(case, texts):
        notes = (*notes, REMAINS)
    return Scrubbed(
        ref,
        Outcome.REDACTED if case.payload is not None else Outcome.CLEAN,
        decisions=case.decisions,
        edits=case.edits,
        payload=case.payload,
        unread=case.opened.unread + case.failed,
        notes=notes,
        fingerprints=prints,
    )


def _remains(case: _Case, texts: Mapping[Path, TextView]) -> bool:
    """Whether a value that went still stands, as it was written, in the bytes: in a header that no view shows, say."""
    edited = {(edit.path, edit.start, edit.end) for edit in case.edits}
    surfaces = {
        texts[f.path].text[f.start : f.end]
        for f in (decision.finding for decision in case.decisions)
        if f.entity_type in VALIDATED and (f.path, f.start, f.end) in edited
    }
    return any(surface.encode("utf-8", "replace") in (case.payload or b"") for surface in surfaces)


def _value(texts: Mapping[Path, TextView], finding: Finding) -> str:
    return normalise(finding.entity_type, texts[finding.path].text[finding.start : finding.end])
