{#- Local days are Europe/Berlin; `ts` is an instant (TIMESTAMPTZ). -#}
{% macro local_date(ts) -%}
    cast(({{ ts }}) at time zone 'Europe/Berlin' as date)
{%- endmacro %}

{#- Hour of the local clock, 0 to 23. -#}
{% macro local_hour(ts) -%}
    hour(({{ ts }}) at time zone 'Europe/Berlin')
{%- endmacro %}

{#- Air quality counts days in CET (UTC+1) all year; `ts` is the start of the interval. -#}
{% macro cet_date(ts) -%}
    cast(({{ ts }}) at time zone 'UTC' + interval 1 hour as date)
{%- endmacro %}

{#- First instant of a local day. -#}
{% macro local_day_start(day) -%}
    (cast({{ day }} as timestamp) at time zone 'Europe/Berlin')
{%- endmacro %}

{#- Hours of a local day: 24, but 23 and 25 when the clock is changed. -#}
{% macro local_day_hours(day) -%}
    date_diff(
        'hour', {{ local_day_start(day) }}, {{ local_day_start(day ~ ' + 1') }}
    )
{%- endmacro %}

{#- Days of a calendar year given as a number. -#}
{% macro days_in_year(year) -%}
    date_diff('day', make_date({{ year }}, 1, 1), make_date({{ year }} + 1, 1, 1))
{%- endmacro %}
