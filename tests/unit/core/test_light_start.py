"""A command that finds nothing must not wait for Presidio and spaCy, which take most of a second."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SETTINGS = """
[store]
url = "sqlite:///scrubber.db"

[[source]]
name = "post"
type = "maildir"
path = "Maildir"
"""


@pytest.mark.parametrize("command", ["status", "reviews", "verify", "keys list", "report --format json"])
def test_what_only_reads_the_record_brings_in_no_recognisers(tmp_path: Path, command: str) -> None:
    (tmp_path / "scrubber.toml").write_text(SETTINGS, encoding="utf-8")
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / folder).mkdir(parents=True)
    script = f"""
import sys
from scrubber import bootstrap, settings
chosen = settings.load(settings.find(None))
bootstrap.record(chosen, create=True).close()
from scrubber import cli
try:
    cli.app({command.split()!r}, standalone_mode=True)
except SystemExit as ended:
    print("ended with", ended.code or 0)
print("brought in:", [name for name in ("presidio_analyzer", "presidio_anonymizer", "spacy") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "ended with 0\nbrought in: []" in done.stdout, done.stdout + done.stderr
