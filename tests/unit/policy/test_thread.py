"""Who said what: quotes, headers, forwards, signatures."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.policy.authors import Authors
from scrubber.policy.folded import fold
from scrubber.policy.quotes import headers
from scrubber.policy.thread import own_text, read, segment_at, split

SENDER = {"name": "Roelof Tamsma", "email": "roelof@tamsma.example"}
ATTRIBUTIONS = [
    "Op ma 3 mrt. 2025 om 10:22 schreef Helpdesk <help@energo.example>:",
    "Op 3 maart 2025 om 10:22 heeft Helpdesk <help@energo.example> het volgende geschreven:",
    "Op 3-3-2025 10:22 schreef Helpdesk:",
    "Helpdesk schreef op 3 maart 2025 10:22:",
    "Helpdesk <help@energo.example> schreef op ma 3 mrt 2025 om 10:22:",
    "Le lun. 3 mars 2025 à 10:22, Helpdesk <help@energo.example> a écrit :",
    "On Mon, Mar 3, 2025 at 10:22 AM Helpdesk <help@energo.example> wrote:",
    "On Mon, Mar 3, 2025 at 10:22 AM Helpdesk Energo\n<help@energo.example> wrote:",
    "2025-03-03 10:22 GMT+01:00 Helpdesk <help@energo.example>:",
    "Citaat van Helpdesk <help@energo.example>:",
]
BLOCKS = [
    "Van: Helpdesk <help@energo.example>\nVerzonden: maandag 3 maart 2025 10:22\nAan: Roelof\nOnderwerp: Uw vraag\n",
    "From: Helpdesk <help@energo.example>\nSent: Monday, March 3, 2025 10:22 AM\nTo: Roelof\nSubject: Your question\n",
    "-----Oorspronkelijk bericht-----\nVan: Helpdesk\nVerzonden: maandag 3 maart 2025\nOnderwerp: vraag\n",
    "----- Original Message -----\nFrom: Helpdesk\nDate: 3-3-2025\nSubject: vraag\n",
    "________________________________\nVan: Helpdesk <help@energo.example>\nDatum: 3 maart 2025\nOnderwerp: vraag\n",
    "*Van:* Helpdesk <help@energo.example>\n*Verzonden:* maandag 3 maart 2025 10:22\n*Onderwerp:* vraag\n",
    "Van: Helpdesk <help@energo.example> Verzonden: maandag 3 maart Aan: Roelof Onderwerp: vraag\n",
]
FORWARDS = [
    "---------- Forwarded message ---------\nVan: Jo Bax <jo@bax.example>\nDate: ma 3 mrt 2025\nSubject: nummers\n",
    "Begin doorgestuurd bericht:\n\nVan: Jo Bax <jo@bax.example>\nOnderwerp: nummers\n",
    "-------- Doorgestuurd bericht --------\nOnderwerp: nummers\nDatum: 3 maart 2025\nVan: Jo Bax <jo@bax.example>\n",
    "---------- Doorgestuurd bericht ---------\nVan: Jo Bax <jo@bax.example>\nOnderwerp: nummers\n",
]


def _kinds(
    marked: Callable[..., Any], text: str, subject: str = "Re: vraag", **rest: Any
) -> list[tuple[str, str, str]]:
    m = marked(text, sender=SENDER, **rest)
    authors = Authors.of_message(m.message, (), subject, fold(text[:1500]))
    return [(s.kind, s.author, text[s.body : s.end].strip()) for s in split(text, fold(text), authors)]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_reply_attributions(marked: Callable[..., Any], line: str, mark: str) -> None:
    found = _kinds(marked, f"Mijn antwoord.\n\n{line}\n{mark}Wat is uw vraag?\n")
    assert found[0] == ("own", "sender", "Mijn antwoord.")
    assert found[-1] == ("quote", "desk", f"{mark}Wat is uw vraag?")


@pytest.mark.parametrize("block", BLOCKS)
def test_reply_blocks(marked: Callable[..., Any], block: str) -> None:
    found = _kinds(marked, f"Mijn antwoord.\n\n{block}\nWat is uw vraag?")
    assert found == [("own", "sender", "Mijn antwoord."), ("quote", "desk", "Wat is uw vraag?")]


@pytest.mark.parametrize("block", FORWARDS)
def test_forwards_are_somebody_elses(marked: Callable[..., Any], block: str) -> None:
    found = _kinds(marked, f"Zie onder.\n\n{block}\nMag ik je nummer?", subject="Fwd: nummers")
    assert found[-1][:2] == ("quote", "third_party")


@pytest.mark.parametrize(
    "prose",
    [
        "Op 3 maart schreef u mij dat het rond was:\nmaar dat is niet zo.",
        "Op 3 maart 2025 om 10:22 schreef ik jullie al:\nhet doet niets.",
        "Zij schreef: hallo",
        "Van: Utrecht\nAan: Zwolle\nklopt de prijs van het kaartje?",
        "Ik wacht -- al weken -- op antwoord.",
        "3 > 2 en 5 > 4",
    ],
)
def test_prose_is_no_quote(marked: Callable[..., Any], prose: str) -> None:
    assert [kind for kind, _, _ in _kinds(marked, prose)] == ["own"]


def test_levels_alternate_between_desk_and_sender(marked: Callable[..., Any]) -> None:
    found = _kinds(marked, "Nog niet.\n> Lukt het nu?\n>> Het werkt niet.\n>>> Waarmee kan ik helpen?\n")
    assert [author for _, author, _ in found] == ["sender", "desk", "sender", "desk"]


def test_answers_between_the_quotes_stay_the_senders(marked: Callable[..., Any]) -> None:
    found = _kinds(marked, "> Wat is de kleur?\nBlauw.\n> En de maat?\nVeertig.\n")
    assert [(kind, author) for kind, author, _ in found] == [("quote", "desk"), ("own", "sender")] * 2
    numbers = [s.number for s in read("> a b c d\nBlauw.\n> e f g h\n", marked("", sender=SENDER).message)]
    assert numbers == [1, 0, 1]


def test_an_attribution_may_stand_behind_the_mark(marked: Callable[..., Any]) -> None:
    found = _kinds(marked, f"Ja.\n> {ATTRIBUTIONS[0]}\n> Mag dat?\n")
    assert found[-1] == ("quote", "desk", "> Mag dat?")


def test_the_senders_own_mail_quoted(marked: Callable[..., Any]) -> None:
    line = "Op ma 3 mrt. 2025 om 10:22 schreef Roelof Tamsma <roelof@tamsma.example>:"
    assert _kinds(marked, f"Herinnering.\n\n{line}\n> Eerste mail.\n")[-1][:2] == ("quote", "sender")


def test_a_turn_of_the_thread_is_known_by_its_words(marked: Callable[..., Any]) -> None:
    found = _kinds(
        marked,
        "Zie onder.\n> Wilt u de meterstand van vorige week doorgeven alstublieft?\n",
        subject="Fwd: iets",
        thread=[("agent", "Goedemorgen,\nwilt u de meterstand van vorige week doorgeven alstublieft?")],
    )
    assert found[-1][:2] == ("quote", "desk")


def test_desk_addresses_decide_even_in_a_forward(marked: Callable[..., Any]) -> None:
    text = "Dit kreeg ik.\n\nBegin doorgestuurd bericht:\n\nVan: Bo <bo@desk.example>\nOnderwerp: x\n\nWat is uw adres?"
    message = marked(text, sender=SENDER).message
    assert read(text, message, ("desk.example",))[-1].author == "desk"
    assert read(text, message, ("bo@desk.example",))[-1].author == "desk"
    assert read(text, message)[-1].author == "third_party"


def test_free_mail_author_without_a_reply_is_third(marked: Callable[..., Any]) -> None:
    text = "Dit hoort erbij.\n\nVan: Jo <jo@gmail.example>\nVerzonden: maandag\nOnderwerp: hoi\n\nMag ik je nummer?"
    assert _kinds(marked, text, subject="vraag")[-1][1] == "third_party"


def test_the_agents_name_in_the_thread(marked: Callable[..., Any]) -> None:
    text = "Dit bedoel ik.\n\nVan: Femke Zuid\nVerzonden: maandag\nOnderwerp: iets\n\nHeel andere woorden dan eerder."
    assert _kinds(marked, text, subject="x", thread=[("agent", "Prima!\nGroet, Femke Zuid")])[-1][1] == "desk"


@pytest.mark.parametrize(
    "close",
    [
        "Met vriendelijke groet,\nRoelof Tamsma",
        "Groetjes\nRoelof",
        "mvg Roelof",
        "gr. Roelof",
        "Hoogachtend,\nR. Tamsma",
        "Vriendelijke groeten\nRoelof",
        "Alvast bedankt,\nRoelof Tamsma",
        "Mei freonlike groetnis,\nRoelof",
        "Tige tank!\nRoelof",
        "-- \nRoelof Tamsma\nTel 0513",
        "Roelof Tamsma\nDorp 1",
        "Kind regards,\nRoelof",
    ],
)
def test_signatures(marked: Callable[..., Any], close: str) -> None:
    found = _kinds(marked, f"Goedemiddag,\n\nMijn vraag is kort.\n\n{close}")
    assert [kind for kind, _, _ in found] == ["own", "signature"]
    assert found[1][2] == close


@pytest.mark.parametrize(
    "text",
    [
        "Dag,\nik heb een vraag over de factuur.",
        "Bedankt voor de mail.\nIk heb nog wel een vraag over mijn factuur.\nKunt u die sturen?",
        "Mijn gegevens zijn:\nRoelof Tamsma",
        "Roelof Tamsma heeft een vraag",
    ],
)
def test_no_signature(marked: Callable[..., Any], text: str) -> None:
    assert [kind for kind, _, _ in _kinds(marked, text)] == ["own"]


def test_a_postscript_is_own_text_again(marked: Callable[..., Any]) -> None:
    found = _kinds(marked, "Vraag.\n\nGroet,\nRoelof\n\nPS: stuur het naar de buren")
    assert [kind for kind, _, _ in found] == ["own", "signature", "own"]


def test_own_text_keeps_its_offsets(marked: Callable[..., Any]) -> None:
    text = "Ja graag.\n> Wilt u dat?\nGroetjes\nRoelof"
    folded = fold(text)
    own = own_text(folded, read(text, marked(text, sender=SENDER).message))
    assert len(own) == len(folded)
    assert own.strip() == b"ja graag."


@settings(deadline=None, max_examples=80)
@given(
    st.lists(
        st.sampled_from(
            [
                "> x",
                ">> y",
                "",
                "Groet",
                "tekst",
                *ATTRIBUTIONS[:4],
                *BLOCKS[:3],
                *FORWARDS[:2],
                "--",
                "Roelof",
                "é ß İ",
            ]
        ),
        max_size=14,
    )
)
def test_segments_cover_the_text_in_order(lines: list[str]) -> None:
    text = "\n".join(lines)
    segments = split(text, fold(text), Authors())
    assert segments[0].start == 0
    assert segments[-1].end == len(text)
    assert all(a.end == b.start for a, b in itertools.pairwise(segments))
    assert all(s.start <= s.body <= s.end for s in segments)
    assert all(segment_at(segments, s.start) is s for s in segments if s.end > s.start)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=200))
def test_folding_keeps_every_offset(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert folded == folded.lower()


def test_headers_do_not_overlap() -> None:
    text = fold("\n\ntekst\n\n".join([*ATTRIBUTIONS, *BLOCKS, *FORWARDS]))
    found = headers(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert len(found) == len(ATTRIBUTIONS) + len(BLOCKS) + len(FORWARDS)
