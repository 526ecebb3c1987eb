"""Where the rules and models are found that came along: a working tree, or inside the installed package."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrubber import shipped
from scrubber.detection.model.archive import FILE as NAMES
from scrubber.policy.need_model import FILE as NEEDED


def test_in_a_working_tree_they_lie_beside_the_package() -> None:
    assert (shipped.shipped_rules() / "recognizers.yaml").is_file()
    assert (shipped.shipped_models() / NAMES).is_file()
    assert (shipped.shipped_models() / NEEDED).is_file()


def test_an_installed_package_holds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, file in (("rules", "policy.yaml"), ("models", NEEDED)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).touch()
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path)
    assert shipped.shipped_rules() == tmp_path / "rules"
    assert shipped.shipped_models() == tmp_path / "models"
