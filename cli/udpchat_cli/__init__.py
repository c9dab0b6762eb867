"""The command line: udpchat server, udpchat chat."""
