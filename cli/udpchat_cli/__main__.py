"""`python -m udpchat_cli`, the same as `udpchat`."""

import sys

from .main import main

sys.exit(main())
