"""A build whose texts want to be more: markup, script, formulas, endless, right to left."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.dashboards import serving

SCRIPT = "<script>window.hacked = 1; alert(1)</script>"
IMAGE = '"><img src=x onerror="window.hacked = 2">'
MARKDOWN = "![x](http://192.0.2.1/x.png) [link](javascript:alert(1)) **bold** $x$ :red[x]"
FORMULA = '=HYPERLINK("http://192.0.2.1";"x")'
BACKWARDS = "\u202egnp.exe\u202c שלום"
BRACES = "{0} {name} %s {{x}}"
LONG = "Wort" * 1500
ALL = (SCRIPT, IMAGE, MARKDOWN, FORMULA, BACKWARDS, BRACES, LONG)
TEXTS = {  # table: columns of text that people or other systems write
    "marts.kpi_catalogue": ("name_de", "name_en", "formula_de", "decision_de", "office", "unit",
                            "standard", "target_source_de"),
    "marts.dim_measures": ("title_de", "title_en"),
    "marts.dim_action_fields": ("title_de", "title_en"),
    "marts.dim_areas": ("name_de", "name_en"),
    "marts.dim_stations": ("name", "note"),
    "marts.fct_milestones": ("milestone",),
    "marts.fct_funding": ("name_de", "source"),
    "marts.dim_cleema_actions": ("name_de", "unit_de"),
    "marts.dim_emission_factors": ("source", "edition"),
    "marts.dim_cleema_assumptions": ("source", "note_de"),
    "marts.fct_cleema_unmapped": ("title",),
    "marts.fct_weather_warnings": ("event",),
    "ops.sources": ("title_de", "producer", "attribution", "protocol"),
    "ops.quarantine": ("reason", "record"),
    "ops.payloads": ("message", "resource", "filename", "raw_path"),
    "ops.fetches": ("error",),
    "ops.checks": ("why",),
}  # fmt: skip


def publish(serving_dir: Path) -> Path:
    """The usual build with its texts replaced in turn by hostile ones, ids left as they are."""
    path = serving.publish(serving_dir)
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TEMP TABLE bad AS SELECT unnest(?::VARCHAR[]) AS text", [list(ALL)])
        for table, columns in TEXTS.items():
            for i, column in enumerate(columns):
                con.execute(
                    f"UPDATE {table} SET {column} = (SELECT list(text) FROM bad)"
                    f"[1 + (rowid + {i}) % {len(ALL)}] WHERE {column} IS NOT NULL"
                )
        con.execute("COMMENT ON TABLE marts.kpi_values IS '" + SCRIPT.replace("'", "''") + "'")
    return path
