"""Real servers for the tests: each is started on free loopback ports in a directory of its own and stopped again."""
