"""``python -m chorus_outbox``."""

from .cli import main

main()
