"""Where the entries of rooms are kept."""

# pyright: reportUnsupportedDunderAll=false
# The public modules; all others may change in any release.
__all__ = ["clientfile", "memory"]
