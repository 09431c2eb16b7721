"""chorus-outbox: drop a PDF invoice into a folder, and it is deposited on Chorus Pro."""

__version__ = "0.1.0"
