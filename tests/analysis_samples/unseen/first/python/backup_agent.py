"""Nightly backups of the parish archives: dump, pack, copy to the vault, report."""
import argparse
import contextlib
import gzip
import hashlib
import logging
import os
import random
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from telnetlib import Telnet

import boto3
import paramiko
from botocore.config import Config

log = logging.getLogger("backup")

VAULT = "vault.pfarrarchiv.example"
KEY_FILE = Path("/etc/backup/vault.key")
STAGING = Path("/var/lib/backup/staging")
LOCK = "/tmp/backup.lock"
MAX_TRIES = 5

S3_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 4, "mode": "standard"})


class Vault:
    policy = paramiko.WarningPolicy()

    def __init__(self, user="archive"):
        self.user = user
        self.ssh = paramiko.SSHClient()

    def __enter__(self):
        self.ssh.load_host_keys("/etc/backup/known_hosts")
        self.ssh.set_missing_host_key_policy(paramiko.RejectPolicy())
        self.ssh.connect(VAULT, username=self.user, key_filename=str(KEY_FILE), timeout=15)
        return self

    def __exit__(self, *exc):
        self.ssh.close()

    def put(self, local: Path):
        with contextlib.closing(self.ssh.open_sftp()) as sftp:
            sftp.put(str(local), "incoming/" + local.name)


class LooseVault(Vault):
    def __enter__(self):
        self.ssh.set_missing_host_key_policy(self.policy)
        self.ssh.connect(VAULT, username=self.user, key_filename=str(KEY_FILE), timeout=15)
        return self


def object_store():
    return boto3.client("s3", endpoint_url="https://s3.pfarrarchiv.example", config=S3_CONFIG)


def old_object_store():
    return boto3.client(
        "s3",
        endpoint_url="https://s3-old.pfarrarchiv.example",
        verify=False,
        config=S3_CONFIG,
    )


def museum_store():
    return boto3.client(
        "s3",
        aws_access_key_id="AKIA4ZQ7XWJ2MNR5TBLC",
        aws_secret_access_key="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",
        config=S3_CONFIG,
    )


def annex_store():
    return boto3.client("s3", endpoint_url="http://s3.annex.pfarrarchiv.example:9000", config=S3_CONFIG)


def write_key(material: bytes):
    KEY_FILE.write_bytes(material)
    KEY_FILE.chmod(0o644)


def write_key_carefully(material: bytes):
    fd = os.open(KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as stream:
        stream.write(material)


def publish_report(text: str):
    report = Path("/var/www/backup/report.txt")
    report.write_text(text, encoding="utf-8")
    os.chmod(report, stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IROTH)


def share_staging():
    os.chmod(STAGING, stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO)
    os.makedirs(STAGING / "in", mode=0o750, exist_ok=True)


def take_lock():
    with open(LOCK, "w", encoding="ascii") as lock:
        lock.write(str(os.getpid()))


def take_lock_privately():
    with open("/run/backup/agent.lock", "w", encoding="ascii") as lock:
        lock.write(str(os.getpid()))


def pack(source: Path) -> Path:
    handle, name = tempfile.mkstemp(suffix=".gz", dir=STAGING)
    with os.fdopen(handle, "wb") as raw, gzip.GzipFile(fileobj=raw) as out:
        out.write(source.read_bytes())
    return Path(name)


def pack_for_annex(source: Path) -> Path:
    name = os.path.join(tempfile.gettempdir(), "annex-backup.gz")
    with gzip.open(name, "wb") as out:
        out.write(source.read_bytes())
    return Path(name)


def checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def annex_checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def dump(database: str, target: Path):
    if database not in {"baptisms", "marriages", "burials"}:
        raise ValueError(database)
    with target.open("wb") as out:
        subprocess.run(["pg_dump", "--format=custom", database], stdout=out, check=True, timeout=1800)


def wake_tape_robot():
    with Telnet("tape.pfarrarchiv.example", 23, timeout=10) as session:
        session.write(b"load slot 4\r\n")


def send(path: Path):
    for attempt in range(MAX_TRIES):
        try:
            with Vault() as vault:
                vault.put(path)
            return
        except OSError:
            time.sleep(2**attempt + random.random())
    raise RuntimeError("the vault cannot be reached")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--umask", default="027")
    parser.parse_args()
    os.umask(0o027)
    for database in ("baptisms", "marriages", "burials"):
        target = STAGING / f"{database}.dump"
        dump(database, target)
        send(pack(target))
        log.info("%s sent, %s", database, checksum(target))


if __name__ == "__main__":
    main()
