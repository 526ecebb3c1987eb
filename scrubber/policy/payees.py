"""Accounts of a firm that is paid, or that collects: on its bill, in a row with its name, on what the sender prints."""

from __future__ import annotations

from scrubber.policy.clauses import Context, Page
from scrubber.policy.folded import compile_pattern
from scrubber.policy.wording import PAYEE

_BILL = r"(?:factu(?:ur|ren)\w*|nota\w*|acceptgiro\w*|aanmaning\w*|offertes?|rechnung|kassabon|bonnetje)"
_SHOWN = r"(?:staat|stond|staan|stonden|vermeld\w*|genoemd\w*|afgedrukt|gedrukt)"
_NEAR = 120
# "op de nota staat @", "zoals het op hun factuur staat: @", "hun factuur met rekeningnummer, in de kopie zie ik @".
_ON_BILL = compile_pattern(
    rf"\b(?:op|in|onderaan|onder|volgens) (?:de|het|die|deze|dezelfde|een|hun|haar|zijn)? ?(?:\w+ )?{_BILL}\b"
    rf"[^.!?\n%]{{0,50}}\b{_SHOWN}\b[^.!?\n%]{{0,40}}$|"
    rf"\b(?:hun|diens) (?:\w+ )?{_BILL} [^.!?\n%]{{0,40}}\b(?:rekening\w*|iban)\b[^.!?\n%]{{0,70}}$"
)
# What a bill says of the one who pays: his own account, or one that is wrong.
_PAYERS = compile_pattern(
    r"\b(?:mijn|m'n|mn|me|mij|eigen|ons|onze|jij|je|incass\w*|afgeschreven|afgeboekt|machtig\w*|verkeerde?|foute?|"
    r"oude?|"
    r"terug\w*|vanaf|prive|als betaler)\b"
)
_COPY = compile_pattern(r"\bmijn (?:kopie|exemplaar|afschrift|mail\w*|app|map|administratie)\b")
# "Op uw brief staat @", by somebody who asks where he must pay.
_IN_LETTER = compile_pattern(
    r"\b(?:op|in|onderaan) (?:uw|jullie|de|die|het) (?:\w+ )?"
    r"(?:brief|overzicht|betalingsoverzicht|aanslag|beschikking|mail|website|site)"
    rf"\b[^.!?\n%]{{0,30}}\b{_SHOWN}\b[^.!?\n%]{{0,30}}$"
)
_MUST_PAY = compile_pattern(
    r"\b(?:moet|moeten|dien|dienen|zou|kan) (?:ik|wij|we)\b[^.!?\n]{0,60}\b(?:betalen|overmaken|storten|voldoen)\b|"
    r"\b(?:ik|wij|we) [^.!?\n]{0,30}\b(?:moet|moeten|dien|dienen|kan)\b[^.!?\n]{0,30}"
    r"\b(?:betalen|overmaken|storten|voldoen)\b"
)
# A name right behind an account in a row of a statement.
_IN_ROW = compile_pattern(r"^(?:[ \t]{2,}|[ \t]*[|;\t][ \t]*)[a-z][\w.'&-]*(?: [\w.'&-]+){0,4}")
_FROM = compile_pattern(r"\b(?:van|vanaf|vanuit|via|mijn|m'n|mn|eigen)(?: rekening\w*| iban)?[ \t:(|;]*$")
# Printed by a firm on what it sends.
_PRINTED = compile_pattern(
    r"\b(?:op|onder|onderaan|in) (?:al )?(?:mijn|onze|ons|de|m'n|mn) (?:\w+ )?"
    r"(?:facturen|factuur\w*|offertes?|briefpapier|betaallinks?|betaalverzoek\w*|website|webshop|site|qr-?code\w*)\b"
    r"[^.!?\n%]{0,80}$|\bals (?:ontvanger|begunstigde|incassant|afzender)\b[^.!?\n%]{0,50}$"
)
_NOT_PRINTED = compile_pattern(
    r"\b(?:jullie|uw|u|prive\w*|incass\w*|afgeschreven|afgeboekt|terug\w*|klant\w*|van (?:%|mevrouw|meneer|de heer))\b"
)
# "rekening van de begrafenisonderneming, Yarden Lemmer: @", "de school heeft @", "bij ons eigen kantoor @".
_OF_PAYEE = compile_pattern(
    rf"\b(?:rekening\w*|iban|bank\w*|banknummer) van (?:de|het|een|hun|onze|ons) (?:\w+ )?{PAYEE}"
    r"(?:,? (?:genaamd |te weten )?(?:%+|[\w'&-]+)(?: [\w'&-]+){0,3})?(?: is| luidt)?[ \t:(,]*$|"
    rf"\b(?:de|het|ons|onze) (?:\w+ )?{PAYEE} (?:zelf )?(?:heeft|had|kreeg)(?: nu| nog| toen| gewoon| zelf|"
    rf" als iban)?[ :(]*$|"
    rf"\b(?:bij|voor|van) (?:ons|onze) (?:eigen )?{PAYEE}(?: is| zelf)*[ :(]*$"
)
# What says behind the account that it is a person's after all.
_PERSONS = compile_pattern(
    r"^[^.!?\n]{0,40}\b(?:mijn|m'n|mn|mij|me|ik|ex|oude?|eigen|ons|onze|zus|broer|man|vrouw|vader|moeder|zoon|dochter)\b"
)
_ELSE = compile_pattern(r"\b(?:maar|niet|mijn|m'n|mn|naar|op|vanaf|af|en|penningmeester|medewerk\w*|lid|leden)\b")


def billed(context: Context) -> bool:
    """Whether the account stands on somebody's bill, or on the letter of one who must be paid."""
    if _PERSONS.found(context.after):
        return False
    near = context.before[-_NEAR:]
    found = _ON_BILL.search(near)
    if found is not None:
        return not _PAYERS.found(_COPY.replaced(found.group(), b" "))
    return _IN_LETTER.found(near) and _MUST_PAY.found(context.sentence_before + b" " + context.before)


def paid_to(context: Context) -> bool:
    """Whether the words right before the account say which firm it belongs to."""
    found = _OF_PAYEE.search(context.before[-_NEAR:])
    if found is None or _PERSONS.found(context.after):
        return False
    said = found.group()
    return not _ELSE.found(said[said.find(b" van ") + 1 :])


def named_after(page: Page, context: Context) -> bytes:
    """The name right behind an account that stands in a row; b"" without one."""
    end = context.finding.end
    line = page.folded[end : min(end + 60, context.segment.end)].split(b"\n", 1)[0]
    if _FROM.found(context.before[-40:]):
        return b""
    found = _IN_ROW.search(line)
    if found is None:
        return b""
    start = end + len(found.group()) - len(found.group().lstrip(b" \t|;"))
    return found.group().strip(b" \t|;") if page.view.text[start : start + 1].isupper() else b""


def printed(context: Context) -> bool:
    """Whether a firm writes of the account that it prints on its bills and its site."""
    found = _PRINTED.search(context.before)
    return found is not None and not _NOT_PRINTED.found(found.group())
