"""The command ``clearline``, and ``python -m clearline``. Ctrl-C ends it at any moment without a
stack of calls, also while its parts are still being loaded."""

import importlib
import signal
import sys

INTERRUPTED = 130


def main() -> None:
    """Load the command line and run it."""
    try:
        importlib.import_module("clearline.cli.main").main()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # there is nothing left that it could stop
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
