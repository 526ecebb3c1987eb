"""The page of the report in a real browser: what a reader sees, on paper width and on a telephone, and that it asks
nothing of any network.

The example is invented. With SCRUBBER_REPORT_PICTURE=<path> the picture for the README is written there.
"""

from __future__ import annotations

import html
import json
import os
import random
import re
import shutil
import struct
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scrubber.ledger.entry import CopyLeft, LedgerEntry, Removal, UnreadPart
from scrubber.report.checks import check
from scrubber.report.figures import figures
from scrubber.report.interface import ChainState, Figures, Review, Waiting
from scrubber.report.render import to_html
from scrubber.report.typography import Language, number

pytestmark = pytest.mark.chromium

_ZONE = ZoneInfo("Europe/Amsterdam")
_NOW = datetime(2026, 11, 22, 14, 5, tzinfo=_ZONE)
_BECAUSE = {
    "bsn-nooit": "UAVG artikel 46: alleen waar een wet het voorschrijft",
    "kaart-nooit": "AVG artikel 32: kaartgegevens horen niet in een bericht",
    "ongevraagd": "Privacyverklaring: wat ongevraagd komt en niet nodig is, gaat weg",
    "gevraagd": "Privacyverklaring: weg zodra de zaak gesloten is",
    "nodig-voor-verzoek": "Privacyverklaring: weg zodra de zaak gesloten is",
    "eigen-paneelwachtwoord": "AVG artikel 32: de melder krijgt het advies het te wijzigen",
}
_SOURCES = [("support", "email", "redact"), ("zaken", "ticket", "redact"), ("facturen", "email", "observe")]
_HOSTILE = "support<script>document.title='pwned'</script>"


def _removal(entity_type: str, rule: str, action: str) -> Removal:
    return Removal(entity_type, rule, action, "plain", 0.95, "dutch", "sender", "", "5f" * 16)


