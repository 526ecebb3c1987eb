"""Whether a firm, a school, an association is spoken of, writes, or holds the datum: the signs of an organisation."""

from __future__ import annotations

import bisect
import itertools
import re

from scrubber.lazily import lazily
from scrubber.message import Sender
from scrubber.policy.authors import name_words
from scrubber.policy.clauses import MARK, Context, Page
from scrubber.policy.domains import firm_of, is_trade
from scrubber.policy.folded import compile_pattern, fold
from scrubber.policy.subjects import WhoseCues

_ALNUM = re.compile(rb"[a-z0-9]+")
_MAILBOX = compile_pattern(r"[\w.+\-]*@[\w.\-]+")
_SCANNED = 20_000
_NAMES = 20
_HELD_BY_NAME = compile_pattern(
    r"\b(?:t\.?n\.?v|ten name van|op naam van|ten gunste van|(?:naam )?rekeninghoud(?:er|ster)|tenaamstelling|"
    r"begunstigde|kontoinhaber|account holder)\b[^\n]{0,60}"
)
# "t.n.v. Kok Bewindvoering inz. R. Bos": that person's account.
_ON_BEHALF = compile_pattern(
    r"\b(?:inz|inzake|t\.?b\.?v|ten behoeve van|betr|betreffende)\b\.?:? (?:de heer |mevrouw |(?:dhr|mw|mevr|fam)\.? |[a-z]\.)"
)
_HELD_BY = compile_pattern(r"^[ \t\n,]*(?:\(|t\.?n\.?v\b|ten name van|op naam van|/|-)[^\n]{0,60}")
_ACCOUNT_OF = compile_pattern(
    r"\b(?:rek|rekening\w*|rek\.?nr|iban\w*|bank(?:rekening|nummer|gegevens)\w*)[ \t:.(/-]*(?:nr\.? )?"
    r"(?:van |v/d |vd )?"
    r"(?:de |het |onze |ons |mijn |een )?[\w'.-]+(?: [\w'.-]+)?[^\w\n]{0,4}(?:is|luidt|blijft|:)?[^\w\n]{0,4}$"
)
_THAT_IS = compile_pattern(
    r"^\W*(?:dat|dit|het|die|deze)(?: rekening\w*| nummer| iban)? (?:is|wordt|luidt)\b[^%\n]{0,12}$"
)
_NAMED_BEFORE = compile_pattern(r"(?:^|[\n|.:?!])[^\n.;:]{3,60}[,|(\n]\s*$")
_AT_ONE = compile_pattern(
    r"\b(?:bij|naar|in|van|aan|voor) (?:de |het |onze |ons )?[a-z'-]+(?: [\w'&-]+){0,4}?[,(]?\s*"
    r"(?:(?:aan|op|in) (?:de |het )?|te )?$"
)
_SENTENCE = compile_pattern(r"\b(?:naar|uw|jullie|ik|wij|we|is|mijn|m'n|bij|woon\w*|kom\w*|ga\w*|verhui\w*)\b")
# "sinds de installatie van de laadpaal aan onze gevel (@": what is done, no firm.
_DEED = compile_pattern(
    r"\b\w*(?:installaties?|bouw|verhuur|advies|transport|opvang|levering|techniek|services?) (?:van|aan|voor)\b"
)
_PERSONAL = compile_pattern(r"\b(?:mijn|m'n|mn|mij|klant|bewoner|huis|thuis|woning|kamer)\b")
_OUR_VEHICLE = compile_pattern(
    r"\b(?:onze|ons) (?:\w+ ){0,2}(?:\w*bus|\w*busje|\w*wagen|\w*auto|truck|trekker|tractor|oplegger|\w*aanhanger|"
    r"aanhangwagen|camion\w*|taxi|kraan|heftruck|trailer)\b"
)
_FRAUD = compile_pattern(
    r"\b(?:phishing\w*|nep\w*|oplicht\w*|fraud\w*|vals\w*|spook\w*|vervalst\w*|gehackt|hack|"
    r"namaak|uit naam van|echt van)\b"
)
_FAMILY = compile_pattern(
    r"\b(?:mijn|m'n|mn) (?:vrouw|man|partner|vriend|vriendin|gezin|kinderen|zoon\w*|dochter\w*|"
    r"schoon\w+|moeder|vader|ouders)\b|"
    r"\b(?:ons gezin|onze (?:kinderen|zoon\w*|dochter\w*|baby)|(?:wij|we) (?:wonen|woonden|zijn verhuisd met))\b"
)
_TENDS = compile_pattern(
    r"garage|auto(?:bedrijf|schade|service|techniek|glas|ruit|s$)|dealer|apk|banden|carwash|wasstraat|verzeker|assuran|"
    r"schade|taxat|expertise|advoca|juridisch|juristen|parkeer|takel|berging|hotel|camping"
)
_LETS = compile_pattern(r"verhuur|rental|rentals|autohuur|lease|leasing|deelauto")
_LETS_SAID = compile_pattern(r"\b(?:huurcontract\w*|verhuurcontract\w*)\b[^\n]{0,90}\b(?:wagen|auto|bus|bestelbus|aanhanger|kenteken)\b")
_STAFF = compile_pattern(
    r"\b(?:mijn|m'n|mn|onze|een|de) (?:collega\w*|boekhoud\w*|administratie|receptie|personeel|medewerk\w*|chauffeurs?|monteurs?)\b"
)
_FIRST_PERSON = compile_pattern(r"\b(?:ik|mijn|m'n|mn|me|mij|mezelf)\b")
_SURNAME = compile_pattern(r"\b(?:van|vd|v/d|op|in|ter|ten|te)(?: (?:de|der|den|het|'t|t))? [\w'-]+")
_PART = re.compile(rb"\n|(?<=[.!?]) ")
_TNV = re.compile(rb"\bt\. ?n\. ?v\b\.?")
_NUMBERED = re.compile(rb"\b[a-z]{0,3}\d[\d.]*[-/](?:bv|nv|vof)\b|\b(?:bv|nv|vof)[-/]\d[\d.]*")
_OTHER_PARTY = compile_pattern(
    r"(?m:^)[^\n]*\b(?:incassant|leverancier|geadresseerde|ontvanger|verhuurder|werkgever)\b[^\n]*(?m:$)|"
    r"\bbeste [^\n,]*,|\bgeachte [^\n,]*,|"
    r"\b(?:afgeschreven|afgeboekt|geincasseerd|gekocht|besteld|aangeschaft|geleverd|bezorgd|in dienst|abonnement|lid) "
    r"(?:door|van|bij|via)\b[^\n.!?]*(?:[.!?\n]|$)"
)
_PARTICLES = frozenset(b"van den der ten ter von het".split())
# What stands behind a surname and is no trade.
_NO_TRADE = frozenset(
    b"bedankt dank groet groeten groetjes verzonden sent vanaf mobiel telefoon senior junior weduwe wed echtgenote "
    b"klantnummer debiteur namens mede familie erven zaliger hartelijk alvast tel gsm mail email adres".split()
)


