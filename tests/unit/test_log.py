"""Logs: encoded once, cut into pieces that fit, read back in pages (SPEC.md 8)."""

from hashlib import sha256

import pytest

from proves import proves
from udpchat_core.log import PAGE, Log, first_check, next_check
from udpchat_protocol.frames import Entry, split_untrusted
from udpchat_protocol.limits import MAX_PLAINTEXT


def offsets(data: bytes) -> list[int]:
    return [Entry.parse_untrusted(body).offset for _, body in split_untrusted(data)]


def log_of(count: int, size: int = 4, tail: int | None = None) -> Log:
    log = Log(7, tail=tail)
    for n in range(count):
        assert log.append(0x41, bytes(size)) == n
    return log


@proves("UC-LOG-12")
def test_checks_are_the_running_hash() -> None:
    assert first_check(1) == bytes(7) + b"\x01"
    assert next_check(first_check(1), 0x41, b"body") == sha256(first_check(1) + b"\x41body").digest()[:8]


@proves("UC-LOG-1", "UC-WIRE-13")
def test_a_piece_holds_as_many_entries_as_fit_and_is_shared() -> None:
    log = log_of(100, 100)
    piece = log.piece(0, 100)
    assert piece is not None
    assert len(piece.data) <= MAX_PLAINTEXT < len(piece.data) + 116
    assert offsets(piece.data) == list(range(piece.end))
    assert piece.spans == ((7, 0, piece.end),)
    assert log.piece(0, 100) is piece
    small = log.piece(0, 100, 250)
    assert small is not None
    assert offsets(small.data) == [0, 1]
    assert log.piece(0, 100, 100) is None
    few = log.piece(0, 3)
    assert few is not None
    assert offsets(few.data) == [0, 1, 2]
    assert log.piece(100, 100) is None
    big = log_of(1, 1152).piece(0, 1)
    assert big is not None
    assert len(big.data) == MAX_PLAINTEXT


def test_a_piece_at_the_head_grows_with_the_log() -> None:
    log = log_of(1)
    assert log.piece(0, log.head)
    log.append(0x41, b"more")
    piece = log.piece(0, log.head)
    assert piece is not None
    assert offsets(piece.data) == [0, 1]


def test_the_tail_is_bounded_and_what_is_older_is_wanted() -> None:
    log = log_of(400, tail=100)
    assert log.head == 400
    assert 200 <= log.base <= 300
    assert log.piece(70, 400) is None
    assert log.wanted == {64}
    log.load(64, [(0x41, bytes(4))] * PAGE)
    piece = log.piece(70, 400)
    assert piece is not None
    assert offsets(piece.data)[0] == 70
    assert piece.end <= 64 + PAGE
    assert log.wanted == set()


def test_a_page_that_was_short_when_it_came_is_asked_for_again() -> None:
    log = Log(7, base=100, tail=20)
    assert log.piece(80, 100) is None
    log.load(64, [(0x41, b"x")] * 36)
    piece = log.piece(80, 100)
    assert piece is not None
    assert offsets(piece.data)[-1] == 99
    for _ in range(100):
        log.append(0x41, b"y")
    assert log.base > 100
    assert log.piece(100, log.head) is None
    assert log.wanted == {64}


def test_what_is_no_longer_kept_is_not_asked_for_for_ever() -> None:
    log = Log(7, base=200)
    assert log.piece(70, 200) is None
    log.load(64, [(0x41, b"x")] * 54, lost=10)
    assert log.piece(70, 200) is None
    assert log.wanted == set()
    piece = log.piece(74, 200)
    assert piece is not None
    assert offsets(piece.data) == list(range(74, 128))


@pytest.mark.parametrize("first", [0, 5, 10, 99])
def test_trim_forgets_what_is_below(first: int) -> None:
    log = log_of(10)
    log.trim(first)
    assert (log.base, log.head) == (min(first, 10), 10)
    log.trim(0)
    assert log.base == min(first, 10)


@pytest.mark.parametrize("tail", [None, 3, 10])
def test_the_size_is_that_of_the_frames_in_the_tail(tail: int | None) -> None:
    log = Log(7, tail=tail)
    for n in range(60):
        log.append(0x41, bytes(n * 7 % 50))
        if n % 13 == 12:
            log.trim(log.head - n % 5)
        frames = log.frames(log.base, log.head)
        assert len(frames) == log.head - log.base
        assert log.size == sum(map(len, frames))
    log.trim(log.head)
    assert log.size == 0
