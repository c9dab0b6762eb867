"""What codes mean, in words for the person at the keyboard."""

from __future__ import annotations

from udpchat_protocol.codes import Code

REFUSED = {
    Code.NONE: "an answer did not verify: a wrong secret or key, or answers forged by somebody in between",
    Code.SECRET: "the server is closed and did not accept the secret: wrong secret, or a forged answer",
    Code.KEY: "the server did not accept the handshake: the link is another server's or out of date, "
    "or the answer is forged",
    Code.VERSION: "the server speaks no version of udpchat that this program knows, or the answer is forged",
    Code.FULL: "the server is full",
    Code.BUSY: "the server is busy",
    Code.LIMIT: "too many sessions of this identity",
}
"""Why there is no session."""

TEMPORARY = frozenset((Code.FULL, Code.BUSY))
"""Refusals that may well be over soon."""

CLOSED = {
    Code.REPLACED: "this identity connected from elsewhere, which ended this session",
    Code.PROTOCOL: "the server ended the session: it took something we sent for broken",
    Code.VERSION: "no version of udpchat that both know, or a better one was hidden by somebody in between",
    Code.KEY: "the server does not accept this identity",
}
"""Why a session ended for good."""

FAILED = {
    Code.LIMIT: "the server allows no more",
    Code.NOT_JOINED: "the room was not joined",
    Code.NAME: "that name is not allowed",
    Code.NICK_TAKEN: "that nick belongs to somebody else, or looks like one that does; choose another",
    Code.TEXT: "that text is not allowed",
    Code.STORAGE: "the server could not store it",
    Code.RANGE: "there is nothing there",
}
"""Why the server refused a command."""


def reason(table: dict[Code, str], code: Code, told: str = "") -> str:
    """The words for a code, with what the server told."""
    words = table.get(code, f"code {code.name}")
    return f"{words} ({told})" if told else words


def changed_key(server: str, expected: str, shown: str) -> str:
    """What a person must know before they trust another key."""
    return (
        f"the key of {server} has changed.\n"
        f"  trusted so far: {expected}\n"
        f"  now it shows:   {shown}\n"
        "Either the server was installed anew, or somebody between you and it wants to read along.\n"
        "Ask who runs it, by another way. If the new key is right: --accept-new-key"
    )


def unknown_key(server: str, shown: str) -> str:
    """Why a first visit needs somebody's consent."""
    return (
        f"{server} shows the key {shown}, which was never seen before.\n"
        "Use its join link, which holds the right key, or trust what it shows: --accept-new-key"
    )


def secret_missing(server: str) -> str:
    """What a closed server needs."""
    return f"{server} is closed: use its join link, which holds the secret (put it in quotes, for the '#')"
