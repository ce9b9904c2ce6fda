"""Uploads drill-rig telemetry to object storage."""
import argparse
import getpass
import hashlib
import os
import sys

import boto3
from botocore.config import Config

BUCKET = "rig-telemetry-eu"
EXAMPLE_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
KMS_KEY_ARN = "arn:aws:kms:eu-central-1:361448466614:key/ebc84698-6087-4ed5-a5bf-dcf7a7f31ea2"
MANIFEST_ETAG = "8baf8bf4c0b37e5d089a41771f9baa41"

RETRY = Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 4, "mode": "adaptive"})

AWS_ACCESS_KEY_ID = "AKIAGB52MAYHO6RIAUDP"
AWS_SECRET_ACCESS_KEY = "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"

KNOWN_GOOD = {
    "rig-1.parquet": "16691ed09962d8342fc1c31ea8e77436af7ab189884739b02dc8a0519c779bc1",
    "rig-2.parquet": "478190a8eb1efc354823eb41809915dcea68486d24020ea9dcae9f1e118115a6",
    "rig-3.parquet": "d9d3b9b97c96dbb643f75a350c95f318bc0e799caee561835bc7fe7b41679277",
}


def storage(static: bool):
    if static:
        return boto3.client(
            "s3",
            region_name="eu-central-1",
            aws_access_key_id=AWS_ACCESS_KEY_ID,
            aws_secret_access_key=AWS_SECRET_ACCESS_KEY,
            config=RETRY,
        )
    return boto3.client("s3", region_name="eu-central-1", config=RETRY)


def archive_storage():
    return boto3.client(
        "s3",
        endpoint_url="https://archive.rigs.example",
        aws_access_key_id="archive-writer",
        aws_secret_access_key="h70/zxdo18pAQ667BUSVbsnc4UYVLe/2RXjA34JX",
        config=RETRY,
    )


def queue():
    return boto3.client(
        "sqs",
        region_name="eu-central-1",
        aws_access_key_id=os.environ["QUEUE_KEY_ID"],
        aws_secret_access_key=os.environ["QUEUE_SECRET"],
        config=RETRY,
    )


def digest(path: str) -> str:
    h = hashlib.sha256()
    with open(path, "rb") as handle:
        for block in iter(lambda: handle.read(65536), b""):
            h.update(block)
    return h.hexdigest()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Upload telemetry")
    parser.add_argument("--user", default="rig")
    parser.add_argument("--password", default=None, help="password of the gateway, asked for when missing")
    parser.add_argument("--token-file", default="/run/secrets/gateway_token")
    parser.add_argument("--gateway-key", default="5abb89929507cda00cf3e0e9055a1adfefc8fe2a5cee7604")
    return parser.parse_args()


def main() -> int:
    args = arguments()
    password = args.password or getpass.getpass("Password: ")
    if not password:
        print("no password given", file=sys.stderr)
        return 2
    for name, wanted in KNOWN_GOOD.items():
        if digest(name) != wanted:
            print("checksum of", name, "differs", file=sys.stderr)
            return 1
        storage(static=False).upload_file(name, BUCKET, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