def _example(hostile: bool = False) -> Figures:
    """Four weeks at an invented desk: a mailbox and tickets in redact mode, one source that is only observed."""
    dice = random.Random(20_261_122)
    goes = [
        ("IBAN_CODE", 9),
        ("ADDRESS", 8),
        ("NL_BSN", 6),
        ("CREDENTIAL", 5),
        ("DATE_OF_BIRTH", 4),
        ("CREDIT_CARD", 2),
    ]
    goes += [("LICENSE_PLATE", 2), ("ID_DOCUMENT", 1), ("HEALTH_ID", 1)]
    own_rule = {"NL_BSN": "bsn-nooit", "CREDIT_CARD": "kaart-nooit"}
    entries: list[LedgerEntry] = []

    def add(at: datetime, kind: str, **fields: object) -> None:
        values: dict[str, object] = {"policy_digest": "3a91c5" + "b7" * 29, "detector_digest": "e08f44" + "1c" * 29}
        values |= {"key_id": "k-2026-11" if at.month == 11 else "k-2026-10", "actor": "worker", **fields}
        stamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        entries.append(LedgerEntry("main", len(entries), "", kind, stamp, **values))  # type: ignore[arg-type]  # by name

    start = datetime(2026, 10, 24, 8, 30, tzinfo=_ZONE)
    add(start, "key_created", key_id="k-2026-10")
    for day in range(30):
        morning = start + timedelta(days=day)
        busy = 8 if morning.weekday() >= 5 else 34
        if morning.day == 1:
            add(morning, "key_created", key_id="k-2026-11")
        for n in range(dice.randint(busy * 2 // 3, busy)):
            source, channel, mode = dice.choices(_SOURCES, [6, 3, 1])[0]
            if hostile and source == "support":
                source = _HOSTILE
            at = morning + timedelta(minutes=13 * n)
            types = dice.choices([name for name, _ in goes], [weight for _, weight in goes], k=dice.randint(0, 3))
            removals = [_removal(name, own_rule.get(name, "ongevraagd"), "redact") for name in types]
            removals += [_removal("PERSON", "contactgegevens", "keep"), _removal("EMAIL_ADDRESS", "op-dossier", "keep")]
            if dice.random() < 0.2:
                removals.append(_removal("IBAN_CODE", "nodig-voor-verzoek", "defer"))
            if dice.random() < 0.12:
                removals.append(_removal("PHONE_NUMBER", "van-organisatie", "keep"))
            if dice.random() < 0.02:
                removals.append(_removal("SPECIAL_CATEGORY", "bijzonder", "review"))
            unread = [UnreadPart("image/png", "image")] if dice.random() < 0.09 else []
            unread += [UnreadPart("application/pdf", "pdf")] if dice.random() < 0.05 else []
            outcome = ("OBSERVED" if mode == "observe" else "REDACTED") if types else "CLEAN"
            reason = ""
            if dice.random() < 0.012:
                outcome, removals, reason = "HELD", [], dice.choice(["encrypted", "not-verified", "budget: depth"])
            copies = (
                [CopyLeft("backup", "UNKNOWN", "back-ups van de map zijn hier niet bekend")]
                if outcome == "REDACTED"
                else []
            )
            if outcome == "REDACTED" and channel == "ticket":
                copies = [CopyLeft("fts-index", "CLEANED", "")]
                copies += [CopyLeft("e-mailmelding aan de behandelaar", "REMAINS", "")] if n % 9 == 0 else []
            add(
                at,
                "message",
                source=source,
                channel=channel,
                mode=mode,
                ref=f"{day}-{n}",
                outcome=outcome,
                reason=reason,
                removals=tuple(removals),
                unread=tuple(unread),
                copies=tuple(copies),
            )
        for n in range(dice.randint(0, 4) if day > 13 else 0):
            late = {"source": _HOSTILE if hostile else "support", "channel": "email", "mode": "redact"}
            gone = (_removal("IBAN_CODE", dice.choice(["nodig-voor-verzoek", "gevraagd"]), "redact"),)
            add(morning, "deferred", ref=f"{day - 12}-{n}", outcome="REDACTED", removals=gone, **late)
    held = [entry for entry in entries if entry.outcome == "HELD"]
    for entry in held[:5]:
        why = ("why: gelezen, er staat niets in dat weg moet",)
        add(_NOW - timedelta(days=3), "released", source=entry.source, ref=entry.ref, actor="Sanne de Wit", notes=why)
    add(_NOW - timedelta(days=2), "restored", source="support", ref="4-2")
    why = ("why: <b>niet nodig</b> voor de zaak" if hostile else "why: niet nodig voor de zaak",)
    add(
        _NOW - timedelta(days=1), "reviewed", source="support", ref="9-1", reason="review:remove", actor="Jo", notes=why
    )
    add(_NOW - timedelta(days=1), "reviewed", source="support", ref="9-2", reason="signal:missed", actor="agent")
    if hostile:
        add(_NOW, "message", source=_HOSTILE, ref="x", mode="redact", outcome="OBSERVED", reason="read-only source")
    add(_NOW - timedelta(hours=1), "checkpoint")
    latest = _NOW + timedelta(days=21)
    waits = [
        Waiting("support", kind, "nodig-voor-verzoek", _NOW + timedelta(days=1 + n % 13), latest)
        for n, kind in enumerate(["IBAN_CODE", "ADDRESS", "IBAN_CODE", "CREDENTIAL"] * 16)
    ]
    asks = [Review("support", "SPECIAL_CATEGORY", "bijzonder", _NOW + timedelta(days=2 + n)) for n in range(4)]
    chain = ChainState(True, len(entries), None, "", "9d2f07ab" * 8, _NOW - timedelta(minutes=5))
    return figures(entries, waits, asks, chain, since=start.replace(hour=0), until=_NOW, generated_at=_NOW)


_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_BROWSERS_OWN = re.compile(r"^(https?://)?[\w.-]+\.(google|googleapis|gstatic)\.com[:/]")
"""What Chromium asks for on its own account, whatever page it shows; `_Desk` answers 404 and passes nothing on."""


@pytest.fixture(name="chromium", scope="module")
def _chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("Chromium is missing: apt-get install chromium")
    if found is None:
        pytest.skip("Chromium is missing: apt-get install chromium")
    return found


class _Desk(ThreadingHTTPServer):
    """Serves pages, and as the browser's only proxy sees everything else that it asks for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, str] = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Desk)
        path = self.path.removeprefix(self.server.url)
        self.server.asked.append(path)
        page = self.server.pages.get(path)
        body = (page or "").encode()
        self.send_response(404 if page is None else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_CONNECT = do_POST = do_HEAD = do_GET  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Nothing: the tests look at `asked`."""


@pytest.fixture(name="desk")
def _desk() -> Iterator[_Desk]:
    desk = _Desk()
    thread = threading.Thread(target=desk.serve_forever, daemon=True)
    thread.start()
    yield desk
    desk.shutdown()
    thread.join()
    desk.server_close()


def _browse(chromium: str, desk: _Desk, profile: Path, *arguments: str) -> str:
    """Run the browser once, with `desk` as its only way out; what it prints."""
    proxy = (f"--proxy-server={desk.url}", "--proxy-bypass-list=<-loopback>")
    command = [chromium, *_FLAGS, f"--user-data-dir={profile}", *proxy, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


_MEASURE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body>%s<script>
addEventListener("load", () => {
  const seen = [...document.querySelectorAll("iframe")].map((frame) => {
    const page = frame.contentDocument, view = frame.contentWindow;
    const shown = [...page.querySelectorAll(".chart")].filter((chart) => chart.getBoundingClientRect().width > 0);
    return {
      text: page.body.innerText, title: page.title, lang: page.documentElement.lang,
      wide: page.documentElement.scrollWidth, width: view.innerWidth, scripts: page.scripts.length,
      tiles: view.getComputedStyle(page.querySelector(".tiles")).gridTemplateColumns.split(" ").length,
      charts: shown.length, fill: view.getComputedStyle(page.querySelector(".fill")).fill,
      out: [...page.querySelectorAll("main *")].filter((part) => !part.closest(".scroll")
        && part.getBoundingClientRect().right > view.innerWidth + 1).map((part) => part.tagName),
    };
  });
  const out = document.createElement("pre");
  out.textContent = JSON.stringify(seen);
  document.body.append(out);
});
</script></body>"""


def _measured(chromium: str, desk: _Desk, tmp_path: Path, frames: list[tuple[str, int]]) -> list[dict[str, object]]:
    """What the browser made of each page in a frame of that many pixels wide."""
    made = [f'<iframe src="{path}" width="{width}" height="900" style="border:0"></iframe>' for path, width in frames]
    desk.pages["/measure"] = _MEASURE % "".join(made)
    dom = _browse(chromium, desk, tmp_path / "profile", "--dump-dom", f"{desk.url}/measure")
    found = re.search(r"<pre>(.*?)</pre>", dom, re.DOTALL)
    assert found is not None, dom[:500]
    seen: list[dict[str, object]] = json.loads(html.unescape(found[1]))
    return seen


@pytest.fixture(name="example", scope="module")
def _example_figures() -> Figures:
    made = _example()
    assert check(made) == []
    return made


_SENTENCES: dict[Language, tuple[str, ...]] = {
    "nl": (
        "De keten klopt: ",
        "Dit rapport bewijst niet dat er niets is gemist",
        "13 december 2026",
        "Staat er nog",
        "Beoordeeld: gaat weg",
        "Sanne de Wit",
        "Vrijgegeven door een mens",
    ),
    "en": (
        "The chain holds: ",
        "This report does not prove that nothing was missed",
        "13 December 2026",
        "Remains",
        "Reviewed: goes",
        "Sanne de Wit",
        "Released by a person",
    ),
}


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_page_shows_its_figures_on_paper_and_telephone_and_asks_for_nothing(
    chromium: str, desk: _Desk, tmp_path: Path, example: Figures, lang: Language
) -> None:
    desk.pages["/report.html"] = to_html(example, lang, because=_BECAUSE)
    paper, phone = _measured(chromium, desk, tmp_path, [("/report.html", 794), ("/report.html", 390)])
    assert {asked for asked in desk.asked if not _BROWSERS_OWN.search(asked)} == {"/measure", "/report.html"}
    for seen, width, columns in ((paper, 794, 4), (phone, 390, 2)):
        assert (seen["width"], seen["wide"], seen["out"]) == (width, width, [])
        assert (seen["tiles"], seen["charts"], seen["lang"], seen["scripts"]) == (columns, 1, lang, 0)
        assert seen["fill"] == "rgb(29, 93, 107)"
        text = re.sub(r"\s+", " ", str(seen["text"]))
        m = example.messages
        shown = (
            m.total,
            m.removed_in,
            m.not_in_full,
            m.held_open + m.missed,
            m.would_remove_in,
            example.waiting.total.total,
        )
        for figure in (*shown, example.removed.total.total, example.stayed.kept):
            assert re.search(rf"(?<!\d){re.escape(number(figure, lang))}(?!\d)", text)
        for row in example.removed.by_rule:
            assert row.key in text
        for sentence in _SENTENCES[lang]:
            assert sentence in text


def test_hostile_names_do_nothing_and_widen_nothing(chromium: str, desk: _Desk, tmp_path: Path) -> None:
    desk.pages["/hostile.html"] = to_html(_example(hostile=True))
    desk.pages["/long.html"] = desk.pages["/hostile.html"].replace("zaken", "z" * 110)
    for seen in _measured(chromium, desk, tmp_path, [("/hostile.html", 390), ("/long.html", 390)]):
        assert str(seen["title"]).startswith("Verantwoording")
        assert seen["scripts"] == 0
        assert _HOSTILE in str(seen["text"])
        assert "<b>niet nodig</b>" in str(seen["text"])
        assert "Kan hier niets verwijderen." in str(seen["text"])
        assert (seen["wide"], seen["out"]) == (390, [])


@pytest.mark.parametrize(("lang", "width", "height"), [("nl", 960, 1185), ("en", 960, 1185), ("nl", 390, 1600)])
def test_a_picture_of_the_page(
    chromium: str, desk: _Desk, tmp_path: Path, example: Figures, lang: Language, width: int, height: int
) -> None:
    desk.pages["/report.html"] = to_html(example, lang, because=_BECAUSE)
    # The browser's own window may be no narrower than 500 pixels; a frame in it may.
    style = f"border:0;display:block;width:{width}px;height:{height}px"
    desk.pages["/frame"] = f'<!doctype html><body style="margin:0"><iframe src="/report.html" style="{style}"></iframe>'
    picture = tmp_path / "report.png"
    shot = (f"--screenshot={picture}", f"--window-size={width},{height}")
    _browse(chromium, desk, tmp_path / "profile", *shot, f"{desk.url}/frame")
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24])[1] == height
    assert 20_000 < len(data) <= 200 * 1024
    wanted = os.environ.get("SCRUBBER_REPORT_PICTURE")
    if wanted and (lang, width) == ("nl", 960):
        Path(wanted).write_bytes(data)


def test_on_paper_it_is_a_handful_of_pages(chromium: str, desk: _Desk, tmp_path: Path, example: Figures) -> None:
    desk.pages["/report.html"] = to_html(example, because=_BECAUSE)
    printed = tmp_path / "report.pdf"
    _browse(chromium, desk, tmp_path / "profile", f"--print-to-pdf={printed}", f"{desk.url}/report.html")
    data = printed.read_bytes()
    assert data.startswith(b"%PDF")
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", data)) <= 10
