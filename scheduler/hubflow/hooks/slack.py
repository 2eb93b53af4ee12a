"""Slack, Discord and Telegram over HTTP: webhooks and their APIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubflow.hooks.base import BaseHook
from hubflow.sdk.exceptions import HubflowException

_TIMEOUT_S = 30


class ChatFailed(HubflowException):
    """The service refused a message; the text is its answer."""


def post(what: str, url: str, payload: Any, headers: Mapping[str, str] | None = None) -> Any:
    """Post JSON, and return the answer: JSON if it is some, else text. Raises ChatFailed.

    No error shows the address: it is as good as a password.
    """
    import requests  # noqa: PLC0415  (heavy, and wanted where tasks run only)

    try:
        response = requests.post(url, json=payload, headers=dict(headers or {}), timeout=_TIMEOUT_S)
    except requests.RequestException as exc:
        raise ChatFailed(f"{what} cannot be reached: {type(exc).__name__}") from None
    if response.status_code >= 400:
        raise ChatFailed(f"{what} answered {response.status_code}: {response.text[:500]}")
    try:
        return response.json()
    except ValueError:
        return response.text


class SlackWebhookHook(BaseHook):
    """Posts through an incoming webhook. The connection's password is its token."""

    conn_name_attr = "slack_webhook_conn_id"
    conn_type = "slackwebhook"

    def __init__(
        self,
        http_conn_id: str | None = None,
        webhook_token: str | None = None,
        message: str = "",
        slack_webhook_conn_id: str | None = None,
        **fields: Any,
    ) -> None:
        super().__init__()
        self.conn_id = slack_webhook_conn_id or http_conn_id or "slack_default"
        self.webhook_token = webhook_token
        self.message = message
        self.fields = {k: v for k, v in fields.items() if v is not None}

    def send(self, text: str | None = None, **fields: Any) -> Any:
        """Post a message; further fields are those of Slack's API."""
        payload = {**self.fields, **{k: v for k, v in fields.items() if v is not None}}
        payload["text"] = self.message if text is None else text
        return post("Slack", self._url(), payload)

    def execute(self) -> Any:
        return self.send()

    def _url(self) -> str:
        token = self.webhook_token or ""
        if token.startswith("http"):
            return token
        found = self.get_connection(self.conn_id)
        host = found.host or "https://hooks.slack.com/services"
        base = host if "://" in host else f"{found.schema or 'https'}://{host}"
        token = token or found.password or found.extra_dejson.get("webhook_token", "")
        if token.startswith("http"):
            return str(token)
        if not token:
            raise HubflowException(f"the connection {self.conn_id!r} has no webhook token")
        port = f":{found.port}" if found.port else ""
        return f"{base.rstrip('/')}{port}/{token.lstrip('/')}"


class SlackHook(BaseHook):
    """Calls Slack's web API with a token, or with the password of a connection."""

    conn_name_attr = "slack_conn_id"
    conn_type = "slack"

    base_url = "https://slack.com/api/"

    def __init__(
        self, token: str | None = None, slack_conn_id: str | None = None, **_: Any
    ) -> None:
        super().__init__()
        self.token = token
        self.slack_conn_id = slack_conn_id

    def call(
        self,
        api_method: str,
        api_params: Mapping[str, Any] | None = None,
        *,
        json: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        """Call a method such as `chat.postMessage`; raises ChatFailed if Slack refuses."""
        base, token = self._where()
        payload = dict(api_params or json or data or {})
        answer = post("Slack", base + api_method, payload, {"Authorization": f"Bearer {token}"})
        if not isinstance(answer, dict) or not answer.get("ok"):
            error = answer.get("error") if isinstance(answer, dict) else answer
            raise ChatFailed(f"Slack refused {api_method}: {error}")
        return answer

    def _where(self) -> tuple[str, str]:
        if self.slack_conn_id is None:
            if self.token is None:
                raise HubflowException("give SlackHook a token or a slack_conn_id")
            return self.base_url, self.token
        found = self.get_connection(self.slack_conn_id)
        base = found.extra_dejson.get("base_url") or self.base_url
        token = self.token or found.password
        if not token:
            raise HubflowException(f"the connection {self.slack_conn_id!r} has no password")
        return str(base), token


class DiscordWebhookHook(BaseHook):
    """Posts through a Discord webhook: its address, or a connection with `webhook_endpoint`."""

    def __init__(
        self,
        http_conn_id: str | None = None,
        webhook_endpoint: str | None = None,
        message: str = "",
        username: str | None = None,
        avatar_url: str | None = None,
        tts: bool = False,
        **_: Any,
    ) -> None:
        super().__init__()
        self.conn_id = http_conn_id
        self.webhook_endpoint = webhook_endpoint
        fields = {"content": message, "username": username, "avatar_url": avatar_url, "tts": tts}
        self.payload = {name: value for name, value in fields.items() if value}

    def execute(self) -> Any:
        return post("Discord", self._url(), self.payload)

    def _url(self) -> str:
        endpoint = self.webhook_endpoint or ""
        if "://" in endpoint:
            return endpoint
        if self.conn_id is None:
            raise HubflowException("give a webhook_endpoint or an http_conn_id")
        found = self.get_connection(self.conn_id)
        endpoint = endpoint or str(found.extra_dejson.get("webhook_endpoint", ""))
        host = found.host or "https://discord.com/api/"
        return f"{host.rstrip('/')}/{endpoint.lstrip('/')}"


class TelegramHook(BaseHook):
    """Sends messages of a Telegram bot. The connection's password is its token, host the chat."""

    base_url = "https://api.telegram.org"

    def __init__(
        self,
        telegram_conn_id: str | None = None,
        token: str | None = None,
        chat_id: str | None = None,
    ) -> None:
        super().__init__()
        self.conn_id = telegram_conn_id
        self.token = token
        self.chat_id = chat_id

    def send_message(self, api_params: Mapping[str, Any]) -> Any:
        """Send a message; `text` is needed, `chat_id` unless the connection has one."""
        found = None if self.conn_id is None else self.get_connection(self.conn_id)
        token = self.token or (found and found.password)
        payload = {"chat_id": self.chat_id or (found and found.host), "parse_mode": "HTML"}
        payload.update(api_params)
        if not token or not payload["chat_id"] or not payload.get("text"):
            raise HubflowException("a Telegram message needs a token, a chat_id and a text")
        base = (found and found.extra_dejson.get("base_url")) or self.base_url
        return post("Telegram", f"{base}/bot{token}/sendMessage", payload)
