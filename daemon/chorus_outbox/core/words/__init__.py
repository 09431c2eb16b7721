"""The sentences people read, one module per language."""
