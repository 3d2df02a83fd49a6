"""A generator that blocks, consumed from the event loop: each step is done in a thread of a pool."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any, TypeVar, cast

__all__ = ["steps"]

T = TypeVar("T")
_END = object()


async def steps(
    items: Generator[T, Any, Any],
    first: Executor,
    rest: Executor,
    given_up: Callable[[], None],
    done: Callable[[], None],
) -> AsyncGenerator[T, None]:
    """The items, each computed when it is asked for. Raises what the generator raises.

    first: the pool of the first step, rest: of the others. given_up: called when nobody waits any more, so that a
    step in progress may end early. done: called once the generator is closed and no thread works on it.
    """
    step: Future[Any] | None = None
    pool = first
    try:
        while True:
            step = pool.submit(next, items, _END)
            item = await asyncio.wrap_future(step)
            if item is _END:
                return
            yield cast(T, item)
            pool = rest
    finally:
        given_up()

        def close(_: object = None) -> None:
            with suppress(Exception):  # nobody is left to be told
                items.close()
            done()

        if step is None or step.done():
            close()
        else:
            step.add_done_callback(close)
