"""In front of the desk: a channel's webhook is scrubbed on its way to the desk, and nothing of its text is kept."""
