"""The worker: fetch, scrub, replace, record, defer, stop. All I/O of the flow is here and in what it calls.

Per source and cycle: finish what a crash left, hear what people said, then what is new, then what is due. StoreError
ends the run before the next message is touched; anything else that goes wrong with one message stays with that message.
"""

from __future__ import annotations

from scrubber.worker.loop import Worker

__all__ = ["Worker"]
