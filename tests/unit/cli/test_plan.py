"""What runs where, before anything runs."""

import json
import socket
from itertools import pairwise
from pathlib import Path

import pytest

from stemedb.cli import embedded, exits
from stemedb.cli import plan as planning
from stemedb.cli.plan import AMONG_PEERS, HOST, SERVER_PORTS, free_port, plan
from stemedb.errors import InvalidRequest, Refused
from stemedb.storage.replica import ReplicaDirectory

PORTS = {"ingest": 9464, "index": 9465, "sync": 9466}


def test_one_replica_lives_in_the_directory_itself_and_runs_no_sync(tmp_path):
    made = plan(tmp_path, "local", nats_port=4222, http_ports=PORTS)
    (site,) = made.sites
    assert site.data == tmp_path
    assert dict(site.http_ports) == {"ingest": 9464, "index": 9465}
    assert made.processes == ["nats-server", "ingest", "index"]
    assert site.nats_url == "nats://127.0.0.1:4222"


def test_several_replicas_have_a_folder_ports_and_processes_each(tmp_path):
    made = plan(tmp_path, "local", 3, nats_port=4222, http_ports=PORTS)
    assert [site.replica for site in made.sites] == ["local", "local-2", "local-3"]
    assert [site.data for site in made.sites] == [tmp_path / site.replica for site in made.sites]
    assert [site.nats_port for site in made.sites] == [4222] * 3
    assert dict(made.sites[2].http_ports) == {"ingest": 9484, "index": 9485, "sync": 9486}
    assert made.services == AMONG_PEERS
    assert len(set(made.processes)) == 10


def test_code_to_scan_brings_the_analysis_service_with_it(tmp_path):
    made = plan(tmp_path, "local", http_ports=PORTS | {"analysis": 9467}, code=tmp_path / "code")
    (site,) = made.sites
    assert dict(site.http_ports) == {"ingest": 9464, "index": 9465, "analysis": 9467}
    assert site.services()[-1].environment["STEMEDB_ANALYSIS_ROOT"] == str(tmp_path / "code")


def test_a_free_port_is_none_that_connections_get(monkeypatch):
    ports = {free_port() for _ in range(20)}
    assert ports <= set(SERVER_PORTS)
    assert len(ports) > 1
    taken = socket.create_server((HOST, 0))
    port = taken.getsockname()[1]
    monkeypatch.setattr(planning, "SERVER_PORTS", [port] * planning.PORT_TRIES)
    assert free_port() not in {port, 0}, "where all are taken, the system chooses"
    taken.close()


def test_free_ports_are_all_different(tmp_path):
    ports = list(plan(tmp_path, "local", 16, own_servers=True).ports.values())
    assert len(set(ports)) == len(ports) == 64


def test_servers_of_their_own_are_a_star_of_leaf_nodes_with_separate_jetstream(tmp_path):
    made = plan(tmp_path, "local", 3, nats_port=4222, own_servers=True)
    written = [json.loads(conf(server, tmp_path)) for server in made.servers]
    assert [settings["port"] for settings in written] == [4222, 4223, 4224]
    assert [site.nats_port for site in made.sites] == [4222, 4223, 4224]
    domains = [settings["jetstream"]["domain"] for settings in written]
    stores = {settings["jetstream"]["store_dir"] for settings in written}
    assert domains == ["local", "local-2", "local-3"]
    assert len(stores) == 3
    hub, *leaves = (settings["leafnodes"] for settings in written)
    assert hub["no_advertise"]
    remotes = [leaf["remotes"][0]["url"] for leaf in leaves]
    assert len({*remotes, f"nats-leaf://127.0.0.1:{hub['port']}"}) == 3, (
        "each leaf dials its link, not the hub"
    )
    links = embedded._links(made)
    assert [f"nats-leaf://127.0.0.1:{link.port}" for link in links.values()] == remotes
    assert {link.target for link in links.values()} == {hub["port"]}


def conf(server, folder: Path) -> str:
    return Path(server.child(folder).command[-1]).read_text(encoding="utf-8")


def test_jetstream_fsyncs_before_it_acknowledges(tmp_path):
    (server,) = plan(tmp_path, "local").servers
    assert json.loads(conf(server, tmp_path))["jetstream"]["sync_interval"] == "always"


def test_replicas_beside_one_another_are_of_one_realm(tmp_path):
    made = plan(tmp_path, "local", 2)
    for _ in range(2):
        embedded.prepare(made)
    realms = {ReplicaDirectory.open(site.data).realm for site in made.sites}
    assert len(realms) == 1


def test_a_replica_of_another_realm_is_refused(tmp_path):
    ReplicaDirectory.create(tmp_path / "local-2", "local-2")
    with pytest.raises(Refused, match="another realm"):
        embedded.prepare(plan(tmp_path, "local", 2))


@pytest.mark.parametrize(("first", "then"), list(pairwise([1, 2, 1])))
def test_a_directory_of_one_is_not_taken_for_one_of_several_nor_the_reverse(tmp_path, first, then):
    embedded.prepare(plan(tmp_path, "local", first))
    with pytest.raises(Refused, match="holds") as refused:
        embedded.prepare(plan(tmp_path, "local", then))
    assert "--data" in exits.hint(refused.value)


@pytest.mark.parametrize("name", ["nats", "run"])
def test_a_replica_cannot_bear_the_name_of_a_folder_beside_it(tmp_path, name):
    with pytest.raises(InvalidRequest, match="folder"):
        plan(tmp_path, name, 2)
