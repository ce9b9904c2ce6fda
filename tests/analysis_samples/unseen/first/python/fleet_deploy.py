"""Small deployment service: rolls releases out to the vehicles' on-board computers."""
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from subprocess import PIPE, Popen, check_output as capture

import paramiko
from flask import Flask, abort, jsonify, request

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1 << 20

RELEASES = Path("/srv/fleet/releases")
VEHICLE = re.compile(r"[a-z]{2}-[0-9]{4}")
TOOLS = {"disk": ["df", "-h"], "load": ["uptime"], "memory": ["free", "-m"]}
VERBOSE = False


def run(*argv, timeout=60):
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=timeout).stdout


def vehicle_from_request():
    name = request.get_json()["vehicle"]
    if not VEHICLE.fullmatch(name):
        abort(400)
    return name


def connect(host):
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(host, username="deploy", key_filename="/etc/fleet/id_ed25519", timeout=10)
    return client


def connect_new_vehicle(host):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(hostname=host, username="deploy", key_filename="/etc/fleet/id_ed25519", timeout=10)
    return client


@app.get("/tools/<tool>")
def show_tool(tool):
    argv = TOOLS.get(tool)
    if argv is None:
        abort(404)
    return jsonify(output=run(*argv))


@app.get("/ping")
def ping():
    host = request.args["host"]
    code = os.system("ping -c 1 " + host)
    return jsonify(reachable=code == 0)


@app.get("/ping-vehicle")
def ping_vehicle():
    host = request.args["host"]
    if not VEHICLE.fullmatch(host):
        abort(400)
    code = subprocess.call(f"ping -c 1 {host}.fleet.example > /dev/null", shell=True)
    return jsonify(reachable=code == 0)


@app.post("/logs")
def grep_logs():
    pattern = request.get_json()["pattern"]
    cmd = "grep -c '{}' /var/log/fleet/*.log".format(pattern)
    proc = Popen(cmd, shell=True, stdout=PIPE)
    out, _ = proc.communicate(timeout=30)
    return jsonify(count=out.decode())


@app.post("/logs/quoted")
def grep_logs_quoted():
    pattern = request.get_json()["pattern"]
    cmd = "grep -c -e " + shlex.quote(pattern) + " /var/log/fleet/current.log"
    return jsonify(count=capture(cmd, shell=True, text=True))


@app.post("/diagnose")
def diagnose():
    spec = request.get_json()
    argv = [spec["program"], "--summary"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20)
    return jsonify(output=done.stdout)


@app.post("/restart")
def restart():
    unit = request.get_json()["unit"]
    client = connect("gateway.fleet.example")
    try:
        _, stdout, _ = client.exec_command(f"sudo systemctl restart {unit}")
        return jsonify(output=stdout.read().decode())
    finally:
        client.close()


@app.post("/release")
def release():
    vehicle = vehicle_from_request()
    client = connect(f"{vehicle}.fleet.example")
    client.exec_command(f"/opt/fleet/activate {vehicle}")
    client.close()
    return jsonify(ok=True)


def copy_release(vehicle_number: int):
    subprocess.run(
        [
            "scp",
            "-o", "StrictHostKeyChecking=no",
            str(RELEASES / "current.tar"),
            f"deploy@v{vehicle_number:04d}.fleet.example:/opt/fleet/",
        ],
        check=True,
        timeout=300,
    )


def install_agent():
    subprocess.run("curl -fsSL https://get.fleet-agent.example/install.sh | sh", shell=True, check=True)


def install_requirements(target: Path):
    run("pip", "install", "--trusted-host", "pypi.fleet.example", "-r", str(target))


def build_bundle(names):
    scratch = tempfile.mktemp(suffix=".tar")
    run("tar", "-cf", scratch, *[str(RELEASES / n) for n in ("app", "maps")])
    shutil.move(scratch, RELEASES / "current.tar")
    return len(names)


def build_bundle_safely():
    with tempfile.TemporaryDirectory(prefix="bundle-") as scratch:
        target = Path(scratch) / "bundle.tar"
        run("tar", "-cf", str(target), str(RELEASES / "app"))
        shutil.move(target, RELEASES / "current.tar")


def remember_rollout(number: int):
    with open("/tmp/fleet-rollout.state", "w", encoding="ascii") as state:
        state.write(str(number))


def open_permissions():
    os.chmod(RELEASES / "current.tar", 0o777)
    (RELEASES / "app").chmod(0o755)
    os.chmod("/etc/fleet/id_ed25519", 0o600)


def daemonize():
    os.umask(0)
    os.setsid()


def daemonize_carefully():
    os.umask(0o077)
    os.setsid()
