"""`python -m benchmarks.service PORT`: the API and the page, for a caller who need not log in."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import msgspec
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import RequestHandler, StaticFileHandler
from traitlets.config import Config

from hubflow.services.access import ALL, Actor
from hubflow_hub.service import page_folder
from hubflow_server.application import build_application, build_site

BASE = "/hubflow"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Workflows</title>
<link rel="stylesheet" href="{base}/static/main.css"></head>
<body><div id="hubflow"></div>
<script id="hubflow-config" type="application/json">{config}</script>
<script src="{base}/static/main.js"></script></body></html>"""


class Anybody:
    """Takes every caller for somebody who may do everything."""

    async def identify(self, handler: RequestHandler) -> Actor | None:
        return Actor("bench", ALL)


class Page(RequestHandler):
    """The page as the Hub's service has it."""

    def get(self) -> None:
        config = {"baseUrl": f"{BASE}/", "hubPrefix": "/hub/", "xsrfToken": "", "user": "bench"}
        self.finish(PAGE.format(base=BASE, config=msgspec.json.encode(config).decode()))


async def serve(port: int) -> None:
    """Serve until we are ended."""
    core = {"home": os.environ["HUBFLOW_HOME"]}
    if url := os.environ.get("HUBFLOW_DATABASE_URL"):
        core["database_url"] = url
    site = build_site(Config({"Core": core}), Anybody(), BASE)
    more = [
        (rf"{BASE}/static/(.*)", StaticFileHandler, {"path": str(page_folder())}),
        (rf"{BASE}/", Page),
    ]
    server = HTTPServer(build_application(site, more=more))
    server.add_sockets(bind_sockets(port, "127.0.0.1"))
    await site.feed.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    Path(os.environ["HUBFLOW_HOME"]).mkdir(exist_ok=True)
    asyncio.run(serve(int(sys.argv[1])))
