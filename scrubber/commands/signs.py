"""The signs that weighed most where learned weights call a datum needed, in words: for `scrubber try`."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from scrubber.finding import Finding
from scrubber.redaction import Entities, Language

_LETTERS = 6  # words of a sign are cut to so many
_ZONES = {
    "c": ("in de zin", "in the sentence"),
    "b": ("ervoor", "before it"),
    "b1": ("vlak ervoor", "right before it"),
    "b2": ("kort ervoor", "shortly before it"),
    "a": ("erna", "after it"),
    "a1": ("vlak erna", "right after it"),
    "a2": ("kort erna", "shortly after it"),
    "n": ("ervoor op de regel", "before it on the line"),
    "m": ("in het bericht", "in the message"),
    "s": ("in het onderwerp", "in the subject"),
}
_CIRCUMSTANCES = {
    "own": ("eigen tekst van de afzender", "the sender's own words"),
    "quote": ("in een citaat", "in a quotation"),
    "sender": ("van de afzender zelf", "the sender's own"),
    "third_party": ("van een ander", "somebody else's"),
    "organisation": ("van een organisatie", "an organisation's"),
    "unknown": ("niet gezegd van wie", "not said whose"),
    "labelled": ("achter een kopje", "behind a label"),
    "many": ("een van een rij", "one of a row"),
    "crowded": ("veel gegevens op de regel", "many data on the line"),
    "passing": ("terloops genoemd", "mentioned in passing"),
    "superseded": ("oud genoemd", "called old"),
    "current": ("huidig genoemd", "called current"),
    "sample": ("stuk van een bestand of formulier", "a piece of a file or form"),
    "poured": ("alles wat er is", "all there is"),
    "question": ("het bericht stelt een vraag", "the message asks a question"),
    "deed": ("er wordt om iets gevraagd dat gedaan moet worden", "something is asked to be done"),
}
_TOKENS = {
    "@": ("…dit gegeven…", "…this datum…"),
    "%": ("…een gegeven…", "…a datum…"),
    "NL": ("↵", "↵"),
    "0": ("0", "0"),
}
_SHOWN = 5
_HEAD = ("nodig volgens de geleerde gewichten", "needed by the learned weights")


def show(
    console: Console,
    weighed: Sequence[tuple[Finding, Sequence[tuple[str, int]]]],
    entities: Entities,
    lang: Language,
) -> None:
    """A line a datum: what weighs most for it, heaviest first. The places where the same words stand count together."""
    for finding, rows in weighed:
        said: dict[str, tuple[int, list[str]]] = {}
        for sign, weight in rows:
            what, where = in_words(sign, lang)
            total, places = said.get(what, (0, []))
            said[what] = (total + weight, [*places, where] if where else places)
        heaviest = sorted(said.items(), key=lambda row: (-row[1][0], row[0]))[:_SHOWN]
        parts = [f"{what}{_places(places)} +{total / 100:.2f}" for what, (total, places) in heaviest]
        head = f"{entities.label(finding.entity_type, lang)}: {_HEAD[lang == 'en']}: "
        console.print(Text(head, style="dim").append(", ".join(parts)))


def _places(places: Sequence[str]) -> str:
    return f" ({', '.join(places)})" if places else ""


def in_words(sign: str, lang: Language) -> tuple[str, str]:
    """What a sign of the file of weights says, a cut word with "…", and where it stands ("" for a circumstance)."""
    at = lang == "en"
    zone, _, rest = sign.partition(":")
    if zone == "f":
        name, _, count = rest.partition(" ")
        if name == "data":
            return (f"{count} gegevens in het bericht", f"{count} data in the message")[at], ""
        if name == "length":
            return ("lengte van het bericht", "length of the message")[at], ""
        return (_CIRCUMSTANCES[name][at] if name in _CIRCUMSTANCES else name), ""
    return f"“{' '.join(_token(token, at) for token in rest.split(' '))}”", _ZONES[zone][at]


def _token(token: str, at: bool) -> str:
    token = token if token in _TOKENS or not token.startswith("%") else "%"
    if token in _TOKENS:
        return _TOKENS[token][at]
    return f"{token}…" if len(token) == _LETTERS and token.isalpha() else token
