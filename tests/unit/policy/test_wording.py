"""How a datum is spoken of: the lines that lead to it, quoted speech, a turn of the sentence, words for a firm."""

from __future__ import annotations

import pytest

from scrubber.policy.clauses import MARK
from scrubber.policy.folded import compile_pattern
from scrubber.policy.wording import BODY, LEAD, PAYEE, dumped, last_match, lead, line_of, still_said
from tests.unit.policy.conftest import HOSTILE, LONG, Open

_BODY = compile_pattern(rf"^{BODY}$")
_PAYEE = compile_pattern(rf"^{PAYEE}$")
_OFFICE = compile_pattern(r"\b(?:kantoor|zaak)\b")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Eerste regel.\nTweede regel: @", b"eerste regel.\ntweede regel: "),
        ("Oud blok.\n\nNieuw blok: @", b"nieuw blok: "),
        ("[[PERSON|Ida]] betaalt op @", b"%%% betaalt op "),
        ("Mijn antwoord @\n\n> Van: x\n> Vraag", b"mijn antwoord "),
        ("Tekst.\n\nGroet,\nIda\n@", b"groet,\nida\n"),
        ("@", b""),
    ],
)
def test_the_lines_that_lead_to_it(opened: Open, body: str, words: bytes) -> None:
    found = opened(body)
    assert lead(found.page, found.context) == words


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("Ons kantoor.\nIk woon op @.", b"ik woon op  @ ."),
        ("Ons kantoor is dicht.\n@", b"ons kantoor is dicht @ "),
        ("Ons kantoor is nu:\n- @", b"ons kantoor is nu - @ "),
        ("Graag naar @ sturen", b"graag naar  @  sturen"),
        ("@", b" @ "),
    ],
)
def test_the_line_before_the_clause(opened: Open, body: str, line: bytes) -> None:
    found = line_of(opened(body).context)
    assert b"".join(found.split()) == b"".join(line.split())


@pytest.mark.parametrize(
    ("body", "repeated"),
    [
        ('Hij schreef: "@"', True),
        ("> stort op @", True),
        ('{"iban": "@"}', True),
        ("<iban>@</iban>", True),
        ("  {rekening @}", True),
        ('Hij schreef: "stort op @ maar"', True),
        ("'k Stort op @", True),
        ("Stort op @", False),
        ('Hij schreef "prima", dus @', False),
        ("(@)", False),
        ("@", False),
    ],
)
def test_repeated_speech(opened: Open, body: str, repeated: bool) -> None:
    assert dumped(opened(body).context) is repeated


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        (b"naar kantoor: @", True),
        (b"niet naar huis, maar naar kantoor: @", True),
        (b"niet naar kantoor, maar naar @", False),
        (b"ik werk niet meer op kantoor, dus op @", True),
        (b"op kantoor zit ik niet meer, dus op @", False),
        (b"kantoor i.p.v. @", False),
        (b"het gaat naar kantoor in plaats van naar @", False),
        (b"in plaats van naar huis naar kantoor: @", True),
        (b"naar @, maar kantoor is open", True),
        (b"naar @", False),
        (b"", False),
        (b"maar " * 20_000 + b"kantoor @", True),
        (b"kantoor " * 20_000 + b"maar @", False),
    ],
)
def test_after_a_turn_of_the_sentence(clause: bytes, said: bool) -> None:
    assert still_said(_OFFICE, clause.replace(b"@", MARK)) is said


@pytest.mark.parametrize(
    ("text", "at"), [(b"kantoor en zaak!", 15), (b"zaak", 4), (b"zaken", -1), (b"", -1), (b"%" * 9000, -1)]
)
def test_where_the_last_match_ends(text: bytes, at: int) -> None:
    assert last_match(_OFFICE, text) == at


@pytest.mark.parametrize(
    "word", [b"bakkerij", b"boekwinkel", b"muziekschool", b"b.v.", b"tandartspraktijk", b"hockeyclub"]
)
def test_bodies(word: bytes) -> None:
    assert _BODY.found(word)
    assert _PAYEE.found(word)


@pytest.mark.parametrize("word", [b"gemeente", b"waterschap", b"hoveniersbedrijf", b"rijschool", b"belastingdienst"])
def test_payees(word: bytes) -> None:
    assert _PAYEE.found(word)


@pytest.mark.parametrize("word", [b"buurman", b"huis", b"zaken", b"winkels", b"zus", b"", b"%%%"])
def test_no_bodies(word: bytes) -> None:
    assert not _PAYEE.found(word)


@pytest.mark.parametrize("body", HOSTILE)
def test_a_lead_is_short(opened: Open, body: str) -> None:
    found = opened(body)
    assert len(lead(found.page, found.context)) <= LEAD
    assert len(line_of(found.context)) < 1100
    assert not dumped(found.context)


def test_a_lead_keeps_what_is_nearest(opened: Open) -> None:
    found = opened(LONG + "tot slot: @")
    assert lead(found.page, found.context).endswith(b"duurde tot slot: ")
