"""What was observed, as assertions of the store and back, and the world that all replicas tell of."""

from stemedb_analysis.observed.assertions import Observed, assertion_of, observed_of, retraction_of
from stemedb_analysis.observed.plan import plan
from stemedb_analysis.observed.world import Change, World

__all__ = ["Change", "Observed", "World", "assertion_of", "observed_of", "plan", "retraction_of"]
