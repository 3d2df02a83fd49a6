"""A generator that blocks, consumed from asyncio: each step is done in a thread."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar, cast

__all__ = ["threaded"]

T = TypeVar("T")
_END = object()


async def threaded(
    items: Generator[T, Any, Any],
    give_up: Callable[[], None],
    pools: tuple[Executor, Executor] | None = None,
    closed: Callable[[], None] = lambda: None,
) -> AsyncGenerator[T, None]:
    """The items, each computed when it is asked for. Raises what the generator raises.

    give_up: called when nobody waits any more, from the event loop; it ends the step that is being done. pools: whose
    threads do the first step and the others; None for one thread of its own. closed: called once the generator is
    closed and no thread works on it.
    """
    own = None if pools else ThreadPoolExecutor(max_workers=1, thread_name_prefix="qa")
    first, rest = pools or (cast(Executor, own), cast(Executor, own))
    step: Future[Any] | None = None
    try:
        step = first.submit(next, items, _END)
        while (item := await asyncio.wrap_future(step)) is not _END:
            yield cast(T, item)
            step = rest.submit(next, items, _END)
    finally:
        give_up()

        def close(_: object = None) -> None:
            with suppress(Exception):  # nobody is left to be told
                items.close()
            closed()

        if step is not None and not step.done():
            step.add_done_callback(close)
        elif own:
            own.submit(close)
        else:
            close()
        if own:
            own.shutdown(wait=False)
