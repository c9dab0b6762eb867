"""The state directory: whose identity it is, one process at a time (docs/cli.md).

Keys are PKCS #8 in PEM, secrets base64url; all of it only for their owner to read. The lock is the system's,
on the key's own file, so that it ends with its process, however that ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from udpchat_core.keys import PrivateKey, new_private_key
from udpchat_core.state import ClientState
from udpchat_stores.clientfile import ClientFile, ClientFileError, SavedServer

from .exits import CommandError, Exit
from .links import SECRET, Link, LinkError, decoded, encoded

if sys.platform != "win32":
    import fcntl


def state_directory(given: str | None) -> Path:
    """The directory that was given, or the one where this system keeps such things; made if it is not there."""
    if given is None:
        from platformdirs import user_state_path  # noqa: PLC0415 - of the extra `cli`, not needed with --state

        path = user_state_path("udpchat", appauthor=False)
    else:
        path = Path(given)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(Exit.STATE, f"the state directory {path} cannot be made: {error.strerror}") from error
    return path


@contextmanager
def member(directory: str | None, link: Link) -> Generator[tuple[ClientState, SavedServer]]:
    """Who is at home in a state directory, as the link's server knows them, and where changes of it are saved.

    Held for this process alone until the block is left; then everything is saved. Raises `CommandError`.
    """
    home = state_directory(directory)
    try:
        with identity(home / "chat.key") as private, closing(ClientFile(home / "chat.sqlite3")) as file:
            saved = file.server(link.address, link.key)
            yield saved.load(private), saved
    except ClientFileError as error:
        raise CommandError(Exit.STATE, str(error)) from error


@contextmanager
def identity(path: Path) -> Generator[PrivateKey]:
    """The private key in the file at `path`, made if there is none, and held for this process alone."""
    with _private_file(path) as file:
        _lock(file, path)
        pem = _read(file)
        if pem:
            yield _from_pem(pem, path)
            return
        key = new_private_key(os.urandom)
        private = X25519PrivateKey.from_private_bytes(key)
        _write(file, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), path)
        yield key


def secret(path: Path) -> bytes:
    """The secret in the file at `path`, made if there is none."""
    with _private_file(path) as file:
        text = _read(file).decode(errors="replace").strip()
        if not text:
            text = encoded(os.urandom(SECRET))
            _write(file, text.encode() + b"\n", path)
    try:
        return decoded(text, SECRET, "secret")
    except LinkError as error:
        raise CommandError(Exit.STATE, f"{path} holds no secret; remove it to have a new one made") from error


@contextmanager
def _private_file(path: Path) -> Generator[int]:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CommandError(Exit.STATE, f"{path} cannot be opened: {error.strerror}") from error
    try:
        if os.fstat(file).st_mode & 0o077 and sys.platform != "win32":
            raise CommandError(
                Exit.STATE, f"others may read {path}; make sure that nobody did, then: chmod 600 '{path}'"
            )
        yield file
    finally:
        os.close(file)


def _lock(file: int, path: Path) -> None:
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(
            Exit.IN_USE,
            f"another process is using the identity in {path.parent}; stop it, or give this one a --state of its own",
        ) from None
    except OSError as error:
        raise CommandError(Exit.STATE, f"{path} cannot be locked: {error.strerror}") from error


def _read(file: int) -> bytes:
    return os.read(file, 65536)


def _write(file: int, data: bytes, path: Path) -> None:
    try:
        os.write(file, data)
        os.fsync(file)
    except OSError as error:
        raise CommandError(Exit.STATE, f"{path} cannot be written: {error.strerror}") from error


def _from_pem(pem: bytes, path: Path) -> PrivateKey:
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, X25519PrivateKey):
        raise CommandError(
            Exit.STATE, f"{path} holds no X25519 key in PEM; put it back from a copy, or remove it for a new identity"
        )
    return PrivateKey(key.private_bytes_raw())
