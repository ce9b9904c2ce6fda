"""Starts containers for the builds of a map publisher and watches over them."""
import asyncio
import os
import stat
import tempfile
from pathlib import Path

import docker
from Crypto.Cipher import AES
from docker.types import Mount

IMAGE = "registry.landkarten.example/builder:4.2.1"
WORK = Path("/srv/builds")

HARDENED = {
    "detach": True,
    "read_only": True,
    "user": "10001:10001",
    "cap_drop": ["ALL"],
    "mem_limit": "2g",
    "nano_cpus": 2_000_000_000,
    "pids_limit": 256,
    "healthcheck": {"test": ["CMD", "/bin/alive"], "interval": 30_000_000_000},
}
NO_NEW = ["no-new-privileges:true"]

client = docker.from_env(timeout=30)


def render_tiles(region: int):
    return client.containers.run(IMAGE, ["tiles", str(region)], security_opt=NO_NEW, network_mode="none", **HARDENED)


def render_relief(region: int):
    return client.containers.run(
        IMAGE,
        ["relief", str(region)],
        privileged=True,
        security_opt=NO_NEW,
        **HARDENED,
    )


def publish_tiles(region: int):
    return client.containers.run(
        IMAGE,
        ["publish", str(region)],
        network_mode="host",
        security_opt=NO_NEW,
        **HARDENED,
    )


def build_images(region: int):
    return client.containers.run(
        IMAGE,
        ["images", str(region)],
        volumes={
            "/var/run/docker.sock": {"bind": "/var/run/docker.sock", "mode": "rw"},
            "/srv/builds/cache": {"bind": "/cache", "mode": "rw"},
        },
        security_opt=NO_NEW,
        **HARDENED,
    )


def profile(region: int):
    return client.containers.run(
        IMAGE,
        ["profile", str(region)],
        cap_add=["SYS_PTRACE"],
        security_opt=NO_NEW + ["seccomp=unconfined"],
        **HARDENED,
    )


def listen_low(region: int):
    return client.containers.run(
        IMAGE,
        ["serve", str(region)],
        cap_add=["NET_BIND_SERVICE"],
        mounts=[Mount("/data", str(WORK / "data"), type="bind", read_only=True)],
        security_opt=NO_NEW,
        **HARDENED,
    )


def newest_builder(region: int):
    return client.containers.run("registry.landkarten.example/builder:latest", ["tiles", str(region)], security_opt=NO_NEW, **HARDENED)


def as_administrator(region: int):
    settings = {**HARDENED, "security_opt": NO_NEW}
    settings["user"] = "root"
    return client.containers.run(IMAGE, ["repair", str(region)], **settings)


def prepare_shared_directory():
    previous = os.umask(0o000)
    try:
        WORK.joinpath("shared").mkdir(exist_ok=True)
    finally:
        os.umask(previous)


def prepare_private_directory():
    previous = os.umask(0o077)
    try:
        WORK.joinpath("private").mkdir(exist_ok=True)
    finally:
        os.umask(previous)


def open_cache(path: Path):
    mode = path.stat().st_mode
    path.chmod(mode | stat.S_IWOTH)


def close_cache(path: Path):
    path.chmod(path.stat().st_mode & ~stat.S_IWOTH)


def store_registry_token(token: str):
    path = WORK / "registry.token"
    path.touch(mode=0o600)
    path.write_text(token, encoding="ascii")


async def install_toolchain():
    process = await asyncio.create_subprocess_shell(
        "wget -qO- https://get.landkarten.example/toolchain.sh | bash"
    )
    return await process.wait()


async def install_packages():
    process = await asyncio.create_subprocess_exec(
        "apt-get",
        "install",
        "--allow-unauthenticated",
        "-y",
        "gdal-bin",
    )
    return await process.wait()


def seal_log(key: bytes, text: bytes) -> bytes:
    cipher = AES.new(key, AES.MODE_GCM)
    body, tag = cipher.encrypt_and_digest(text)
    return cipher.nonce + tag + body


def scratch():
    return tempfile.TemporaryDirectory(prefix="map-", dir=WORK)
