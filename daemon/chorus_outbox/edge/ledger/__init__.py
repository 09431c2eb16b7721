"""The ledger: where the state of every invoice is kept."""
