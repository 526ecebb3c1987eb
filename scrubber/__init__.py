"""scrubber: removes personal data that a Dutch support desk neither asked for nor needs, and proves it."""

__version__ = "0.1.0"
