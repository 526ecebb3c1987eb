"""Ticket systems: one small protocol a desk answers, and the source that everything else sees."""
