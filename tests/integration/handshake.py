"""The first request of a WebSocket, as a browser sends it from a page of some origin."""

from __future__ import annotations

import httpx

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
ELSEWHERE = "https://elsewhere.example"


def handshake(client: httpx.Client, url: str, **headers: str) -> int:
    """Ask for a WebSocket and return the status of the answer; 101 means that it is open."""
    with client.stream("GET", url, headers=UPGRADE | headers) as answer:
        return answer.status_code
