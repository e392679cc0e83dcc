"""The service, born again whenever it is killed; run by the test of kills as a process of its own.

    python service_to_kill.py DATABASE_URL BUNDLE POLICY

prints the address, then the process id of every service. Importing the house takes seconds, so that is done once, and
each service is a fork that opens the store and loads the model for itself. The listening socket stays with this
process, so that clients wait while there is no service.
"""

import os
import sys
from pathlib import Path

import uvicorn

from alliance.policy import read_policy
from alliance.store import Store
from scoring.api import create_app
from scoring.decide import Scorer
from scoring.model import load


def serve(database: str, bundle: str, policy: str, socket: object) -> None:
    app = create_app(Scorer(Store(database), load(Path(bundle))), read_policy(Path(policy)))
    # Without the lifespan nothing is compiled beforehand, which no submission needs.
    config = uvicorn.Config(app, lifespan="off", log_level="critical", access_log=False)
    uvicorn.Server(config).run(sockets=[socket])  # type: ignore[list-item]


def main(database: str, bundle: str, policy: str) -> None:
    socket = uvicorn.Config(app="", host="127.0.0.1", port=0, log_level="critical").bind_socket()
    socket.listen(128)
    say(f"http://127.0.0.1:{socket.getsockname()[1]}")
    while True:
        child = os.fork()
        if not child:
            serve(database, bundle, policy, socket)
            os._exit(0)
        say(str(child))
        if os.WIFEXITED(os.waitpid(child, 0)[1]):
            return


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
