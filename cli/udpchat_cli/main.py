"""The entry point: which command, what is missing, how it ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from .arguments import parser
from .exits import CommandError, Exit
from .json_output import emit

_EXTRAS = frozenset(
    ("confusable_homoglyphs", "outcome", "platformdirs", "precis_i18n", "prompt_toolkit", "sniffio", "trio")
)
"""What the extra `cli` brings. Nothing of it is imported before a command needs it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its status."""
    options = parser().parse_args(arguments)
    try:
        if options.command == "server":
            from . import server_command as command  # noqa: PLC0415 - see _EXTRAS
        elif options.command == "relay":
            from . import relay_command as command  # noqa: PLC0415
        elif options.plaintext is not None:
            from . import plaintext_chat as command  # noqa: PLC0415
        else:
            from . import chat_command as command  # noqa: PLC0415
        return _ended(command.run(options))
    except CommandError as error:
        _complain(error, json=options.json)
        return _ended(error.exit)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _EXTRAS:
            raise
        needed = f"udpchat {options.command} needs {error.name}, which is not installed: pip install 'udpchat[cli]'"
        _complain(CommandError(Exit.MISSING, needed), json=options.json)
        return _ended(Exit.MISSING)


def _complain(error: CommandError, *, json: bool) -> None:
    print(f"udpchat: {error}", file=sys.stderr, flush=True)
    if json:
        with suppress(BrokenPipeError):
            emit({"event": "error", "exit": int(error.exit), "text": str(error)})


def _ended(status: Exit) -> int:
    """The status, after what was printed has left, or has nowhere to go."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more when it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(status)
