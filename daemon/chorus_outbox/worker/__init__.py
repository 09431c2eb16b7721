"""What the daemon does with one invoice after the other. Asks ``core`` what to do, and the ``ports`` to do it.

``admission``: from a settled file to an invoice that may be sent. ``deposit``: the one dangerous sequence, and the
questions after a doubt. ``filing``: the files follow the state. ``loop``: when, and how many at once.
"""
