"""Maintenance endpoints of the print farm."""
import asyncio
import os
import re
import shlex
import subprocess
from functools import wraps
from subprocess import Popen as spawn

from flask import Blueprint, abort, jsonify, request

bp = Blueprint("jobs", __name__)

PRINTERS = {"north": "prn-n-01", "south": "prn-s-01"}
ACTIONS = ("status", "pause", "resume")
JOB_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def shell(line):
    return subprocess.run(line, shell=True, capture_output=True, text=True, timeout=20)


def run(*argv):
    return subprocess.run(list(argv), capture_output=True, text=True, timeout=20)


def checked_name(value):
    if not JOB_NAME.fullmatch(value):
        abort(400)
    return value


def with_printer(view):
    @wraps(view)
    def inner(*args, **kwargs):
        return view(request.args.get("printer", ""), *args, **kwargs)

    return inner


@bp.get("/queue")
def queue():
    return jsonify(lines=shell("lpstat -p " + request.args["printer"]).stdout)


@bp.get("/queue/list")
def queue_list():
    return jsonify(lines=run("lpstat", "-p", checked_name(request.args["printer"])).stdout)


@bp.get("/free")
def free_space():
    return jsonify(lines=os.popen("df -h /var/spool/cups").read())


@bp.get("/usage")
def usage():
    folder = request.args.get("folder", "jobs")
    return jsonify(lines=os.popen(f"du -sh /var/spool/{folder}").read())


@bp.get("/usage/quoted")
def usage_quoted():
    folder = shlex.quote(request.args.get("folder", "jobs"))
    return jsonify(lines=os.popen("du -sh -- " + folder).read())


@bp.post("/cancel")
@with_printer
def cancel(printer):
    os.system("cancel -a %s" % printer)
    return jsonify(ok=True)


@bp.post("/restart")
@with_printer
def restart(printer):
    device = PRINTERS.get(printer)
    if device is None:
        abort(404)
    os.system("cupsenable %s" % device)
    return jsonify(ok=True)


@bp.post("/do")
def do_action():
    action = request.json["action"]
    if action not in ACTIONS:
        abort(400)
    subprocess.check_call(f"printfarm {action} all", shell=True, timeout=10)
    return jsonify(ok=True)


@bp.post("/tool")
def any_tool():
    tool = request.json["tool"]
    out = subprocess.check_output([tool, "--version"], timeout=10)
    return jsonify(version=out.decode())


@bp.post("/convert")
def convert():
    parts = ["gs", "-dSAFER", "-sDEVICE=pdfwrite"]
    for key, value in request.form.items():
        parts.append("-s" + key + "=" + value)
    line = " ".join(parts)
    proc = spawn(line, shell=True)
    return jsonify(code=proc.wait(60))


@bp.post("/convert/pages")
def convert_pages():
    first, last = int(request.form["first"]), int(request.form["last"])
    line = "gs -dSAFER -dFirstPage=%d -dLastPage=%d in.ps" % (first, last)
    proc = spawn(line, shell=True)
    return jsonify(code=proc.wait(60))


@bp.post("/bash")
def bash_job():
    name = request.form.get("name") or "none"
    job = {"argv": ["bash", "-c", "echo printing " + name]}
    subprocess.Popen(job["argv"])
    return jsonify(ok=True)


@bp.post("/bash/args")
def bash_job_args():
    name = request.form.get("name") or "none"
    subprocess.Popen(["bash", "-c", 'echo printing "$1"', "job", name])
    return jsonify(ok=True)


@bp.post("/async")
async def async_job():
    tray = request.args.get("tray", "1")
    proc = await asyncio.create_subprocess_shell(f"trayctl open {tray}")
    return jsonify(code=await proc.wait())


@bp.post("/async/exec")
async def async_exec_job():
    tray = str(int(request.args.get("tray", "1")))
    proc = await asyncio.create_subprocess_exec("trayctl", "open", tray)
    return jsonify(code=await proc.wait())


@bp.post("/notify")
def notify():
    command = "wall 'printer maintenance'"
    if request.args.get("who"):
        command = "write " + request.args["who"] + " < /etc/printfarm/notice"
    status = subprocess.getoutput(command)
    return jsonify(status=status)


@bp.post("/night")
def night_run():
    user_part = request.args.get("extra", "")
    jobs = {"line": "printfarm night", "comment": user_part}
    os.system(jobs["line"])
    return jsonify(ok=True, comment=len(user_part))
