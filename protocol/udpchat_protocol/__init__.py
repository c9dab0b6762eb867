"""The wire of UDPCHAT/1: packets, frames, entries, limits and codes."""

# pyright: reportUnsupportedDunderAll=false
# The public modules; all others may change in any release.
__all__ = ["codes", "constants", "limits", "text"]
