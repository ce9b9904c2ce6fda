"""Both sides of a reconciliation in one process: a client, a server function, and a record of what passed between."""

from dataclasses import dataclass, field

from stemedb.mst import diff, forced_levels, memory_tree
from stemedb.mst.reconcile import Reconciliation, answer

REALM = bytes(range(32))
NONCE = bytes(range(100, 116))


@dataclass
class Transcript:
    """Requests and replies, round by round."""

    rounds: list[list[tuple[bytes, bytes]]] = field(default_factory=list)

    @property
    def messages(self):
        return [pair for messages in self.rounds for pair in messages]


def tree_of(entries, level=None):
    """Return a temporary tree of a dict, its levels forced if `level` is given."""
    tree = memory_tree(REALM, levels=None if level is None else forced_levels(level))
    tree.apply(dict(entries).items())
    tree.root_digest  # noqa: B018 - hashed, as a snapshot is
    return tree


def run(reconciliation, server, transcript=None):
    """Carry requests to `server` (bytes in, bytes out) and replies back until there is an outcome."""
    while not reconciliation.finished:
        messages = [(request, server(request)) for request in reconciliation.requests()]
        # The last reply comes first: their order must not matter.
        for index in reversed(range(len(messages))):
            reconciliation.fold(index, messages[index][1])
        if transcript is not None:
            transcript.rounds.append(messages)
    return reconciliation.outcome


def reconcile(local, remote, transcript=None, *, server=None, server_limits=None, **options):
    """Return the outcome of `local` asking `remote`."""
    extra = () if server_limits is None else (server_limits,)
    serve = server or (lambda request: answer(remote, request, *extra))
    return run(Reconciliation(local, remote.root_digest, NONCE, **options), serve, transcript)


def pull(puller, outcome, join):
    """Take over what is missing, as a replica does: value by value through the join."""
    return puller.merge([(change.key, change.new) for change in outcome.missing], join)


def assert_exact(outcome, local, remote):
    """Assert that the outcome is the difference of the two maps, compared entry by entry."""
    ours, theirs = dict(local.items()), dict(remote.items())
    keys = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
    want = [(key, ours.get(key), theirs.get(key)) for key in keys]
    assert [tuple(change) for change in outcome.changes()] == want
    assert [tuple(change) for change in outcome.missing] == [c for c in want if c[2] is not None]
    assert [tuple(change) for change in outcome.surplus()] == [c for c in want if c[2] is None]
    assert [tuple(change) for change in diff(local, remote)] == want
    assert outcome.proven
