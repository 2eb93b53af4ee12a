"""`python -m hubflow.forkserver FD PRELOAD…` starts a zygote."""

from __future__ import annotations

import sys

from hubflow.forkserver.server import main

main(sys.argv[1:])
