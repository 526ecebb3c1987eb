"""Questions, requests and persons in single sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scrubber.finding import ENTITY_TYPES, Decision
from scrubber.policy.asked import AskCues, asks_in, load_asked
from scrubber.policy.cues import compile_cues, pattern_of
from scrubber.policy.folded import fold, sentence_starts

Decide = Callable[..., tuple[Decision, ...]]
IBAN, IBAN2 = "NL91ABNA0417164300", "NL20INGB0001234567"


@pytest.fixture(scope="module")
def cues(rules_dir: Path) -> AskCues:
    return load_asked(rules_dir / "words" / "policy" / "asked.yaml", ENTITY_TYPES)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Kunt u uw rekeningnummer doorgeven?", "IBAN_CODE"),
        ("Op welke rekening mogen we het storten", "IBAN_CODE"),
        ("We hebben nog een IBAN van je nodig.", "IBAN_CODE"),
        ("Waar kunnen we het bedrag naar overmaken?", "IBAN_CODE"),
        ("Op welk adres mag het naartoe?", "ADDRESS"),
        ("Waar moet de monteur zijn?", "ADDRESS"),
        ("Graag uw postcode en huisnummer.", "ADDRESS"),
        ("Where should we deliver it?", "ADDRESS"),
        ("Uw geboortedatum ter verificatie alstublieft", "DATE_OF_BIRTH"),
        ("Wanneer bent u geboren?", "DATE_OF_BIRTH"),
        ("Zonder uw geboortedatum kunnen wij niet verder zoeken.", "DATE_OF_BIRTH"),
        ("Vergeet niet uw geboortedatum te vermelden.", "DATE_OF_BIRTH"),
        ("Gelieve het nummer van uw identiteitskaart te bezorgen.", "ID_DOCUMENT"),
        ("Mag ik je kenteken?", "LICENSE_PLATE"),
        ("Stuur even het wachtwoord van de oude mailbox.", "CREDENTIAL"),
        ("Onder welk polisnummer bent u verzekerd?", "HEALTH_ID"),
        ("Om te helpen hebben we nodig:\n- klantnummer\n- uw IBAN", "IBAN_CODE"),
        ("Wij ontvangen graag:\n1. een recente foto\n2. uw kenteken\n\nMet groet", "LICENSE_PLATE"),
    ],
)
def test_it_asks(cues: AskCues, question: str, kind: str) -> None:
    assert kind in {ask.entity_type for ask in asks_in(fold(question), "turn 1", cues)}


@pytest.mark.parametrize(
    "text",
    [
        "Stuur nooit uw wachtwoord.",
        "Een BSN hebben wij niet nodig.",
        "U mag het BSN afschermen.",
        "Uw adres hebben we al.",
        "Wij vragen nooit om uw pincode.",
        "Deel uw wachtwoord met niemand.",
        "Kunt u uw wachtwoord resetten via de link?",
        "Wij hebben uw adres gewijzigd.",
        "Het bedrag is teruggestort op uw rekening.",
        "U kunt uw adres wijzigen in Mijn Stroom.",
        "Stuur de kopie zonder BSN.",
        "Wat is uw e-mailadres?",
        "",
    ],
)
def test_it_does_not_ask(cues: AskCues, text: str) -> None:
    wanted = {"NL_BSN", "IBAN_CODE", "ADDRESS", "DATE_OF_BIRTH", "CREDENTIAL", "CREDIT_CARD"}
    assert not wanted & {ask.entity_type for ask in asks_in(fold(text), "turn 1", cues) if not ask.refused}


@pytest.mark.parametrize(
    ("text", "about", "partial"),
    [
        ("Wat is uw geboortedatum?", "sender", False),
        ("Kun je de geboortedatum doorgeven?", "any", False),
        ("Wat is de geboortedatum van de medewerker?", "third_party", False),
        ("Wat is zijn geboortedatum?", "third_party", False),
        ("Graag per bezoeker de geboortedatum.", "each", False),
        ("Wat zijn de laatste twee cijfers van uw geboortedatum?", "sender", True),
    ],
)
def test_about_whom_and_how_much(cues: AskCues, text: str, about: str, partial: bool) -> None:
    (ask,) = [a for a in asks_in(fold(text), "turn 3", cues) if a.entity_type == "DATE_OF_BIRTH"]
    assert (ask.about, ask.partial, ask.evidence) == (about, partial, "turn 3")


@pytest.mark.parametrize(
    ("body", "subject", "evidence"),
    [
        ("Mijn rekening: [[IBAN_CODE|NL91ABNA0417164300]]", "sender", "self"),
        ("De rekening van mijn zus: [[IBAN_CODE|NL91ABNA0417164300]]", "third_party", "relation"),
        ("Hij woont op [[ADDRESS|Kade 3]]", "third_party", "pronoun"),
        ("rekening van de vereniging: [[IBAN_CODE|NL91ABNA0417164300]]", "organisation", "organisation_account"),
        ("naar jullie rekening [[IBAN_CODE|NL91ABNA0417164300]]", "organisation", "desk"),
        ("[[ADDRESS|Postbus 7, 1000 AA Amsterdam]]", "organisation", "postbox"),
        ("Bel [[PHONE_NUMBER|0900-1234]]", "organisation", "service_number"),
        ("Mail [[EMAIL_ADDRESS|info@zaak.example]]", "organisation", "role_mailbox"),
        ("[[LICENSE_PLATE|AB-123-C]]", "unknown", ""),
        ("Zie [[IBAN_CODE|NL91ABNA0417164300]] (Kramer Installatietechniek)", "organisation", "trade"),
        ("Fysiopraktijk Zon, [[ADDRESS|Kade 3]]", "organisation", "trade"),
        ("Kramer B.V.\nKvK 12345678\n[[ADDRESS|Kade 3]]", "organisation", "legal_form"),
        ("Beste Kramer B.V.,\nik zit op [[ADDRESS|Kade 3]]", "sender", "self"),
    ],
)
def test_whose(decide: Decide, body: str, subject: str, evidence: str) -> None:
    (decision,) = decide(body)
    assert (decision.assessment.data_subject, decision.assessment.data_subject_evidence) == (subject, evidence)


SENDER = {"name": "Ida van den Berg", "email": "ida@berghuis.example", "phone": "06-12345678"}


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        ("[[PERSON|I. van den Berg]]", "sender"),
        ("[[PERSON|Ida]]", "sender"),
        ("[[PERSON|Mevrouw Van den Berg]]", "sender"),
        ("[[PERSON|Karel van den Berg]]", "third_party"),
        ("[[PERSON|K. van den Berg]]", "third_party"),
        ("[[PERSON|Sophia Ansems]]", "third_party"),
        ("Ik ben [[PERSON|Sophia Ansems]]", "sender"),
        ("Vraag.\n\nGroetjes\n[[PERSON|Sophie]]", "sender"),
        ("[[PHONE_NUMBER|+31 6 1234 5678]]", "sender"),
        ("[[EMAIL_ADDRESS|IDA@berghuis.example]]", "sender"),
    ],
)
def test_whose_name(decide: Decide, body: str, subject: str) -> None:
    assert decide(body, sender=SENDER)[0].assessment.data_subject == subject


def test_a_name_without_a_known_sender_is_nobodys(decide: Decide) -> None:
    assert decide("Met [[PERSON|Sophia Ansems]] gesproken")[0].assessment.data_subject == "unknown"
    assert decide("Mijn buurman [[PERSON|Sophia Ansems]]")[0].assessment.data_subject == "third_party"


def test_a_datum_follows_the_person_named_before_it(decide: Decide) -> None:
    one = "[[PERSON|Karel Dop]]\ngeb. [[DATE_OF_BIRTH|1-2-1980]]"
    body = f"Aanvraag\n{one}\n[[PERSON|Ida]]\ngeb. [[DATE_OF_BIRTH|3-4-1990]]"
    subjects = [d.assessment.data_subject for d in decide(body, sender=SENDER)]
    assert subjects == ["third_party", "third_party", "sender", "sender"]


def test_signature_of_a_firm_by_its_mail_domain(decide: Decide) -> None:
    body = "Vraag over de app.\n\nGroet,\n[[PERSON|Ida]]\nBerghuis\n[[ADDRESS|Kade 3]]"
    assert decide(body, sender=SENDER)[-1].assessment.data_subject == "organisation"
    private = body.replace("Berghuis\n", "")
    assert decide(private, sender=SENDER)[-1].assessment.data_subject == "sender"
    free = {**SENDER, "email": "ida@gmail.example"}
    assert decide(body, sender=free)[-1].assessment.data_subject == "sender"


def test_quoted_desk_turn_holds_the_desks_account_and_the_senders_address(decide: Decide) -> None:
    body = (
        "Klopt.\n\nOp ma 3 mrt. 2025 om 10:22 schreef Support <[[EMAIL_ADDRESS|support@desk.example]]>:\n"
        f"> Ons nummer is [[IBAN_CODE|{IBAN}]]. Uw adres is [[ADDRESS|Kade 3]].\n"
    )
    _, iban, address = decide(body)
    assert (iban.assessment.data_subject, iban.assessment.data_subject_evidence) == ("organisation", "quote 1")
    assert address.assessment.data_subject != "organisation"


@pytest.mark.parametrize(
    ("body", "purpose"),
    [
        (f"Graag het bedrag terugstorten op [[IBAN_CODE|{IBAN}]].", "terugbetaling"),
        (f"Wilt u voortaan incasseren van [[IBAN_CODE|{IBAN}]]?", "incasso"),
        ("Ons nieuwe adres wordt [[ADDRESS|Kade 3]].", "verhuizing"),
        ("Bezorg het pakket maar op [[ADDRESS|Kade 3]].", "bezorging"),
        ("De verhuiscode is [[CREDENTIAL|x8!k]].", "verhuiscode"),
        ("De sleutel ligt in de kluis, code [[CREDENTIAL|4411]].", "toegang-tot-de-plek"),
    ],
)
def test_needed_names_its_purpose(decide: Decide, body: str, purpose: str) -> None:
    assert decide(body)[0].assessment.needed_evidence == purpose


@pytest.mark.parametrize(
    "body",
    [
        "Mijn BSN voor de terugbetaling is [[NL_BSN|123456782]].",
        "Stort het terug op mijn kaart [[CREDIT_CARD|4111111111111111]].",
        f"Stort het tegoed terug. Voor de volledigheid mijn rekening: [[IBAN_CODE|{IBAN}]]",
        f"Stort het tegoed terug, de oude rekening [[IBAN_CODE|{IBAN}]] is opgeheven.",
        "Mijn wachtwoord is gewoon nog [[CREDENTIAL|Roos#12]].",
        "Wat moet ik meenemen als ik verhuis naar [[ADDRESS|Kade 3]]?",
        f"Ik stuur u alle gegevens die ik heb: [[IBAN_CODE|{IBAN}]], terugbetaling.",
    ],
)
def test_not_needed(decide: Decide, body: str) -> None:
    assert not decide(body)[0].assessment.needed


def test_an_old_account_number_beside_the_iban_is_not_needed(decide: Decide) -> None:
    body = f"Graag terugstorten: [[BANK_ACCOUNT|1234567]] of tegenwoordig op [[IBAN_CODE|{IBAN}]]."
    assert [d.assessment.needed for d in decide(body)] == [False, True]


@pytest.mark.parametrize(
    ("filed", "written", "found"),
    [
        ("Wilgendreef 27, 1234 XY Lutjewier", "wilgendreef 27", True),
        ("Wilgendreef 27, 1234 XY Lutjewier", "Wilgendreef 27 1234XY Lutjewier", True),
        ("Wilgendreef 27, 1234 XY Lutjewier", "Wilgendreef 2", False),
        ("Wilgendreef 27, 1234 XY Lutjewier", "Wilgendreef", False),
        ("Wilgendreef 27, 1234 XY Lutjewier", "Dorp 27", False),
    ],
)
def test_addresses_on_file(decide: Decide, filed: str, written: str, found: bool) -> None:
    (decision,) = decide(f"[[ADDRESS|{written}]]", on_file=[("IBAN_CODE", IBAN), ("ADDRESS", filed)])
    assert decision.assessment.on_file is found
    assert decision.assessment.on_file_evidence == ("on file 2" if found else "")


def test_the_answer_to_a_question_about_the_sender_may_be_anothers_account(decide: Decide) -> None:
    thread = [("agent", "Wat is uw rekeningnummer?")]
    alone = decide(f"Dat van mijn vrouw: [[IBAN_CODE|{IBAN}]]", thread=thread)
    assert alone[0].assessment.asked
    both = decide(f"[[IBAN_CODE|{IBAN2}]]. Dat van mijn vrouw is [[IBAN_CODE|{IBAN}]]", thread=thread)
    assert [d.assessment.asked for d in both] == [True, False]


def test_a_question_about_a_third_is_not_answered_by_the_sender(decide: Decide) -> None:
    thread = [("agent", "Wat is de geboortedatum van de medewerker?")]
    (decision,) = decide("Ik ben van [[DATE_OF_BIRTH|1-2-1980]]", thread=thread)
    assert not decision.assessment.asked


@pytest.mark.parametrize(
    ("cue", "text", "found"),
    [
        ("terug*", "terugbetaling", True),
        ("terug*", "heenterug", False),
        ("(rij|bounce*)", "rijdt", False),
        ("(rij|bounce*)", "een rij", True),
        ("t.n.v.", "tnv", True),
        ("t.n.v.", "tnvx", False),
        ("(bank)?rekening", "jaarrekening", False),
        ("(bank)?rekening", "bankrekening", True),
        ("geld ... terug", "geld wil ik per 1.2.2025 graag terug", True),
        ("geld ... terug", "geld. graag terug", False),
        ("adres(sen)?", "adressenlijst", False),
        ("nieuw ?: ?@", "nieuw:@", True),
        ("a \\(b", "a (b", True),
        ("[0-9] euro", "5 euro", True),
        ("^ja$", "ja", True),
        ("^ja$", "ja hoor", False),
        ("(a|(b|c)) d", "c d", True),
        ("x? y", "y", False),
    ],
)
def test_cue_language(cue: str, text: str, found: bool) -> None:
    pattern = compile_cues([cue])
    assert pattern is not None
    assert (pattern.search(fold(text)) is not None) is found


def test_no_cues_no_pattern() -> None:
    assert compile_cues([]) is None
    assert pattern_of("") == ""


def test_sentences_end_where_readers_think() -> None:
    text = fold("Dhr. J. de Vries, nr. 4 t.n.v. mij. En nu? Ja!\nBSN: 1\n- punt\n\nSlot")
    starts = sentence_starts(text)
    pieces = [text[a:b].strip() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    assert [p for p in pieces if p] == [
        b"dhr. j. de vries, nr. 4 t.n.v. mij.",
        b"en nu?",
        b"ja!",
        b"bsn: 1",
        b"- punt",
        b"slot",
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Geboortedata zijn niet nodig.", "DATE_OF_BIRTH"),
        ("Mail ons geen kopie of nummer van je ID.", "ID_DOCUMENT"),
        ("Zijn rijbewijsnummer mogen wij niet vastleggen, dus dat graag niet sturen.", "ID_DOCUMENT"),
        ("Uw adres hebben we al.", "ADDRESS"),
        ("Stuur je wachtwoord alsjeblieft niet mee.", "CREDENTIAL"),
    ],
)
def test_the_desk_refuses(cues: AskCues, text: str, kind: str) -> None:
    (ask,) = [ask for ask in asks_in(fold(text), "turn 1", cues) if ask.entity_type == kind]
    assert ask.refused


@pytest.mark.parametrize(
    ("text", "kind", "about"),
    [
        ("Op welke rekening mag het, en wat is het paspoortnummer van je reisgenoot?", "ID_DOCUMENT", "third_party"),
        ("Graag uw IBAN en de geboortedatum van uw zoon.", "IBAN_CODE", "sender"),
        ("Graag uw IBAN en de geboortedatum van uw zoon.", "DATE_OF_BIRTH", "third_party"),
        ("Wij ontvangen graag het paspoortnummer van de nieuwe houder.", "ID_DOCUMENT", "any"),
        ("Wat zijn de kentekens van beide auto's?", "LICENSE_PLATE", "each"),
        ("Mogen we u vragen het formulier in te vullen? (naam, adres, zorgpolis)", "HEALTH_ID", "any"),
    ],
)
def test_about_whom_per_kind(cues: AskCues, text: str, kind: str, about: str) -> None:
    (ask,) = [ask for ask in asks_in(fold(text), "turn 1", cues) if ask.entity_type == kind]
    assert (ask.about, ask.refused) == (about, False)


def test_only_what_is_wanted_is_looked_for(cues: AskCues) -> None:
    text = fold("Graag uw IBAN en uw geboortedatum.")
    assert {ask.entity_type for ask in asks_in(text, "turn 1", cues, {"IBAN_CODE"})} == {"IBAN_CODE"}
    assert asks_in(text, "turn 1", cues, {"CREDENTIAL"}) == []


def test_a_refused_or_answered_kind_is_not_needed(decide: Decide) -> None:
    body = "Aanmelden: [[PERSON|Pien Hoge]], geb. [[DATE_OF_BIRTH|3-3-2003]]. Ik wil haar graag inschrijven als lid."
    assert decide(body)[1].assessment.needed
    refusing = ("agent", "Geboortedata zijn niet nodig.")
    assert not decide(body, thread=[refusing])[1].assessment.needed


def test_a_removed_value_reads_as_a_datum(decide: Decide) -> None:
    body = "Graag de mutaties verwerken:\n[[ADDRESS|Kade 1]];%s\n[[ADDRESS|Kade 2]];in\n[[ADDRESS|Kade 3]];uit"
    before = decide(body % "[[DATE_OF_BIRTH|1-1-1990]]")
    after = decide(body % "[geboortedatum 1 verwijderd]")
    assert before[0].assessment.needed
    assert after[0].assessment.needed


def test_one_value_may_be_a_firms_in_a_table(decide: Decide) -> None:
    body = "Import:\n[[LICENSE_PLATE|GX-418-P]];[[PERSON|T. Jans]];x\n[[LICENSE_PLATE|RS-742-L]];Bouwbedrijf Smit;x"
    private, _, firm = decide(body)
    assert (private.assessment.data_subject, firm.assessment.data_subject) != ("organisation", "organisation")
    assert firm.assessment.data_subject == "organisation"
