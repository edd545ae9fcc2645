"""Open data of the demo city: one catalogue that every catalogue protocol shows.

700 datasets on the first day of the demo city's history and a new one every third day, so about
1,100 at the end of 2026. Titles are invented around the themes of German portals. Offices
differ in how well they describe and how promptly they renew; nothing is measured anywhere.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np

from urbandata.demo.chance import generator
from urbandata.demo.districts import districts
from urbandata.demo.world import World

BASE = "https://opendata.demostadt.example"
FREQUENCY_URI = "http://publications.europa.eu/resource/authority/frequency/"
THEME_URI = "http://publications.europa.eu/resource/authority/data-theme/"
FILE_TYPE_URI = "http://publications.europa.eu/resource/authority/file-type/"
LICENCE_URIS = {
    "dl-de/by-2-0": "http://dcat-ap.de/def/licenses/dl-by-de/2.0",
    "dl-de/zero-2-0": "http://dcat-ap.de/def/licenses/dl-zero-de/2.0",
}
MEDIA_TYPES = {
    "CSV": "text/csv",
    "JSON": "application/json",
    "GEOJSON": "application/geo+json",
    "XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "PDF": "application/pdf",
    "WFS": "application/gml+xml",
    "WMS": "image/png",
}
PERIOD_DAYS = {"ANNUAL": 365, "QUARTERLY": 91, "MONTHLY": 30, "DAILY": 1}
_FIRST, _EVERY_DAYS = 700, 3.0
_STATISTICS = {  # theme: (EU code, office, stems)
    "Bevölkerung": ("SOCI", "Kommunale Statistikstelle", (
        "Einwohner nach Altersgruppen", "Geborene", "Gestorbene", "Zuzüge", "Fortzüge",
        "Haushalte nach Größe", "Einwohner mit Migrationshintergrund", "Eheschließungen",
    )),
    "Wirtschaft und Arbeit": ("ECON", "Amt für Wirtschaftsförderung", (
        "Sozialversicherungspflichtig Beschäftigte", "Arbeitslose", "Gewerbeanmeldungen",
        "Gewerbeabmeldungen", "Übernachtungen", "Ein- und Auspendler",
    )),
    "Bildung und Wissenschaft": ("EDUC", "Amt für Schulen", (
        "Schülerzahlen", "Schulanmeldungen", "Kitaplätze", "Ganztagsangebote",
    )),
    "Soziales": ("SOCI", "Sozialamt", (
        "Leistungsberechtigte SGB II", "Wohngeldempfänger", "Dresden-Pass-Inhaber",
        "Pflegeplätze",
    )),
    "Verkehr": ("TRAN", "Straßen- und Tiefbauamt", (
        "Kraftfahrzeugbestand", "Verkehrsunfälle", "Radverkehrszählung", "Parkvorgänge",
    )),
    "Umwelt und Klima": ("ENVI", "Umweltamt", (
        "Baumpflanzungen", "Luftgüte", "Regenmengen", "Abfallmengen", "Stromeinspeisung",
    )),
    "Gesundheit": ("HEAL", "Gesundheitsamt", ("Schuleingangsuntersuchungen", "Impfquoten")),
    "Politik und Wahlen": ("GOVE", "Bürgeramt", ("Wahlergebnisse", "Wahlbeteiligung")),
    "Öffentliche Verwaltung, Haushalt und Steuern": ("GOVE", "Stadtkämmerei", (
        "Haushaltsplan", "Steuereinnahmen", "Vergebene Aufträge",
    )),
}  # fmt: skip
_LAYERS = {
    "Verkehr": ("TRAN", "Straßen- und Tiefbauamt", (
        "Radabstellanlagen", "Ladesäulen", "Fußgängerzonen", "Haltestellen barrierefrei",
        "Parkhäuser", "Taxistände",
    )),
    "Infrastruktur, Bauen und Wohnen": ("REGI", "Amt für Geodaten und Kataster", (
        "Bebauungspläne", "Baulücken", "Kulturdenkmale", "Adressen", "Sanierungsgebiete",
    )),
    "Umwelt und Klima": ("ENVI", "Umweltamt", (
        "Stadtbäume", "Überschwemmungsgebiete", "Trinkbrunnen", "Kaltluftbahnen",
        "Lärmkartierung",
    )),
    "Kultur, Freizeit, Sport, Tourismus": ("EDUC", "Eigenbetrieb Sportstätten", (
        "Spielplätze", "Sportanlagen", "Museen", "Wanderwege", "Grillplätze",
    )),
    "Gesundheit": ("HEAL", "Gesundheitsamt", ("Krankenhäuser", "Apotheken")),
}  # fmt: skip
_CARELESS = {"Amt für Schulen", "Sozialamt", "Stadtkämmerei", "Eigenbetrieb Sportstätten"}


@dataclass(frozen=True, slots=True)
class Distribution:
    """One way to the data. ``kind`` is a format; the portal's own views have no media type."""

    kind: str
    url: str
    view: str = ""  # name to append to the address, for the portal's interactive views
    byte_size: int | None = None

    @property
    def media_type(self) -> str | None:
        """IANA type, None for a view of the portal."""
        return MEDIA_TYPES.get(self.kind)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset as its office describes it; None or empty where it does not."""

    id: str
    slug: str
    title: str
    theme: str
    eu_theme: str
    office: str
    keywords: tuple[str, ...]
    region: str
    years: tuple[str, ...]
    licence: str
    access_rights: str
    issued: datetime
    period: str
    stopped: datetime | None
    has_contact: bool
    has_description: bool
    layer: str
    distributions: tuple[Distribution, ...]

    def modified(self, now: datetime) -> datetime:
        """Last renewal by ``now``: every period since the issue, until its office stopped."""
        days = PERIOD_DAYS.get(self.period)
        until = min(now, self.stopped or now)
        if days is None or until <= self.issued:
            return self.issued
        return self.issued + timedelta(days=days) * ((until - self.issued) // timedelta(days=days))

    @property
    def downloads(self) -> tuple[Distribution, ...]:
        """Distributions other catalogues show: without the portal's own views."""
        return tuple(d for d in self.distributions if d.media_type)


