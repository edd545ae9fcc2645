"""Challenges, projects, offers and surveys of the demo city's app; every wording is invented.

The plan repeats over the year: bikes in May and September, one degree less in the heating season.
A challenge's number is its place in the plan and never changes.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

START = date(2023, 7, 1)
REGIONS = {  # the ids that ship with the public app; position + 1 is the id in the database
    "Dresden": "d711cb16-a6e1-41ae-9018-73260a8f0aed",
    "Leipzig": "7ff5993e-b44f-4774-bc7a-e4c1e496187f",
    "Pirna": "cf14ba89-e90c-4916-8ac0-204e5e74dae8",
}
DRESDEN = REGIONS["Dresden"]
WEEKS = 8
PUBLISHED_DAYS_AHEAD = 10
DELETED_EVERY, DELETED_AFTER_DAYS = 23, 40  # every 23rd challenge is deleted after its end


@dataclass(frozen=True, slots=True)
class Template:
    """What a challenge asks for, how often it succeeds and how rain and cold change that."""

    key: str
    title: str
    months: tuple[int, ...]
    appeal: float
    success: float
    interval: str = "daily"
    kind: str = "partner"
    goal: int = 0  # steps, or the measured goal where there is a unit
    unit: str = ""
    collective: int | None = None
    rain_loss: float = 0.0  # share of the success lost on a day with 5 mm and more
    cold_loss: float = 0.0  # the same at or below 0 °C
    weekend: float = 1.0  # activity on Saturday and Sunday against the other days


TEMPLATES = (
    Template(
        key="bike",
        title="200 Kilometer aufs Rad",
        months=(5, 9),
        appeal=1.0,
        success=0.74,
        goal=200,
        unit="km",
        rain_loss=0.6,
        cold_loss=0.5,
        weekend=0.8,
    ),
    Template("meat", "Ein Monat ohne Fleisch", (1, 6), 0.8, 0.66, goal=20, weekend=0.85),
    Template(
        key="shower",
        title="Fünf Minuten duschen reichen",
        months=(3, 8),
        appeal=0.75,
        success=0.7,
        kind="collective",
        goal=20,
        collective=6000,
        cold_loss=0.2,
    ),
    Template("water", "Aus dem Hahn statt aus der Kiste", (7,), 0.85, 0.82, goal=25),
    Template("second_hand", "Gebraucht vor neu", (10,), 0.6, 0.55, "weekly", goal=5),
    Template(
        key="degree",
        title="Ein Grad weniger in der Stube",
        months=(11, 2),
        appeal=0.85,
        success=0.76,
        kind="collective",
        goal=25,
        collective=7500,
        cold_loss=0.35,
    ),
    Template(
        key="litter",
        title="Elbufer sauber: jede Woche eine Tüte",
        months=(4, 9),
        appeal=0.55,
        success=0.6,
        interval="weekly",
        kind="collective",
        goal=10,
        unit="kg",
        collective=1200,
        rain_loss=0.4,
    ),
    Template("standby", "Stecker ziehen vor dem Schlafen", (12,), 0.7, 0.72, goal=25),
    Template(
        key="train",
        title="Ausflug mit der Bahn",
        months=(7,),
        appeal=0.5,
        success=0.5,
        interval="weekly",
        goal=300,
        unit="km",
        rain_loss=0.15,
    ),
    Template("washing", "Wäsche bei 30 Grad", (2,), 0.6, 0.8, "weekly", goal=6),
    Template("own", "Mit Jule jeden Morgen zu Fuß", (3, 8), 0.02, 0.6, kind="user", goal=15),
    Template("group", "Hausgemeinschaft spart Wasser", (11,), 0.03, 0.65, kind="group", goal=15),
)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge with its days (both included) and what happens to it."""

    number: int
    template: Template
    start: date
    end: date

    @property
    def uuid(self) -> str:
        """Invented, stable id."""
        return stable_uuid(f"challenge/{self.number}")

    @property
    def title(self) -> str:
        """Title as shown in the app."""
        return f"{self.template.title} ({self.start:%m/%Y})"

    @property
    def published_at(self) -> datetime:
        """When it appears in the app."""
        return instant(self.start - timedelta(days=PUBLISHED_DAYS_AHEAD), 9)

    @property
    def deleted_at(self) -> datetime | None:
        """When an editor deletes it; its joins then point nowhere."""
        if self.number % DELETED_EVERY:
            return None
        return instant(self.end + timedelta(days=DELETED_AFTER_DAYS), 10)

    @property
    def intervals(self) -> int:
        """Answers that are possible: days or weeks."""
        days = (self.end - self.start).days + 1
        return days if self.template.interval == "daily" else -(-days // 7)


@lru_cache(maxsize=8)
def challenges(until: date) -> tuple[Challenge, ...]:
    """All challenges that start up to the month after ``until``, in the order of their numbers."""
    planned: list[Challenge] = []
    month = START
    while month <= until + timedelta(days=31):
        for template in TEMPLATES:
            if month.month in template.months:
                planned.append(_challenge(len(planned) + 1, template, month))
        month = _next_month(month)
    return tuple(planned)


def _challenge(number: int, template: Template, month: date) -> Challenge:
    if template.interval == "daily":
        return Challenge(number, template, month, _next_month(month) - timedelta(days=1))
    monday = month + timedelta(days=-month.weekday() % 7)
    return Challenge(number, template, monday, monday + timedelta(days=7 * WEEKS - 1))


@dataclass(frozen=True, slots=True)
class Item:
    """A project, an offer or a survey: number, German title and the days it is there."""

    number: int
    title: str
    start: date
    end: date


def _items(titles: tuple[str, ...], every_days: int, lasts_days: int) -> tuple[Item, ...]:
    """Titles in turn, one every so many days, long enough for years of the demo city."""
    starts = [START + timedelta(days=every_days * i) for i in range(4 * 3650 // every_days)]
    return tuple(
        Item(i + 1, titles[i % len(titles)], start, start + timedelta(days=lasts_days))
        for i, start in enumerate(starts)
    )


PROJECTS = _items(
    (
        "Gemeinschaftsgarten am Bahndamm",
        "Reparaturabend im Quartier",
        "Baumpaten für die Neustadt",
        "Lastenrad zum Ausleihen",
    ),
    100,
    240,
)
OFFERS = _items(
    ("Kaffee im eigenen Becher", "Zehn Prozent auf Gebrauchtes", "Fahrrad-Durchsicht"), 45, 120
)
SURVEYS = _items(("Wie nutzen Sie die App?", "Was fehlt Ihnen im Stadtteil?"), 180, 150)
NEWS = _items(("Neues aus der Redaktion", "Tipp der Woche"), 14, 100_000)


def stable_uuid(name: str) -> str:
    """The same invented id on every machine."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"demo:cleema:{name}"))


def instant(day: date, hour: int) -> datetime:
    """Full hour of a day, UTC."""
    return datetime.combine(day, time(hour), tzinfo=UTC)


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
