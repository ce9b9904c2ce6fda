"""``compose.yaml`` keeps the rules of the deployment, as YAML and without an engine."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
REPLICAS = ("east", "west", "north")
OF_A_REPLICA = ("ingest", "index", "sync")
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")

every_service = pytest.mark.parametrize("name", sorted(SERVICES))


def texts(node):
    """Yield every string below a node of the file."""
    if isinstance(node, dict):
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    elif isinstance(node, str):
        yield node


def example():
    """Return the settings of ``.env.example``."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@every_service
def test_a_service_can_do_no_more_than_it_must(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "container_name", "ipc", "devices"} & service.keys()
    assert service.get("user", "65534:65534") != "0"
    assert service.get("network_mode") in {None, "none"}


@every_service
def test_a_service_has_bounds_and_comes_back(name):
    service = SERVICES[name]
    assert re.fullmatch(r"[0-9]+m", service["mem_limit"])
    assert service["memswap_limit"] == service["mem_limit"], (
        "no swap beyond it: at its limit it ends and starts again"
    )
    assert 0 < service["cpus"] <= 2
    assert 0 < service["pids_limit"] <= 512
    assert service["restart"] == "unless-stopped"
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@every_service
def test_a_service_stops_in_time_or_has_nothing_to_finish(name):
    service = SERVICES[name]
    grace = "5s" if name != "prometheus" else "30s"
    assert service.get("stop_signal") == "SIGKILL" or service["stop_grace_period"] == grace


@every_service
def test_ports_are_on_loopback_only(name):
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{STEMEDB_\w+_PORT:-\d+\}:\d+", port), port


@every_service
def test_an_image_is_our_own_build_or_has_a_pinned_version(name):
    service = SERVICES[name]
    if "build" in service:
        assert service["image"] == f"stemedb-{service['build']['args']['SERVICE']}"
        assert service["build"]["dockerfile"] == "services/Dockerfile"
    else:
        assert re.fullmatch(r"[a-z]+(/[a-z]+)?:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", service["image"])


@every_service
def test_a_foreign_image_has_a_health_check_and_ours_brings_its_own(name):
    service = SERVICES[name]
    assert "build" in service or service["healthcheck"]["test"][0] == "CMD"


@every_service
def test_what_a_service_waits_for_is_healthy(name):
    for other, rule in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        assert rule == {"condition": "service_healthy"}


@every_service
def test_mounted_files_exist_and_are_read_only(name):
    for volume in SERVICES[name].get("volumes", []):
        source, _, *mode = VARIABLE.sub(lambda match: match[3], volume).split(":")
        if source.startswith("."):
            assert mode == ["ro"], volume
            assert (ROOT / source).exists(), volume
        else:
            assert source in COMPOSE["volumes"], volume


@pytest.mark.parametrize("replica", REPLICAS)
def test_what_holds_a_process_namespace_stays_when_our_images_are_built_anew(replica):
    """Compose would make it anew, and whatever shares the namespace would die in the middle of that."""
    assert "build" not in SERVICES[replica]
    assert SERVICES[replica]["image"] not in {one["image"] for one in SERVICES.values() if "build" in one}


@pytest.mark.parametrize("replica", REPLICAS)
def test_the_services_of_a_replica_share_its_volume_and_one_process_namespace(replica):
    assert SERVICES[replica]["network_mode"] == "none"
    for service in OF_A_REPLICA:
        one = SERVICES[f"{replica}-{service}"]
        assert one["pid"] == f"service:{replica}"
        assert one["volumes"] == [f"{replica}:/data"]
        assert one["environment"]["STEMEDB_REPLICA"] == replica
        assert one["environment"]["STEMEDB_NATS_URL"].startswith(
            f"nats://{service}:${{STEMEDB_{service.upper()}"
        )
        assert one["environment"]["STEMEDB_NATS_INBOX"] == f"_INBOX_{service}"
        wanted = {replica, "nats"} if service == "ingest" else {replica, f"{replica}-ingest"}
        assert one["depends_on"].keys() == wanted


def test_replicas_differ_in_nothing_but_their_name():
    def of(replica):
        return {
            name.removeprefix(replica): yaml.safe_load(
                yaml.safe_dump({key: value for key, value in service.items() if key != "profiles"}).replace(
                    replica, "REPLICA"
                )
            )
            for name, service in SERVICES.items()
            if name == replica or name.startswith(f"{replica}-")
        }

    assert of("east") == of("west") == of("north")
    assert len(of("east")) == len(OF_A_REPLICA) + 1


def test_the_third_replica_is_a_profile_and_everything_else_starts_at_once():
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert profiles == {name: ["north"] for name in ("north", *(f"north-{one}" for one in OF_A_REPLICA))}


def test_every_variable_is_in_the_example_and_the_other_way_round():
    asked = {match[1] for text in texts(COMPOSE) for match in VARIABLE.finditer(text)}
    assert asked == example().keys()


def test_secrets_have_no_default_and_are_refused_as_the_example_leaves_them():
    given = example()
    for text in texts(COMPOSE):
        for name, operator, default in VARIABLE.findall(text):
            secret = name.endswith(("_PASSWORD", "_KEY"))
            assert secret == (operator == "?"), text
            if secret:
                assert given[name] == "", f"{name}: the example has a value that somebody might keep"
            else:
                assert given[name] == default


def test_every_password_of_the_nats_server_comes_from_the_environment_in_quotation_marks():
    config = (ROOT / "services" / "nats" / "nats.conf").read_text(encoding="utf-8")
    wanted = set(re.findall(r"^\s*password: \$(\w+)$", config, re.MULTILINE))
    assert len(wanted) == config.count("password:")
    given = SERVICES["nats"]["environment"]
    assert given.keys() == wanted
    for name, value in given.items():
        assert re.fullmatch(rf'"\$\{{{name}:\?[^}}]+\}}"', value)
