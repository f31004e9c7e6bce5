"""Many chains from one decode: each starts from the smallest copy that loses nothing.

The picture that the shared steps make is streamed once. The chain that needs the most
pixels goes first; if it starts with a plain reduction, the result of that step is kept
and serves smaller chains as a *reduced copy* of the shared picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.operations import apply_steps, largest_shrink

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imgflow.frames import Picture
    from imgflow.operations import Operation

    Chain = tuple[Operation, ...]

#: A copy must have this many times the pixels a side that a chain needs, unless it is the
#: largest one: Lanczos then has enough to work on, and the second pass cannot be seen.
HEADROOM = 2.0


def fan_out(
    base: Picture, chains: Sequence[Chain], aside: Chain | None = None
) -> Iterator[tuple[Chain, Picture]]:
    """Yield each distinct chain with its picture, the largest first.

    Pictures that several chains share are computed once. The chain ``aside`` comes last, unless
    it is among the others: their pixels are the same without it.
    """
    distinct = list(dict.fromkeys(chains))
    if aside in distinct:
        aside = None
    if len(distinct) == 1 and aside is None:
        yield distinct[0], apply_steps(base, distinct[0])
        return
    room = {chain: largest_shrink(base.size, chain) for chain in distinct}
    distinct.sort(key=lambda chain: room[chain])
    copies: list[tuple[float, Picture]] = []
    if not _starts_uniform(base, distinct[0]):
        base = base.random_access()
        copies.append((1.0, base))
    rest = largest_shrink(base.size, aside) if aside else 0.0
    whole: list[tuple[float, Picture]] = []
    if aside and not copies and room[distinct[0]] * HEADROOM > rest:
        base = base.random_access()
        whole.append((1.0, base))
    for chain in distinct:
        start = _best_copy(copies, room[chain]) if copies else base
        if not _starts_uniform(base, chain):
            yield chain, apply_steps(start, chain)
            continue
        first = chain[0].apply(start).random_access()
        copies.append(
            (base.width / first.width, first.replace(width=base.width, height=base.height))
        )
        yield chain, apply_steps(first, chain[1:])
    if aside:
        yield aside, apply_steps(_best_copy(whole + copies, rest), aside)


def _starts_uniform(base: Picture, chain: Chain) -> bool:
    return bool(chain) and chain[0].uniform(base.size)


def _best_copy(copies: list[tuple[float, Picture]], room: float) -> Picture:
    fitting = [copy for copy in copies if copy[0] * HEADROOM <= room]
    return max(fitting or copies[:1], key=lambda copy: copy[0])[1]
