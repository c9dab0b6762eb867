"""The wire of UDPCHAT/1: packets, frames, entries, limits and codes."""
