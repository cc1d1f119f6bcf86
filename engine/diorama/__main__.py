"""``python -m diorama`` is the command ``diorama``."""

import sys

from diorama.cli import main

if __name__ == "__main__":
    sys.exit(main())
