"""What agents say of a whole matter, in an internal note or a tag, and what follows from it for its messages."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Connection

from scrubber.errors import MessageChanged, MessageGone
from scrubber.message import SourceRef
from scrubber.sources.base import MatterWord, Signal
from scrubber.worker.hand import Hand
from scrubber.worker.recognition import Look, Recognition, matter_ref
from scrubber.worker.words import Handle, Hold, Listening, follow, heard_entry


class MatterWords:
    """Each word is heard once, with one entry in the record. What is new in the matter is handled first, knowing it.

    needed: what waits is put off, to its last day at most, and what would go as unasked for waits too.
    asked: what would go as unasked for waits. done: what waits goes now. wrong: what stands in the matter now is left
    alone. missed: it is looked at again, and its last message is held for a person.
    """

    def __init__(self, hand: Hand, look: Look, recognition: Recognition, handle: Handle, hold: Hold) -> None:
        self._hand = hand
        self._look = look
        self._handle = handle
        self._listening = Listening(hand, look, recognition, handle, hold)

    def hear(self, container: str) -> None:
        hand, look = self._hand, self._look
        matters, name = look.station.sweeps, look.station.source.name
        if matters is None:
            return
        ref = matter_ref(SourceRef(name, container, ""))
        with hand.apart(look.station, ref), suppress(MessageGone, MessageChanged):
            said = matters.words(container)
            marks = hand.journal.marks(name, [container]) if said else set()
            for word in said:
                known = hand.recorder.digests.marks(word.word, word.mark)
                if hand.stop.is_set():
                    return
                if marks.isdisjoint(known):
                    self._one(ref, word, known[0])

    def _one(self, ref: SourceRef, word: MatterWord, mark: str) -> None:
        hand, look = self._hand, self._look
        look.said[ref] = word.word
        here = [listed for listed in look.listed.values() if listed.ref.container == ref.container]
        for listed in here:
            standing = look.known.get(listed.ref)
            if listed.ref not in look.flying and (standing is None or look.wants(standing, hand.options.attempts)):
                self._arrived(listed.ref)
        before = [one.ref for one in here if word.at is None or one.received <= word.at]
        refs = [one for one in before if one in look.known]
        if word.word == "missed" and refs:
            self._missed(refs, word, mark)
            return
        journal, now = hand.journal, hand.clock()

        def then(tx: Connection) -> None:
            journal.hear(tx, ref, mark, word.word, now)
            for one in refs:
                follow(journal, tx, one, word.word, word.until, now)

        hand.recorder.record(heard_entry(hand, look.station, ref, word.word, word.who), then)
        for one in refs:
            look.now_known(journal, one)
        hand.recorder.count.heard(ref.source, hand.recorder.name(ref), word.word)

    def _arrived(self, ref: SourceRef) -> None:
        """Handle a message that no pass handled yet."""
        look = self._look
        self._handle(look, self._hand.fetch(look.station, ref))
        look.now_known(self._hand.journal, ref)

    def _missed(self, refs: Sequence[SourceRef], word: MatterWord, mark: str) -> None:
        """Remove what today's rules find in all of them; a person must look at the last one."""
        for ref in refs[:-1]:
            self._handle(self._look, self._hand.fetch(self._look.station, ref))
        self._listening.act(Signal(refs[-1], "missed", word.who), mark)
