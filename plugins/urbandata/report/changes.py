"""What has changed since the last edition, number by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from urbandata.report.facts import Reading
from urbandata.report.model import Number

Place = tuple[str, str, str]


def number_of(reading: Reading) -> Number:
    """A reading as data: what the next edition compares with."""
    row, kpi = reading.row, reading.kpi.row
    return Number(
        key=reading.key,
        kpi_code=reading.kpi.code,
        name=str(kpi["name_de"]),
        measure=str(kpi["measure"] or ""),
        action_field=str(kpi["action_field"] or ""),
        unit=str(kpi["unit"] or ""),
        period_kind=row["period_kind"],
        period_start=row["period_start"].isoformat(),
        area_kind=row["area_kind"],
        area_id=row["area_id"],
        area=reading.area,
        value=row["value"],
        low=row["low"],
        high=row["high"],
        n=row["n"],
        coverage_pct=row["coverage_pct"],
        quality_flags=row["quality_flags"] or "",
        value_before=row["value_before"],
        trend=row["trend"],
        target=kpi["target_value"],
        status=row["status"],
        origin=row["origin"],
        evidence_class=str(kpi["evidence_class"] or ""),
    )


def place(number: Number) -> Place:
    """What stays the same between editions: KPI and area."""
    return number.kpi_code, number.area_kind, number.area_id


def kind(now: Number | None, before: Number | None) -> str:
    """``new | gone | period | revised | same``."""
    has_now = now is not None and now.value is not None
    has_before = before is not None and before.value is not None
    if not has_before:
        return "new" if has_now else "same"
    if now is None or not has_now or before is None:
        return "gone"
    if (now.period_kind, now.period_start) != (before.period_kind, before.period_start):
        return "period"
    return "same" if (now.value, now.low, now.high) == (
        before.value, before.low, before.high) else "revised"  # fmt: skip


def compare(
    now: Sequence[Number], before: Mapping[Place, Number]
) -> list[tuple[str, Number | None, Number | None]]:
    """Every place whose number is not the same: kind, now, before."""
    places = {place(n): n for n in now}
    known = [(kind(n, before.get(p)), n, before.get(p)) for p, n in places.items()]
    gone = [(kind(None, b), None, b) for p, b in before.items() if p not in places]
    return [c for c in [*known, *gone] if c[0] != "same"]
