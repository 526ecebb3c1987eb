"""What the commands do, one module a group; `cli` parses and calls them."""