class Firms:
    """The signs of an organisation on one page (view). `said`: the sender's own words in the whole message."""

    def __init__(self, page: Page, sender: Sender, cues: WhoseCues, said: bytes) -> None:
        self._page = page
        self._said = said or page.own
        self._sender = sender
        self._cues = cues
        self._domain = firm_of(sender, self._people())

    @lazily
    def sender_is_one(self) -> bool:
        """Whether the sender is no person: a firm's name, or a firm's general mailbox."""
        address = fold(self._sender.email.strip())
        if self._names_one(fold(self._sender.name)):
            return not self._own_box(address)
        return bool(self._domain) and self._cues.found("role_mailbox", address)

    def _own_box(self, address: bytes) -> bool:
        """Whether the mailbox is a person's whose surname is a firm's word: "Rosa Winkel", rosa.winkel@."""
        name, box = _ALNUM.findall(fold(self._sender.name)), _ALNUM.findall(address.partition(b"@")[0])
        if len(name) < 2 or len(box) < 2 or self._names_one(name[0]):
            return False
        return box[0] in (name[0], name[0][:1]) and box[-1] == name[-1]

    @lazily
    def sender_writes_for_one(self) -> bool:
        """Whether the sender is a firm or writes as one of its people: by mail domain, signature, or own words."""
        cues, page = self._cues, self._page
        if self.sender_is_one or cues.found("for_firm", self._said[:_SCANNED]):
            return True
        if any(self._signed_for_one(s.start, s.end) for s in page.segments if s.kind == "signature"):
            return True
        return self.by_domain or (bool(self._domain) and self._spoken_of(self._unplaced))

    @lazily
    def by_domain(self) -> bool:
        """Whether the mail domain names a trade, by a word of it or as what stands beside the sender's surname."""
        domain = self._domain
        if not domain:
            return False
        if self._cues.found("firm_domain", domain):
            return True
        return is_trade(domain, name_words(self._sender.name))

    def _people(self) -> list[bytes]:
        """What was taken for a person's name and holds no firm's word, folded."""
        found = (f for f in self._page.findings if f.entity_type == "PERSON")
        names = (self._page.folded[f.start : f.end] for f in itertools.islice(found, _NAMES))
        return [name for name in names if not self._names_one(name)]

    @lazily
    def speaks_as_one(self) -> bool:
        """Whether the sender speaks as "we" or of clients, and nowhere of a thing of "my" own."""
        own = self._said[:_SCANNED]
        return self._cues.found("in_business", own) and not self._cues.found("my_own", own)

    @lazily
    def presents_one(self) -> bool:
        """Whether who writes from a firm's address also shows it: signs with it, names it, or says "we" and never "I".

        From such a firm an account, an address, a vehicle of which nothing else is said is the firm's.
        """
        if not self.sender_writes_for_one:
            return False
        cues, own = self._cues, self._said[:_SCANNED]
        if self.sender_is_one or self.named:
            return True
        if any(self.signs(s.start, s.end) for s in self._page.segments if s.kind == "signature"):
            return True
        return cues.found("ours", own) and not _FIRST_PERSON.found(own)

    @property
    def has_domain(self) -> bool:
        """Whether the sender's mail domain may be a firm's."""
        return bool(self._domain)

    @lazily
    def named(self) -> bool:
        """Whether the firm whose trade the mail domain names is named in full in the message."""
        return self.by_domain and self._spoken_of(self._unplaced)

    @lazily
    def household(self) -> bool:
        """Whether "we" may be a family, for somebody writes of his own and no firm signs."""
        if not _FAMILY.found(self._said[:_SCANNED]):
            return False
        return not any(self.signs(s.start, s.end) for s in self._page.segments if s.kind == "signature")

    @lazily
    def premises(self) -> bool:
        """Whether somebody who writes for an organisation writes about the place where it works."""
        return self.sender_writes_for_one and self._cues.found("premises", self._said[:_SCANNED])

    @lazily
    def _unplaced(self) -> bytes:
        """The page without its addresses: a street or a town that the domain is called after is no firm."""
        return self._unplaced_from(0, _SCANNED)

    def _unplaced_from(self, start: int, end: int) -> bytes:
        """[start, end) of the page without its addresses."""
        parts, at = [], start
        folded = self._page.folded
        starts, ends = self._addresses
        for index in range(bisect.bisect_right(ends, start), bisect.bisect_left(starts, end)):
            parts.append(folded[at : max(at, starts[index])])
            at = ends[index]
        parts.append(folded[at:end])
        return b"".join(parts)

    @lazily
    def _addresses(self) -> tuple[list[int], list[int]]:
        """Where the addresses of the page start and where they end, none within another: asked for every finding."""
        starts: list[int] = []
        ends: list[int] = []
        for finding in self._page.findings:
            if finding.entity_type == "ADDRESS" and (not ends or finding.end > ends[-1]):
                starts.append(finding.start)
                ends.append(finding.end)
        return starts, ends

    def _spoken_of(self, text: bytes) -> bool:
        """Whether the firm that the domain is called after is named, in more than one word: one may be a town."""
        domain = self._domain
        words = _ALNUM.findall(_MAILBOX.replaced(text, b" "))
        for index, word in enumerate(words):
            if len(word) < len(domain) and domain.startswith(word):
                joined = word
                for further in words[index + 1 : index + 6]:
                    joined += further
                    if not domain.startswith(joined):
                        break
                    if joined == domain:
                        return True
        return False

    def _signed_for_one(self, start: int, end: int) -> bool:
        return self.signs(start, end, alone=False) or self._cues.found(
            "office_holder", self._page.folded[start : min(end, start + 400)]
        )

    @lazily
    def fleet(self) -> bool:
        """Whether the message is about an organisation's vehicles."""
        return self._cues.found("fleet", self._said)

    @lazily
    def tends_vehicles(self) -> bool:
        """Whether the sender's firm repairs, insures or tows: a vehicle it writes about is a client's."""
        return bool(self._domain) and _TENDS.found(self._domain)

    @lazily
    def lets_vehicles(self) -> bool:
        """Whether the sender's firm lets vehicles: those it writes about are its own, whoever hires them."""
        if self._domain:
            return _LETS.found(self._domain)
        return _LETS_SAID.found(self.said)

    @lazily
    def said(self) -> bytes:
        """The sender's own words, as much of them as is read."""
        return self._said[:_SCANNED]

    @lazily
    def drives(self) -> bool:
        """Whether "our van" is written about somewhere in the message."""
        return _OUR_VEHICLE.found(self._said)

    @lazily
    def fraud(self) -> bool:
        """Whether the sender reports what a cheat wrote."""
        return _FRAUD.found(self._said[:_SCANNED])

    @lazily
    def in_own_words(self) -> bool:
        """Whether a legal form stands anywhere in what the sender wrote."""
        return self._cues.found("legal_form", plain(_OTHER_PARTY.replaced(self._page.own[:_SCANNED], b"")))

    @lazily
    def holds_any(self) -> bool:
        """Whether some account in what the sender wrote is said to be held by a firm."""
        held = _HELD_BY_NAME.finditer(self._page.folded[:_SCANNED]) if self._page.own else []
        return any(self._names_one(plain(one.group())) for one in held)

    @lazily
    def staffed(self) -> bool:
        """Whether who writes for a firm speaks of those he works with."""
        return _STAFF.found(self._said[:_SCANNED])

    def heads(self, line: bytes) -> bool:
        """Whether the first line of a letter is the name of the firm that writes it."""
        if not line or not self.sender_writes_for_one:
            return False
        return self._names_one(line) or bool(self._domain) and self._domain in _squeezed(line)

    def is_name(self, start: int, end: int) -> bool:
        """Whether what was taken for a person's name is a firm's."""
        text = self._page.folded[start:end]
        return self._names_one(text) or bool(self._domain and self._domain in _squeezed(text))

    def is_called(self, name: bytes) -> bool:
        """Whether a firm's word stands in a holder's name, of which what was taken for a person's is blanked out."""
        return self._names_one(name)

    def _names_one(self, name: bytes) -> bool:
        """Whether a firm's word stands in the name and is no part of a surname such as "van der Kerk"."""
        found = self._cues.lists["firm_name"].search(plain(name))
        if found is None:
            return False
        bare, at = [], 0
        for surname in _SURNAME.finditer(name):
            bare.append(name[at : surname.start()])
            at = surname.end()
        return self._cues.found("firm_name", plain(b" ".join((*bare, name[at:]))))

    def holds(self, context: Context) -> bool:
        """Whether the name after "t.n.v.", which may have been taken for a person's, is a firm's."""
        start, end = context.finding.start, context.finding.end
        folded = self._page.folded
        after = [folded[end : end + min(80, len(context.after))].split(b"\n", 1)[0]]
        below = folded[end : min(end + 100, context.segment.end)].split(b"\n", 2)[1:2]
        after += [
            line for line in below if (held := _HELD_BY_NAME.search(line)) and not line[: held.start()].strip(b" \t-*>")
        ]
        before = folded[max(0, start - min(60, len(context.before))) : start].rpartition(b"\n")[2]
        for text in (*after, before):
            held = _HELD_BY_NAME.search(text)
            if held is None:
                continue
            name = held.group()
            if _ON_BEHALF.found(name):
                continue
            if self._names_one(plain(name)) or (self._domain and self._domain in _squeezed(name)):
                return True
        return bool(self._domain) and _squeezed(after[0][:60]).startswith(self._domain)

    def has_account(self, context: Context) -> bool:
        """Whether "rekening praktijk:", "IBAN van de winkel is", "... van de club? Dat is" introduces an account."""
        lead = context.before
        if len(lead) < 40 and _THAT_IS.found(lead):
            lead = context.sentence_before.rstrip(b" \t\n.!?")
        elif lead.lstrip().startswith(b"van "):  # "... op de rek. van de club:": the dot ended no sentence
            lead = context.sentence_before + lead
        of = _ACCOUNT_OF.search(lead[-90:])
        return of is not None and (
            self._cues.found("trade", of.group()) or self._cues.found("firm_name", plain(of.group()))
        )

    def in_row(self, context: Context) -> bool:
        """Whether the datum stands in a row of a table that names a firm."""
        before, after = context.before.rpartition(b"\n")[2], context.after.split(b"\n", 1)[0]
        row = before + MARK + after
        if row.count(b";") + row.count(b"|") + row.count(b"\t") < 2:
            return False
        return self._cues.found("legal_form", plain(row)) or self._cues.found("trade", row)

    def by_trade(self, context: Context, kind: str) -> bool:
        """A firm's name in brackets or as holder after the datum, or right before an address."""
        after = _HELD_BY.search(context.after)
        folded = self._page.folded[context.finding.end : context.finding.end + 80]
        if after is not None and not _ON_BEHALF.found(folded) and (
            self._cues.found("trade", after.group()) or (kind != "ADDRESS" and self._names_one(after.group()))
        ):
            return True
        before = _NAMED_BEFORE.search(context.before[-64:])
        if kind != "ADDRESS":
            if before is None:
                return False
            said = before.group() if not _SENTENCE.found(before.group()) else _last_name(before.group())
            return self._names_one(said)
        if self._cues.found("resident", context.before[-100:]):
            return False
        if before is not None and self._names_trade(before.group()):
            return True
        at = _AT_ONE.search(context.before[-80:])
        if at is not None and not _PERSONAL.found(at.group()) and self._names_one(at.group()):
            return True
        start = context.finding.start
        own = self._unplaced_from(max(context.segment.start, start - 60), start).rpartition(b"\n")[2]
        if self._domain and self._domain in _squeezed(own) and not _PERSONAL.found(own):
            return True  # "Kapsalon Zon, @" of zon's own mail domain
        above = [line for line in context.before[-160:].split(b"\n")[:-1] if line.strip()]
        return len(context.before.rpartition(b"\n")[2].strip()) < 3 and any(
            len(line) < 90 and not _SENTENCE.found(line) and self._cues.found("trade", line) for line in above[-2:]
        )

    def _names_trade(self, before: bytes) -> bool:
        """Whether what stands right before an address, or the last name in it, is a firm's."""
        cues, last = self._cues, _last_name(before)
        if not _SENTENCE.found(before) and cues.found("trade", _DEED.replaced(before, b" ")):
            return True
        return bool(last) and not _UNNAMED.found(last) and (cues.found("trade", last) or self._names_one(last))

    def by_legal_form(self, context: Context, clause: bytes) -> bool:
        """Whether a legal form or a trade register number stands in the block of the datum, and not for another."""
        cues = self._cues
        block = context.block
        if context.finding.entity_type != "ADDRESS" and not self.sender_writes_for_one:
            # A line or a sentence that holds another datum is about that one.
            block = b"\n".join([clause, *(part for part in _PART.split(block) if b"%" not in part)])
        if not cues.found("legal_form", plain(_OTHER_PARTY.replaced(block, b""))):
            return False
        if context.finding.entity_type == "ADDRESS" and cues.found("personal_block", context.block):
            return False
        return not (
            (cues.found("mine", clause) or cues.found("other_party", clause))
            and not cues.found("legal_form", plain(clause))
        )

    def signs(self, start: int, end: int, *, alone: bool = True) -> bool:
        """Whether the signature that begins at `start` is a firm's. `alone`: a line with its one-word name will do."""
        text = self._page.masked[start : min(end, start + 800)]
        if self._cues.found("legal_form", plain(text)) or self._cues.found("trade", text) or b"www." in text:
            return True
        # Names are read, for a firm's may have been taken for a person's; an address is not: "1234 SV" is no club.
        text = _MAILBOX.replaced(self._unplaced_from(start, min(end, start + 800)), b" ")
        if any(self._names_one(line) for line in text.split(b"\n")) or self._cues.found("profession", text):
            return True
        if self._traded(text):
            return True
        if not self._domain:
            return False
        if self._spoken_of(text) or (self.by_domain and (self._domain in _squeezed(text) or self.speaks_as_one)):
            return True
        return alone and any(_squeezed(line) == self._domain for line in text.split(b"\n"))

    def _traded(self, text: bytes) -> bool:
        """Whether a line is the sender's surname and what is sold or made: "Kuiper Klokken"."""
        names = name_words(self._sender.name)
        first = next(iter(_ALNUM.findall(fold(self._sender.name))), b"")
        for line in text.split(b"\n"):
            words = [word for word in _ALNUM.findall(line.split(b",")[0]) if len(word) > 2 and word not in _PARTICLES]
            if (
                2 <= len(words) <= 4
                and words[0] in names
                and words[0] != first
                and len(words[1]) > 3
                and words[1].isalpha()
                and words[1] not in names
                and words[1] not in _NO_TRADE
                and b"-" not in line
            ):
                return True
        return False


_BEFORE_NAME = compile_pattern(
    r"^.*(?:[,(:?]|\b(?:is|zijn|heet|heten|bij|naar|van|voor|op|namelijk|nl|das|wordt|gaat|staat|ligt) )"
)
_WORDS = 5
_UNNAMED = compile_pattern(
    r"\b(?:uw|jullie|je|jouw|deze|die|een|mijn|m'n|mn|mij|klant|bewoner|huis|thuis|woning|kamer)\b"
)


def _last_name(before: bytes) -> bytes:
    """The last stretch before a datum that can be a name: "verkoper is Garage Kok, " gives "garage kok"."""
    said = before.rstrip(b" ,|(\n").rpartition(b"\n")[2]
    name = _BEFORE_NAME.replaced(said, b"").strip()
    return name if 0 < len(name.split()) <= _WORDS else b""


def plain(folded: bytes) -> bytes:
    """The text with "t.n.v." in one word, so that no "N.V." is read in it, nor in a number such as "7714-BV"."""
    return _NUMBERED.sub(b" ", _TNV.sub(b"tnv", folded))


def _squeezed(folded: bytes) -> bytes:
    return b"".join(_ALNUM.findall(_MAILBOX.replaced(folded, b" ")))
