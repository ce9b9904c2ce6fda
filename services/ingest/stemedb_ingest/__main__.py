"""``python -m stemedb_ingest``: run the service with settings from the environment."""

import sys

from stemedb.bus import runtime
from stemedb_ingest.app import SERVICE, serve
from stemedb_ingest.settings import IngestSettings


def main() -> None:
    """Run until stopped and exit with a code of ``stemedb.bus.exit_codes``."""
    sys.exit(runtime.run(SERVICE, IngestSettings, serve))


if __name__ == "__main__":
    main()
