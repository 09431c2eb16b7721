"""Decisions at their edges: what mutants found that the other tests had left open."""
