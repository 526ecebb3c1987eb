"""An IMAP mailbox (RFC 3501, 9051) as a source. imapclient is imported here only."""
