"""What the record will say: kinds of places without the sender's own words, what waits, and a crash in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scrubber.drafts import Draft, Frame, draft, evidence, path_kind
from scrubber.finding import Action, Assessment, Copy, CopyState, Decision, Finding, Outcome, Scrubbed, Unread
from scrubber.message import Message, SourceRef

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FRAME = Frame("scrubber", "desk", "redact", "p", "d", "k")
MESSAGE = Message(SourceRef("desk", ".", "a"), "email", "message/rfc822", b"", NOW)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ((), "field"),
        (("subject",), "subject"),
        (("body",), "body"),
        (("", "subject#1"), "subject"),
        (("", "x-jan-de-vries#1"), "header"),
        (("1", "text"), "text"),
        (("1.2", "html"), "html"),
        (("1.2", "html", "a@href#3"), "attribute"),
        (("1.2", "html", "comment#1"), "hidden"),
        (("1.2", "content-disposition@filename#1"), "filename"),
        (("1.2", "content-type@name#1"), "filename"),
        (("messages", "0", "jan"), "field"),
    ],
)
def test_a_kind_of_place_holds_nothing_that_a_sender_can_write(path: tuple[str, ...], kind: str) -> None:
    assert path_kind(path) == kind


def decision(action: Action, start: int = 0, due: datetime | None = None) -> Decision:
    finding = Finding(("1", "text"), "IBAN_CODE", start, start + 5, 0.98765, "r")
    return Decision(finding, Assessment(asked=True, asked_evidence="turn 1"), action, "gevraagd", "art. 5", due=due)


def drafted(*decisions: Decision, expired: bool = False, prints: tuple[str, ...] = ()) -> Draft:
    answer = Scrubbed(
        MESSAGE.ref,
        Outcome.CLEAN,
        decisions=decisions,
        fingerprints=prints or ("f",) * len(decisions),
        unread=(Unread(("2",), "image/png", "image"),),
    )
    return draft(
        FRAME,
        MESSAGE,
        answer,
        kind="deferred" if expired else "message",
        outcome="CLEAN",
        recorded_at=NOW,
        due=NOW + timedelta(days=21),
        ref="r",
        message_digest="m",
        expired=expired,
    )


def test_one_value_in_two_places_waits_once_and_never_beyond_its_latest_day() -> None:
    latest = NOW + timedelta(days=10)
    made = drafted(decision(Action.DEFER, 0, latest), decision(Action.DEFER, 9, latest))
    (waiting,) = made.waiting
    assert (waiting.due, waiting.latest) == (latest, latest)
    assert len(made.entry.removals) == 2


def test_what_is_kept_has_no_fingerprint_and_what_is_carried_out_is_a_removal() -> None:
    made = drafted(decision(Action.KEEP), decision(Action.DEFER, 9), expired=True)
    assert [(r.action, r.fingerprint) for r in made.entry.removals] == [("keep", ""), ("redact", "f")]
    assert (made.waiting, made.reviews) == ((), ())


def test_reviews_are_remembered_once() -> None:
    made = drafted(decision(Action.REVIEW, 0, NOW), decision(Action.REVIEW, 9, NOW))
    assert made.reviews == (("IBAN_CODE", "gevraagd", NOW),)


def test_a_draft_survives_as_bytes() -> None:
    made = drafted(decision(Action.DEFER, 0, NOW), decision(Action.REVIEW, 9, NOW))
    assert Draft.from_bytes(made.to_bytes()) == made


def test_copies_are_added_when_they_are_known() -> None:
    made = drafted(decision(Action.REDACT)).with_copies([Copy("backup", CopyState.UNKNOWN, "why")], "deleted-meanwhile")
    assert [(c.place, c.state) for c in made.entry.copies] == [("backup", "UNKNOWN")]
    assert made.entry.reason == "deleted-meanwhile"


@pytest.mark.parametrize(
    ("media_type", "recorded"), [("image/png", "image/png"), ("application/123456782", "application/octet-stream")]
)
def test_a_media_type_is_recorded_only_when_it_is_a_known_one(media_type: str, recorded: str) -> None:
    answer = Scrubbed(MESSAGE.ref, Outcome.CLEAN, unread=(Unread(("2",), media_type, "image"),))
    made = draft(
        FRAME,
        MESSAGE,
        answer,
        kind="message",
        outcome="CLEAN",
        recorded_at=NOW,
        due=NOW,
        ref="r",
        message_digest="m",
    )
    assert [part.media_type for part in made.entry.unread] == [recorded]


def test_evidence_names_turns_and_cues() -> None:
    assert (
        evidence(Assessment("sender", asked=True, asked_evidence="turn 1", needed=True))
        == "asked: turn 1; needed; sender"
    )
