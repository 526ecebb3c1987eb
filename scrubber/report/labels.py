"""What the codes of the ledger are called. A code that is not known here is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping

from scrubber.report.typography import Language, plain

_Labels = Mapping[str, tuple[str, str]]

ENTITIES: _Labels = {
    "NL_BSN": ("BSN", "Citizen service number (BSN)"),
    "IBAN_CODE": ("IBAN", "IBAN"),
    "BANK_ACCOUNT": ("Rekeningnummer", "Account number"),
    "CREDIT_CARD": ("Kaartnummer", "Card number"),
    "ADDRESS": ("Adres", "Address"),
    "DATE_OF_BIRTH": ("Geboortedatum", "Date of birth"),
    "ID_DOCUMENT": ("Documentnummer", "Document number"),
    "LICENSE_PLATE": ("Kenteken", "Number plate"),
    "HEALTH_ID": ("Zorgnummer", "Health number"),
    "CREDENTIAL": ("Wachtwoord of code", "Password or code"),
    "PHONE_NUMBER": ("Telefoonnummer", "Telephone number"),
    "EMAIL_ADDRESS": ("E-mailadres", "E-mail address"),
    "IP_ADDRESS": ("IP-adres", "IP address"),
    "PERSON": ("Naam", "Name"),
    "SPECIAL_CATEGORY": ("Bijzonder persoonsgegeven", "Special category"),
}

OUTCOMES: _Labels = {
    "CLEAN": ("Niets direct te verwijderen", "Nothing to remove at once"),
    "REDACTED": ("Opgeschoond", "Redacted"),
    "LATER": ("Later opgeschoond", "Redacted later"),
    "RELEASED": ("Vrijgegeven door een mens", "Released by a person"),
    "RESTORED": ("Oude tekst teruggezet door een mens", "Old text put back by a person"),
    "OBSERVED": ("Alleen meegekeken", "Observed only"),
    "UNABLE": ("Kon hier niet verwijderd worden", "Could not be removed here"),
    "HELD": ("Aangehouden", "Held"),
    "MISSED": ("Aangehouden: iets gemist, zei een medewerker", "Held: something was missed, an agent said"),
    "FAILED": ("Mislukt", "Failed"),
}
"""How a message stands: its outcome, or what came of it since."""

ACTS: _Labels = {
    "released": ("Vrijgegeven: blijft zoals het is", "Released: stays as it is"),
    "restored": ("Oude tekst teruggezet", "Old text put back"),
    "retry": ("Opnieuw aangeboden", "Offered again"),
    "keep": ("Beoordeeld: blijft staan", "Reviewed: stays"),
    "remove": ("Beoordeeld: gaat weg", "Reviewed: goes"),
    "reviewed": ("Beoordeeld", "Reviewed"),
    "needed": ("„Nog nodig” gezegd", "Said: needed still"),
    "done": ("„Afgehandeld” gezegd", "Said: done with"),
    "wrong": ("„Ten onrechte verwijderd” gezegd", "Said: wrongly removed"),
    "missed": ("„Gemist” gezegd", "Said: missed"),
}
"""What a person did about one message."""

SIGNALS: _Labels = {
    "needed": ("keer „nog nodig” gezegd over een bericht", "times a message was said to be needed still"),
    "done": ("keer „afgehandeld” gezegd over een bericht", "times a message was said to be done with"),
    "wrong": (
        "keer „ten onrechte verwijderd” gezegd over een bericht (de waarde komt niet terug)",
        "times a removal was said to be wrong (the value can't come back)",
    ),
    "asked": (
        "keer „gevraagd” gezegd over een ticket (buiten het ticket om)",
        "times the desk was said to have asked, outside the ticket",
    ),
    "missed": ("keer „gemist” gezegd over een bericht", "times something was said to be missed in a message"),
}
"""What people say of a message at its source."""

GROUNDS: _Labels = {
    "asked": ("Door ons gevraagd", "We asked for it"),
    "on_file": ("Al in het dossier", "Already on file"),
    "needed": ("Nodig voor het verzoek", "Needed for the request"),
    "organisation": ("Van een organisatie", "Belongs to an organisation"),
    "contact": ("Contactgegevens", "Contact data"),
    "judged": ("Door een mens beoordeeld", "A person judged it"),
    "other": ("Andere regel", "Another rule"),
}

CHANNELS: _Labels = {
    "email": ("E-mail", "E-mail"),
    "ticket": ("Ticketsysteem", "Ticket system"),
    "social": ("Sociale media", "Social media"),
    "": ("Niet vermeld", "Not stated"),
}

MODES: _Labels = {
    "observe": ("Meekijken", "Observe"),
    "redact": ("Verwijderen", "Redact"),
    "": ("Niet vermeld", "Not stated"),
}

STATES: _Labels = {
    "REMAINS": ("Staat er nog", "Remains"),
    "UNKNOWN": ("Onbekend", "Unknown"),
    "CLEANED": ("Opgeruimd", "Cleaned"),
}

SECOND_PASS: _Labels = {
    "REDACTED": ("Alsnog verwijderd", "Removed after all"),
    "CLEAN": ("Stond er niet meer in", "No longer in it"),
    "OBSERVED": ("Kon niet: de bron is alleen te lezen", "Could not: the source can only be read"),
    "HELD": ("Aangehouden: een mens moet kijken", "Held: a person has to look"),
    "FAILED": ("Mislukt", "Failed"),
}

CHAIN: _Labels = {
    "body": ("De inhoud van deze vermelding is veranderd.", "The content of this entry was changed."),
    "digest": ("Het controlegetal van deze vermelding is veranderd.", "The digest of this entry was changed."),
    "signature": ("De handtekening van deze vermelding klopt niet.", "The signature of this entry is wrong."),
    "unknown-key": (
        "Deze vermelding is ondertekend met een sleutel die hier niet bekend is.",
        "This entry was signed with a key that is not known here.",
    ),
    "order": ("Deze vermelding staat niet op haar plaats.", "This entry is out of its place."),
    "missing": ("Deze vermelding ontbreekt.", "This entry is missing."),
    "previous": ("Deze vermelding sluit niet aan op de vorige.", "This entry does not follow from the one before it."),
    "projection": (
        "Een zoekkolom van deze vermelding wijkt af van de inhoud.",
        "A column of this entry differs from its content.",
    ),
    "tail-cut": (
        "Het einde van de keten is afgeknipt; deze vermelding is de eerste die ontbreekt.",
        "The end of the chain was cut off; this entry is the first one missing.",
    ),
    "head-missing": ("De ondertekende kop ontbreekt.", "The signed head is missing."),
    "head-signature": ("De handtekening van de kop klopt niet.", "The signature of the head is wrong."),
    "head-behind": (
        "De kop is teruggezet: hij dekt deze vermelding en wat volgt niet.",
        "The head was put back: it does not cover this entry and what follows.",
    ),
    "head-mismatch": ("De kop hoort bij een andere keten.", "The head belongs to another chain."),
    "rolled-back": (
        "De database is teruggezet naar een eerdere stand; deze vermelding was er al.",
        "The database was put back to an earlier state; this entry was there already.",
    ),
    "published-mismatch": (
        "De bewaarde kop hoort bij een andere keten: de database is teruggezet en weer gegroeid.",
        "The head kept outside belongs to another chain: the database was put back and has grown again.",
    ),
    "published-unreadable": (
        "De bewaarde kop buiten de database is onleesbaar of niet van ons.",
        "The head kept outside the database is unreadable or not ours.",
    ),
    "emptied": (
        "De keten is leeggemaakt: het journaal kent berichten die erin stonden.",
        "The chain was emptied: the journal knows messages that were in it.",
    ),
}
"""What `ledger.verify` found wrong at the first bad entry."""

REASONS: _Labels = {
    "": ("Geen reden vermeld", "No reason given"),
    "ambiguous-header": ("Kopregels die niet eenduidig zijn", "Headers that are not unambiguous"),
    "archive": ("Archiefbestand", "Archive"),
    "audio-video": ("Geluid of video", "Audio or video"),
    "encrypted": ("Versleuteld", "Encrypted"),
    "broken-charset": ("Tekenset die niet te lezen is", "Character set that can't be read"),
    "broken-encoding": ("Beschadigde codering", "Damaged encoding"),
    "embedded": ("Ingebed bestand in een verwijzing", "File embedded in a link"),
    "image": ("Afbeelding", "Image"),
    "office": ("Office-document", "Office document"),
    "pdf": ("Pdf-document", "PDF document"),
    "tnef": ("Outlook-bijlage (winmail.dat)", "Outlook attachment (winmail.dat)"),
    "no-parts": ("Meerdelig bericht zonder delen", "Multipart message without parts"),
    "uuencode": ("Bestand in de tekst (uuencode)", "File inside the text (uuencode)"),
    "unknown-type": ("Onbekend bestandstype", "Unknown file type"),
    "signed": ("Ondertekend en ingepakt", "Signed and wrapped"),
    "fields": ("Onverwachte velden", "Unexpected fields"),
    "not-json": ("Geen geldige JSON", "No valid JSON"),
    "too-deep": ("Te diep genest", "Nested too deep"),
    "not-searched": ("Kon niet worden doorzocht", "Could not be searched"),
    "not-verified": ("Controle na verwijderen mislukt", "Not verified after the removal"),
    "budget": ("Te veel werk voor één bericht", "Too much work for one message"),
    "bytes": ("omvang", "size"),
    "parts": ("delen", "parts"),
    "depth": ("diepte", "depth"),
    "characters": ("tekst", "text"),
    "header": ("kopregels", "headers"),
    "findings": ("vondsten", "findings"),
    "locked": ("Bericht kan niet worden gewijzigd", "The message can't be changed"),
    "not-pieces": ("Geen bericht van een ticketsysteem", "No message of a ticket system"),
    "read-only source": ("Bron kan niet worden gewijzigd", "The source can't be changed"),
    "source": ("Bron gaf een fout", "The source failed"),
    "unknown-encoding": ("Onbekende codering", "Unknown encoding"),
    "deleted-meanwhile": ("Intussen door een ander verwijderd", "Deleted by another program meanwhile"),
    "restored": ("Teruggezet door een mens", "Put back by a person"),
    "error": ("Onverwachte fout", "Unexpected error"),
    "missed": ("Gemist, zei een medewerker", "Missed, a person said"),
    "wrong": ("Blijft zoals het is, zei een medewerker", "Stays as it is, a person said"),
    "released": ("Vrijgegeven door een mens", "Released by a person"),
    "retry": ("Opnieuw aangeboden", "Offered again"),
    "not-found": ("Bij het verwijderen niet meer gevonden", "Not found again when it was to be removed"),
    "gone": ("Niet meer aanwezig", "No longer there"),
    "marked-deleted": (
        "Als verwijderd gemarkeerd, maar staat er nog",
        "Marked as deleted, but still there",
    ),
    "by-reference": ("Bestand waar het bericht naar verwijst", "File that the message refers to"),
    "unscrubbed": ("Kon niet op tijd worden nagekeken", "Could not be checked in time"),
    "desk-refused": ("Ticketsysteem weigerde het bericht", "The desk refused the message"),
}


PLACES: _Labels = {
    "backup": ("Back-ups", "Back-ups"),
    "cyrus-expunged": ("Verwijderde berichten in Cyrus", "Expunged messages in Cyrus"),
    "dovecot-index-cache": ("Indexcache van Dovecot", "Index cache of Dovecot"),
    "dovecot-mdbox": ("Berichtopslag van Dovecot (mdbox)", "Mail storage of Dovecot (mdbox)"),
    "exchange-recoverable-items": ("Recoverable Items van Exchange", "Recoverable Items of Exchange"),
    "gmail-archive": ("Archief of prullenbak van Gmail", "Archive or bin of Gmail"),
    "mail-clients": ("Mailprogramma's die het bericht ophaalden", "Mail programs that fetched the message"),
    "mail-server": ("De mailserver zelf", "The mail server itself"),
    "fts-index": ("Zoekindex van de mailserver", "Search index of the mail server"),
    "notmuch-index": ("Zoekindex van notmuch", "Search index of notmuch"),
    "folder": ("Map", "Folder"),
    "headers": ("Technische kopregels van het bericht", "Technical headers of the message"),
    "channel": ("Het kanaal zelf", "The channel itself"),
    "desk-later": ("Aan het ticketsysteem overgelaten", "Left to the desk"),
    "quarantine": ("Quarantaine van scrubber", "Quarantine of scrubber"),
    "desk-quote": ("Aangehaald in het ticket", "Quoted in the ticket"),
    "helpdesk-changes": ("Oude waarden in django-helpdesk", "Old values in django-helpdesk"),
    "helpdesk-database": ("Database van django-helpdesk", "Database of django-helpdesk"),
    "helpdesk-file": ("Vorige bestand in django-helpdesk", "Former file in django-helpdesk"),
    "helpdesk-mail-sent": ("Mail die django-helpdesk verstuurde", "Mail that django-helpdesk sent"),
    "helpdesk-mailbox": ("Mailbox van django-helpdesk", "Mailbox of django-helpdesk"),
    "helpdesk-original": ("Bewaarde mail in django-helpdesk", "Whole mail kept in django-helpdesk"),
    "rt-database": ("Database van Request Tracker", "Database of Request Tracker"),
    "rt-external-storage": ("Externe opslag van Request Tracker", "External storage of Request Tracker"),
    "rt-index": ("Zoekindex van Request Tracker", "Search index of Request Tracker"),
    "rt-mail-sent": ("Mail die Request Tracker verstuurde", "Mail that Request Tracker sent"),
    "rt-merged": ("Samengevoegd ticket in Request Tracker", "Merged ticket in Request Tracker"),
    "rt-sessions": ("Sessies in Request Tracker", "Sessions in Request Tracker"),
    "desk-filename": ("Naam van een bijlage", "Name of an attachment"),
    "desk-markup": ("Adres van een link", "Address of a link"),
    "desk-changed": ("Het bericht zelf, intussen gewijzigd", "The message itself, changed meanwhile"),
    "desk-history": ("Geschiedenis van het ticket", "History of the ticket"),
    "desk-email": ("Oorspronkelijke e-mail in het ticketsysteem", "Original e-mail in the ticket system"),
    "desk-description": ("Omschrijving van het ticket", "Description of the ticket"),
    "desk-notifications": ("Berichten die het ticketsysteem uitstuurde", "Messages that the ticket system sent out"),
}


def label(labels: _Labels, code: str, language: Language) -> str:
    """The label of a code, in `language`; the code itself, made fit to be shown, where it has none."""
    known = labels.get(code)
    return known[language == "en"] if known else plain(code)


def entity(code: str, language: Language, given: Mapping[str, str]) -> str:
    """The label of an entity type; `given` (from rules/entities.yaml) goes before the built-in ones."""
    if code not in given:
        return label(ENTITIES, code, language)
    text = plain(given[code])
    return text[:1].upper() + text[1:]


def reason(code: str, language: Language) -> str:
    """A reason such as "image", or one with details such as "not-verified: budget: depth" -> "… (…: …)"."""
    head, *details = [part.strip() for part in code.split(":", 2)]
    if code in REASONS or not details or head not in REASONS:
        return label(REASONS, code, language)
    inner = ": ".join(label(REASONS, part, language) for part in details)
    return f"{label(REASONS, head, language)} ({inner[:1].lower()}{inner[1:]})"


def place(code: str, language: Language) -> str:
    """A place where a copy may be, such as "backup" or "folder:Archive" -> "Map Archive"."""
    head, colon, detail = code.partition(":")
    if colon and head in PLACES:
        return f"{label(PLACES, head, language)} {plain(detail)}"
    return label(PLACES, code, language)
