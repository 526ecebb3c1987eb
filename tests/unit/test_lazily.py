from __future__ import annotations

from scrubber.lazily import lazily


class _Page:
    def __init__(self) -> None:
        self.looks = 0

    @lazily
    def words(self) -> int:
        """How often."""
        self.looks += 1
        return self.looks


def test_it_is_worked_out_once_an_instance() -> None:
    page, other = _Page(), _Page()
    assert (page.words, page.words, page.looks, other.looks) == (1, 1, 1, 0)
    assert _Page.words.__doc__ == "How often."
