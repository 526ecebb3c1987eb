"""The file of learned weights: read as it stands, added up, and refused with the line that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from scrubber.errors import SettingsError
from scrubber.policy.need_model import FAMILIES, FAMILY_OF, LEAST, RIVAL, RULE, START, load
from scrubber.policy.need_signs import Signs

HEAD = "sign\t" + "\t".join(FAMILIES)


def line(name: str, *weights: int | str) -> str:
    return "\t".join([name, *map(str, weights)])


def flat(name: str, weight: int) -> str:
    return line(name, *[weight] * len(FAMILIES))


WHOLE = (HEAD, flat(START, -10), flat(LEAST, 20), flat(RULE, 50), flat(RIVAL, 50))


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(*lines: str) -> Path:
        path = tmp_path / "needed.tsv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def test_weights_are_added_up_by_family(written: Callable[..., Path]) -> None:
    model = load(written(*WHOLE, line("m:terug", 30, 1, 0, 0, 0, -5, 4), line("b1::", 7, *[0] * 6)))
    signs: Signs = [("m", {"terug"}), ("b1", [":"]), ("m+", {("nooit", "gezien")}), ("q", {"terug"})]
    assert [model.sum(signs, column) for column in range(len(FAMILIES))] == [37, 1, 0, 0, 0, -5, 4]
    assert [model.weight(START, 0), model.weight(RULE, 2)] == [-10, 50]
    assert model.sum([], 0) == 0
    assert model.apart(signs, 0) == {"m:terug": 30, "b1::": 7}


def test_no_family_for_what_no_request_needs() -> None:
    assert set(FAMILY_OF.values()) == set(FAMILIES)
    assert not FAMILY_OF.keys() & {"NL_BSN", "CREDIT_CARD", "PERSON", "SPECIAL_CATEGORY"}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((), ":1: the first line must name the columns"),
        (("sign\tIBAN_CODE", flat(START, 1)), ":1: the first line must name the columns"),
        ((*WHOLE, flat("m:een", 1).replace("\t1", "\t1.5", 1)), ":6: a weight is a whole number"),
        ((*WHOLE, line("m:een", 1, 2)), ":6: 7 weights are wanted"),
        ((*WHOLE, "geen streepje ertussen"), ":6: a sign is written"),
        ((*WHOLE, flat("m:een", 1), flat("m:een", 2)), ":7: a sign is written"),
        ((*WHOLE, flat(RIVAL, 1)), ":6: a sign is written"),
        (WHOLE[:-1], r"the line \(rival\) is missing: another version built it; `make model`"),
        ((*WHOLE, flat("m:één", 1)), "can't be read"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(written: Callable[..., Path], lines: tuple[str, ...], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load(written(*lines))


def test_a_file_that_is_not_there_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=re.escape("[rules] learned")):
        load(tmp_path / "none.tsv")
