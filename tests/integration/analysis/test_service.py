"""The analysis service over the bus: it judges what is in the log, scans on request, and tells of every change."""

import asyncio
import io
import json
import tarfile
from contextlib import contextmanager
from typing import get_args

import orjson
import pytest

from stemedb.bus.client import Client
from stemedb.bus.messages import FindingEvent, FindingsRequest, RootRequest, ScanEvent, ScanRequest
from stemedb.bus.messages.analysis import Verdict
from stemedb.errors import InvalidRequest, NotFound, Overloaded
from stemedb_analysis import corpus
from stemedb_analysis.observed import Observed, assertion_of, retraction_of
from support.command import NOWHERE, stemedb_process
from support.nats import running_server
from support.observing import observation
from support.services import Service, running
from support.waiting import eventually
from support.worlds import demand, id_of

REPLICA = "linted"
BAD = "import requests\n\n\ndef fetch(url):\n    return requests.get(url, verify=False, timeout=5)\n"
GOOD = "import requests\n\n\ndef fetch(url):\n    return requests.get(url, verify=True, timeout=5)\n"
PATIENCE_S = 60


@contextmanager
def linted(folder):
    """Ingest, index and analysis of one replica; yields the server's URL, the mounted code and the running analysis."""
    code = folder / "code"
    code.mkdir()
    with running_server(folder / "nats") as server:
        settings = {"replica": REPLICA, "data_dir": folder / "data", "nats_url": server.url}
        with (
            running("stemedb_ingest", folder / "ingest", **settings),
            running("stemedb_index", folder / "index", **settings),
            running(
                "stemedb_analysis", folder / "analysis", analysis_root=code, analysis_sweep_s=1, **settings
            ) as analysis,
        ):
            yield server.url, code, analysis


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with linted(tmp_path_factory.mktemp("linted")) as made:
        yield made


@pytest.fixture
async def client(world):
    async with await Client.connect(world[0], REPLICA) as connected:
        yield connected


class Heard:
    """Events of one subject, as they come."""

    def __init__(self, kind):
        self.kind = kind
        self.events = []

    async def take(self, message):
        self.events.append(self.kind.decode(message.data))

    async def until(self, condition):
        """Return the first event for which `condition` holds."""
        return await eventually(
            lambda: next((event for event in self.events if condition(event)), None), deadline_s=PATIENCE_S
        )


@pytest.fixture
async def found(client):
    heard = Heard(FindingEvent)
    await client.nats.subscribe(client.subjects.found, cb=heard.take)
    await client.nats.flush()
    return heard


@pytest.fixture
async def scanned(client):
    heard = Heard(ScanEvent)
    await client.nats.subscribe(client.subjects.scanned, cb=heard.take)
    await client.nats.flush()
    return heard


async def appended(client, *statements):
    reply = await client.append(b"\n".join(map(orjson.dumps, statements)))
    assert not reply.errors
    return reply.size


async def findings(client, project, size=None):
    request = FindingsRequest(project=project, verdicts=get_args(Verdict), wait_size=size, timeout_ms=30_000)
    return await client.findings(request)


async def scan(client, scanned, **request):
    reply = await client.scan(ScanRequest(**request))
    return await scanned.until(lambda event: event.scan == reply.scan and event.state != "running")


OF_NOBODY = {"path": "session/lifetime", "predicate": "seconds"}
"""What no fact of the shipped corpus speaks of."""


