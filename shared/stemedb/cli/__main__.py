"""``python -m stemedb.cli``: the command without its script."""

import sys

from stemedb.cli import main

sys.exit(main())
