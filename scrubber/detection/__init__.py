"""Detection: text views to findings, with Presidio and Dutch recognisers."""
