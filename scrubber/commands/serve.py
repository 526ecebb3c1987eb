"""`scrubber serve`: listens for webhooks and calls, with a worker beside it, until it is told to stop."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from structlog.typing import FilteringBoundLogger

from scrubber import bootstrap, logs
from scrubber.commands import work
from scrubber.commands.attendant import Attendant
from scrubber.digests import Digests
from scrubber.errors import SettingsError, StoreError
from scrubber.redaction import Language
from scrubber.relay.service import Books, Relay
from scrubber.settings import Settings
from scrubber.web import app, call, given, health, hooks, listen, relay, relay_lines, relay_pool, scrub
from scrubber.web.intake import Intake
from scrubber.web.local import is_loopback
from scrubber.web.meter import Meter, Unmetered
from scrubber.web.pool import Pool
from scrubber.web.rate import Rate

_FOREIGN = ("uvicorn", "uvicorn.error", "uvicorn.asgi", "asyncio", "concurrent.futures")


def serve(settings: Settings, path: Path, *, worker: bool, lang: Language) -> int:
    """Until SIGTERM or Ctrl-C: what is in hand is answered, the worker finishes its message. Exit status 0.

    `path`: the settings file, for the processes that scrub.
    """
    log = logs.configure(settings.worker.log)
    logs.pass_on(_FOREIGN, log)
    desks, token, gates = given.hooks(settings), given.token(settings), relay_lines.gates(settings)
    locks = [hook.lock for hook in desks.values()] + [gate.lock for gate in gates.values()]
    host, port = _address(settings)
    if not is_loopback(host) and token is None and not any(locks):
        raise SettingsError(
            f"[serve] listen: other machines reach {host}, and there is no secret to know anybody by. Set [serve] "
            "token_env or token_file for calls, hook_secret_env or hook_secret_file at a source for its webhooks, or "
            "listen on 127.0.0.1"
        )
    with ExitStack() as stack:
        stop, bell = stack.enter_context(work.stop_on_signals())

        def stopping() -> None:
            stop.set()
            bell.ring()

        opened = bootstrap.record(settings, create=True)
        stack.callback(opened.close)
        listening = listen.bound(host, port)
        stack.callback(listening.close)
        metrics = stack.enter_context(bootstrap.metrics(settings, opened, settings.serve.metrics, "[serve] metrics"))
        meter: Meter = metrics or Unmetered()
        intake = Intake(opened.store, opened.journal, opened.ring, _now, log)
        intake.start()
        stack.callback(intake.stop)
        pool = Pool(scrub.build, path, settings.serve.profile, settings.serve.processes, settings.serve.call_seconds)
        stack.callback(pool.stop)
        if token is not None:
            pool.start()
        relaying, threads = _relay(settings, path, opened, log, stack)
        attendant = Attendant(settings, log, stop, bell, metrics, work.patient(stop, log, lang))
        if worker and settings.worked:
            attendant.prepare()
            attendant.start()
            stack.callback(attendant.join)
            stack.callback(stopping)
        routers = [
            hooks.router(desks, intake, _now, settings.serve.max_bytes, meter),
            relay.router(gates, relaying, threads, _now, settings.serve.max_bytes, meter),
            call.router(call.Caller(pool, token, settings.serve.max_bytes, Rate(settings.serve.per_minute))),
            health.router(lambda: _works(opened), lambda: attendant.state),
        ]
        server = listen.Server(app.build(routers, meter, log), stop, stopping)
        log.info(
            "listening",
            address=settings.serve.listen,
            hooks=sorted(desks),
            relays=sorted(gates),
            token=token is not None,
        )
        _greet(host, listening.getsockname()[1], lang)
        server.run(sockets=[listening])
    return 0


def _relay(
    settings: Settings, path: Path, opened: bootstrap.Record, log: FilteringBoundLogger, stack: ExitStack
) -> tuple[Relay, relay.Threads]:
    """What passes deliveries on, begun where the settings have any source for it."""
    lines = relay_lines.lines(settings, stack)
    pool = Pool(relay_pool.build, path, "", settings.serve.processes, settings.serve.call_seconds)
    stack.callback(pool.stop)
    books = Books(opened.store, opened.journal, opened.ledger, opened.ring, Digests(opened.ring))
    relaying = Relay(lines, books, relay_pool.PoolScrubber(pool), _now, log)
    threads = relay.Threads(relaying, lambda why: log.error("not_tidied", why=why))
    stack.callback(threads.stop)
    if lines:
        pool.start()
        threads.start()
        for row in relay_lines.relays(settings):
            log.info("source", name=row.name, type=row.type, mode=row.mode)
    return relaying, threads


def _now() -> datetime:
    return datetime.now(UTC)


def _address(settings: Settings) -> tuple[str, int]:
    host, _, port = settings.serve.listen.rpartition(":")
    return host.strip("[]"), int(port)


def _works(opened: bootstrap.Record) -> bool:
    try:
        opened.journal.nudges()
    except StoreError:
        return False
    return True


def _greet(host: str, port: int, lang: Language) -> None:
    """Where it answers: port 0 in the settings is any that is free."""
    where = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    text = {"nl": f"scrubber luistert op {where}", "en": f"scrubber listens at {where}"}[lang]
    Console(stderr=True).print(text, soft_wrap=True, markup=False, highlight=False)
