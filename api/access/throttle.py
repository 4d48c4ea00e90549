"""Attempts to log in, slowed: each refusal after the first few doubles the wait."""

from __future__ import annotations

import hashlib
import ipaddress
import time
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FREE_TRIES = 5
"""Refusals of one key that cost no wait: a planner pastes the wrong line, and again."""

LONGEST_S = 900.0
FORGOTTEN_S = 3_600.0
_KEPT = 10_000
_PREFIX_CHARS = 11
_IPV6_NETWORK = 64


class Throttle:
    """Counts attempts by key; a key that nobody tries for an hour starts anew.

    An attempt is counted before it is judged, so that many at once are not each the first.
    Only the last keys are remembered.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tries: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def attempt(self, keys: Sequence[str]) -> float:
        """Count an attempt; return the seconds to wait before one is judged, 0 for now.

        >>> now = [0.0]
        >>> throttle = Throttle(clock=lambda: now[0])
        >>> [throttle.attempt(["a"]) for _ in range(7)]
        [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]
        >>> now[0] = 1.0
        >>> [throttle.attempt(["a"]) for _ in range(2)]
        [0.0, 2.0]
        """
        now = self._clock()
        with self._lock:
            wait = max((self._wait(key, now) for key in keys), default=0.0)
            if not wait:
                for key in keys:
                    self._count(key, now)
            return wait

    def forgive(self, keys: Sequence[str]) -> None:
        """Forget the attempts of keys, one of which was right."""
        with self._lock:
            for key in keys:
                self._tries.pop(key, None)

    def _wait(self, key: str, now: float) -> float:
        tries, last = self._tries.get(key, (0, now))
        if tries < FREE_TRIES:
            return 0.0
        # Beyond some tens of doublings, only the longest wait is left.
        lasts = min(LONGEST_S, 2.0 ** min(tries - FREE_TRIES, 30))
        return max(0.0, last + lasts - now)

    def _count(self, key: str, now: float) -> None:
        tries, last = self._tries.pop(key, (0, now))
        self._tries[key] = (1 if now - last >= FORGOTTEN_S else tries + 1, now)
        if len(self._tries) > _KEPT:
            self._tries.popitem(last=False)


def keys_of(client: str, token: str) -> tuple[str, str]:
    """Return what attempts are counted by: where they come from, and how the token begins.

    One subscriber of IPv6 has a whole network of addresses, counted as one.

    >>> keys_of("2001:db8::1", "")[0] == keys_of("2001:db8::2", "")[0]
    True
    """
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        place = client
    else:
        bits = min(_IPV6_NETWORK, address.max_prefixlen)
        place = str(ipaddress.ip_network(f"{address}/{bits}", strict=False))
    prefix = hashlib.sha256(token[:_PREFIX_CHARS].encode("utf-8", "surrogatepass")).hexdigest()
    return f"adresse {place}", f"jeton {prefix}"
