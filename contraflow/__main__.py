"""Let `python -m contraflow` be the same as the command `contraflow`."""

import sys

from contraflow.cli import main

sys.exit(main())
