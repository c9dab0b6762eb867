"""The sans-IO core of udpchat: no clock, no socket, no randomness of its own."""
