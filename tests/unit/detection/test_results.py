from __future__ import annotations

import random

from presidio_analyzer import EntityRecognizer, RecognizerResult

from scrubber.detection.analyzer import PresidioDetector
from scrubber.detection.base import Request
from scrubber.detection.results import Result, disjoint, without_contained
from scrubber.message import Sender, TextView

TEXTS = (
    "Beste mevrouw De Vries,\n\nmijn BSN is 123456782 en mijn rekening NL91ABNA0417164300.\nGroet, Jan Jansen",
    "naam;bsn;iban\nJan Jansen;123456782;NL91ABNA0417164300\n",
    "Kerkstraat 12, 1234 AB Utrecht, tel. 06-12345678, wachtwoord: Zomer2019!",
    "\u200b1\u200b23456782 bsn",
    "",
)


def test_a_result_within_another_of_its_type_goes_as_in_presidio() -> None:
    chance = random.Random(7)  # a fixed sample
    for _ in range(300):
        found = []
        for _ in range(chance.randrange(8)):
            start = chance.randrange(140)
            end = start + 1 + chance.randrange(90)
            found.append(Result(chance.choice("AB"), start, end, chance.choice((0.0, 0.5, 0.9)), "x"))
        theirs = EntityRecognizer.remove_duplicates([RecognizerResult(*result[:4]) for result in found])
        assert sorted(r[:4] for r in without_contained(found)) == sorted(
            (r.entity_type, r.start, r.end, r.score) for r in theirs
        )


def test_what_overlaps_stays_by_rank_then_score_then_length() -> None:
    rank = {"A": 0, "B": 1}
    first, longer = Result("A", 4, 8, 0.5, "x"), Result("B", 0, 6, 0.9, "x")
    better, apart = Result("B", 10, 12, 0.9, "x"), Result("B", 12, 200, 0.6, "x")
    worse = Result("B", 9, 13, 0.6, "x")
    assert disjoint([apart, worse, better, longer, first], rank) == [first, better, apart]
    assert disjoint([worse], rank) == [worse]
    assert disjoint([], rank) == []


def test_presidios_engine_gives_the_same_answers(detector: PresidioDetector) -> None:
    engine = PresidioDetector(detector.configuration, detector._placeholder)
    engine._direct = False
    requests = [Request(TextView(("body",), text), Sender("Jan Jansen", "jan@voorbeeld.example")) for text in TEXTS]
    assert engine.detect(requests) == detector.detect(requests)
    assert any(detector.detect(requests))
