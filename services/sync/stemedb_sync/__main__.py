"""``python -m stemedb_sync``: run the service with settings from the environment."""

import sys

from stemedb.bus import runtime
from stemedb_sync.app import SERVICE, serve
from stemedb_sync.settings import SyncSettings


def main() -> None:
    """Run until stopped and exit with a code of ``stemedb.bus.exit_codes``."""
    sys.exit(runtime.run(SERVICE, SyncSettings, serve))


if __name__ == "__main__":
    main()