def datasets(world: World) -> tuple[Dataset, ...]:
    """Datasets issued by now, in the order in which they were issued."""
    now = world.now()
    age = max(0.0, (now - world.start) / timedelta(days=1))
    most = int(_FIRST * world.scale) + int(age / _EVERY_DAYS * world.scale) + 2
    return tuple(d for d in _invented(world.seed, world.scale, most) if d.issued <= now)


@lru_cache(maxsize=8)
def _invented(seed: int, scale: float, most: int) -> tuple[Dataset, ...]:
    titles: set[str] = set()
    return tuple(_dataset(seed, scale, i, titles) for i in range(most))


def _issued(scale: float, number: int, rng: np.random.Generator) -> datetime:
    """The first ones came between 2014 and the start, the others one after the other."""
    old = int(_FIRST * scale)
    clock = timedelta(hours=8, minutes=float(rng.integers(0, 480)))
    if number < old:
        return World.start - timedelta(days=round(3400 * (1 - number / old)) + 1) + clock
    return World.start + timedelta(days=int((number - old) * _EVERY_DAYS / scale)) + clock


def _dataset(seed: int, scale: float, number: int, titles: set[str]) -> Dataset:
    rng = generator(seed, "catalogue", number)
    issued = _issued(scale, number, rng)
    is_layer = rng.random() < 0.28  # noqa: PLR2004
    family = _LAYERS if is_layer else _STATISTICS
    theme = str(rng.choice(list(family)))
    eu_theme, office, stems = family[theme]
    stem = str(rng.choice(stems))
    region = str(rng.choice(["Stadtteil", "Stadtbezirk", "Dresden"]))
    year = str(issued.year - 1 - int(rng.integers(0, 10)))
    title = _title(rng, titles, stem, region, year, is_layer)
    slug = _slug(title)
    careless = office in _CARELESS
    draw = rng.random(8)
    period = str(rng.choice(["ANNUAL", "ANNUAL", "QUARTERLY", "MONTHLY", "DAILY", "IRREG", ""]))
    stopped = issued + timedelta(days=float(rng.integers(200, 1500)))
    layer = f"L{2000 + number}" if is_layer else ""
    return Dataset(
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{BASE}/{seed}/{number}")).upper(),
        slug=slug,
        title=title,
        theme=theme,
        eu_theme=eu_theme,
        office=office,
        keywords=() if careless and draw[0] < 0.4 else (stem.lower(), region.lower(), "dresden"),  # noqa: PLR2004
        region=region,
        years=() if is_layer else (year,),
        licence="" if draw[1] < 0.03 else "dl-de/zero-2-0" if draw[1] < 0.09 else "dl-de/by-2-0",  # noqa: PLR2004
        access_rights="PUBLIC" if draw[2] < 0.7 else "",  # noqa: PLR2004
        issued=issued,
        period=period,
        stopped=stopped if draw[3] < (0.25 if careless else 0.06) else None,
        has_contact=bool(draw[4] < (0.55 if careless else 0.95)),
        has_description=bool(draw[5] < 0.9),  # noqa: PLR2004
        layer=layer,
        distributions=_layer_ways(slug, layer) if is_layer else _table_ways(rng, slug, theme),
    )


