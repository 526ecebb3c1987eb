"""The report: figures from the ledger, for a privacy officer and an auditor."""
