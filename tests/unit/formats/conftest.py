"""Opening payloads and replacing a value in every view that shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from scrubber.finding import Edit
from scrubber.formats.registry import Opened, open_tree

Open = Callable[..., Opened]
Replace = Callable[..., bytes]


@pytest.fixture
def opened() -> Open:
    """opened(payload, media_type="message/rfc822", parameters=None)."""

    def call(payload: bytes, media_type: str = "message/rfc822", parameters: Mapping[str, str] | None = None) -> Opened:
        return open_tree(payload, media_type, parameters)

    return call


@pytest.fixture
def replace() -> Replace:
    """replace(payload, old, new, media_type="message/rfc822", parameters=None): in every view, every time."""

    def call(
        payload: bytes,
        old: str,
        new: str,
        media_type: str = "message/rfc822",
        parameters: Mapping[str, str] | None = None,
    ) -> bytes:
        tree = open_tree(payload, media_type, parameters)
        edits = []
        for view in tree.views:
            at = view.text.find(old)
            while at >= 0:
                edits.append(Edit(view.path, at, at + len(old), new))
                at = view.text.find(old, at + len(old))
        assert edits, "the value is in no view"
        return tree.apply(edits)

    return call
