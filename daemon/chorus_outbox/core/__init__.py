"""The trade's rules. Nothing in here touches a disk, a socket, the clock or chance."""
