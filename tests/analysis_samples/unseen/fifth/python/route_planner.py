"""Route planner of the milk round, on Sanic."""
import functools
import itertools
import operator
import sqlite3
from collections import namedtuple
from dataclasses import dataclass
from enum import Enum
from string import Template
from subprocess import PIPE, Popen, run as launch

from pydantic import BaseModel, conint, constr
from sanic import Sanic, response
from sanic.exceptions import InvalidUsage

app = Sanic("milkround")
app.config.REQUEST_MAX_SIZE = 1_000_000
Stop = namedtuple("Stop", "farm churns")


class Region(str, Enum):
    HILL = "hill"
    VALLEY = "valley"


class Round(BaseModel):
    driver: constr(pattern=r"^[a-z]{2,20}$")
    churns: conint(ge=1, le=40)


@dataclass
class Filter:
    region: str
    clause: str = ""

    def __post_init__(self):
        self.clause = f"region = '{self.region}'"


def connection():
    return sqlite3.connect("/srv/milk/rounds.db", timeout=5)


def query(sql, *args):
    con = connection()
    try:
        return con.execute(sql, args).fetchall()
    finally:
        con.close()


def constant_query(sql):
    con = connection()
    try:
        return con.execute(sql).fetchall()
    finally:
        con.close()


def words(request):
    yield from request.args.getlist("word")


def logged(handler):
    @functools.wraps(handler)
    async def inner(request, *args, **kwargs):
        result = await handler(request, *args, **kwargs)
        return result

    return inner


@app.get("/rounds")
@logged
async def rounds(request):
    clause = Filter(request.args.get("region")).clause
    return response.json(query("SELECT id FROM rounds WHERE " + clause))


@app.get("/rounds/enum")
@logged
async def rounds_enum(request):
    region = Region(request.args.get("region"))
    con = connection()
    return response.json(con.execute(f"SELECT id FROM rounds WHERE region = '{region.value}'").fetchall())


@app.get("/rounds/all")
async def rounds_all(request):
    return response.json(constant_query("SELECT id FROM rounds"))


@app.get("/rounds/words")
async def rounds_words(request):
    conditions = " OR ".join(f"note LIKE '%{w}%'" for w in words(request))
    con = connection()
    return response.json(con.execute("SELECT id FROM rounds WHERE " + conditions).fetchall())


@app.get("/rounds/words/bound")
async def rounds_words_bound(request):
    patterns = [f"%{w}%" for w in words(request)]
    conditions = " OR ".join(itertools.repeat("note LIKE ?", len(patterns))) or "1"
    con = connection()
    return response.json(con.execute("SELECT id FROM rounds WHERE " + conditions, patterns).fetchall())


@app.get("/rounds/template")
async def rounds_template(request):
    sql = Template("SELECT id FROM rounds WHERE driver = '$driver'").substitute(driver=request.args.get("driver"))
    cursor = connection().cursor()
    cursor.execute(sql)
    return response.json(cursor.fetchall())


@app.post("/rounds/model")
async def rounds_model(request):
    wanted = Round(**request.json)
    cursor = connection().cursor()
    cursor.execute("SELECT id FROM rounds WHERE driver = ? AND churns = ?", (wanted.driver, wanted.churns))
    return response.json(cursor.fetchall())


@app.post("/rounds/stop")
async def rounds_stop(request):
    stop = Stop(farm=request.form.get("farm"), churns=int(request.form.get("churns", 1)))
    cursor = connection().cursor()
    cursor.execute("UPDATE stops SET churns = %d WHERE id = 1" % stop.churns)
    cursor.execute("UPDATE stops SET farm = '%s' WHERE id = 1" % stop.farm)
    return response.empty()


@app.post("/rounds/reduce")
async def rounds_reduce(request):
    command = functools.reduce(operator.add, ["plan --farms ", request.form.get("farms"), " --fast"])
    launch(command, shell=True, timeout=30)
    return response.empty()


@app.post("/rounds/walrus")
async def rounds_walrus(request):
    if (speed := request.form.get("speed")) and speed.isdigit():
        launch(f"plan --speed {speed}", shell=True, timeout=30)
    return response.empty()


@app.post("/rounds/loop")
async def rounds_loop(request):
    commands = {"first": "plan --reset"}
    for index, farm in enumerate(request.json["farms"]):
        commands[f"farm{index}"] = "plan --farm " + farm
    for command in commands.values():
        launch(["/bin/sh", "-c", command], timeout=30)
    return response.empty()


@app.post("/rounds/pipe")
async def rounds_pipe(request):
    process = Popen(["plan", "--stdin"], stdin=PIPE)
    process.communicate(request.body, timeout=30)
    return response.empty()


@app.post("/rounds/choose")
async def rounds_choose(request):
    planner = request.json.get("planner") or "plan"
    launch([planner, "--version"], timeout=30)
    return response.empty()


@app.post("/rounds/choose/known")
async def rounds_choose_known(request):
    planner = {"old": "plan1", "new": "plan2"}.get(request.json.get("planner"))
    if planner is None:
        raise InvalidUsage("planner")
    launch([planner, "--version"], timeout=30)
    return response.empty()


@app.get("/cost")
async def cost(request):
    formula = request.args.get("formula", "1 + 1")
    return response.json({"cost": eval(compile(formula, "cost", "eval"))})


@app.get("/cost/simple")
async def cost_simple(request):
    left, op, right = request.args.get("formula", "1 + 1").split()
    table = {"+": operator.add, "-": operator.sub, "*": operator.mul}
    return response.json({"cost": table[op](float(left), float(right))})


@app.get("/notice")
async def notice(request):
    async def lines():
        for word in words(request):
            yield f"<li>{word}</li>"

    collected = [line async for line in lines()]
    return response.html("<ul>" + "".join(collected) + "</ul>")


@app.get("/notice/counted")
async def notice_counted(request):
    items = [f"<li>{len(word)}</li>" for word in words(request)]
    return response.html("<ul>" + "".join(items) + "</ul>")


@app.get("/sheet")
async def sheet(request):
    return await response.file("/srv/milk/sheets/" + request.args.get("name"))


@app.get("/sheet/<day:int>")
async def sheet_of_day(request, day):
    return await response.file(f"/srv/milk/sheets/{day}.pdf")


@app.get("/leave")
async def leave(request):
    match request.args.get("to"):
        case "hill":
            target = "/rounds?region=hill"
        case str() as other if other.startswith("https://"):
            target = other
        case _:
            target = "/"
    return response.redirect(target)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=8700, debug=False, access_log=True)
