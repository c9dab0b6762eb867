"""The core driven over real sockets, and over a model of a bad network."""
