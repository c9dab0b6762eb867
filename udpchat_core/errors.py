"""What the core raises, and at whom.

Network noise never raises: it is dropped and counted. A peer's fault is an event with a code. What is left is
the caller's own mistake, and that is `LocalProtocolError`.
"""

from __future__ import annotations

from udpchat_protocol.codes import Code


class LocalProtocolError(ValueError):
    """The caller asked for something that the protocol does not allow; nothing was changed.

    `code` is the entry of SPEC.md's registry that fits best, `what` the argument or verb at fault.
    """

    def __init__(self, message: str, *, what: str, code: Code = Code.NONE) -> None:
        super().__init__(message)
        self.what = what
        self.code = code
