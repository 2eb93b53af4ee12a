"""Operators that post messages: Slack, Discord, Telegram."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any, ClassVar

from hubflow.hooks.slack import (
    DiscordWebhookHook,
    SlackHook,
    SlackWebhookHook,
    TelegramHook,
)
from hubflow.sdk.operator import BaseOperator


class SlackAPIOperator(BaseOperator):
    """Call a method of Slack's web API.

    Parameters
    ----------
    slack_conn_id, token : where the token comes from; one of them.
    method : such as `chat.postMessage`. api_params : its arguments.
    """

    template_fields: ClassVar[Iterable[str]] = ("api_params",)
    ui_color = "#e8f5e9"

    def __init__(
        self,
        *,
        slack_conn_id: str | None = None,
        token: str | None = None,
        method: str = "chat.postMessage",
        api_params: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.slack_conn_id = slack_conn_id
        self.token = token
        self.method = method
        self.api_params = None if api_params is None else dict(api_params)

    def construct_api_call_params(self) -> None:
        """Set `api_params` just before the call, from the rendered fields."""

    def execute(self, context: MutableMapping[str, Any]) -> None:
        if not self.api_params:
            self.construct_api_call_params()
        SlackHook(self.token, self.slack_conn_id).call(self.method, self.api_params)


class SlackAPIPostOperator(SlackAPIOperator):
    """Post a message to a channel."""

    template_fields: ClassVar[Iterable[str]] = (
        "username",
        "text",
        "attachments",
        "blocks",
        "channel",
    )

    def __init__(
        self,
        *,
        channel: str = "#general",
        username: str | None = "Airflow",
        text: str = "",
        icon_url: str | None = None,
        attachments: Sequence[Any] | None = None,
        blocks: Sequence[Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{**kwargs, "method": "chat.postMessage"})
        self.channel = channel
        self.username = username
        self.text = text
        self.icon_url = icon_url
        self.attachments = list(attachments or ())
        self.blocks = list(blocks or ())

    def construct_api_call_params(self) -> None:
        fields = ("channel", "username", "text", "icon_url", "attachments", "blocks")
        values = {name: getattr(self, name) for name in fields}
        self.api_params = {name: value for name, value in values.items() if value}


class SlackWebhookOperator(BaseOperator):
    """Post a message through an incoming webhook."""

    template_fields: ClassVar[Iterable[str]] = (
        "webhook_token",
        "message",
        "attachments",
        "blocks",
        "channel",
        "username",
    )
    ui_color = "#e8f5e9"

    def __init__(
        self,
        *,
        http_conn_id: str | None = None,
        slack_webhook_conn_id: str | None = None,
        webhook_token: str | None = None,
        message: str = "",
        attachments: Sequence[Any] | None = None,
        blocks: Sequence[Any] | None = None,
        channel: str | None = None,
        username: str | None = None,
        icon_emoji: str | None = None,
        icon_url: str | None = None,
        link_names: bool = False,
        proxy: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.conn_id = slack_webhook_conn_id or http_conn_id
        self.webhook_token = webhook_token
        self.message = message
        self.attachments = attachments
        self.blocks = blocks
        self.channel = channel
        self.username = username
        self.icon_emoji = icon_emoji
        self.icon_url = icon_url
        self.link_names = link_names

    def execute(self, context: MutableMapping[str, Any]) -> None:
        SlackWebhookHook(self.conn_id, self.webhook_token, self.message).send(
            attachments=self.attachments,
            blocks=self.blocks,
            channel=self.channel,
            username=self.username,
            icon_emoji=self.icon_emoji,
            icon_url=self.icon_url,
            link_names=self.link_names or None,
        )


class DiscordWebhookOperator(BaseOperator):
    """Post a message through a Discord webhook."""

    template_fields: ClassVar[Iterable[str]] = ("username", "message")

    def __init__(
        self,
        *,
        http_conn_id: str | None = None,
        webhook_endpoint: str | None = None,
        message: str = "",
        username: str | None = None,
        avatar_url: str | None = None,
        tts: bool = False,
        proxy: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.http_conn_id = http_conn_id
        self.webhook_endpoint = webhook_endpoint
        self.message = message
        self.username = username
        self.avatar_url = avatar_url
        self.tts = tts

    def execute(self, context: MutableMapping[str, Any]) -> None:
        DiscordWebhookHook(
            self.http_conn_id,
            self.webhook_endpoint,
            self.message,
            self.username,
            self.avatar_url,
            self.tts,
        ).execute()


class TelegramOperator(BaseOperator):
    """Send a message of a Telegram bot."""

    template_fields: ClassVar[Iterable[str]] = ("text", "chat_id")

    def __init__(
        self,
        *,
        telegram_conn_id: str = "telegram_default",
        token: str | None = None,
        chat_id: str | None = None,
        text: str = "",
        telegram_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.telegram_conn_id = telegram_conn_id
        self.token = token
        self.chat_id = chat_id
        self.text = text
        self.telegram_kwargs = dict(telegram_kwargs or {})

    def execute(self, context: MutableMapping[str, Any]) -> None:
        hook = TelegramHook(self.telegram_conn_id, self.token, self.chat_id)
        hook.send_message({"text": self.text, **self.telegram_kwargs})
