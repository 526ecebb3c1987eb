"""The page: what it says in each state, and that nothing from outside becomes part of it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest

from scrubber.ledger.entry import CopyLeft, LedgerEntry, Removal, UnreadPart
from scrubber.report.interface import ChainState, Figures, Lost, Review, Waiting
from scrubber.report.render import to_html
from scrubber.report.typography import Language

MakeEntry = Callable[..., LedgerEntry]
MakeRemoval = Callable[..., Removal]
MakeReport = Callable[..., Figures]

_HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><style>*{}</style>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202egnp.exe\x00",
)


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._quiet = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._quiet += tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._quiet -= tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def _page(figures: Figures, lang: Language = "nl", **options: dict[str, str]) -> _Page:
    return _Page(to_html(figures, lang, options.get("entity_labels"), options.get("because")))


@pytest.fixture(name="rich")
def _rich(report: MakeReport, entry: MakeEntry, removal: MakeRemoval, now: datetime) -> Figures:
    return report(
        entry(
            0,
            3,
            removals=(
                removal(),
                removal("IBAN_CODE", "defer", "gevraagd"),
                removal("PERSON", "keep", "contactgegevens"),
            ),
            unread=(UnreadPart("image/png", "image"),),
            copies=(CopyLeft("zoekindex", "REMAINS", "cache"),),
            notes=("signature",),
            policy_digest="aa" * 32,
            key_id="k1",
        ),
        entry(1, 2, outcome="HELD", reason="budget: depth", removals=(removal(),)),
        entry(2, 2, outcome="FAILED", reason="source"),
        entry(3, 1, kind="deferred", removals=(removal("IBAN_CODE", rule="gevraagd"),)),
        entry(4, 1, mode="observe", outcome="OBSERVED", source="facturen", channel="ticket", removals=(removal(),)),
        entry(5, 1, outcome="CLEAN", removals=(removal("SPECIAL_CATEGORY", "review", "bijzonder"),)),
        entry(6, 0, kind="restored"),
        entry(7, 0, kind="key_destroyed", key_id="k1"),
        waiting=[Waiting("support", "IBAN_CODE", "gevraagd", now + timedelta(days=3), now + timedelta(days=21))],
        reviews=[Review("support", "SPECIAL_CATEGORY", "bijzonder", now + timedelta(days=7))],
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "De keten klopt: 8 vermeldingen, laatste handtekening 22 november 2026, 14:05 uur",
        "In deze periode zijn 5 berichten gelezen. In 2 berichten is iets verwijderd: samen 2 gegevens.",
        "3 berichten konden niet volledig worden gelezen",
        "in één bron is niets veranderd ( facturen )",
        "19 november 2026 t/m 22 november 2026",
        "Dit rapport bewijst niet dat er niets is gemist",
        "tot uiterlijk 13 december 2026",
        "eerste vóór 29 november 2026",
        "1 aangehouden wacht op een mens",
        "Te veel werk voor één bericht (diepte)",
        "Bron gaf een fout",
        "wat besloten is onder “Ingrepen van mensen”. 1 vondst staat in een bericht dat is aangehouden",
        "zoekindex Staat er nog cache 1",
        "Van 1 bericht is de digitale handtekening van de afzender door de verwijdering ongeldig geworden.",
        "Alsnog verwijderd 1",
        "1 bericht teruggezet naar de oude tekst",
        "Weggelaten: 2 dagen zonder verwijdering.",
        "aa" * 32,
    ],
)
def test_the_dutch_page_says(rich: Figures, sentence: str) -> None:
    text = _page(rich).text.replace("(facturen)", "( facturen )")
    assert sentence in text


def test_the_english_page_is_english(rich: Figures) -> None:
    page = _page(rich, "en")
    assert "The chain holds: 8 entries, last signature 22 November 2026, 14:05" in page.text
    assert "This report does not prove that nothing was missed" in page.text
    assert dict(page.tags)["html"] == {"lang": "en"}
    assert not re.search(
        r"\b(berichten|verwijderd|vermeldingen|gegevens|Bewaard)\b", page.text.replace("contactgegevens", "")
    )


def test_a_broken_chain_is_told_at_the_top_with_the_first_bad_entry(report: MakeReport) -> None:
    text = _page(report(chain=ChainState(False, 40, 17, "signature"))).text
    assert "GEBROKEN bij vermelding 17. De handtekening van deze vermelding klopt niet." in text
    assert "zijn niet te vertrouwen" in text
    assert "De keten klopt" not in text


def test_a_chain_that_is_broken_as_a_whole_names_no_entry(report: MakeReport) -> None:
    assert "De keten is GEBROKEN. " in _page(report(chain=ChainState(False, 0, None))).text


def test_an_unsigned_chain_says_so(report: MakeReport) -> None:
    assert "0 vermeldingen, nog niet ondertekend" in _page(report(chain=ChainState(True, 0))).text


@pytest.mark.parametrize(("lang", "said"), [("nl", "44 vermeldingen"), ("en", "44 entries")])
def test_a_figure_that_may_be_too_low_is_said_in_red_also_when_the_chain_is_whole(
    report: MakeReport, lang: Language, said: str
) -> None:
    made = report(chain=ChainState(True, 51, head_digest="ab", read=7))
    html = to_html(made, lang)
    (alert,) = re.findall(r'<p class="status bad" role="alert">(.*?)</p>', html)
    assert said in alert
    assert 'role="alert"' not in to_html(report(chain=ChainState(True, 51, read=51)), lang)


def test_every_loss_is_said_on_the_first_page(report: MakeReport) -> None:
    first = to_html(replace(report(), lost=Lost(2, 3, 4, 5))).split("<section>", 1)[0]
    for said in ("2 uitgestelde", "3 uitgestelde", "4 vondsten", "5 vondsten"):
        assert said in first


def test_a_head_file_that_is_missing_is_said(report: MakeReport) -> None:
    said = "De kop buiten de database ontbreekt"
    assert said in to_html(report(chain=ChainState(True, 1, published="absent")))
    assert said not in to_html(report(chain=ChainState(True, 1, published="equal")))


def test_an_empty_period_is_a_page_too(report: MakeReport) -> None:
    page = _page(report())
    assert "In deze periode zijn geen berichten gelezen." in page.text
    assert "Er is in deze periode niets verwijderd." in page.text
    assert "De bronnen meldden geen kopieën." in page.text


def test_one_message_is_told_in_the_singular(report: MakeReport, entry: MakeEntry, removal: MakeRemoval) -> None:
    text = _page(report(entry(0, removals=(removal(),), unread=(UnreadPart("a/b", "pdf"),)))).text
    assert "In deze periode is 1 bericht gelezen. In 1 bericht is iets verwijderd: samen 1 gegeven." in text
    assert "1 bericht kon niet volledig worden gelezen" in text


@pytest.mark.parametrize(("due", "latest", "note"), [(-1, 2, "1 nu aan de beurt"), (-3, -1, "1 te laat")])
def test_what_is_due_or_late_is_told_on_the_first_page(
    report: MakeReport, now: datetime, due: int, latest: int, note: str
) -> None:
    wait = Waiting("s", "IBAN_CODE", "r", now + timedelta(days=due), now + timedelta(days=latest))
    page = _page(report(waiting=[wait], reviews=[Review("s", "PERSON", "r", now - timedelta(days=1))]))
    assert note in page.text
    assert page.text.count("1 te laat") == (1 if latest > 0 else 2)


def test_figures_that_do_not_add_up_are_told(rich: Figures) -> None:
    text = _page(replace(rich, messages=replace(rich.messages, total=9))).text
    assert "De cijfers sluiten niet." in text
    assert "sum to the messages read: 5 is not 9" in text


def test_undated_entries_are_told(report: MakeReport, entry: MakeEntry) -> None:
    assert "1 vermelding heeft geen leesbaar tijdstip" in _page(report(entry(0, recorded_at="?"))).text


def test_the_page_allows_its_own_style_and_nothing_else(rich: Figures) -> None:
    html = to_html(rich)
    page = _Page(html)
    policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "form", "a", "base", "use"}
    names = {name for _, attrs in page.tags for name in attrs}
    assert not names & {"style", "src", "href", "xlink:href", "srcset", "action"}
    assert not [name for name in names if name.startswith("on")]
    assert not re.search(r"url\(|@import|@font-face|https?:", style[1])
    assert "://" not in html


@pytest.mark.parametrize("hostile", _HOSTILE)
def test_names_from_outside_stay_text(
    report: MakeReport, entry: MakeEntry, removal: MakeRemoval, now: datetime, hostile: str
) -> None:
    evil = {
        "source": hostile,
        "channel": hostile,
        "policy_digest": hostile,
        "detector_digest": hostile,
        "key_id": hostile,
    }
    rows = tuple(removal(hostile, action, hostile) for action in ("redact", "keep", "defer", "review"))
    copies = (CopyLeft(hostile, hostile, hostile),)
    made = report(
        entry(0, removals=rows, unread=(UnreadPart(hostile, hostile),), copies=copies, **evil),
        entry(1, 1, outcome="HELD", reason=hostile, **evil),
        entry(2, 1, outcome=hostile, reason=hostile, **evil),
        entry(3, 1, outcome="OBSERVED", removals=rows, **evil | {"mode": "observe", "channel": "x"}),
        entry(4, 1, outcome="FAILED", reason=hostile, **evil | {"mode": hostile}),
        entry(5, 1, kind="deferred", outcome=hostile, **evil),
        entry(6, 1, kind="deferred", removals=rows, **evil | {"channel": "email"}),
        waiting=[Waiting(hostile, hostile, hostile, now, now)],
        reviews=[Review(hostile, hostile, hostile, now)],
        chain=ChainState(False, 3, 1, hostile, hostile),
    )
    labels = {hostile: hostile}
    harmless = report(entry(0))
    html = to_html(made, "nl", labels, labels)
    page = _Page(html)
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in _page(harmless).tags} | _PLAIN_TAGS
    assert not [attrs for _, attrs in page.tags if any(name[:2] == "on" for name in attrs)]
    assert hostile.replace("\u202e", "\ufffd").replace("\x00", "\ufffd") in "".join(page.words)
    assert "\u202e" not in html
    assert "\x00" not in html
    assert html.count("<style>") == 1


_PLAIN_TAGS = {
    "svg",
    "g",
    "rect",
    "line",
    "text",
    "title",
    "desc",
    "code",
    "bdi",
    "i",
    "tfoot",
    "tbody",
    "thead",
    "br",
    "div",
}
_PLAIN_TAGS |= {"h3", "small", "strong", "table", "td", "th", "tr", "span"}


def test_given_labels_and_grounds_are_shown(rich: Figures) -> None:
    page = _page(rich, entity_labels={"NL_BSN": "sofinummer"}, because={"bsn-nooit": "UAVG artikel 46"})
    assert "Sofinummer" in page.text
    assert "bsn-nooit UAVG artikel 46" in page.text


def test_the_chart_has_a_title_a_description_and_a_table_that_says_the_same(rich: Figures) -> None:
    page = _page(rich)
    drawings = [attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("role") == "img"]
    ids = {attrs.get("id") for _, attrs in page.tags}
    assert len(drawings) == 2
    assert all(set((attrs["aria-labelledby"] or "").split()) <= ids for attrs in drawings)
    assert "Staafdiagram van 19 november 2026 t/m 22 november 2026, samen 2." in page.text
    assert "19 november 2026 1 – 1 21 november 2026 – 1 1 Totaal 1 1 2" in page.text


@pytest.mark.parametrize(("days", "title"), [(100, "per week"), (800, "per maand"), (3000, "per jaar")])
def test_long_periods_are_drawn_in_longer_steps(
    report: MakeReport, entry: MakeEntry, removal: MakeRemoval, days: int, title: str
) -> None:
    made = report(entry(0, days, removals=(removal(),)), entry(1, removals=(removal(),)))
    assert f"Verwijderde gegevens {title}" in _page(made).text


def test_a_thousand_places_do_not_make_a_thousand_rows(report: MakeReport, entry: MakeEntry) -> None:
    made = report(entry(0, copies=tuple(CopyLeft(f"plaats {n}", "REMAINS", "") for n in range(1_100))))
    page = _page(made)
    assert page.text.count("Staat er nog") == 100
    assert "… en nog 1.000: zie het rapport in JSON." in page.text


def test_the_organisation_stands_at_the_top_as_text(rich: Figures) -> None:
    page = to_html(rich, organisation="Desk <b>& Co</b>")
    assert "<bdi>Desk &lt;b&gt;&amp; Co&lt;/b&gt;</bdi>" in page
    assert "Desk" not in to_html(rich)


def test_what_people_said_is_shown_in_words(report: MakeReport, entry: MakeEntry) -> None:
    said = [
        entry(n, kind="reviewed", outcome="", reason=reason)
        for n, reason in enumerate(("signal:wrong", "signal:<b>x", "retry", "signal:missed", "signal:missed"))
    ]
    page = _page(report(*said))
    assert "1 keer „ten onrechte verwijderd” gezegd over een bericht (de waarde komt niet terug)" in page.text
    assert "2 keer „gemist” gezegd over een bericht" in page.text
    assert "1 bericht opnieuw aangeboden" in page.text
    assert "<b>x" in page.text  # as text
    assert "times something was said to be missed" in _page(report(*said), "en").text
    assert "gezegd over een bericht" not in _page(report()).text
