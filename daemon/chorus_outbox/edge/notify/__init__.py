"""How messages leave for people: by a child process, which alone loads Apprise."""
