"""Policy: whose, asked for, on file, needed; and what follows from it."""
