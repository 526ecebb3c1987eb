"""The worker in a thread, beside what listens: it waits while another is at work, and begins again after a fault."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from threading import Event, Thread

from structlog.typing import FilteringBoundLogger

from scrubber import bootstrap
from scrubber.commands.work import Loop
from scrubber.errors import ScrubberError
from scrubber.settings import Settings
from scrubber.station import Meter
from scrubber.web.health import WorkerState
from scrubber.worker.waiting import Bell

AGAIN_SECONDS = 30.0
"""Between a fault of the database and the next attempt."""


class Attendant:
    """`prepare` and `start` once; `stop` is the caller's, with the bell rung."""

    def __init__(
        self,
        settings: Settings,
        log: FilteringBoundLogger,
        stop: Event,
        bell: Bell,
        meter: Meter | None,
        patient: Callable[[str], bool],
    ) -> None:
        self._settings = settings
        self._log = log
        self._stop = stop
        self._bell = bell
        self._meter = meter
        self._patient = patient
        self._built: bootstrap.Engine | None = None
        self._thread = Thread(target=self._run, name="worker")
        self._state: WorkerState = "off"

    @property
    def state(self) -> WorkerState:
        return self._state

    def prepare(self) -> None:
        """SettingsError: the worker could not begin with these settings and rules."""
        self._built = bootstrap.engine(self._settings)
        for row in self._settings.source:
            bootstrap.policy(self._built, self._settings, row)
        bootstrap.settle()

    def start(self) -> None:
        self._state = "starting"
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._work()
            except ScrubberError as error:
                self._failed(str(error))
            except Exception as error:  # noqa: BLE001 - what listens goes on; the text may quote a message: its type only
                self._failed(type(error).__name__)
            if not self._stop.is_set():
                self._stop.wait(AGAIN_SECONDS)
        self._state = "off"

    def _work(self) -> None:
        assert self._built is not None  # noqa: S101 - prepare() came first
        self._state = "waiting"
        with bootstrap.only_worker(self._settings, self._patient) as alone:
            if not alone:
                return
            opened = bootstrap.record(self._settings, create=True)
            try:
                worker = bootstrap.worker(
                    self._settings, self._built, opened, self._log, stop=self._stop, meter=self._meter
                )
                self._state = "working"
                for row in self._settings.worked:
                    self._log.info("source", name=row.name, type=row.type, mode=row.mode)
                with closing(worker):
                    Loop(self._settings, worker, self._log, self._stop, self._bell, once=False).run()
            finally:
                opened.close()

    def _failed(self, why: str) -> None:
        self._state = "failed"
        self._log.error("worker_stopped", why=why, again_in_seconds=AGAIN_SECONDS)
