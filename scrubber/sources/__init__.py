"""Sources: where messages stand, and how one is replaced there."""
