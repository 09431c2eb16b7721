"""The shared folders and the private spool: files looked at, copied, moved and written so that none is ever lost."""
