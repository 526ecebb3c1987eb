"""The sample mailbox of `scrubber demo`: invented people, invented numbers, real mail."""

from scrubber.demo.mailbox import MARKER, SETTINGS, build
from scrubber.demo.samples import SampleMail, index

__all__ = ["MARKER", "SETTINGS", "SampleMail", "build", "index"]
