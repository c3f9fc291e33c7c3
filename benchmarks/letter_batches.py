"""Letters through letter processes as the worker starts them: rates, memory, and the first one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import psutil

from config.signing import SigningFiles
from flows.platform.letter_pool import LetterJob, LetterPool, Made
from flows.platform.letter_samples import sample_facts

ADDRESS = "https://births.example.org/verify/3KD9XM2P7QRTZWVB"
ISSUED_ON = date(2026, 5, 12)
TEMPLATE = "birth_registration/certificate"
FACTS = sample_facts(TEMPLATE)
JOB = LetterJob(TEMPLATE, FACTS, "en", ADDRESS, ISSUED_ON)
LOOKS = 10  # at the memory of a batch


def first_letter(signing: SigningFiles) -> dict[str, float]:
    """A letter process of the worker, from its start to its first letter."""
    began = time.perf_counter()
    with _pool(1, signing) as pool:
        return {"seconds": round(time.perf_counter() - began, 2), "rss_mb": _rss_mb(pool)}


def one_and_two(letters: int, rounds: int, signing: SigningFiles) -> dict[str, Any]:
    """`letters` by one process and as many by two, in each of several rounds; the ratios of their rates."""
    found: list[tuple[float, float]] = []
    with _pool(1, signing) as one, _pool(2, signing) as two:
        for _ in range(rounds):
            found.append((letters / _made(one, letters), letters / _made(two, letters)))
    ratios = [two_rate / one_rate for one_rate, two_rate in found]
    return {
        "letters_of_each_round": letters,
        "one_process_letters_per_second": round(statistics.median(one for one, _ in found), 2),
        "two_processes_letters_per_second": round(statistics.median(two for _, two in found), 2),
        "ratio": round(statistics.median(ratios), 2),
        "ratios_of_rounds": [round(ratio, 2) for ratio in ratios],
    }


def batch(letters: int, signing: SigningFiles) -> dict[str, Any]:
    """`letters` at once by two warm processes, and the memory of all that takes part on the way."""
    us = psutil.Process()
    with _pool(2, signing) as pool:
        here, memory = us.memory_info().rss, [_rss_mb(pool)]
        began = time.perf_counter()
        for number, (_, made) in enumerate(pool.make([JOB] * letters), start=1):
            assert isinstance(made, Made), made
            if number % max(letters // LOOKS, 1) == 0:
                memory.append(_rss_mb(pool))
        seconds = time.perf_counter() - began
    return {
        "letters": letters,
        "letters_per_second": round(letters / seconds, 2),
        "rss_mb_of_both_at_the_start": memory[0],
        "rss_mb_of_both_at_the_end": memory[-1],
        "rss_mb_of_both_on_the_way": memory,
        "rss_mb_grown_here": round((us.memory_info().rss - here) / 2**20, 1),
    }


@contextmanager
def _pool(size: int, signing: SigningFiles) -> Iterator[LetterPool]:
    """A pool whose processes have each made a letter."""
    pool = LetterPool(size, signing=signing, start_seconds=300)
    try:
        _made(pool, size if size == 1 else 2 * size)
        yield pool
    finally:
        pool.close()


def _made(pool: LetterPool, letters: int) -> float:
    """Have letters made; return the seconds it took."""
    began = time.perf_counter()
    for _, made in pool.make([JOB] * letters):
        assert isinstance(made, Made), made
    return time.perf_counter() - began


def _rss_mb(pool: LetterPool) -> float:
    return round(sum(psutil.Process(pid).memory_info().rss for pid in pool.pids()) / 2**20, 1)
