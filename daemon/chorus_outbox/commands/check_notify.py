"""The part of `check` that is about messages to people: whether the addresses are understood; or it sends one."""

from __future__ import annotations

from collections.abc import Iterator

from chorus_outbox.config import Config
from chorus_outbox.core.letters import of_try
from chorus_outbox.core.words import Words, fill, plain
from chorus_outbox.edge.notify.post import post
from chorus_outbox.showing import desk

from .check_account import EX_CONFIG, Finding


def notify_findings(config: Config, words: Words, *, send: bool) -> Iterator[Finding]:
    """Yield a finding for each way to reach people; with ``send`` each gets a test message (1: it did not leave)."""
    channels = config.reached.channels
    told = words.check
    if not channels:
        yield Finding("fail" if send else "ok", told["notify_nobody"], 1 if send else 0, "notify")
        return
    letter = of_try(desk(config))
    try:
        answers = post([c.target for c in channels], letter.subject, letter.body if send else "")
    except OSError as e:
        yield Finding("fail", fill(told["notify_none"], {"detail": plain(str(e))}), 1, "notify")
        return
    for channel, wrong in zip(channels, answers, strict=True):
        good, bad = ("notify_sent", "notify_not_sent") if send else ("notify", "notify_bad")
        texts = {"to": channel.label, "detail": plain(hidden(config, wrong or ""))}
        failed = wrong is not None
        code = (1 if send else EX_CONFIG) if failed else 0
        yield Finding("fail" if failed else "ok", fill(told[bad if failed else good], texts), code, "notify")


def hidden(config: Config, text: str) -> str:
    """Return what a server or Apprise says without any secret that it quotes."""
    for secret in config.secrets():
        text = text.replace(secret, "***")
    return text
