"""An API with typed parameters and an asynchronous database."""

import asyncio
import importlib
from typing import Annotated
from uuid import UUID

import httpx
from fastapi import Depends, FastAPI, HTTPException, Query, Request, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from sqlalchemy import select, text

from .models import Item, session

app = FastAPI()
PLUGINS = {"csv": "plugins.csv", "json": "plugins.json"}


@app.get("/items/{item_id}")
async def item(item_id: int, db=Depends(session)):
    return await db.execute(text(f"SELECT * FROM items WHERE id = {item_id}"))


@app.get("/items")
async def items(name: str, db=Depends(session)):
    return (await db.execute(text(f"SELECT * FROM items WHERE name = '{name}'"))).all()


@app.get("/items-bound")
async def items_bound(name: str, db=Depends(session)):
    await db.execute(text("SELECT * FROM items WHERE name = :name"), {"name": name})
    return (await db.execute(select(Item).where(Item.name == name))).all()


@app.get("/orders/{order}")
async def order(order: UUID, db=Depends(session)):
    return (await db.execute(text(f"SELECT * FROM orders WHERE id = '{order}'"))).first()


@app.get("/download")
async def download(path: str):
    return FileResponse(f"/data/{path}")


@app.post("/upload")
async def upload(file: UploadFile):
    with open(f"/data/{file.filename}", "wb") as out:
        out.write(await file.read())


@app.get("/fetch")
async def fetch(url: str):
    async with httpx.AsyncClient() as client:
        response = await client.get(url)
    return response.text


@app.get("/weather")
async def weather(city: str):
    async with httpx.AsyncClient() as client:
        return (await client.get("https://weather.example.com/v1", params={"city": city})).json()


@app.get("/run")
async def run(tool: Annotated[str, Query()]):
    process = await asyncio.create_subprocess_shell(f"tools/{tool}")
    return await process.wait()


@app.get("/plugin")
async def plugin(name: str):
    module = importlib.import_module(name)
    return module.run()


@app.get("/plugin2")
async def plugin_listed(name: str):
    if name not in PLUGINS:
        raise HTTPException(404)
    return importlib.import_module(PLUGINS[name]).run()


@app.get("/page")
async def page(request: Request):
    title = request.query_params["title"]
    return HTMLResponse("<title>" + title + "</title>")


@app.get("/login")
async def login(next: str = "/"):
    return RedirectResponse(next)
