"""A delivery scrubbed: only what must go changes, message by message, and nothing unknown passes unseen."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrubber.budget import Limits
from scrubber.digests import Digests
from scrubber.ledger.keys import KeyRing
from scrubber.pipeline import Tools
from scrubber.relay.parcel import ENVELOPE, LEFT, STUB, Given, Terms, all_stubs, reference
from scrubber.relay.preset import load
from scrubber.relay.stub import SENTENCE
from tests.unit.relay.conftest import NOW, Scrub

BSN, IBAN = "123456782", "NL91ABNA0417164300"


def outcomes(made: Any) -> list[str]:
    return [part.draft.entry.outcome for part in made.parts]


plain = st.text(st.characters(codec="utf-8", exclude_categories=["Nd", "Cs"]), max_size=12)
leaf = st.one_of(st.none(), st.booleans(), st.integers(-99, 99), plain)
tree = st.recursive(leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(extra=st.dictionaries(plain, tree, max_size=3), indent=st.sampled_from([None, 1, "\t"]), narrow=st.booleans())
def test_everything_outside_the_edits_keeps_its_bytes(
    scrub: Scrub, extra: dict[str, Any], indent: Any, narrow: bool
) -> None:
    text = f'Hoi \u00e9\U0001f600 "x" \\ mijn BSN is {BSN}.'
    document = {**extra, "text": text, "conversation": "c", "zz": extra}
    payload = json.dumps(document, indent=indent, ensure_ascii=narrow).encode("utf-8", "surrogatepass")
    made = scrub(payload)
    before, _, after = payload.partition(BSN.encode())
    assert made.payload.startswith(before)
    assert made.payload.endswith(after)
    assert BSN.encode() not in made.payload
    assert outcomes(made) == ["REDACTED"]
    again = scrub(made.payload)
    assert again.payload == made.payload
    assert outcomes(again) == ["CLEAN"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(["a", "b/c", "d~e", "0", "*", "**"]), min_size=1, max_size=4))
def test_no_place_is_deep_or_odd_enough_to_hide(scrub: Scrub, names: list[str]) -> None:
    value: Any = f"BSN {BSN}"
    for number, name in enumerate(names):
        value = {name: value} if number % 2 else [0, {name: value}]
    for payload in ({"text": "Hoi", "new": value}, [value]):
        made = scrub(json.dumps(payload).encode())
        assert BSN.encode() not in made.payload
        assert json.loads(made.payload)


@pytest.mark.parametrize(
    "payload",
    [
        f'{{"text":"Hoi","bsn":{BSN}}}',
        f'{{"text":"Hoi","text":"BSN {BSN}"}}',
        f'{{"text":"BSN {BSN}","text":"Hoi"}}',
        f'{{"text":"Hoi","BSN {BSN}":1}}',
        f'"BSN {BSN}"',
        f'{{"text":"BSN \\u0031\\u0032\\u0033\\u0034{BSN[4:]}"}}',
        f'{{"html":"<p>BSN <b>{BSN[:4]}</b>{BSN[4:]}</p>"}}',
    ],
)
def test_numbers_names_repeated_members_escapes_and_html(scrub: Scrub, payload: str) -> None:
    made = scrub(payload.encode())
    said = json.dumps(json.loads(made.payload, object_pairs_hook=list))
    assert BSN not in said
    assert BSN not in said.replace("<b>", "").replace("</b>", "")
    assert outcomes(made) == ["REDACTED"]


def test_the_channels_own_numbers_are_left_alone(scrub: Scrub) -> None:
    """An identifier that passes the eleven-test is no BSN: changing it would lose the message."""
    row = {
        "sender": {"id": BSN},
        "recipient": {"id": BSN},
        "timestamp": 1458692752478,
        "message": {"mid": BSN, "text": "Hoi"},
    }
    payload = json.dumps({"object": "page", "entry": [{"id": BSN, "time": 1, "messaging": [row]}]}).encode()
    made = scrub(payload, "messenger")
    assert made.payload == payload
    assert outcomes(made) == ["CLEAN"]


def test_what_is_deferred_passes_or_goes_as_the_operator_chose(scrub: Scrub) -> None:
    payload = json.dumps({"text": f"Mijn rekening is {IBAN}", "conversation": "c"}).encode()
    assert IBAN.encode() not in scrub(payload).payload  # not asked, not needed
    asked = (frozenset({"IBAN_CODE"}),)
    made = scrub(payload, asked=asked)
    assert made.payload == payload
    (part,) = made.parts
    assert part.draft.entry.notes == (LEFT,)
    assert part.draft.waiting == ()  # no worker of ours will come by
    at_once = scrub(payload, asked=asked, passes=False)
    assert IBAN.encode() not in at_once.payload
    assert [(row.rule, row.action) for row in at_once.parts[0].draft.entry.removals] == [("gevraagd", "redact")]


def test_a_bsn_goes_though_it_was_asked(scrub: Scrub) -> None:
    payload = json.dumps({"text": f"BSN {BSN}"}).encode()
    assert BSN.encode() not in scrub(payload, asked=(frozenset({"NL_BSN"}),)).payload


def test_only_the_message_that_is_held_becomes_a_stub(scrub: Scrub, tools: Tools) -> None:
    rows = [
        {"from": "1", "id": "a", "type": "text", "text": {"body": f"BSN {BSN} " + "lang " * 400}},
        {"from": "2", "id": "b", "type": "text", "text": {"body": f"Hoi, BSN {BSN}"}},
    ]
    value = {"messaging_product": "whatsapp", "messages": rows}
    document = {"object": "w", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}
    small = replace(tools, limits=Limits(characters=1_000))
    made = scrub(json.dumps(document).encode(), "whatsapp", used=small)
    assert outcomes(made) == ["HELD", "REDACTED"]
    assert made.parts[0].draft.entry.notes == (STUB,)
    first, second = json.loads(made.payload)["entry"][0]["changes"][0]["value"]["messages"]
    assert first == {**rows[0], "text": {"body": SENTENCE["nl"]}}
    assert second["text"]["body"].startswith("Hoi, BSN ")
    assert BSN.encode() not in made.payload


def test_an_envelope_that_is_held_is_emptied(scrub: Scrub, tools: Tools) -> None:
    document = {"object": "page", "entry": [], "more": [f"BSN {BSN}"] * 200}
    small = replace(tools, limits=Limits(characters=1_000))
    made = scrub(json.dumps(document).encode(), "messenger", used=small)
    assert [(part.ref.item, part.draft.entry.outcome) for part in made.parts] == [(ENVELOPE, "HELD")]
    assert json.loads(made.payload) == {"object": "page", "entry": [], "more": [""] * 200}


def test_what_breaks_is_tried_again(scrub: Scrub, tools: Tools) -> None:
    class Breaks:
        digest = "x"

        def detect(self, requests: Any) -> Any:
            raise ZeroDivisionError(str(requests))

    broken: Any = Breaks()
    made = scrub(json.dumps({"text": f"BSN {BSN}"}).encode(), used=replace(tools, detector=broken))
    assert made.failed
    assert BSN.encode() not in made.payload
    assert {part.draft.entry.reason for part in made.parts} == {"error: ZeroDivisionError"}


def test_observing_passes_everything(scrub: Scrub, tools: Tools) -> None:
    payload = json.dumps({"text": f"BSN {BSN} " + "lang " * 400}).encode()
    assert scrub(payload, changes=False).payload == payload
    held = scrub(payload, changes=False, used=replace(tools, limits=Limits(characters=1_000)))
    assert (held.payload, outcomes(held)) == (payload, ["HELD"])


def test_stubs_for_all_leave_what_the_desk_wrote() -> None:
    def row(text: str, **more: object) -> dict[str, Any]:
        return {"sender": {"id": "1"}, "recipient": {"id": "2"}, "message": {"mid": "m", "text": text, **more}}

    entry = {"id": "7", "messaging": [row(f"BSN {BSN}"), row("Wat is uw naam?", is_echo=True)]}
    document = {"object": "page", "entry": [entry], "odd": BSN, BSN: 1, "number": int(BSN)}
    made = all_stubs(json.dumps(document).encode(), Terms(load("messenger"), changes=True, passes=True))
    assert BSN.encode() not in made
    mine, theirs = json.loads(made)["entry"][0]["messaging"]
    assert mine["message"] == {"mid": "m", "text": SENTENCE["nl"]}
    assert theirs == entry["messaging"][1]


@pytest.mark.parametrize(
    ("preset", "payload"),
    [
        ("generic", {"text": "Hoi", "sender": {"name": f"BSN {BSN}"}}),
        ("generic", {"text": "Hoi", "sender": {"name": BSN}}),
        ("generic", {"text": "Hoi", "timestamp": f"mijn BSN is {BSN}"}),
        ("generic", {"text": f"BSN {BSN}", "channel": f"https://x.example/{BSN}"}),
        ("freshdesk", {"subject": "Hoi", "description": "<p>Hoi</p>", "name": f"BSN {BSN}", "type": f"BSN {BSN}"}),
        ("zammad", {"title": "Hoi", "from": f"BSN {BSN}", "article": {"body": "Hoi", "from": f"BSN {BSN}"}}),
        ("telegram", {"update_id": 1, "callback_query": {"id": "1", "data": f"mijn BSN is {BSN}"}}),
        ("telegram", {"update_id": 1, "message": {"message_id": 1, "from": {"id": 1, "first_name": f"BSN {BSN}"}}}),
    ],
)
def test_what_is_known_and_yet_speaks_is_searched(scrub: Scrub, preset: str, payload: dict[str, Any]) -> None:
    made = scrub(json.dumps(payload).encode(), preset)
    assert BSN.encode() not in made.payload
    assert outcomes(made) == ["REDACTED"]


def test_structure_with_spaces_stays(scrub: Scrub) -> None:
    lines = ("QUJD" * 19 + "\r\n") * 3 + "QUJDRA=="
    payload = {"text": "Hoi", "sender": {"name": "Jan Jansen", "phone": "+31 6 12345678"}, "channel": lines}
    written = json.dumps(payload).encode()
    assert scrub(written).payload == written


def test_what_the_desk_quotes_is_scrubbed_and_its_own_words_stay(scrub: Scrub) -> None:
    own = {"message_id": 6, "chat": {"id": 11}, "text": f"Belt u {IBAN}?"}
    quoting = {**own, "reply_to_message": {"message_id": 5, "text": f"BSN {BSN}", "caption": "Hoi"}}
    document = {"update_id": 1, "callback_query": {"id": "1", "data": "x", "message": quoting}}
    made = scrub(json.dumps(document).encode(), "telegram")
    assert BSN.encode() not in made.payload
    assert IBAN.encode() in made.payload
    assert outcomes(made) == ["REDACTED"]
    assert BSN.encode() not in all_stubs(json.dumps(document).encode(), Terms(load("telegram"), True, True))
    del quoting["reply_to_message"]
    written = json.dumps(document).encode()
    made = scrub(written, "telegram")
    assert (made.payload, made.parts) == (written, ())


def test_a_text_that_was_not_searched_never_passes(scrub: Scrub) -> None:
    """Beside another text that was: more findings than one text may have."""
    payload = {"text": "a@b.nl " * 20_100 + f"BSN {BSN}", "body": "Hoi"}
    made = scrub(json.dumps(payload).encode())
    assert [(part.draft.entry.outcome, part.draft.entry.reason) for part in made.parts] == [("HELD", "not-searched")]
    assert json.loads(made.payload) == {"text": SENTENCE["nl"], "body": SENTENCE["nl"]}


def test_half_a_surrogate_pair_in_an_identifier(scrub: Scrub) -> None:
    written = (
        b'{"id":"\\ud800","conversation":"\\udfff","sender":{"name":"\\ud800"},"text":"BSN ' + BSN.encode() + b'"}'
    )
    made = scrub(written)
    assert BSN.encode() not in made.payload
    assert outcomes(made) == ["REDACTED"]


def test_messages_without_an_identifier_are_told_apart(scrub: Scrub, ring: KeyRing) -> None:
    first, second = (
        reference(Given("s", name * 64, NOW, ()), "c", f"{name * 64}/0", Digests(ring)) for name in ("a", "b")
    )
    assert first.container == second.container
    assert first.item != second.item
    (part,) = scrub(json.dumps({"conversation": "c", "text": "Hoi"}).encode()).parts
    assert part.ref == reference(Given("s", "d" * 64, NOW, ()), "c", f"{'d' * 64}/0", Digests(ring))


def test_stubs_where_a_member_stands_twice() -> None:
    written = f'{{"data":{{"text":"Hoi"}},"data":{{"text":"BSN {BSN}"}}}}'.encode()
    made = all_stubs(written, Terms(load("standard-webhooks"), changes=True, passes=True))
    assert json.loads(made) == {"data": {"text": SENTENCE["nl"]}}
