"""A few threads that ask questions side by side, and never keep the program alive.

The threads of concurrent.futures are joined when Python exits, so that Ctrl-C would wait for a slow server.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Workers:
    """Runs what is submitted, in order, up to `count` at a time. The threads start when they are first needed."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._started = False

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """A future of the work's result or error."""
        future: Future[T] = Future()
        self._work.put((future, work))
        if not self._started:
            self._started = True
            for number in range(self._count):
                threading.Thread(target=self._run, name=f"huiyin-llm-{number}", daemon=True).start()
        return future

    def _run(self) -> None:
        while True:
            future, work = self._work.get()
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
