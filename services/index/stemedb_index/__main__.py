"""``python -m stemedb_index``: run the service with settings from the environment."""

import sys

from stemedb.bus import runtime
from stemedb_index.app import SERVICE, serve
from stemedb_index.settings import IndexSettings


def main() -> None:
    """Run until stopped and exit with a code of ``stemedb.bus.exit_codes``."""
    sys.exit(runtime.run(SERVICE, IndexSettings, serve))


if __name__ == "__main__":
    main()
