"""What follows from what a server says of itself. The lists are those that the servers give after log-in."""

from __future__ import annotations

import pytest

from scrubber.finding import CopyState
from scrubber.sources.imap.abilities import Kind, abilities

# Dovecot 2.3.19 and Cyrus 3.6 as they answer; Gmail and Exchange Online as their vendors' documentation and many
# published sessions have it.
DOVECOT = (
    "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS MULTIAPPEND "
    "URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH "
    "ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE SNIPPET=FUZZY PREVIEW STATUS=SIZE SAVEDATE "
    "LITERAL+ NOTIFY SPECIAL-USE"
)
CYRUS = (
    "IMAP4rev1 LITERAL+ ID ENABLE ACL ANNOTATE-EXPERIMENT-1 BINARY CATENATE CHILDREN CONDSTORE CREATE-SPECIAL-USE "
    "ESEARCH ESORT LIST-EXTENDED LIST-MYRIGHTS LIST-STATUS MAILBOX-REFERRALS METADATA MOVE MULTIAPPEND NAMESPACE "
    "OBJECTID PREVIEW QRESYNC QUOTA RIGHTS=kxten SAVEDATE SEARCH=FUZZY SEARCHRES SORT SORT=DISPLAY STATUS=SIZE "
    "SPECIAL-USE THREAD=ORDEREDSUBJECT THREAD=REFERENCES UIDPLUS UNSELECT URL-PARTIAL WITHIN IDLE"
)
GMAIL = (
    "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE "
    "CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584"
)
EXCHANGE = (
    "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CLIENTACCESSRULES "
    "CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE CHILDREN IDLE NAMESPACE LITERAL+"
)
OLD = "IMAP4rev1 STARTTLS"


@pytest.mark.parametrize(
    ("line", "said", "greeting", "kind", "replaces", "counts", "moves", "idles", "saves"),
    [
        (DOVECOT, "name Dovecot", "* OK ready.", "dovecot", True, True, True, True, True),
        (DOVECOT, "", "* OK Dovecot (Debian) ready.", "dovecot", True, True, True, True, True),
        (CYRUS, "name Cyrus IMAPD", "", "cyrus", True, True, True, True, True),
        (GMAIL, "name GImap vendor Google, Inc.", "* OK Gimap ready", "gmail", True, True, True, True, False),
        (
            EXCHANGE,
            "name Microsoft.Exchange.Imap4.Imap4Server version 15.20",
            "* OK The Microsoft Exchange IMAP4 service is ready.",
            "exchange",
            True,
            False,
            True,
            True,
            False,
        ),
        (OLD, "", "* OK IMAP server", "other", False, False, False, False, False),
        ("IMAP4rev2", "", "", "other", True, False, True, True, False),
    ],
)
def test_the_servers_that_are_known(
    line: str, said: str, greeting: str, kind: Kind, replaces: bool, counts: bool, moves: bool, idles: bool, saves: bool
) -> None:
    able = abilities(frozenset(line.upper().split()), said, greeting)
    assert (able.kind, able.replaces, able.counts, able.moves, able.idles, able.saves_date) == (
        kind,
        replaces,
        counts,
        moves,
        idles,
        saves,
    )


def test_without_uidplus_nothing_is_replaced_and_that_is_said() -> None:
    able = abilities(frozenset({"IMAP4REV1"}))
    assert not able.replaces
    said = " ".join(able.limits())
    assert "UIDPLUS ontbreekt" in said
    assert "CONDSTORE" not in said, "what is not done needs no warning"


def test_limits_are_said_once_and_in_order_of_weight() -> None:
    exchange = abilities(frozenset(EXCHANGE.upper().split()), "Microsoft.Exchange")
    limits = exchange.limits(exposed=True, keywords=False)
    assert limits[0].startswith("LET OP")
    assert len(set(limits)) == len(limits)
    said = " ".join(limits)
    assert "CONDSTORE ontbreekt" in said
    assert "trefwoorden" in said
    assert "Recoverable Items" in said


@pytest.mark.parametrize(
    ("said", "place", "state"),
    [
        ("Dovecot", "dovecot-index-cache", CopyState.UNKNOWN),
        ("Dovecot", "dovecot-mdbox", CopyState.UNKNOWN),
        ("Cyrus", "cyrus-expunged", CopyState.UNKNOWN),
        ("Exchange", "exchange-recoverable-items", CopyState.REMAINS),
        ("", "mail-server", CopyState.UNKNOWN),
        ("", "backup", CopyState.UNKNOWN),
    ],
)
def test_where_the_old_text_may_remain(said: str, place: str, state: CopyState) -> None:
    copies = {copy.place: copy.state for copy in abilities(frozenset({"UIDPLUS"}), said).copies}
    assert copies[place] is state


def test_what_is_asked_of_list() -> None:
    assert abilities(frozenset({"LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE"})).listing == (
        "SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY)"
    )
    assert abilities(frozenset({"LIST-STATUS", "SPECIAL-USE"})).listing == ""