async def test_what_any_replica_observed_is_judged_and_judged_again(client, found):
    seen = assertion_of(Observed("judged", observation(**OF_NOBODY, value=90_000)))
    size = await appended(client, seen)
    reply = await findings(client, "judged", size)
    (finding,) = reply.findings
    assert (finding.verdict, finding.file, finding.line) == ("UNJUDGED", "app.py", 3)
    assert (reply.passed, reply.unjudged) == (0, 1)

    rule = demand(3600, agent="a regulator", **OF_NOBODY)
    await appended(client, rule)
    event = await found.until(lambda event: event.project == "judged" and event.after == "BLOCK")
    assert (event.before, event.finding.opinions[0].id) == ("UNJUDGED", id_of(rule).hex())

    back = demand(3600, agent="a regulator", supersedes=[id_of(rule).hex()], relation="retracts", **OF_NOBODY)
    await appended(client, back)
    event = await found.until(lambda event: event.project == "judged" and event.before == "BLOCK")
    assert event.after == "UNJUDGED"

    await appended(
        client, retraction_of(Observed("judged", observation(**OF_NOBODY, value=90_000)), id_of(seen).hex())
    )
    event = await found.until(lambda event: event.project == "judged" and event.after is None)
    assert event.finding is None


async def test_findings_come_in_pages(client):
    lines = [
        assertion_of(Observed("paged", observation(**OF_NOBODY, value=1, line=line))) for line in range(1, 8)
    ]
    size = await appended(client, *lines)
    ids, after = [], None
    while True:
        reply = await client.findings(
            FindingsRequest(project="paged", verdicts=("UNJUDGED",), limit=3, after=after, wait_size=size)
        )
        ids += [finding.id for finding in reply.findings]
        after = reply.next
        if after is None:
            break
    assert ids == sorted(id_of(line).hex() for line in lines)
    assert (reply.unjudged, reply.passed, reply.block) == (7, 0, 0)


async def test_a_scan_publishes_what_the_code_says_and_takes_back_what_it_said(world, client, scanned):
    tree = world[1] / "shop"
    tree.mkdir()
    (tree / "app.py").write_text(BAD)
    done = await scan(client, scanned, project="shop", path="shop")
    assert (done.state, done.files, done.reason) == ("done", 1, "")
    assert done.published >= 1
    first = (await findings(client, "shop")).findings
    assert [one.value for one in first if one.path == "tls/cert_verification"] == [False]

    again = await scan(client, scanned, project="shop", path="shop")
    assert (again.published, again.observations) == (0, done.observations)

    (tree / "app.py").write_text(GOOD)
    better = await scan(client, scanned, project="shop", path="shop")
    assert better.published >= 1
    second = (await findings(client, "shop")).findings
    assert [one.value for one in second if one.path == "tls/cert_verification"] != [False]


async def test_a_scan_may_publish_nothing(world, client, scanned):
    tree = world[1] / "quiet"
    tree.mkdir()
    (tree / "app.py").write_text(BAD)
    done = await scan(client, scanned, project="quiet", path="quiet", publish=False)
    assert done.published >= 1
    assert (await findings(client, "quiet")).findings == ()


async def test_a_tree_may_be_uploaded(client, scanned):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        info = tarfile.TarInfo("src/app.py")
        info.size = len(BAD)
        tar.addfile(info, io.BytesIO(BAD.encode()))
    store = await client.nats.jetstream().create_object_store("trees")
    await store.put("sent.tar.gz", archive.getvalue())
    done = await scan(client, scanned, project="sent", object="trees/sent.tar.gz")
    assert (done.state, done.files) == ("done", 1), done.reason
    assert "src/app.py" in {finding.file for finding in (await findings(client, "sent")).findings}


async def test_what_is_no_archive_fails_with_the_reason(client, scanned):
    store = await client.nats.jetstream().create_object_store("junk")
    await store.put("noise", b"no archive at all")
    for name, reason in (("noise", "not an archive"), ("nothing", "not in the object store")):
        done = await scan(client, scanned, project="junk", object=f"junk/{name}")
        assert done.state == "failed"
        assert reason in done.reason


async def test_an_empty_tree_is_not_taken_for_a_clean_one(world, client, scanned):
    (world[1] / "empty").mkdir()
    done = await scan(client, scanned, project="empty", path="empty")
    assert (done.state, done.reason) == (
        "failed",
        "nothing was scanned: no file in a language that the linter reads",
    )


