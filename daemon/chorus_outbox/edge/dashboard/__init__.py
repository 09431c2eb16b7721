"""The page and the table that people look at, written beside the folders. What they show: ``core/overview.py``."""
