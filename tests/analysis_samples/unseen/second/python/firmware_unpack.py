"""Takes firmware of irrigation controllers, unpacks it and rolls it out (Quart)."""
import asyncio
import os
import re
import shlex
import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

import aiofiles
import asyncssh
from invoke import run as invoke_run
from quart import Quart, abort, jsonify, request
from werkzeug.utils import secure_filename

app = Quart(__name__)
app.config["MAX_CONTENT_LENGTH"] = 32 * 1024 * 1024

STORE = Path("/srv/irrigation/firmware")
MODEL = re.compile(r"ic[0-9]{3}")
BUILDERS = {"ic100": "/opt/build/ic100", "ic200": "/opt/build/ic200"}
DRY_RUN = True


async def shell(command):
    process = await asyncio.create_subprocess_shell(command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return out.decode()


async def program(*argv):
    process = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return out.decode()


@app.post("/firmware/tar")
async def receive_tar():
    upload = (await request.files)["image"]
    with tempfile.SpooledTemporaryFile(max_size=1 << 20) as spool:
        spool.write(upload.read())
        spool.seek(0)
        with tarfile.open(fileobj=spool, mode="r:gz") as tar:
            for member in tar.getmembers():
                tar.extract(member, path=STORE)
    return jsonify(ok=True)


@app.post("/firmware/tar-checked")
async def receive_tar_checked():
    upload = (await request.files)["image"]
    with tempfile.TemporaryFile() as spool:
        spool.write(upload.read())
        spool.seek(0)
        with tarfile.open(fileobj=spool) as tar:
            tar.extraction_filter = tarfile.data_filter
            tar.extractall(path=STORE)
    return jsonify(ok=True)


@app.post("/firmware/zip")
async def receive_zip():
    upload = (await request.files)["image"]
    with zipfile.ZipFile(upload.stream) as archive:
        for name in archive.namelist():
            target = os.path.join(STORE, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(name) as source, open(target, "wb") as out:
                shutil.copyfileobj(source, out)
    return jsonify(ok=True)


@app.post("/firmware/zip-checked")
async def receive_zip_checked():
    upload = (await request.files)["image"]
    root = STORE.resolve()
    with zipfile.ZipFile(upload.stream) as archive:
        for info in archive.infolist():
            target = (root / info.filename).resolve()
            if not target.is_relative_to(root) or PurePosixPath(info.filename).is_absolute():
                abort(400)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(info))
    return jsonify(ok=True)


@app.post("/firmware/any")
async def receive_any():
    upload = (await request.files)["image"]
    with tempfile.NamedTemporaryFile(suffix=".tar.gz") as copy:
        copy.write(upload.read())
        copy.flush()
        shutil.unpack_archive(copy.name, STORE)
    return jsonify(ok=True)


@app.post("/firmware/notes")
async def receive_notes():
    upload = (await request.files)["notes"]
    async with aiofiles.open(STORE / "notes" / upload.filename, "wb") as out:
        await out.write(upload.read())
    return jsonify(ok=True)


@app.post("/firmware/notes-checked")
async def receive_notes_checked():
    upload = (await request.files)["notes"]
    name = secure_filename(upload.filename)
    if not name.endswith(".txt"):
        abort(415)
    async with aiofiles.open(STORE / "notes" / name, "wb") as out:
        await out.write(upload.read())
    return jsonify(ok=True)


@app.get("/firmware/hash")
async def firmware_hash():
    name = request.args["name"]
    process = await asyncio.create_subprocess_shell(f"sha256sum {STORE}/{name}")
    return jsonify(code=await process.wait())


@app.get("/firmware/hash-quoted")
async def firmware_hash_quoted():
    name = shlex.quote(os.path.basename(request.args["name"]))
    return jsonify(output=await shell(f"sha256sum -- /srv/irrigation/firmware/{name}"))


@app.get("/firmware/disk")
async def disk():
    return jsonify(output=await shell("df -h /srv/irrigation | tail -1"))


@app.post("/build/<model>")
async def build(model):
    if not MODEL.fullmatch(model) or model not in BUILDERS:
        abort(404)
    return jsonify(output=await program(BUILDERS[model], "--release", model))


@app.post("/build")
async def build_any():
    body = await request.get_json()
    process = await asyncio.create_subprocess_exec(body["compiler"], "--release")
    return jsonify(code=await process.wait())


@app.post("/flash")
async def flash():
    body = await request.get_json()
    async with asyncssh.connect("gate.bewaesserung.example", username="flash", client_keys=["/etc/irrigation/id"], connect_timeout=8) as conn:
        done = await conn.run("flash-tool " + body["controller"])
        also = await conn.run("flash-tool " + shlex.quote(body["controller"]))
    return jsonify(codes=[done.exit_status, also.exit_status])


@app.post("/inspect")
async def inspect():
    controller = (await request.get_json())["controller"]
    done = invoke_run(f"journalctl -u controller@{controller} -n 5", hide=True)
    return jsonify(lines=done.stdout.splitlines())


async def first_contact(number: int):
    async with asyncssh.connect(
        f"ic{number:03d}.bewaesserung.example",
        username="flash",
        client_keys=["/etc/irrigation/id"],
        known_hosts=None,
        connect_timeout=8,
    ) as conn:
        return await conn.run("uname -r", check=True)


def stage(image: bytes) -> Path:
    path = Path(tempfile.mktemp(prefix="ic-"))
    path.write_bytes(image)
    return path


def stage_privately(image: bytes) -> Path:
    directory = Path(tempfile.mkdtemp(prefix="ic-"))
    (directory / "image.bin").write_bytes(image)
    return directory


def note_progress(percent: int):
    Path("/var/tmp/irrigation-progress").write_text(f"{percent}\n", encoding="ascii")


def publish(image: Path):
    image.chmod(mode=0o666)
    os.mkdir(STORE / "ready", 0o755)


def clean_up(folder: str):
    if not DRY_RUN:
        os.system("rm -r /srv/irrigation/old")
    return folder
