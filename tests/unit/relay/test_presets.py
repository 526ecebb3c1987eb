"""Each preset against payloads as the channel's own documentation (named in the preset) shows them.

BSN and words are ours; identifiers are the documentation's.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from scrubber.errors import SettingsError
from scrubber.formats.registry import default_registry
from scrubber.pointers import leads, parse
from scrubber.relay.preset import Preset, load, shipped
from scrubber.relay.stub import SENTENCE, stub
from scrubber.relay.units import filled, strings, units, without

TEXT, OTHER = "Woorden van een mens", "Andere woorden"

META = {
    "object": "whatsapp_business_account",
    "entry": [{"id": "8856996819413533", "changes": [{"field": "messages"}]}],
}


def whatsapp(message: dict[str, Any], key: str = "messages") -> dict[str, Any]:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "16505553333", "phone_number_id": "27681414235104944"},
        "contacts": [{"profile": {"name": "Kerry Fisher"}, "wa_id": "16315551234"}],
        key: [{"from": "16315551234", "to": "16505553333", "id": "wamid.ID", "timestamp": "1603059201", **message}],
    }
    return {**META, "entry": [{"id": "8856996819413533", "changes": [{"field": "messages", "value": value}]}]}


def page(row: dict[str, Any], key: str = "messaging", what: str = "page") -> dict[str, Any]:
    event = {"sender": {"id": "4711"}, "recipient": {"id": "815"}, "timestamp": 1458692752478, **row}
    return {"object": what, "entry": [{"id": "815", "time": 1458692752478, key: [event]}]}


def update(message: dict[str, Any], key: str = "message") -> dict[str, Any]:
    sender = {"id": 1111111, "is_bot": False, "first_name": "Test", "last_name": "Lastname", "username": "Testusername"}
    chat = {"id": 1111111, "type": "private", "first_name": "Test"}
    return {"update_id": 10000, key: {"message_id": 1365, "date": 1441645532, "from": sender, "chat": chat, **message}}


CASES: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("whatsapp", whatsapp({"type": "text", "text": {"body": TEXT}}), [TEXT], "16315551234"),
    (
        "whatsapp",
        whatsapp({"type": "image", "image": {"caption": TEXT, "mime_type": "image/jpeg", "sha256": "x/=", "id": "27"}}),
        [TEXT],
        "16315551234",
    ),
    (
        "whatsapp",
        whatsapp({"type": "reaction", "reaction": {"message_id": "wamid.X", "emoji": "👍"}}),
        [],
        "16315551234",
    ),
    (
        "whatsapp",
        whatsapp({"type": "button", "button": {"text": TEXT, "payload": "No-Button-Payload"}, "context": {"id": "w"}}),
        [TEXT],
        "16315551234",
    ),
    (
        "whatsapp",
        whatsapp(
            {
                "type": "interactive",
                "interactive": {"type": "list_reply", "list_reply": {"id": "l", "title": TEXT, "description": OTHER}},
            }
        ),
        [TEXT, OTHER],
        "16315551234",
    ),
    (
        "whatsapp",
        whatsapp({"type": "document", "document": {"filename": TEXT, "mime_type": "application/pdf", "id": "1"}}),
        [TEXT],
        "16315551234",
    ),
    ("messenger", page({"message": {"mid": "m_1457764197618:41", "text": TEXT}}), [TEXT], "4711"),
    (
        "messenger",
        page({"message": {"mid": "m", "text": TEXT, "quick_reply": {"payload": "DEV_PAYLOAD"}}}),
        [TEXT],
        "4711",
    ),
    ("messenger", page({"message": {"mid": "m", "text": TEXT}}, "standby"), [TEXT], "4711"),
    ("messenger", page({"postback": {"mid": "m", "title": TEXT, "payload": "USER_DEFINED"}}), [TEXT], "4711"),
    (
        "messenger",
        page(
            {"message": {"mid": "m", "attachments": [{"type": "image", "payload": {"url": "https://cdn.example/1"}}]}}
        ),
        [],
        "4711",
    ),
    ("messenger", page({"read": {"watermark": 1458668856253}}), [], "4711"),
    ("instagram", page({"message": {"mid": "MESSAGE-ID", "text": TEXT}}, what="instagram"), [TEXT], "4711"),
    (
        "instagram",
        {
            "object": "instagram",
            "entry": [
                {
                    "id": "815",
                    "time": 1569262486134,
                    "changes": [
                        {
                            "field": "comments",
                            "value": {
                                "id": "17865799348089039",
                                "from": {"id": "232323232", "username": "test"},
                                "text": TEXT,
                                "media": {"id": "123123123", "media_product_type": "FEED"},
                            },
                        }
                    ],
                }
            ],
        },
        [TEXT],
        "232323232",
    ),
    ("telegram", update({"text": TEXT}), [TEXT], "1111111"),
    ("telegram", update({"text": TEXT, "edit_date": 1441646600}, "edited_message"), [TEXT], "1111111"),
    (
        "telegram",
        update({"caption": TEXT, "photo": [{"file_id": "AgAC", "file_unique_id": "AQAD", "width": 90, "height": 51}]}),
        [TEXT],
        "1111111",
    ),
    (
        "telegram",
        update(
            {
                "text": TEXT,
                "entities": [{"type": "bold", "offset": 0, "length": 7}],
                "reply_to_message": {"text": OTHER},
            }
        ),
        [TEXT, OTHER],
        "1111111",
    ),
    ("generic", {"conversation": "c-1", "id": 7, "text": TEXT, "sender": {"name": "Anke"}}, [TEXT], "c-1"),
    (
        "standard-webhooks",
        {
            "type": "message.created",
            "timestamp": "2026-11-22T10:00:00Z",
            "data": {"id": "m1", "conversation": "c", "body": TEXT},
        },
        [TEXT],
        "c",
    ),
    (
        "zammad",
        {
            "title": TEXT,
            "group": "Users",
            "customer": "anke@klant.example",
            "article": {"subject": OTHER, "body": OTHER, "type": "note", "internal": False},
        },
        [TEXT, OTHER, OTHER],
        "anke@klant.example",
    ),
    ("zammad", {"ticket_id": 5, "subject": TEXT, "body": OTHER, "content_type": "text/html"}, [TEXT, OTHER], "5"),
    (
        "freshdesk",
        {"description": OTHER, "subject": TEXT, "email": "anke@klant.example", "priority": 1, "status": 2},
        [OTHER, TEXT],
        "anke@klant.example",
    ),
    (
        "intercom",
        {"from": {"type": "user", "id": "536e564f316c83104c000020"}, "body": TEXT},
        [TEXT],
        "536e564f316c83104c000020",
    ),
    (
        "jira",
        {
            "serviceDeskId": "10",
            "requestTypeId": "25",
            "requestFieldValues": {"summary": TEXT, "description": OTHER},
            "raiseOnBehalfOf": "qm:a713c8ea",
        },
        [TEXT, OTHER],
        "qm:a713c8ea",
    ),
    (
        "jira",
        {
            "requestFieldValues": {
                "description": {
                    "type": "doc",
                    "version": 1,
                    "content": [{"type": "paragraph", "content": [{"type": "text", "text": TEXT}]}],
                }
            },
            "raiseOnBehalfOf": "x",
            "isAdfRequest": True,
        },
        [TEXT],
        "x",
    ),
    ("jira", {"body": TEXT, "public": True}, [TEXT], ""),
    ("roundup", {"content": TEXT, "author": "3", "date": "2026-11-22.10:00:00"}, [TEXT], "3"),
]


def test_every_preset_has_a_case() -> None:
    assert {name for name, *_ in CASES} == set(shipped())


@pytest.mark.parametrize(("name", "payload", "texts", "conversation"), CASES)
def test_texts_conversation_and_structure(
    name: str, payload: dict[str, Any], texts: list[str], conversation: str
) -> None:
    preset = load(name)
    text = json.dumps(payload, indent=1)
    (unit,) = units(text, preset)
    assert (unit.conversation, unit.desk) == (conversation, False)
    assert sorted(unit.texts.split("\n")) == sorted(texts or [""])
    assert filled(without(text, [unit]), preset, [text[unit.start : unit.end]]) == text
    views = default_registry().open_tree(
        text[unit.start : unit.end].encode(), "application/json", unit.shape.parameters
    )
    assert sorted(view.text for view in views.views) == sorted(texts), "what is searched: the texts, and no structure"
    around = default_registry().open_tree(
        without(text, [unit]).encode(), "application/json", preset.envelope.parameters
    )
    assert around.views == ()


@pytest.mark.parametrize(("name", "payload", "texts", "conversation"), CASES)
def test_a_stub_holds_no_word_and_every_identifier(
    name: str, payload: dict[str, Any], texts: list[str], conversation: str
) -> None:
    preset = load(name)
    (unit,) = units(json.dumps(payload), preset)
    made = json.loads(stub(unit.value, unit.shape))
    assert not {TEXT, OTHER} & {value for _, value in strings(made)}
    pointers = [parse(pointer) for pointer in unit.shape.known]
    for names, value in strings(unit.value):
        if any(leads(pointer, names) for pointer in pointers):
            assert (names, value) in list(strings(made))
    assert [value for _, value in strings(made)].count(SENTENCE["nl"]) == len(texts)


@pytest.mark.parametrize(
    ("name", "payload", "conversation"),
    [
        (
            "messenger",
            page({"message": {"mid": "m", "is_echo": True, "app_id": 1517776481860111, "text": TEXT}}),
            "815",
        ),
        ("instagram", page({"message": {"mid": "m", "is_echo": True, "text": TEXT}}, what="instagram"), "815"),
        ("whatsapp", whatsapp({"type": "text", "text": {"body": TEXT}}, "message_echoes"), "16505553333"),
        ("generic", {"conversation": "c", "text": TEXT, "from_desk": True}, "c"),
        (
            "telegram",
            {"update_id": 1, "callback_query": {"id": "1", "message": update({"text": TEXT})["message"]}},
            "1111111",
        ),
    ],
)
def test_what_the_desk_wrote(name: str, payload: dict[str, Any], conversation: str) -> None:
    (unit,) = units(json.dumps(payload), load(name))
    assert (unit.desk, unit.conversation, unit.texts) == (True, conversation, TEXT)


def test_is_echo_must_be_true_itself() -> None:
    """A page of somebody's own may say anything of an attachment; only the channel's true counts."""
    for said in ("true", 1, [True], None):
        (unit,) = units(json.dumps(page({"message": {"mid": "m", "is_echo": said, "text": TEXT}})), load("messenger"))
        assert not unit.desk


@pytest.mark.parametrize("name", shipped())
def test_each_preset_names_its_pages_and_what_remains(name: str) -> None:
    preset = load(name)
    assert all(page.startswith("https://") for page in preset.documented)
    assert set(preset.remains) == {"nl", "en"}
    assert preset.deliver != "header" or preset.header


def test_a_preset_that_is_wrong_says_where(tmp_path: Any) -> None:
    with pytest.raises(SettingsError, match=r"known: .*whatsapp"):
        load("whatsup")
    own = tmp_path / "own.yaml"
    own.write_text("title: x\n")
    with pytest.raises(SettingsError, match=r"own\.yaml: .*messages: Field required"):
        load(str(own), own)
    own.write_text("- x\n")
    with pytest.raises(SettingsError, match="must be a table"):
        load(str(own), own)
    good = load("generic").model_dump()
    own.write_text(json.dumps({**good, "messages": [{"at": "", "text": ["text"]}]}))
    with pytest.raises(SettingsError, match="begins with `/`"):
        load(str(own), own)
    own.write_text(json.dumps(good))
    assert isinstance(load(str(own), own), Preset)
