"""The command line: parse, call, print. What it prints for people is in `screen`, what it does is elsewhere."""

from __future__ import annotations

import gc
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from scrubber import __version__, settings
from scrubber.errors import ScrubberError, SettingsError

app = typer.Typer(
    name="scrubber",
    help="Removes personal data that a Dutch support desk neither asked for nor needs, where it stands, and proves it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    add_completion=False,
)
keys_app = typer.Typer(help="The keys of the record: list, rotate, destroy.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
quarantine_app = typer.Typer(help="What a relay could not scrub, encrypted: list, show, purge.", no_args_is_help=True)
app.add_typer(quarantine_app, name="quarantine")


class Lang(StrEnum):
    nl = "nl"
    en = "en"


class Profile(StrEnum):
    default = "default"
    strict = "strict"


class StatusFormat(StrEnum):
    text = "text"
    json = "json"


class Verdict(StrEnum):
    keep = "keep"
    remove = "remove"


class ReportFormat(StrEnum):
    html = "html"
    json = "json"
    csv = "csv"


SettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings", "-s", help="Settings file (else SCRUBBER_SETTINGS, else ./scrubber.toml).", metavar="FILE"
    ),
]
OptionalSettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        "-s",
        help="Settings file (else SCRUBBER_SETTINGS, else ./scrubber.toml where there is one, else none).",
        metavar="FILE",
    ),
]
LangOption = Annotated[Lang, typer.Option("--lang", help="Language of what is printed.")]
WhoOption = Annotated[str, typer.Option("--who", help="Your name, as the record shows it.", metavar="NAME")]
WhyOption = Annotated[str, typer.Option("--why", help="Why, in a few words without personal data.", metavar="TEXT")]
ProfileOption = Annotated[Profile, typer.Option("--profile", help="Profile of the policy.")]


def _load(path: Path | None) -> settings.Settings:
    return settings.load(settings.find(path))


def _checked_date(text: str | None) -> str | None:
    _date(text)
    return text


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a date as 2026-11-22") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)] = False,
) -> None:
    if version:
        print(f"scrubber {__version__}")  # noqa: T201 - the command's output
        raise typer.Exit


@app.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", help="Where to make it; made anew each time.")] = Path(
        "scrubber-demo"
    ),
    lang: LangOption = Lang.nl,
) -> None:
    """Make a sample mailbox, run the worker over it, show what went and why, write the report.

    Needs no settings and no network. Example: `scrubber demo --dir /tmp/proef`
    """
    from scrubber.commands import sample

    raise typer.Exit(sample.run(directory, lang.value, Console()))


@app.command("try")
def try_(
    what: Annotated[
        str,
        typer.Argument(
            metavar="[TEXT|FILE.eml|-]", help="A text, a file (.eml and what begins as a mail is read as mail), or -."
        ),
    ] = "-",
    settings_file: OptionalSettingsOption = None,
    profile: ProfileOption = Profile.default,
    lang: LangOption = Lang.nl,
) -> None:
    """Show one text or mail with what would go, why, and by which rule. Changes nothing.

    Example: `scrubber try "Mijn BSN is 123456782, groet, Jan"`
    """
    from scrubber.commands import look

    raise typer.Exit(look.try_one(what, settings_file, profile.value, lang.value, Console()))


@app.command()
def analyze(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="JSON Lines; - for standard input.")] = "-",
    settings_file: OptionalSettingsOption = None,
    profile: ProfileOption = Profile.default,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=256, help="Processes.")] = 1,
) -> None:
    """Read one message a line as JSON, write one answer a line as JSON, in the same order.

    A message is `{"id", "channel", "sender", "thread", "on_file", "subject", "body"}`; only `body` must be there.
    Exit status: 0 all answered, 1 some line or message failed, 2 usage or settings.
    Example: `scrubber analyze messages.jsonl --jobs 2 > answers.jsonl`
    """
    from scrubber.commands import calls

    raise typer.Exit(calls.analyze(file, settings_file, profile.value, jobs))


