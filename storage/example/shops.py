"""Who trades in the example: three shops with their channels, products, creators and people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from diagnostics.panel import Unit
from storage.sources import Shop

if TYPE_CHECKING:
    from collections.abc import Mapping

Channel = Literal["live", "video", "creator", "card"]
CHANNELS: tuple[Channel, ...] = ("live", "video", "creator", "card")

SHOPS: tuple[Shop, ...] = (
    Shop("uk-beauty", "UK beauty", "GB", "Europe/London", "GBP", "beauty", "mature", ("lumiglow",)),
    Shop("id-home", "ID home", "ID", "Asia/Jakarta", "IDR", "home", "growth", ("rumahrapi",)),
    Shop("us-apparel", "US apparel", "US", "America/New_York", "USD", "apparel", "mature",
         ("plainthread",)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the example team: the key is what the settings bind to a chat user."""

    key: str
    name: str
    role: str
    shops: tuple[str, ...]
    """Keys of the shops they answer for; empty means all."""


@dataclass(frozen=True, slots=True)
class Flow:
    """An ordinary day of one channel: impressions, then the rate of each step after them."""

    impressions: float
    view: float
    click: float
    cart: float
    checkout: float
    pay: float


@dataclass(frozen=True, slots=True)
class Product:
    """A product with its price in the shop's currency and its share of the shop's orders."""

    id: str
    name: str
    price: float
    share: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What an ordinary week of a shop looks like."""

    shop: Shop
    account: str
    nickname: str
    week: tuple[float, ...]
    """Strength of each weekday, Monday first; the mean is about 1."""
    flows: Mapping[Channel, Flow]
    live_weekdays: tuple[int, ...]
    live_start: tuple[int, int]
    live_minutes: int
    products: tuple[Product, ...]
    creators: tuple[str, ...]
    refunds: float
    """Refund requests per order."""
    goods: float
    """Cost of goods, shipping, platform fees and advertising as shares of GMV."""
    shipping: float
    fees: float
    ads: float
    roas: float
    listed: int
    """Days for which the product list, which exports one day at a time, was saved."""


def _products(first: int, *rows: tuple[str, float, float]) -> tuple[Product, ...]:
    """Number the products with 19-digit ids."""
    return tuple(Product(str(first + 7 * at), *row) for at, row in enumerate(rows))


PLANS: tuple[Plan, ...] = (
    Plan(
        SHOPS[0], "lumiglow", "Lumi Glow",
        (0.95, 0.96, 0.98, 1.08, 1.0, 0.98, 1.05),
        {
            "live": Flow(150_000, 0.12, 0.20, 0.18, 0.55, 0.33),
            "video": Flow(140_000, 0.30, 0.045, 0.15, 0.52, 0.30),
            "creator": Flow(85_000, 0.28, 0.050, 0.15, 0.52, 0.30),
            "card": Flow(36_000, 0.20, 0.180, 0.16, 0.52, 0.30),
        },
        (0, 1, 2, 3, 6), (20, 0), 160,
        _products(
            1729480000000010001,
            ("Dewy skin tint", 24.0, 0.30), ("Lip oil trio", 18.0, 0.22),
            ("Cream blush stick", 14.0, 0.16), ("Brow gel", 11.0, 0.12),
            ("Vitamin C serum", 29.0, 0.12), ("Silk setting spray", 16.0, 0.08),
        ),
        ("glow.with.amy", "beautybyzara", "skin.notes", "hannahtries", "thelipedit"),
        0.045, 0.27, 0.09, 0.06, 0.22, 2.9, 8,
    ),
    Plan(
        SHOPS[1], "rumahrapi", "Rumah Rapi",
        (0.94, 0.97, 0.98, 1.0, 1.03, 1.06, 1.02),
        {
            "live": Flow(70_000, 0.11, 0.22, 0.20, 0.55, 0.33),
            "video": Flow(190_000, 0.30, 0.042, 0.15, 0.52, 0.31),
            "creator": Flow(60_000, 0.28, 0.048, 0.15, 0.52, 0.31),
            "card": Flow(40_000, 0.21, 0.170, 0.16, 0.52, 0.31),
        },
        (1, 2, 4, 5, 6), (19, 30), 180,
        _products(
            1730510000000020001,
            ("Rak dapur susun", 129_000.0, 0.26), ("Kotak penyimpanan lipat", 59_000.0, 0.24),
            ("Lampu meja LED", 89_000.0, 0.14), ("Sprei katun", 149_000.0, 0.12),
            ("Gantungan dinding", 39_000.0, 0.10), ("Keset anti slip", 45_000.0, 0.08),
            ("Toples kaca", 69_000.0, 0.06),
        ),
        ("rumah.sari", "dapur.dina", "budi.beberes", "kamar.rini", "tips.tono"),
        0.040, 0.42, 0.09, 0.07, 0.15, 4.0, 8,
    ),
    Plan(
        SHOPS[2], "plainthread", "Plain Thread",
        (0.96, 0.97, 0.99, 1.0, 0.98, 1.03, 1.07),
        {
            "live": Flow(70_000, 0.11, 0.20, 0.18, 0.55, 0.32),
            "video": Flow(185_000, 0.29, 0.045, 0.15, 0.52, 0.30),
            "creator": Flow(95_000, 0.28, 0.050, 0.15, 0.52, 0.30),
            "card": Flow(30_000, 0.20, 0.180, 0.16, 0.52, 0.30),
        },
        (0, 2, 4, 5), (19, 0), 150,
        _products(
            1731320000000030001,
            ("Linen set", 42.0, 0.54), ("Ribbed tank", 16.0, 0.12), ("Wide-leg pants", 34.0, 0.10),
            ("Oversized tee", 19.0, 0.08), ("Knit cardigan", 39.0, 0.06),
            ("Denim overshirt", 45.0, 0.04), ("Crew socks 5-pack", 12.0, 0.03),
            ("Pleated skirt", 29.0, 0.03),
        ),
        ("mia.wears", "closet.jo", "linen.lane", "everyday.kay", "fitcheck.lu"),
        0.048, 0.30, 0.09, 0.06, 0.20, 3.0, 28,
    ),
)  # fmt: skip


def units() -> tuple[Unit, ...]:
    """Return the three shops as units of level store."""
    return tuple(
        Unit(
            shop.key, "shop", shop.name, shop.key, country=shop.country, category=shop.category,
            stage=shop.stage, level="store", currency=shop.currency,
        )
        for shop in SHOPS
    )  # fmt: skip


def people() -> tuple[Person, ...]:
    """Return the example team; each shop has an operator, and each role has someone."""
    return (
        Person("lin", "林 Lin", "operator", ("uk-beauty",)),
        Person("sari", "Sari", "operator", ("id-home",)),
        Person("jordan", "Jordan", "operator", ("us-apparel",)),
        Person("mia", "Mia", "content", ("us-apparel", "uk-beauty")),
        Person("putri", "Putri", "content", ("id-home",)),
        Person("chloe", "Chloe", "host", ("uk-beauty", "us-apparel")),
        Person("budi", "Budi", "host", ("id-home",)),
        Person("chen", "陈 Chen", "buyer", ()),
        Person("wei", "魏 Wei", "service", ()),
        Person("hao", "郝 Hao", "logistics", ()),
        Person("yan", "燕 Yan", "creator_manager", ()),
        Person("zhou", "周 Zhou", "manager", ()),
    )
