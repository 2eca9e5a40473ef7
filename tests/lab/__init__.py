"""Real backends that the tests bring up on this machine and take down again."""
