"""Progress on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def stages(total: int, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Yield a function to call with a French phrase at the start of each stage.

    Parameters
    ----------
    total
        Number of stages expected.
    quiet
        Show nothing (machine-readable output).
    """
    console = Console(stderr=True, quiet=quiet)
    if not console.is_terminal:
        yield lambda phrase: console.print(f"· {phrase}", highlight=False)
        return
    columns = (
        TextColumn("{task.description:<48}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=total, completed=-1)

        def step(phrase: str) -> None:
            progress.update(task, advance=1, description=phrase)

        yield step
        progress.update(task, completed=total, description="Terminé")