@app.command()
def run(
    settings_file: SettingsOption = None,
    once: Annotated[bool, typer.Option("--once", help="Work through everything once, then stop.")] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            help="Look at what is due as if it were this date (with --once).",
            callback=_checked_date,
            metavar="DATE",
        ),
    ] = None,
    lang: LangOption = Lang.nl,
) -> None:
    """Run the worker over the configured sources: read, decide, remove or observe, record.

    SIGTERM or Ctrl-C finishes the message in hand and stops. Example: `scrubber run --once`
    """
    from scrubber.commands import work

    if as_of and not once:
        raise typer.BadParameter("--as-of goes with --once")
    raise typer.Exit(work.run(_load(settings_file), once=once, as_of=_date(as_of), lang=lang.value))


@app.command()
def backfill(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The name of a ticket system in the settings.")],
    since: Annotated[
        str,
        typer.Option(
            "--since",
            help="Tickets changed from this date on, and what came in them.",
            callback=_checked_date,
            metavar="DATE",
        ),
    ],
    settings_file: SettingsOption = None,
    redact: Annotated[bool, typer.Option("--redact", help="Remove what must go. Without it: look and record.")] = False,
    lang: LangOption = Lang.nl,
) -> None:
    """Walk the tickets of before: look first, then with --redact. Stopped or broken off, it goes on where it was.

    Example: `scrubber backfill servicedesk --since 2026-01-01`
    """
    from scrubber.commands import backfill as walk

    start = _date(since)
    if start is None:
        raise typer.BadParameter("--since: a date, such as 2026-01-01")
    raise typer.Exit(walk.backfill(_load(settings_file), source, start, redact=redact, lang=lang.value))


@app.command()
def serve(
    settings_file: SettingsOption = None,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Whether the worker runs here too, beside what listens.")
    ] = True,
    lang: LangOption = Lang.nl,
) -> None:
    """Listen for webhooks of ticket systems and for calls of your own systems (POST /v1/scrub).

    SIGTERM or Ctrl-C answers what is in hand and stops. Example: `scrubber serve`
    """
    from scrubber.commands import serve as serving

    path = settings.find(settings_file)
    raise typer.Exit(serving.serve(settings.load(path), path, worker=worker, lang=lang.value))


@app.command()
def check(settings_file: SettingsOption = None, lang: LangOption = Lang.nl) -> None:
    """Look at settings, rules, database, keys and each source, and say what is possible there. Changes nothing.

    Exit status 1 when one of them can't be used, or there is no source.

    Example: `scrubber check`
    """
    from scrubber.commands import overview

    raise typer.Exit(overview.check(_load(settings_file), lang.value, Console()))


@app.command()
def status(
    settings_file: SettingsOption = None,
    format_: Annotated[StatusFormat, typer.Option("--format", "-f", help="What to write.")] = StatusFormat.text,
    lang: LangOption = Lang.nl,
) -> None:
    """Show what is in flight, due, held or failing, and what does not work.

    Example: `scrubber status --format json`
    """
    from scrubber.commands import standing

    raise typer.Exit(standing.status(_load(settings_file), lang.value, Console(), format_.value))


@app.command()
def retry(
    ref: Annotated[
        str | None,
        typer.Argument(metavar="[REF]", help="The message, as `scrubber status` shows it (or its beginning)."),
    ] = None,
    who: WhoOption = "",
    all_: Annotated[bool, typer.Option("--all", help="Every message that is held or given up.")] = False,
    why: WhyOption = "",
    settings_file: SettingsOption = None,
    lang: LangOption = Lang.nl,
) -> None:
    """Handle a held or failed message again at the next cycle. Recorded, with who and why.

    Example: `scrubber retry 3f9a02c1 --who "Sanne de Wit" --why "regels bijgewerkt"`
    """
    from scrubber.commands import persons
    from scrubber.people import Said

    if (ref is None) is not all_:
        raise typer.BadParameter("give a REF, or --all")
    raise typer.Exit(persons.retry(_load(settings_file), ref, Said(who, why), lang.value, Console()))


