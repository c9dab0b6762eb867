"""The core driven over real sockets, and over a model of a bad network."""

# pyright: reportUnsupportedDunderAll=false
# The public modules; all others may change in any release.
__all__ = [
    "addresses",
    "blocking_client",
    "blocking_server",
    "chat",
    "guide",
    "link",
    "pump",
    "serving",
    "sockets",
    "trio_client",
    "trio_server",
]
