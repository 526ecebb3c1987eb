"""Secrets: what follows "wachtwoord", "pincode" or "token", and keys that show by their form. The secret only."""
