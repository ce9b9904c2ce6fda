"""``python -m stemedb_analysis``: run the service with settings from the environment."""

import sys

from stemedb.bus import runtime
from stemedb_analysis.service.app import SERVICE, serve
from stemedb_analysis.service.settings import AnalysisSettings


def main() -> None:
    """Run until stopped and exit with a code of ``stemedb.bus.exit_codes``."""
    sys.exit(runtime.run(SERVICE, AnalysisSettings, serve))


if __name__ == "__main__":
    main()
