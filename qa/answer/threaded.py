"""A generator that blocks, consumed from asyncio: each step is done in a thread of the generator's own."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

__all__ = ["threaded"]

T = TypeVar("T")
_END = object()


async def threaded(items: Generator[T, Any, Any], give_up: Callable[[], None]) -> AsyncGenerator[T, None]:
    """The items, each computed when it is asked for. Raises what the generator raises.

    give_up: called when nobody waits any more, from the event loop; it ends the step that is being done. The generator
    is then closed in its thread.
    """
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="qa")
    try:
        while (item := await loop.run_in_executor(thread, next, items, _END)) is not _END:
            yield cast(T, item)
    finally:
        give_up()
        thread.submit(items.close)
        thread.shutdown(wait=False)
