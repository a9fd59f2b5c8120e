"""Telegram: the Bot API for bots, a chat page for people. The door is telegram_door.py."""

from vibesite.sandbox import telegram_chat, telegram_messages, telegram_methods
from vibesite.sandbox.telegram_door import service

__all__ = ["service", "telegram_chat", "telegram_messages", "telegram_methods"]