@pytest.mark.parametrize(
    ("path", "error"),
    [("../", InvalidRequest), ("/etc", InvalidRequest), ("nowhere", NotFound), ("\0", NotFound)],
)
async def test_only_what_was_mounted_is_scanned(client, path, error):
    with pytest.raises(error):
        await client.scan(ScanRequest(project="outside", path=path))


async def test_more_scans_than_may_wait_are_refused(world, client, scanned):
    tree = world[1] / "many"
    tree.mkdir()
    (tree / "app.py").write_text(GOOD)
    asked = [client.scan(ScanRequest(project="many", path="many", publish=False)) for _ in range(40)]
    replies = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(reply) for reply in replies} - {Overloaded} != set()
    assert any(isinstance(reply, Overloaded) for reply in replies)
    await eventually(lambda: _idle(client), deadline_s=PATIENCE_S)


async def _idle(client):
    return not (await client.analysis_status()).scans_waiting


async def test_contested_claims_of_the_whole_store_are_found(world, client):
    sides = [
        demand("MIT", scheme="pkg", path="pypi/disputed", predicate="license", agent="ann"),
        demand("GPL", scheme="pkg", path="pypi/disputed", predicate="license", agent="bob"),
    ]
    await appended(client, *sides)

    async def disputed():
        status = await client.analysis_status()
        return next((row for row in status.contested if row.subject.endswith("pypi/disputed")), None)

    row = await eventually(disputed, deadline_s=PATIENCE_S)
    assert (row.predicate, row.claims) == ("license", 2)
    assert 0 < row.disagreement <= 1
    assert world[2].metrics()["stemedb_analysis_contested_claims"] >= 1


async def test_a_second_analysis_of_one_replica_is_refused(world, tmp_path):
    service = Service.launch("stemedb_analysis", tmp_path, replica=REPLICA, nats_url=world[0])
    try:
        await eventually(lambda: service.process.poll() is not None, deadline_s=PATIENCE_S)
        assert "another analysis answers" in service.stderr
    finally:
        service.kill()


FAULTS = (
    "import hashlib\nimport requests\n\n\ndef hash_password(password):\n    return hashlib.md5(password).hexdigest()\n\n\n"
    "def fetch(url):\n    return requests.get(url, verify=False, timeout=5)\n"
)


async def test_a_replica_without_a_corpus_judges_as_the_command_line_does(tmp_path):
    with linted(tmp_path) as (url, code, _):

        async def command(*arguments):
            line = ("--nats", url, "--replica", REPLICA, *arguments)
            return await asyncio.to_thread(stemedb_process, *line, env=NOWHERE)

        (code / "shop").mkdir()
        (code / "shop/app.py").write_text(FAULTS)
        async with await Client.connect(url, REPLICA) as client:
            found, scanned = Heard(FindingEvent), Heard(ScanEvent)
            await client.nats.subscribe(client.subjects.found, cb=found.take)
            await client.nats.subscribe(client.subjects.scanned, cb=scanned.take)
            await client.nats.flush()
            done = await scan(client, scanned, project="shop", path="shop")
            reply = await findings(client, "shop")
            status = await client.analysis_status()
            assert (status.authorities, status.shipped) == (0, len(corpus.facts()))
            assert done.block == reply.block == 2
            assert done.unjudged == reply.unjudged == status.projects[0].unjudged
            assert [one for one in found.events if one.after == "PASS" and not one.finding.opinions] == []

            there = await command("scan", code / "shop", "--no-publish", "--format", "json")
            assert [
                (one["verdict"], one["path"], one["line"]) for one in json.loads(there.out)["findings"]
            ] == sorted(
                (
                    (one.verdict, one.path, one.line)
                    for one in reply.findings
                    if one.verdict in {"BLOCK", "FLAG"}
                ),
                key=lambda row: row[2],
            ), "the command line finds what the service does"

            told = len(found.events)
            loaded = await command("corpus", "load")
            assert loaded.code == 0, loaded.err
            size = (await client.status()).size
            assert (await findings(client, "shop", size)).findings == reply.findings
            status = await client.analysis_status()
            assert (status.authorities, status.shipped) == (len(corpus.facts()), 0)
            assert len(found.events) == told, "loading the corpus changes nothing"


