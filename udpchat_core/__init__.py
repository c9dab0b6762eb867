"""The sans-IO core of udpchat: no clock, no socket, no randomness of its own."""

# pyright: reportUnsupportedDunderAll=false
# The public modules; all others may change in any release.
__all__ = [
    "client",
    "counters",
    "effects",
    "errors",
    "events",
    "gate",
    "keys",
    "limits",
    "path",
    "server",
    "state",
    "states",
    "text",
]
