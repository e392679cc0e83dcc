"""Where the time of a score goes, by room of the house: nothing outside model, facts and store should pass a tenth.

    python -m bench.profile

The whole of the API, authentication and JSON included, answers requests within this process, one after the other. A
thread looks every millisecond at what the others do and counts it for the room whose code is innermost; what libraries
do counts for who called them. Threads that wait for work are not counted.
"""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from fastapi.testclient import TestClient

from alliance.policy import Limits, Policy
from alliance.terminal import out, table
from bench.alliance import prepared
from bench.service import models
from bench.service.compared import key_to
from scoring.api import create_app
from scoring.decide import Scorer

EVERY_SECONDS, SECONDS = 0.001, 8.0
MOST = 0.10
"""Share that a place outside model, facts and store should stay below."""

_HOUSE = Path(__file__).parents[1]
ROOMS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("model", ("scoring/model/", "scoring/score.py", "scoring/result.py", "scoring/ready.py")),
    ("facts", ("alliance/view.py", "alliance/corroboration/", "alliance/rights/", "alliance/signals/",
               "alliance/inline.py", "alliance/plans.py", "alliance/struck.py", "scoring/features/")),
    ("store", ("alliance/store/", "alliance/ledger/", "alliance/notary.py", "alliance/recorder.py")),
    ("caller", ("alliance/callers/", "scoring/api/authentication.py", "scoring/api/rate.py")),
    ("answer", ("scoring/api/",)),
    ("decision", ("scoring/", "alliance/")),
)  # fmt: skip
"""Rooms in the order they are tried, by where their code lies; what is left is HTTP: framework and client."""
CORE = ("model", "facts", "store")

_IDLE = {"wait", "select", "get", "_recv", "poll", "accept", "run_forever", "_run_once"}


class Samples:
    """Counts, by room and by place in the code, of what threads are seen doing."""

    def __init__(self) -> None:
        self.rooms: Counter[str] = Counter()
        self.places: Counter[tuple[str, str]] = Counter()

    def take(self) -> None:
        own = threading.get_ident()
        for thread, frame in sys._current_frames().items():
            if thread != own and frame.f_code.co_name not in _IDLE:
                room, place = placed(frame)
                self.rooms[room] += 1
                self.places[room, place] += 1


def placed(frame: FrameType | None) -> tuple[str, str]:
    """The room and the function of the innermost code of the house."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(str(_HOUSE)) and "site-packages" not in file:
            path = Path(file).relative_to(_HOUSE).as_posix()
            for room, starts in ROOMS:
                if path.startswith(starts):
                    return room, f"{path} {frame.f_code.co_name}"
        frame = frame.f_back
    return "HTTP", "framework, server and test client"


def sampled(work: Callable[[], object], seconds: float = SECONDS) -> Samples:
    """What is seen while work is done over and over."""
    samples, over = Samples(), threading.Event()

    def look() -> None:
        while not over.wait(EVERY_SECONDS):
            samples.take()

    looking = threading.Thread(target=look)
    before = sys.getswitchinterval()
    sys.setswitchinterval(EVERY_SECONDS / 10)
    looking.start()
    ends = time.perf_counter() + seconds
    try:
        while time.perf_counter() < ends:
            work()
    finally:
        over.set()
        looking.join()
        sys.setswitchinterval(before)
    return samples


def main() -> None:
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        out.print("Making a small alliance to measure on ...")
        measured = prepared(folder)
        served = models.large(measured, folder)
        store = measured.scorer.store
        limits = Limits(requests_per_minute=1_000_000, burst=1_000_000, failures_per_minute=1, source="none here")
        app = create_app(Scorer(store, served.bundle), replace(Policy.from_environment({}), limits=limits))
        headers = {"Authorization": f"Bearer {key_to(store)}", "Content-Type": "application/json"}
        with TestClient(app, headers=headers) as client:
            asked = {"/v1/scores/features": served.ready_bodies(), "/v1/scores": served.company_bodies()}
            found = {path: sampled(_asking(client, path, bodies)) for path, bodies in asked.items()}
    for path, samples in found.items():
        show(path, samples)


def _asking(client: TestClient, path: str, bodies: Sequence[bytes]) -> Callable[[], object]:
    turn = iter(range(sys.maxsize))

    def ask() -> None:
        client.post(path, content=bodies[next(turn) % len(bodies)]).raise_for_status()

    for _ in range(20):  # what is made at the first request is made
        ask()
    return ask


def show(path: str, samples: Samples) -> None:
    """Shares by room, of which HTTP is the framework and the client within the process; then the largest places."""
    ours = {room: count for room, count in samples.rooms.items() if room != "HTTP"}
    listing = table(f"POST {path}, {sum(samples.rooms.values()):,} samples", "room", "of all", "of the house's own",
                    right=("of all", "of the house's own"))  # fmt: skip
    for room, count in samples.rooms.most_common():
        own = f"{count / sum(ours.values()):.0%}" if room in ours else ""
        listing.add_row(room, f"{count / sum(samples.rooms.values()):.0%}", own)
    out.print(listing)
    out.print(_places(samples, ours))


def _places(samples: Samples, ours: Mapping[str, int]) -> "object":
    listing = table("places of the house, the largest ten", "room", "place", "of the house's own", "",
                    right=("of the house's own",))  # fmt: skip
    own = [(key, count) for key, count in samples.places.most_common() if key[0] != "HTTP"]
    for (room, place), count in own[:10]:
        share = count / sum(ours.values())
        listing.add_row(room, place, f"{share:.1%}", "over a tenth" if share > MOST and room not in CORE else "")
    return listing


if __name__ == "__main__":
    main()
