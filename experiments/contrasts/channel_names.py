"""Channels of the model, and the other parts of a gap, in English and Persian."""

from __future__ import annotations

from experiments.contrasts.mechanisms import GAP, INTERACTION, LEFT

WORDS: dict[str, tuple[str, str]] = {
    GAP: ("whole difference", "همه تفاوت"),
    LEFT: ("left without the channels", "مانده بدون سازوکارها"),
    INTERACTION: ("interaction", "اثر متقابل"),
    "hub and facilitator": ("hub and facilitator", "کانون و تسهیلگر"),
    "youth mayor": ("young mayor", "شهردار جوان محله"),
    "voice": ("voice", "شنیده شدن"),
    "pledges": ("pledges", "وعده‌ها"),
    "delivery": ("delivery", "اجرای پروژه‌ها"),
    "asking": ("being asked", "دعوت شدن"),
    "team": ("municipal team", "تیم شهرداری"),
    "contributions": ("contributions", "سهم ساکنان"),
    "prices": ("prices", "قیمت‌ها"),
    "upkeep": ("upkeep", "نگهداری"),
    "revenue": ("revenue", "درآمد"),
    "disputes": ("disputes", "اختلاف‌ها"),
}
"""Parts of a gap in English and Persian; a channel without words goes by its name."""
