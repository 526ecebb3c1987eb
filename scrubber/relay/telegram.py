"""Deleting the customer's message at Telegram, where a bot may: in a private chat, within 48 hours.

Source: Telegram Bot API, "deleteMessage". A bot never edits what somebody else wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from scrubber.errors import SourceError
from scrubber.finding import Copy, CopyState
from scrubber.sources.desk.http import Client, HttpError

URL = "https://api.telegram.org"
ALLOWED = timedelta(hours=48)
PLACE = "channel"


class Telegram:
    """`token`: of the bot, asked anew each time; it is part of the address, and so of no error text."""

    def __init__(self, token: Callable[[], str], url: str = URL, *, private: bool = False) -> None:
        self._token = token
        self._client = Client(
            url,
            private=private,
            url_key="channel_url",
            token_key="bot_token_env",  # noqa: S106 - the name of a setting
            timeout=10.0,
            limit=64 * 1024,
            attempts=2,
        )

    def delete(self, message: Any, now: datetime) -> Copy:
        """Delete a message that was redacted for the desk; what is left of it at the channel."""
        place = _place(message)
        if place is None:
            return Copy(PLACE, CopyState.REMAINS, "staat nog in de Telegram-chat: geen privégesprek met de bot")
        chat, number, sent = place
        if now - sent >= ALLOWED:
            return Copy(PLACE, CopyState.REMAINS, "staat nog in de Telegram-chat: ouder dan 48 uur")
        try:
            answer = self._client.request(
                "POST",
                f"/bot{quote(self._token(), safe=':')}/deleteMessage",
                json={"chat_id": chat, "message_id": number},
                again=True,  # deleting twice is deleting once
            ).json()
        except HttpError as error:
            # 400 "message to delete not found": deleted before, by us or by the customer; or refused. Not told apart.
            state = CopyState.UNKNOWN if error.status == 400 else CopyState.REMAINS
            return Copy(PLACE, state, f"Telegram verwijderde het bericht niet (antwoord {error.status})")
        except SourceError:
            return Copy(PLACE, CopyState.REMAINS, "staat nog in de Telegram-chat: Telegram was niet bereikbaar")
        if not isinstance(answer, dict) or answer.get("result") is not True:
            return Copy(PLACE, CopyState.UNKNOWN, "Telegram zei niet dat het bericht verwijderd is")
        return Copy(PLACE, CopyState.CLEANED, "verwijderd uit de Telegram-chat; een melding op een toestel kan blijven")

    def close(self) -> None:
        self._client.close()


def _place(message: Any) -> tuple[int, int, datetime] | None:
    """Chat, number and moment of a message in a private chat; None: it is none."""
    if not isinstance(message, dict):
        return None
    chat, number, sent = message.get("chat"), message.get("message_id"), message.get("date")
    if not isinstance(chat, dict) or chat.get("type") != "private" or "business_connection_id" in message:
        return None
    if not isinstance(chat.get("id"), int) or not isinstance(number, int) or not isinstance(sent, int):
        return None
    try:
        return chat["id"], number, datetime.fromtimestamp(sent, UTC)
    except (ValueError, OverflowError, OSError):
        return None
