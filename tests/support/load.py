"""Many questions at once over real connections on this machine, with a rebuild in the middle."""

import asyncio
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2

from qa.serve.engine import Engine
from support import serving

__all__ = ["Load", "load"]


@dataclass
class Load:
    """errors: of requests. generations: that answered. mixed: answers whose quotes are not of their generation's texts.
    seconds: of each request, sorted. grown: megabytes that the process took more at its peak than before.
    """

    errors: list[str] = field(default_factory=list)
    generations: set[str] = field(default_factory=set)
    mixed: int = 0
    seconds: list[float] = field(default_factory=list)
    grown: float = 0.0

    def percentile(self, share: float) -> float:
        """The duration that this share of the requests stayed below."""
        return self.seconds[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


def load(made: Engine, clients: int, questions: int, rebuild: Callable[[], None]) -> Load:
    """Ask so many questions by so many clients; half-way, rebuild."""
    found = Load()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with serving.running(made) as address:
        asyncio.run(_run(address, clients, questions, rebuild, found))
    found.seconds.sort()
    found.grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return found


async def _run(address: str, clients: int, questions: int, rebuild: Callable[[], None], found: Load) -> None:
    waiting = iter(range(questions))
    half = asyncio.Event()

    async def one(client: httpx2.AsyncClient) -> None:
        for number in waiting:
            if number == questions // 2:
                half.set()
            started = time.perf_counter()
            done = await client.post(f"{address}/api/ask", json={"question": f"{serving.QUESTION} ({number})"})
            found.seconds.append(time.perf_counter() - started)
            if done.status_code != 200:
                found.errors.append(done.text)
                continue
            answer = done.json()
            found.generations.add(answer["index"]["generation"])
            for quote in answer["quotes"]:
                hits = [hit for hit in answer["hits"] if hit["source"] == quote["source"]]
                inside = [h for h in hits if h["start"] <= quote["start"] and quote["end"] <= h["end"]]
                found.mixed += any(
                    h["text"][quote["start"] - h["start"] : quote["end"] - h["start"]] != quote["text"] for h in inside
                )

    async def rebuilding() -> None:
        await half.wait()
        await asyncio.to_thread(rebuild)

    limits = httpx2.Limits(max_connections=clients)
    async with httpx2.AsyncClient(timeout=300, limits=limits) as client:
        await asyncio.gather(rebuilding(), *(one(client) for _ in range(clients)))
        done = await client.post(f"{address}/api/ask", json={"question": serving.QUESTION})
        found.generations.add(done.json()["index"]["generation"])
