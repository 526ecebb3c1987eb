"""Rules that stand in code are rules too."""

from __future__ import annotations

from pathlib import Path

from scrubber.code import digest_of


def test_every_file_and_its_name_count(tmp_path: Path) -> None:
    digests = set()
    for number, files in enumerate([{"a.py": "x = 1"}, {"a.py": "x = 2"}, {"b.py": "x = 1"}, {"in/a.py": "x = 1"}]):
        folder = tmp_path / str(number)
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        digests.add(digest_of(folder))
    assert len(digests) == 4


def test_what_is_no_code_does_not(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("x = 1", encoding="utf-8")
    (tmp_path / "two" / "a.cpython-311.pyc").write_bytes(b"\0")
    assert digest_of(tmp_path / "one") == digest_of(tmp_path / "two")
