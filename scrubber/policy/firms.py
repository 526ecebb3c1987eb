"""Whether a firm, a school, an association is spoken of, writes, or holds the datum: the signs of an organisation."""

from __future__ import annotations

import bisect
import itertools

from scrubber.lazily import lazily
from scrubber.message import Sender
from scrubber.policy.authors import name_words
from scrubber.policy.called import ALNUM, HELD_BY_NAME, MAILBOX, OTHER_PARTY, names_one, plain, squeezed
from scrubber.policy.clauses import Page
from scrubber.policy.domains import firm_of, is_trade
from scrubber.policy.folded import compile_pattern, fold
from scrubber.policy.subjects import WhoseCues

_SCANNED = 20_000
_NAMES = 20
_OUR_VEHICLE = compile_pattern(
    r"\b(?:onze|ons) (?:\w+ ){0,2}(?:\w*bus|\w*busje|\w*wagen|\w*auto|truck|trekker|tractor|oplegger|\w*aanhanger|"
    r"aanhangwagen|camion\w*|taxi|kraan|heftruck|trailer)\b"
)
_FRAUD = compile_pattern(
    r"\b(?:phishing\w*|nep(?:pe|-\w+|(?:mail|sms|site|web|link|bericht|factu|account|profiel|bank|bedrijf|winkel|shop"
    r"|koerier|polit|mede)\w*)?|oplicht\w*|fraud\w*|vals\w*|spook\w*|vervalst\w*|gehackt|hack|"
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
_STAFF = compile_pattern(
    r"\b(?:mijn|m'n|mn|onze|een|de) (?:collega\w*|boekhoud\w*|administratie|receptie|personeel|medewerk\w*|"
    r"chauffeurs?|monteurs?)\b"
)
_FIRST_PERSON = compile_pattern(r"\b(?:ik|mijn|m'n|mn|me|mij|mezelf)\b")
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
        if names_one(self._cues, fold(self._sender.name)):
            return not self._own_box(address)
        return bool(self._domain) and self._cues.found("role_mailbox", address)

    def _own_box(self, address: bytes) -> bool:
        """Whether the mailbox is a person's whose surname is a firm's word: "Rosa Winkel", rosa.winkel@."""
        name, box = ALNUM.findall(fold(self._sender.name)), ALNUM.findall(address.partition(b"@")[0])
        if len(name) < 2 or len(box) < 2 or names_one(self._cues, name[0]):
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
        return [name for name in names if not names_one(self._cues, name)]

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
    def domain(self) -> bytes:
        """The sender's mail domain as letters, where it may be a firm's; else b""."""
        return self._domain

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
        return self.unplaced(0, _SCANNED)

    def unplaced(self, start: int, end: int) -> bytes:
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
        words = ALNUM.findall(MAILBOX.replaced(text, b" "))
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
        return self._cues.found("legal_form", plain(OTHER_PARTY.replaced(self._page.own[:_SCANNED], b"")))

    @lazily
    def holds_any(self) -> bool:
        """Whether some account in what the sender wrote is said to be held by a firm."""
        held = HELD_BY_NAME.finditer(self._page.folded[:_SCANNED]) if self._page.own else []
        return any(names_one(self._cues, plain(one.group())) for one in held)

    @lazily
    def staffed(self) -> bool:
        """Whether who writes for a firm speaks of those he works with."""
        return _STAFF.found(self._said[:_SCANNED])

    def heads(self, line: bytes) -> bool:
        """Whether the first line of a letter is the name of the firm that writes it."""
        if not line or not self.sender_writes_for_one:
            return False
        return names_one(self._cues, line) or (bool(self._domain) and self._domain in squeezed(line))

    def is_name(self, start: int, end: int) -> bool:
        """Whether what was taken for a person's name is a firm's."""
        text = self._page.folded[start:end]
        return names_one(self._cues, text) or bool(self._domain and self._domain in squeezed(text))

    def is_called(self, name: bytes) -> bool:
        """Whether a firm's word stands in a holder's name, of which what was taken for a person's is blanked out."""
        return names_one(self._cues, name)

    def signs(self, start: int, end: int, *, alone: bool = True) -> bool:
        """Whether the signature that begins at `start` is a firm's. `alone`: a line with its one-word name will do."""
        text = self._page.masked[start : min(end, start + 800)]
        if self._cues.found("legal_form", plain(text)) or self._cues.found("trade", text) or b"www." in text:
            return True
        # Names are read, for a firm's may have been taken for a person's; an address is not: "1234 SV" is no club.
        text = MAILBOX.replaced(self.unplaced(start, min(end, start + 800)), b" ")
        if any(names_one(self._cues, line) for line in text.split(b"\n")) or self._cues.found("profession", text):
            return True
        if self._traded(text):
            return True
        if not self._domain:
            return False
        if self._spoken_of(text) or (self.by_domain and (self._domain in squeezed(text) or self.speaks_as_one)):
            return True
        return alone and any(squeezed(line) == self._domain for line in text.split(b"\n"))

    def _traded(self, text: bytes) -> bool:
        """Whether a line is the sender's surname and what is sold or made: "Kuiper Klokken"."""
        names = name_words(self._sender.name)
        first = next(iter(ALNUM.findall(fold(self._sender.name))), b"")
        for line in text.split(b"\n"):
            words = [word for word in ALNUM.findall(line.split(b",")[0]) if len(word) > 2 and word not in _PARTICLES]
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
