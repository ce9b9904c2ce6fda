"""The kustomize base under ``services``: what it resolves to, against the schemas of Kubernetes and the rules of the deployment."""

import re
import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[3]
BASE = ROOT / "services"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
KUBERNETES = ("1.31", "1.34")
"""Versions that the base is checked against."""
CUSTOM = {"PodMonitor", "PrometheusRule"}
"""Kinds of other parties, which the schemas of Kubernetes do not have."""
KUSTOMIZE = next(
    (
        [name, *arguments]
        for name, arguments in (("kustomize", ("build",)), ("kubectl", ("kustomize",)))
        if shutil.which(name)
    ),
    None,
)
KNOWN = {"apiVersion", "kind", "resources", "configMapGenerator", "images", "namePrefix", "labels"}
"""What the resolver below understands of a kustomization; anything else fails the test instead of being overlooked."""


def resolve(folder):
    """Return the resources that a kustomization comes to, as far as this base makes use of kustomize."""
    rules = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    assert rules.keys() <= KNOWN, folder
    found = []
    for name in rules["resources"]:
        path = (folder / name).resolve()
        if path.is_dir():
            found += resolve(path)
        else:
            assert path.is_relative_to(folder), f"{name}: kustomize reads no file outside of {folder}"
            found += [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]
    for generator in rules.get("configMapGenerator", []):
        files = [folder / name for name in generator["files"]]
        data = {path.name: path.read_text(encoding="utf-8") for path in files}
        metadata = {"name": generator["name"]}
        found.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    for resource in found:
        for rule in rules.get("labels", []):
            label(resource, rule)
        prefix(resource, rules.get("namePrefix", ""))
        for container in containers(resource):
            for image in rules.get("images", []):
                if container["image"] == image["name"]:
                    container["image"] += f":{image['newTag']}"
    return found


def label(resource, rule):
    assert rule["includeSelectors"]
    resource["metadata"]["labels"] |= rule["pairs"]
    selector = resource["spec"]["selector"]
    (selector["matchLabels"] if resource["kind"] == "StatefulSet" else selector).update(rule["pairs"])
    if resource["kind"] == "StatefulSet":
        resource["spec"]["template"]["metadata"]["labels"] |= rule["pairs"]
        for claim in resource["spec"]["volumeClaimTemplates"]:
            claim["metadata"]["labels"] = rule["pairs"]


def prefix(resource, text):
    resource["metadata"]["name"] = text + resource["metadata"]["name"]
    if resource["kind"] == "StatefulSet":
        resource["spec"]["serviceName"] = text + resource["spec"]["serviceName"]


def containers(resource):
    if resource["kind"] != "StatefulSet":
        return []
    pod = resource["spec"]["template"]["spec"]
    return [*pod.get("initContainers", []), *pod["containers"]]


RESOURCES = resolve(BASE)
BY_NAME = {(one["kind"], one["metadata"]["name"]): one for one in RESOURCES}
SETS = [one for one in RESOURCES if one["kind"] == "StatefulSet"]
PODS = {one["metadata"]["name"]: one["spec"]["template"] for one in SETS}
CONTAINERS = [(name, one) for name, pod in zip(PODS, SETS, strict=True) for one in containers(pod)]
REPLICAS = ("east", "west")

each_resource = pytest.mark.parametrize("name", sorted(BY_NAME), ids="/".join)
each_container = pytest.mark.parametrize(
    ("pod", "container"), CONTAINERS, ids=[f"{pod}/{one['name']}" for pod, one in CONTAINERS]
)