@app.command()
def release(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The message, as `scrubber status` shows it.")],
    who: WhoOption = "",
    why: WhyOption = "",
    settings_file: SettingsOption = None,
    lang: LangOption = Lang.nl,
) -> None:
    """Vouch for a held or failed message: it stays as it is, for good. Recorded, with who and why.

    Example: `scrubber release 3f9a02c1 --who "Sanne de Wit" --why "gelezen, alleen een logo"`
    """
    from scrubber.commands import persons
    from scrubber.people import Said

    if not why:
        raise typer.BadParameter("say why, in a few words without personal data", param_hint="--why")
    raise typer.Exit(persons.release(_load(settings_file), ref, Said(who, why), lang.value, Console()))


@app.command()
def reviews(
    settings_file: SettingsOption = None,
    json_: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    lang: LangOption = Lang.nl,
) -> None:
    """List what a person has to decide on: special categories of personal data, unless the rules say otherwise.

    Nothing about these was removed. A message a line: its reference, its source, where it
    stands there (folder and number, or file), what was found, since when, before when. Decide with `scrubber review`.

    Example: `scrubber reviews`
    """
    from scrubber.commands import reviews as listing

    raise typer.Exit(listing.reviews(_load(settings_file), lang.value, Console(), as_json=json_))


@app.command()
def review(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The message, as `scrubber reviews` shows it.")],
    decision: Annotated[
        Verdict | None, typer.Option("--decision", help="keep: it stays. remove: it goes in the next cycle.")
    ] = None,
    who: WhoOption = "",
    why: WhyOption = "",
    settings_file: SettingsOption = None,
    lang: LangOption = Lang.nl,
) -> None:
    """Decide about what is under review in a message: all of it stays, or goes. Recorded, with who and why.

    Read the message first, where `scrubber reviews` says it stands. What you keep is not asked again; what you remove
    goes like everything else, in the worker's next cycle. Until that is done you may still decide keep.

    Example: `scrubber review 3f9a02c1 --decision remove --who "Sanne de Wit" --why "niet nodig voor deze zaak"`
    """
    from scrubber.commands import persons
    from scrubber.people import Said

    if decision is None:
        raise typer.BadParameter("say keep or remove", param_hint="--decision")
    if not why:
        raise typer.BadParameter("say why, in a few words without personal data", param_hint="--why")
    said = Said(who, why)
    raise typer.Exit(persons.review(_load(settings_file), ref, decision.value, said, lang.value, Console()))


