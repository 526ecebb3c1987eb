"""The README's ten lines, run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## The recognisers in your own Presidio")[1].split("\n## ")[0]


def test_the_recognisers_load_from_presidios_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = dict(re.findall(r"```(yaml|python)\n(.*?)```", SECTION, re.DOTALL))
    (tmp_path / "nederlands.yaml").write_text(blocks["yaml"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(blocks["python"], names)  # noqa: S102 - our own README
    text = re.search(r'analyze\("(.*?)"', blocks["python"])
    assert text is not None
    results = names["results"]
    assert isinstance(results, list)
    assert {(found.entity_type, text[1][found.start : found.end]) for found in results} == {
        ("NL_BSN", "123456782"),
        ("ADDRESS", "Kerkstraat 12, 8011 AB Zwolle"),
        ("PERSON", "Joost"),
    }