TYPO = demand(scheme="team", path="tls/cert_verificatoin")
BANANA = demand("banana", scheme="team")


async def test_authorities_that_cannot_be_read_are_counted_and_named(tmp_path):
    with linted(tmp_path) as (url, _, analysis):
        async with await Client.connect(url, REPLICA) as client:
            await appended(client, TYPO, BANANA, demand(scheme="tea", path="colour", predicate="is"))

            async def refused():
                return (await client.analysis_status()).refused_claims

            rows = await eventually(refused, deadline_s=PATIENCE_S)
            assert [(one.subject, one.reason) for one in rows] == [
                ("team://9110/tls/cert_verification", "value"),
                ("team://9110/tls/cert_verificatoin", "unregistered"),
            ]
            assert rows[0].why == "got 'banana', want a boolean for tls/cert_verification enabled"
            assert rows[1].nearest[0] == "tls/cert_verification enabled"
            assert (await client.analysis_status()).refused == {"unregistered": 1, "value": 1}

            def counted():
                metrics = analysis.metrics()
                return [
                    metrics[f"stemedb_analysis_refused{{reason={one}}}"]
                    for one in ("unregistered", "value", "comparison")
                ]

            await eventually(lambda: counted() == [1, 1, 0], deadline_s=PATIENCE_S)


async def test_a_scan_beside_a_replica_names_the_authorities_there_that_cannot_be_read(tmp_path):
    with linted(tmp_path) as (url, code, _):
        (code / "shop").mkdir()
        (code / "shop/app.py").write_text(BAD)
        async with await Client.connect(url, REPLICA) as client:
            size = await appended(client, TYPO, BANANA)
            await client.root(
                RootRequest(wait_size=size, timeout_ms=20_000)
            )  # the map is what the command reads
        line = ("--nats", url, "--replica", REPLICA)
        explained = await asyncio.to_thread(
            stemedb_process, *line, "scan", code / "shop", "--no-publish", "--explain", env=NOWHERE
        )
        assert "2 unknown" in explained.out
        assert "demanded, and not in the registry; nearest: tls/cert_verification enabled" in explained.out
        assert "value: got 'banana', want a boolean" in explained.out
        covered = await asyncio.to_thread(
            stemedb_process, *line, "--json", "coverage", code / "shop", env=NOWHERE
        )
        states = {one["path"]: one for one in covered.records}
        assert states["team://9110/tls/cert_verificatoin"]["state"] == "not in the registry"
        assert states["team://9110/tls/cert_verificatoin"]["nearest"][0] == "tls/cert_verification enabled"
        scanned = await asyncio.to_thread(
            stemedb_process, *line, "scan", code / "shop", "--no-publish", "--format", "json", env=NOWHERE
        )
        join = json.loads(scanned.out)["join"]
        assert join["unknown"] == [
            "team://9110/tls/cert_verification enabled",
            "team://9110/tls/cert_verificatoin enabled",
        ]
        assert join["unknown_claims"][1]["nearest"][0] == "tls/cert_verification enabled"


async def test_a_restart_remembers_everything_and_tells_of_nothing(tmp_path):
    with linted(tmp_path) as (url, code, analysis):
        async with await Client.connect(url, REPLICA) as client:
            size = await appended(client, assertion_of(Observed("kept", observation())), demand())
            before = await findings(client, "kept", size)
            assert before.block == 1
            analysis.stop()
            heard = Heard(FindingEvent)
            await client.nats.subscribe(client.subjects.found, cb=heard.take)
            await client.nats.flush()
            settings = {"replica": REPLICA, "nats_url": url, "analysis_root": code}
            with running("stemedb_analysis", tmp_path / "again", **settings):
                after = await findings(client, "kept", size)
                assert after.findings == before.findings
                assert heard.events == []