@app.command()
def report(
    settings_file: SettingsOption = None,
    format_: Annotated[ReportFormat, typer.Option("--format", "-f", help="What to write.")] = ReportFormat.html,
    since: Annotated[
        str | None,
        typer.Option("--since", help="From this date on.", callback=_checked_date, metavar="DATE"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File; without it standard output.", metavar="PATH")
    ] = None,
    lang: LangOption = Lang.nl,
) -> None:
    """Write the report for the privacy officer: one self-contained page, or its figures.

    Example: `scrubber report --since 2026-11-01 --out report.html`
    """
    from scrubber.commands import record

    text = record.render(_load(settings_file), format_.value, _date(since), lang.value)
    if out is None:
        sys.stdout.buffer.write(text.encode())
        return
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise SettingsError(f"--out: {out} can't be written: {error.strerror}") from None


@app.command()
def verify(
    settings_file: SettingsOption = None,
    head: Annotated[
        Path | None,
        typer.Option("--head", help="Compare with this copy of the signed head (kept elsewhere).", metavar="FILE"),
    ] = None,
    public_keys: Annotated[
        Path | None,
        typer.Option("--public-keys", help="Trust these public keys only (PEM, kept elsewhere).", metavar="FILE"),
    ] = None,
    lang: LangOption = Lang.nl,
) -> None:
    """Verify the record: every entry, the chain, the signatures and the head kept beside the database.

    Exit status 1, with the first bad index, when it is broken. With `--head` and `--public-keys` an auditor trusts
    copies kept elsewhere instead of what stands beside the database.
    Example: `scrubber verify --head copy-of-scrubber.head --public-keys scrubber.pem`
    """
    from scrubber.commands import record

    raise typer.Exit(record.verify(_load(settings_file), lang.value, Console(), head=head, public_keys=public_keys))


@app.command()
def evaluate(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS.jsonl", help="Marked messages, one a line.")],
    misses: Annotated[int, typer.Option("--misses", min=0, help="Show so many of each kind of miss.")] = 0,
    settings_file: OptionalSettingsOption = None,
    profile: ProfileOption = Profile.default,
) -> None:
    """Score detection and decisions on a corpus with marks, `[[NL_BSN|123456782]]`.

    Example: `scrubber evaluate corpus.jsonl --misses 10`
    """
    from scrubber.commands import evaluate as evaluation

    raise typer.Exit(evaluation.evaluate(corpus, settings_file, profile.value, misses, Console()))


DeliveryArgument = Annotated[str, typer.Argument(help="The delivery, as `list` names it.", metavar="DELIVERY")]


@quarantine_app.command("list")
def quarantine_list(settings_file: SettingsOption = None, lang: LangOption = Lang.nl) -> None:
    """Name what is locked away, and until when. Shows nothing of what stands in it.

    Example: `scrubber quarantine list`
    """
    from scrubber.commands import quarantine

    raise typer.Exit(quarantine.show_all(_load(settings_file), lang.value, Console()))


@quarantine_app.command("show")
def quarantine_show(delivery: DeliveryArgument, settings_file: SettingsOption = None) -> None:
    """Write one delivery to standard output, as it came in: **with everything in it**. Wants the quarantine's key.

    Example: `scrubber quarantine show 3f9a1c > delivery.json`
    """
    from scrubber.commands import quarantine

    raise typer.Exit(quarantine.show(_load(settings_file), delivery))


@quarantine_app.command("purge")
def quarantine_purge(
    delivery: Annotated[str, typer.Argument(help="The delivery; without it: all.", metavar="[DELIVERY]")] = "",
    settings_file: SettingsOption = None,
    lang: LangOption = Lang.nl,
) -> None:
    """Throw away one delivery, or all, before their last day. What stands in the record stays.

    Example: `scrubber quarantine purge 3f9a1c`
    """
    from scrubber.commands import quarantine

    raise typer.Exit(quarantine.purge(_load(settings_file), delivery, lang.value, Console()))


@keys_app.command("list")
def keys_list(settings_file: SettingsOption = None) -> None:
    """List the keys by id. Example: `scrubber keys list`"""
    from scrubber.commands import record

    record.list_keys(_load(settings_file), Console())


@keys_app.command("public")
def keys_public(settings_file: SettingsOption = None) -> None:
    """Print the public keys as PEM, for an auditor. Example: `scrubber keys public > scrubber.pem`"""
    from scrubber.commands import record

    print(record.public_keys(_load(settings_file)), end="")  # noqa: T201 - the command's output


@keys_app.command("rotate")
def keys_rotate(settings_file: SettingsOption = None) -> None:
    """Make new keys for what is recorded from now on; recorded in the ledger. Example: `scrubber keys rotate`"""
    from scrubber.commands import record

    record.rotate_keys(_load(settings_file), Console())


@keys_app.command("destroy")
def keys_destroy(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="The id as `scrubber keys list` shows it.")],
    settings_file: SettingsOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Destroy a rotated key: what it fingerprinted can't be compared with anything any more. Recorded.

    Example: `scrubber keys destroy h-2dcaf770`
    """
    from scrubber.commands import record

    def sure() -> None:
        if not yes:
            typer.confirm(f"Destroy key {key_id} for good?", abort=True)

    record.destroy_key(_load(settings_file), key_id, Console(), sure)


def main() -> None:
    """The entry point: every error of ours is one sentence, status 2 for settings and usage, 1 for the rest."""
    gc.set_threshold(50_000, 20, 20)  # what a start loads is there to stay: looking it through takes a tenth of a start
    try:
        app()
    except SettingsError as error:
        print(f"scrubber: {error}", file=sys.stderr)  # noqa: T201 - the command's output
        sys.exit(2)
    except ScrubberError as error:
        print(f"scrubber: {error}", file=sys.stderr)  # noqa: T201 - the command's output
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


if __name__ == "__main__":
    main()