def _title(
    rng: np.random.Generator, titles: set[str], stem: str, region: str, year: str, is_layer: bool
) -> str:
    """A title nobody has had yet."""
    places = [d.name for d in districts()]
    title = f"{stem} {rng.choice(places)}" if is_layer else f"{stem} nach {region} {year}"
    if region == "Dresden" and not is_layer:
        title = f"{stem} {year}"
    while title in titles:
        title = f"{stem} {rng.choice(places)}" + ("" if is_layer else f" {year}")
        if title in titles:
            title += f" ({rng.integers(2, 99)}. Ausgabe)"
    titles.add(title)
    return title


def _table_ways(rng: np.random.Generator, slug: str, theme: str) -> tuple[Distribution, ...]:
    page = f"{BASE}/dcat-ap/dataset/de-demo-{slug}"
    size = int(rng.integers(2_000, 4_000_000))
    known = size if rng.random() < 0.5 else None  # noqa: PLR2004
    ways = [
        Distribution("CSV", f"{page}/content.csv", byte_size=known),
        Distribution("JSON", f"{page}/content.json"),
        Distribution("Tabelle", f"{BASE}/aswdb/asw.dll/?aw=", f"{theme}/{slug}_TAB"),
        Distribution("Information", f"{page}.html"),
    ]
    if rng.random() < 0.15:  # noqa: PLR2004
        ways = [Distribution("PDF", f"{page}/content.pdf", byte_size=size), ways[3]]
    elif rng.random() < 0.3:  # noqa: PLR2004
        ways[1] = Distribution("XLSX", f"{page}/content.xlsx", byte_size=known)
    return tuple(ways)


def _layer_ways(slug: str, layer: str) -> tuple[Distribution, ...]:
    collection = f"{BASE}/net4/public/ogcapi/collections/{layer}"
    service = f"{BASE}/net3/public/ogcsl.ashx?nodeid={layer[1:]}"
    return (
        Distribution("CSV", f"{collection}/items?format=csv/ewkt&delimiter=semicolon"),
        Distribution("GEOJSON", collection),
        Distribution("WFS", f"{service}&service=wfs&request=getcapabilities"),
        Distribution("WMS", f"{service}&service=wms&request=getcapabilities"),
        Distribution("Themenstadtplan", f"{BASE}/stadtplan?TH={slug}"),
        Distribution("Information", f"{BASE}/net3/public/ogc.ashx?Service=IKX&nodeId={layer[1:]}"),
    )


def _slug(title: str) -> str:
    plain = title.lower()
    for letter, ascii_letters in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}.items():
        plain = plain.replace(letter, ascii_letters)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
