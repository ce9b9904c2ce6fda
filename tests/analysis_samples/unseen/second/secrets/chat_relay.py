"""Relays the mountain rescue radio log to chat rooms."""
import asyncio
import os
from typing import Final

import aiohttp

DISCORD: Final = "https://discord.com/api/webhooks/990602847323362810/LvO6IujF4By_CtBZAgnEPM4eI7iSLI2H8L3tZORf9Q4EFxPLlDynSBEK7ENE0LRaUQIm"
DISCORD_DOC: Final = "https://discord.com/api/webhooks/<id>/<token>"
TEAMS: Final = os.environ.get("TEAMS_URL", "")
BOT_NAME = "bergwacht"
TOKEN_PREFIXES = ("ghp_", "xoxb-", "sk_live_", "glpat-", "AKIA")
SECRET_WORDS = ["password", "passwd", "secret", "token", "apikey", "credential"]
MASK = "<redacted>"
SAMPLE_LOG = "login user=radio password=******** token=[FILTERED] ok"

tokens: dict[str, str] = {
    "slack": "xoxb-881415210308-7866749395351-qUR6pbAQY6rEDbmHUFUXezt1",
    "github": os.getenv("GITHUB_TOKEN", ""),
    "gitlab": "{{ gitlab_token }}",
}


class Room:
    def __init__(self, name: str, token: str = "", password: str | None = None):
        self.name = name
        self.token = token
        self.password = password


ROOMS = [
    Room("einsatz", token=os.environ["ROOM_EINSATZ"]),
    Room("uebung", "Sjnw95NlNQIOyXgVDTNny5I3NuvG9Ps3"),
    Room("archiv", password="Gipfelkreuz+3"),
    Room("gast", token="none"),
]


def scrub(text: str) -> str:
    for word in SECRET_WORDS:
        if word in text.lower():
            return MASK
    for prefix in TOKEN_PREFIXES:
        if prefix in text:
            return MASK
    return text


async def send(url: str, text: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        async with session.post(url, json={"content": scrub(text), "username": BOT_NAME}) as reply:
            return reply.status < 300


async def main() -> None:
    await send(DISCORD, "Funkprobe")
    if TEAMS:
        await send(TEAMS, "Funkprobe")


if __name__ == "__main__":
    asyncio.run(main())
