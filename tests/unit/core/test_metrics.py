"""The figures for Prometheus, over HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from scrubber import bootstrap, settings
from scrubber.errors import SettingsError, StoreError
from scrubber.journal import Job, Journal, Waiting
from scrubber.message import SourceRef
from scrubber.metrics import Metrics, served
from scrubber.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path}/scrubber.db")
    yield opened
    opened.close()


def scraped(port: int) -> Samples:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def of(samples: Samples, name: str, **labels: str) -> float:
    return samples[f"scrubber_{name}", tuple(sorted(labels.items()))]


def test_what_is_counted_and_how_things_stand(store: Store) -> None:
    journal = Journal(store)
    metrics = Metrics(("desk", "other"), journal, lambda: NOW)
    held, waits = SourceRef("desk", ".", "a"), SourceRef("desk", ".", "b")
    with store.begin() as tx:
        journal.settle(tx, held, outcome="HELD", reason="x", mode="redact", digest="d", received=NOW, now=NOW)
        rows = [Waiting("IBAN_CODE", "gevraagd", f"f{days}", NOW + days * DAY, NOW + 30 * DAY) for days in (-1, 1)]
        journal.defer(tx, waits, rows, NOW)
    journal.prepare(Job("j", "message", waits, "o", "r", {}, "PREPARED", b""), NOW)
    metrics.handled("desk", "REDACTED")
    metrics.handled("desk", "REDACTED")
    metrics.removed("desk", "NL_BSN", 3)
    metrics.took("desk", "fetch", 0.02)
    metrics.up("desk", up=False)
    metrics.up("other", up=True)
    metrics.purged("desk", done=False)
    metrics.oldest("desk", NOW - 2 * DAY)
    with served(metrics, "127.0.0.1:0") as port:
        found = scraped(port)
        assert of(found, "messages_total", source="desk", outcome="REDACTED") == 2
        assert of(found, "removals_total", source="desk", entity_type="NL_BSN") == 3
        assert of(found, "stage_seconds_count", source="desk", stage="fetch") == 1
        assert of(found, "stage_seconds_sum", source="desk", stage="fetch") == 0.02
        assert (of(found, "source_up", source="desk"), of(found, "source_up", source="other")) == (0, 1)
        assert of(found, "purge_commands_total", source="desk", result="failed") == 1
        assert [of(found, name, source="desk") for name in ("waiting", "overdue", "held", "in_flight")] == [2, 1, 1, 1]
        assert [of(found, name, source="other") for name in ("waiting", "overdue", "held", "in_flight")] == [0] * 4
        assert of(found, "oldest_unprocessed_seconds", source="desk") == 2 * 24 * 3600
        metrics.oldest("desk", None)
        assert of(scraped(port), "oldest_unprocessed_seconds", source="desk") == 0
        assert of(found, "store_up") == 1
    with pytest.raises(OSError, match="refused"):
        scraped(port)


def test_a_database_that_cannot_be_read_is_a_figure_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(store)

    def fail(_: object) -> None:
        raise StoreError("away")

    monkeypatch.setattr(journal, "loads", fail)
    with served(Metrics(("desk",), journal, lambda: NOW), "127.0.0.1:0") as port:
        found = scraped(port)
    assert of(found, "store_up") == 0
    assert ("scrubber_held", (("source", "desk"),)) not in found


def test_an_address_in_use_is_refused_with_the_setting(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with (
            pytest.raises(SettingsError, match=r"\[worker\] metrics"),
            served(Metrics((), Journal(store), lambda: NOW), address),
        ):
            pass


def test_what_listens_is_counted_too(store: Store) -> None:
    metrics = Metrics(("desk",), Journal(store), lambda: NOW)
    metrics.delivery("desk", "noted")
    metrics.refused("/hooks/{source}", "forged")
    metrics.answered("/hooks/{source}", 0.25)
    with served(metrics, "127.0.0.1:0") as port:
        found = scraped(port)
    assert of(found, "deliveries_total", source="desk", result="noted") == 1
    assert of(found, "refused_total", route="/hooks/{source}", reason="forged") == 1
    assert of(found, "answer_seconds_sum", route="/hooks/{source}") == 0.25


@pytest.mark.parametrize("address", ["9464", ":9464", "localhost:", "localhost:x", "localhost:70000", "localhost:٣"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, address: str) -> None:
    file = tmp_path / "scrubber.toml"
    file.write_text(f'[worker]\nmetrics = "{address}"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="an address and a port"):
        settings.load(file, environment={})


def test_without_the_setting_nothing_listens(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "scrubber.toml"
    file.write_text("", encoding="utf-8")
    opened = bootstrap.record(settings.load(file, environment={}), create=True)
    try:
        with bootstrap.metrics(settings.load(file, environment={}), opened, "", "[worker] metrics") as meter:
            assert meter is None
    finally:
        opened.close()
