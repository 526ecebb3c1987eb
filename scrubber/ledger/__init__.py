"""The ledger: what was done, provable, without what it was done to."""
