"""Figures for Prometheus over HTTP. Labels hold source names of the settings and codes: no address, no person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from scrubber.errors import SettingsError, StoreError
from scrubber.journal import Journal, Load
from scrubber.station import Stage

_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Implements `station.Meter` and `web.meter.Meter`. What stands in the database is asked when somebody looks."""

    def __init__(self, sources: Sequence[str], journal: Journal, clock: Callable[[], datetime]) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "scrubber_messages", "Messages handled.", ("source", "outcome"), registry=self.registry
        )
        self._removals = Counter(
            "scrubber_removals", "Values removed.", ("source", "entity_type"), registry=self.registry
        )
        self._stages = Histogram(
            "scrubber_stage_seconds",
            "Time a stage takes: a fetch, a batch that is scrubbed, a replacement, a record.",
            ("source", "stage"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._up = Gauge("scrubber_source_up", "Whether the source could be used.", ("source",), registry=self.registry)
        self._purges = Counter(
            "scrubber_purge_commands", "Purge commands run.", ("source", "result"), registry=self.registry
        )
        self._deliveries = Counter(
            "scrubber_deliveries", "Webhooks taken.", ("source", "result"), registry=self.registry
        )
        self._refused = Counter(
            "scrubber_refused",
            "Requests refused, by the code of the answer.",
            ("route", "reason"),
            registry=self.registry,
        )
        self._answers = Histogram(
            "scrubber_answer_seconds",
            "Time a request takes.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._lock = Lock()
        self._received: dict[str, datetime] = {}
        self.registry.register(_Standing(tuple(sources), journal, clock, self._waiting))

    def _waiting(self) -> dict[str, datetime]:
        with self._lock:
            return dict(self._received)

    def handled(self, source: str, outcome: str) -> None:
        self._messages.labels(source, outcome).inc()

    def removed(self, source: str, entity_type: str, number: int) -> None:
        self._removals.labels(source, entity_type).inc(number)

    def took(self, source: str, stage: Stage, seconds: float) -> None:
        self._stages.labels(source, stage).observe(seconds)

    def oldest(self, source: str, received: datetime | None) -> None:
        with self._lock:
            if received is None:
                self._received.pop(source, None)
            else:
                self._received[source] = received

    def up(self, source: str, *, up: bool) -> None:
        self._up.labels(source).set(up)

    def purged(self, source: str, *, done: bool) -> None:
        self._purges.labels(source, "done" if done else "failed").inc()

    def delivery(self, source: str, result: str) -> None:
        self._deliveries.labels(source, result).inc()

    def refused(self, route: str, reason: str) -> None:
        self._refused.labels(route, reason).inc()

    def answered(self, route: str, seconds: float) -> None:
        self._answers.labels(route).observe(seconds)


class _Standing(Collector):
    """How things stand at this moment."""

    def __init__(
        self,
        sources: Sequence[str],
        journal: Journal,
        clock: Callable[[], datetime],
        oldest: Callable[[], dict[str, datetime]],
    ) -> None:
        self._sources = sources
        self._journal = journal
        self._clock = clock
        self._oldest = oldest

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = self._clock()
        try:
            loads = self._journal.loads(now)
        except StoreError:
            yield GaugeMetricFamily("scrubber_store_up", "Whether the database can be read.", value=0)
            return
        yield GaugeMetricFamily("scrubber_store_up", "Whether the database can be read.", value=1)
        oldest = self._oldest()
        figures: tuple[tuple[str, str, Callable[[str, Load], float]], ...] = (
            ("waiting", "Removals that wait for their day.", lambda _, load: load.waiting),
            ("overdue", "Removals whose day has come.", lambda _, load: load.overdue),
            ("held", "Messages that wait for a person.", lambda _, load: load.held),
            ("in_flight", "Replacements begun and not ended.", lambda _, load: load.in_flight),
            (
                "oldest_unprocessed_seconds",
                "Age of the oldest message that is still to be handled.",
                lambda name, _: max((now - oldest[name]).total_seconds(), 0) if name in oldest else 0,
            ),
        )
        for name, meaning, figure in figures:
            family = GaugeMetricFamily(f"scrubber_{name}", meaning, labels=["source"])
            for source in self._sources:
                family.add_metric([source], figure(source, loads.get(source, Load())))
            yield family


@contextmanager
def served(metrics: Metrics, address: str, setting: str = "[worker] metrics") -> Iterator[int]:
    """Answer on `address` ("127.0.0.1:9464"; port 0: any free one) while the block runs; gives the port.

    SettingsError when that can't be.
    """
    host, _, port = address.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry=metrics.registry)
    except OSError as error:
        raise SettingsError(
            f"{setting}: {address} can't be opened ({error.strerror}): choose another port, or leave it empty"
        ) from None
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
