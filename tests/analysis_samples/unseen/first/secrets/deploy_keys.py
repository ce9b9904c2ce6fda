"""Fetches release artefacts from the mirror by SFTP."""
import io
import os

import paramiko

HOST = "mirror.lighthouse.example"
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDcDCnqOhJTsVTOUwPvMCg1ELXII/gozZciVHD0ytNqq"
FINGERPRINT = "SHA256:qlsq7DhqNhjVVsaStKTVT_U361l7K8redt5LAKGjoxE"
HEADER = "-----BEGIN OPENSSH PRIVATE KEY-----"
KEY_PATH = os.path.expanduser("~/.ssh/id_mirror")
PASSPHRASE_PROMPT = "Passphrase for the mirror key: "

DEPLOY_KEY = """-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACAiHE/7AyssIDiwu6LuAWC+teVCqvGlezzSWTa/qNY7VAAAAJBYbEenWGxH
pwAAAAtzc2gtZWQyNTUxOQAAACAiHE/7AyssIDiwu6LuAWC+teVCqvGlezzSWTa/qNY7VA
AAAECYwmDkkhuMmAcJp7xDKJKD3eXUPwYGRehGlneIYI1M3iIcT/sDKywgOLC7ou4BYL61
5UKq8aV7PNJZNr+o1jtUAAAABmRlcGxveQECAwQFBgc=
-----END OPENSSH PRIVATE KEY-----
"""


def looks_like_key(text: str) -> bool:
    return text.startswith(HEADER) or text.startswith("-----BEGIN RSA PRIVATE KEY-----")


def connect(password: str | None = None) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    if password:
        client.connect(HOST, username="mirror", password=password, timeout=10)
    else:
        key = paramiko.Ed25519Key.from_private_key(io.StringIO(DEPLOY_KEY))
        client.connect(HOST, username="mirror", pkey=key, timeout=10)
    return client


def connect_with_file() -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(
        HOST,
        username="mirror",
        key_filename=KEY_PATH,
        passphrase=os.environ["MIRROR_PASSPHRASE"],
        timeout=10,
    )
    return client


def connect_to_store() -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(
        "store.lighthouse.example",
        username="keeper",
        password="Leuchtfeuer-1902",
        timeout=10,
    )
    return client


def fetch(name: str, target: str) -> None:
    with connect() as client, client.open_sftp() as sftp:
        sftp.get(f"/releases/{os.path.basename(name)}", target)
