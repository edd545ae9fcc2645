"""Figures of the real environment files, computed a second time with pandas from the files alone.

``python -m tests.realdata.figures`` writes them to ``docs/real-figures.md``; the tests hold the
marts and the document against them. Nothing of the platform is used here.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
FILES = ROOT.parent / "shared" / "realdata" / "environment"
DOCUMENT = ROOT / "docs" / "real-figures.md"
KLOTZSCHE = "dwd/dresden-klotzsche-01048-tageswerte.txt"
AIR = {
    ("DESN061", "2013-06"): "luft-sachsen/Dresden-Nord-2013-06.csv",
    ("DESN092", "2018-03"): "luft-sachsen/Dresden-Winckelmannstr-2018-03.csv",
    ("DESN092", "2018-10"): "luft-sachsen/Dresden-Winckelmannstr-2018-10.csv",
}


def klotzsche(folder: Path = FILES) -> pd.DataFrame:
    """Per year: days with a highest value, hot days, tropical nights, days with 30 mm and more."""
    days = pd.read_csv(folder / KLOTZSCHE, sep=";", skipinitialspace=True, na_values=["-999"])
    days.columns = [c.strip() for c in days.columns]
    year = days["MESS_DATUM"] // 10_000
    return pd.DataFrame(
        {
            "days": days["TXK"].notna().groupby(year).sum(),
            "hot_days": (days["TXK"] >= 30).groupby(year).sum(),
            "tropical_nights": (days["TNK"] >= 20).groupby(year).sum(),
            "heavy_rain_days": (days["RSK"] >= 30).groupby(year).sum(),
            "wettest_mm": days["RSK"].groupby(year).max(),
        }
    ).query("days > 0")


def air(folder: Path = FILES) -> pd.DataFrame:
    """Per station and month: hours and mean of NO2, from the hourly rows of the files."""
    rows = []
    for (station, month), name in AIR.items():
        table = pd.read_csv(folder / name, skiprows=[1], na_values=[""])
        hourly = table[table["Zeit"].notna()]
        no2 = pd.to_numeric(hourly["NO2"], errors="coerce").dropna()
        rows.append({"station": station, "month": month, "hours": len(no2), "no2": no2.mean()})
    return pd.DataFrame(rows).set_index(["station", "month"])


def document(folder: Path = FILES) -> str:
    """The page with all figures."""
    lines = [
        "# Figures from real files", "",
        "What the platform makes of files nobody here wrote. Written by "
        "`python -m tests.realdata.figures` from the files alone, with pandas; a test holds the "
        "marts against every figure.", "",
        "## Dresden-Klotzsche (DWD 01048), daily values", "",
        "Source: Deutscher Wetterdienst. Hot day: highest value of at least 30 °C (M5.7a). "
        "Tropical night: lowest value of at least 20 °C (M5.7b). Heavy rain: at least 30 mm in a "
        "day. Days: those with a value; years without any are a gap and not listed.", "",
        "| year | days | hot days | tropical nights | heavy-rain days | wettest day, mm |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for year, row in klotzsche(folder).iterrows():
        lines.append(
            f"| {year} | {row.days:.0f} | {row.hot_days:.0f} | {row.tropical_nights:.0f} | "
            f"{row.heavy_rain_days:.0f} | {row.wettest_mm:.1f} |"
        )
    lines += [
        "", "## Air quality in Dresden, monthly mean of NO2 (M5.5a)", "",
        "Source: Sächsisches Landesamt für Umwelt, Landwirtschaft und Geologie. June 2013 was the "
        "month of the Elbe flood.", "",
        "| station | month | hours | NO2, µg/m³ |", "|---|---|---|---|",
    ]  # fmt: skip
    for (station, month), row in air(folder).iterrows():
        lines.append(f"| {station} | {month} | {row.hours:.0f} | {row.no2:.2f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
