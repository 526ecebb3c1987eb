from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from scrubber import yamls

RULES = Path(__file__).parents[2] / "rules"


@pytest.mark.parametrize("path", sorted(RULES.rglob("*.yaml")), ids=lambda path: path.name)
def test_rules_read_the_same_by_either_parser(path: Path) -> None:
    text = path.read_text("utf-8")
    assert yamls.load(text) == yaml.safe_load(text)
    assert yaml.serialize(yamls.compose(text)) == yaml.serialize(yaml.compose(text, Loader=yaml.SafeLoader))


def test_what_is_wrong_is_said_in_the_words_of_pyyaml() -> None:
    for read in (yamls.compose, yamls.load):
        with pytest.raises(yaml.MarkedYAMLError, match="expected <block end>"):
            read("a: [1, ]]")
