"""Charts from DataFrames: pure functions, drawn with the theme, without network."""

from charts.areas import SUBJECTS, area_map, bounds, city_map, point_map, ranking
from charts.base import Line, finish, spec
from charts.programme import milestones, spending, spending_rows, tornado
from charts.series import FULL_YEAR_PCT, course, heat, lines, retention

__all__ = [
    "FULL_YEAR_PCT",
    "SUBJECTS",
    "Line",
    "area_map",
    "bounds",
    "city_map",
    "course",
    "finish",
    "heat",
    "lines",
    "milestones",
    "point_map",
    "ranking",
    "retention",
    "spec",
    "spending",
    "spending_rows",
    "tornado",
]
