"""``stemedb keygen``: a new signing key, the secret half to a file that only its owner can read."""

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from stemedb.cli import exits
from stemedb.cli.session import Session
from stemedb.errors import Refused


def keygen(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where the secret seed goes (created, mode 0600).")],
) -> None:
    """Make a signing key: the seed into FILE, the public key on standard output.

    The public key (U…) is the name under which statements are signed: use it as --agent to make the
    signature compulsory for that agent, and give the file to `stemedb publish --sign-with`.
    """
    from stemedb.statements import signing

    session = Session.of(context)
    seed = signing.new_seed(secrets.token_bytes(signing.KEY_BYTES))
    public = signing.public_key(seed)
    write_secret(file, f"{seed}\n".encode())
    if session.output.as_json:
        session.output.record({"public": public, "seed_file": str(file)})
    else:
        session.output.text(public)
        session.output.note(f"the secret seed is in {file}: keep it, and keep it to yourself")


def write_secret(path: Path, secret: bytes) -> None:
    """Write ``secret`` to a new file of mode 0600; durable when it returns. Refused if the file exists."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise exits.with_hint(
            Refused(f"{path}: there is a file already, and it may hold a key"), "choose another file name"
        ) from None
    try:
        os.write(handle, secret)
        os.fsync(handle)
    finally:
        os.close(handle)