@pytest.mark.skipif(KUSTOMIZE is None, reason="neither kustomize nor kubectl is installed")
def test_kustomize_itself_comes_to_the_same():
    done = subprocess.run([*KUSTOMIZE, BASE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # A generated ConfigMap carries the digest of its content in its name, so that a change of it starts its pods anew.
    text, changed = re.subn(r"\bname: stemedb-nats-[a-z0-9]{10}\b", "name: stemedb-nats", done.stdout)
    assert changed == 2
    built = [one for one in yaml.safe_load_all(text) if one]
    assert {(one["kind"], one["metadata"]["name"]): one for one in built} == BY_NAME


def test_names_are_unique_and_all_is_there():
    assert len(BY_NAME) == len(RESOURCES)
    assert {name for kind, name in BY_NAME if kind == "StatefulSet"} == {
        "stemedb-nats",
        *(f"{replica}-stemedb" for replica in REPLICAS),
    }


@pytest.mark.parametrize("version", KUBERNETES)
@each_resource
def test_a_resource_is_what_kubernetes_takes(name, version):
    resource = BY_NAME[name]
    if resource["kind"] not in CUSTOM:
        kubernetes_validate.validate(resource, version, strict=True)


@each_resource
def test_a_resource_has_the_label_by_which_all_are_found_and_no_namespace(name):
    metadata = BY_NAME[name]["metadata"]
    assert name[0] == "ConfigMap" or metadata["labels"]["app.kubernetes.io/part-of"] == "stemedb"
    assert "namespace" not in metadata, "that is for an overlay to say"


@each_container
def test_a_container_can_do_no_more_than_it_must_and_has_bounds(pod, container):
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"].keys() == {"requests", "limits"}
    for bounds in container["resources"].values():
        assert bounds.keys() == {"cpu", "memory"}
    assert re.fullmatch(r"(stemedb-\w+:\d+\.\d+\.\d+|nats:\d+\.\d+-alpine)", container["image"])


@each_container
def test_a_container_that_stays_is_probed_on_a_port_it_has(pod, container):
    if container["name"] in {one["name"] for one in PODS[pod]["spec"].get("initContainers", [])}:
        return
    ports = {port["name"] for port in container["ports"]}
    for probe in ("readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["port"] in ports


@pytest.mark.parametrize("name", PODS)
def test_a_pod_is_unprivileged_and_alone(name):
    spec = PODS[name]["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == spec["securityContext"]["fsGroup"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert BY_NAME["StatefulSet", name]["spec"]["replicas"] == 1
    numbers = [port["containerPort"] for one in spec["containers"] for port in one["ports"]]
    assert len(set(numbers)) == len(numbers), "containers of a pod share their ports"


@pytest.mark.parametrize("name", PODS)
def test_selectors_find_their_pod_and_no_other(name):
    def fits(selector, pod):
        return selector.items() <= pod["metadata"]["labels"].items()

    own = BY_NAME["StatefulSet", name]["spec"]
    for selector in (
        own["selector"]["matchLabels"],
        BY_NAME["Service", own["serviceName"]]["spec"]["selector"],
    ):
        assert [other for other, pod in PODS.items() if fits(selector, pod)] == [name]


@pytest.mark.parametrize("replica", REPLICAS)
def test_the_services_of_a_replica_share_a_volume_and_a_process_namespace(replica):
    pod = PODS[f"{replica}-stemedb"]
    assert pod["spec"]["shareProcessNamespace"] is True
    assert pod["metadata"]["labels"]["stemedb.io/replica"] == replica
    assert [one["name"] for one in pod["spec"]["containers"]] == ["ingest", "index", "sync"]
    for container in pod["spec"]["containers"]:
        assert {"name": "data", "mountPath": "/data"} in container["volumeMounts"]
        environment = {one["name"]: one for one in container["env"]}
        assert "stemedb.io/replica" in environment["STEMEDB_REPLICA"]["valueFrom"]["fieldRef"]["fieldPath"]
        assert environment["STEMEDB_HTTP_PORT"]["value"] == str(container["ports"][0]["containerPort"])
        user = container["name"]
        assert (
            environment["STEMEDB_NATS_URL"]["value"] == f"nats://{user}:$(STEMEDB_PASSWORD)@stemedb-nats:4222"
        )
        password = environment["STEMEDB_PASSWORD"]["valueFrom"]["secretKeyRef"]
        assert password == {"name": "stemedb", "key": f"STEMEDB_{user.upper()}_PASSWORD"}
        names = list(environment)
        assert names.index("STEMEDB_PASSWORD") < names.index("STEMEDB_NATS_URL"), "it is put in from before"


def test_both_deployments_give_their_services_the_same_settings():
    different = {"STEMEDB_PASSWORD", "STEMEDB_HTTP_PORT", "STEMEDB_NATS_WAIT_S"}
    optional = {"STEMEDB_LOG_FORMAT", "STEMEDB_SYNC_PEERS"}
    for container in PODS["east-stemedb"]["spec"]["containers"]:
        here = {one["name"] for one in container["env"]} - different
        there = COMPOSE["services"][f"east-{container['name']}"]["environment"].keys() - optional
        assert here == there


def test_every_secret_that_is_asked_for_is_in_the_example():
    asked = {
        entry["valueFrom"]["secretKeyRef"]["key"]
        for _, container in CONTAINERS
        for entry in container.get("env", [])
        if "secretKeyRef" in entry.get("valueFrom", {})
    }
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert asked <= set(re.findall(r"^(\w+)=$", example, re.MULTILINE))


def test_the_nats_server_has_the_deployed_configuration_and_all_passwords_in_quotation_marks():
    data = BY_NAME["ConfigMap", "stemedb-nats"]["data"]
    assert set(re.findall(r'^include "(.+)"$', data["nats.conf"], re.MULTILINE)) < data.keys()
    wanted = set(re.findall(r"^\s*password: \$(\w+)$", data["nats.conf"], re.MULTILINE))
    (nats,) = [one for _, one in CONTAINERS if one["name"] == "nats"]
    given = {one["name"]: one["value"] for one in nats["env"] if "value" in one}
    secrets = {
        one["name"]: one["valueFrom"]["secretKeyRef"]["key"] for one in nats["env"] if "valueFrom" in one
    }
    assert given == {key: f'"$({name})"' for name, key in secrets.items()}
    assert given.keys() == wanted
    assert nats["command"] == ["/bin/sh", "/etc/nats/start", "nats-server", "--config", "/etc/nats/nats.conf"]
    assert "start" in data, "it refuses short passwords"


def test_the_network_lets_through_what_is_needed_by_ports_that_exist():
    ports = {port["name"] for _, one in CONTAINERS for port in one.get("ports", [])}
    for kind, name in BY_NAME:
        if kind == "NetworkPolicy":
            spec = BY_NAME[kind, name]["spec"]
            assert spec["policyTypes"] == ["Ingress", "Egress"]
            for rule in spec["ingress"]:
                assert rule["from"], "never from everywhere"
                assert {port["port"] for port in rule["ports"]} <= ports
    covered = [
        BY_NAME["NetworkPolicy", name]["spec"]["podSelector"]["matchLabels"]
        for name in ("stemedb-replica", "stemedb-nats")
    ]
    for name, pod in PODS.items():
        assert any(labels.items() <= pod["metadata"]["labels"].items() for labels in covered), name


def test_every_metrics_port_is_scraped_with_the_labels_of_the_dashboards():
    spec = BY_NAME["PodMonitor", "stemedb"]["spec"]
    scraped = {endpoint["port"] for endpoint in spec["podMetricsEndpoints"]}
    assert scraped == {
        port["name"]
        for _, one in CONTAINERS
        if one["image"].startswith("stemedb-")
        for port in one.get("ports", [])
    }
    for endpoint in spec["podMetricsEndpoints"]:
        assert {rule["targetLabel"] for rule in endpoint["relabelings"]} == {"job", "replica", "service"}
        (job,) = [rule["replacement"] for rule in endpoint["relabelings"] if rule["targetLabel"] == "job"]
        assert job == ("nats" if endpoint["port"] == "nats-monitor" else "stemedb"), "rules ask for it"


def test_the_rules_are_those_of_prometheus():
    rules = yaml.safe_load((BASE / "prometheus" / "rules" / "stemedb.rules.yml").read_text(encoding="utf-8"))
    assert BY_NAME["PrometheusRule", "stemedb"]["spec"] == rules


def test_drained_nodes_take_one_replica_at_a_time_and_replicas_spread_over_nodes():
    budget = BY_NAME["PodDisruptionBudget", "stemedb-replica"]["spec"]
    assert budget["maxUnavailable"] == 1
    wanted = budget["selector"]["matchLabels"]
    assert {name for name, pod in PODS.items() if wanted.items() <= pod["metadata"]["labels"].items()} == {
        f"{replica}-stemedb" for replica in REPLICAS
    }
    for replica in REPLICAS:
        pod = PODS[f"{replica}-stemedb"]
        (spread,) = pod["spec"]["topologySpreadConstraints"]
        (expression,) = spread["labelSelector"]["matchExpressions"]
        assert pod["metadata"]["labels"][expression["key"]] in expression["values"]
