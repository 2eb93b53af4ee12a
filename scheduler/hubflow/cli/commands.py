"""Commands of ours that other programs start. Imports nothing: the Hub reads this."""

from __future__ import annotations

import sys

# `-P`: whoever starts it may stand in a folder that has a folder `hubflow`.
ENGINE = [sys.executable, "-P", "-m", "hubflow", "engine"]
SERVICE = [sys.executable, "-P", "-m", "hubflow_hub.service"]
