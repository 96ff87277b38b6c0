"""How an installation is reached: sockets, certificates, the client proxy, and the processes that serve."""
