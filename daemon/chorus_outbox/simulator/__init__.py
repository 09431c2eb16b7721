"""A local Chorus Pro for demonstrations and tests: a real HTTP server, with its state in memory.

It follows the shared API reference (api.md) and is strict where that document says so. It is no source of truth: what
nobody could find out is marked as invented (``codes.INVENTED``). It knows nothing of this program's own client.
"""
