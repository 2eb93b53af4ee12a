"""The DAG folder as a `tar.gz`."""

from __future__ import annotations

from functools import partial

from tornado.httputil import HTTPFile, parse_body_arguments
from tornado.web import HTTPError, stream_request_body

from hubflow.errors import BadRequest, HubflowError
from hubflow.services import dag_archives
from hubflow_server.base import HubflowHandler
from hubflow_server.bodies import MOST_ARCHIVE_BYTES
from hubflow_server.errors import BodyTooLarge
from hubflow_server.operations import Route
from hubflow_server.site import Site


@stream_request_body
class DagArchiveHandler(HubflowHandler):
    """Keeps what is sent only if the caller may send it: it may be large."""

    def initialize(self, site: Site, route: Route, routes: tuple[Route, ...]) -> None:
        super().initialize(site, route, routes)
        self._refused: Exception | None = None
        self._received = bytearray()

    async def prepare(self) -> None:
        # An answer before the end of the body would be a connection that breaks.
        try:
            await super().prepare()
        except (HubflowError, HTTPError) as exc:
            self._refused = exc
        self.request.connection.set_max_body_size(2**62)  # type: ignore[union-attr]

    def data_received(self, chunk: bytes) -> None:
        if len(self._received) + len(chunk) > MOST_ARCHIVE_BYTES:
            self._refused = self._refused or BodyTooLarge(MOST_ARCHIVE_BYTES)
        if self._refused is None:
            self._received += chunk
        else:
            self._received.clear()

    async def get(self) -> None:
        """All files of the DAG folder as `tar.gz`."""
        self._refuse()
        packed = await self.call(dag_archives.pack)
        with packed:
            self.set_header("Content-Type", "application/gzip")
            self.set_header("Content-Disposition", 'attachment; filename="dags.tar.gz"')
            while block := await self.run(partial(packed.read, dag_archives.CHUNK)):
                self.write(block)
                await self.flush()

    async def post(self) -> None:
        """Unpack the `tar.gz` in the form field `sources` into the DAG folder. 400."""
        self._refuse()
        given = self._files().get("sources", [])
        if len(given) != 1:
            raise BadRequest("send one tar.gz as the file `sources` of a multipart/form-data body")
        self.reply(await self.call(dag_archives.unpack, given[0].body))

    def _refuse(self) -> None:
        if self._refused is not None:
            raise self._refused

    def _files(self) -> dict[str, list[HTTPFile]]:
        files: dict[str, list[HTTPFile]] = {}
        kind = self.request.headers.get("Content-Type", "")
        if kind.startswith("multipart/form-data"):
            parse_body_arguments(kind, bytes(self._received), {}, files, self.request.headers)
        self._received.clear()
        return files
