{#-
    DuckDB asks ICU for every conversion between an instant and a clock, a dozen times slower than
    arithmetic. From 1996 to 2035 summer time in Berlin holds from April to September and winter
    time from November to February: there the offset is known without asking. A law that changes
    this changes these macros (tests/dbt/test_local_time.py holds them against ICU).
-#}
{% macro berlin_offset_us(clock) -%}
    case
        when {{ clock }} < timestamp '1996-01-01' or {{ clock }} >= timestamp '2036-01-01' then null
        when month({{ clock }}) between 4 and 9 then 7200000000
        when month({{ clock }}) not in (3, 10) then 3600000000
    end
{%- endmacro %}

{#- Clock in UTC (TIMESTAMP) of an instant (TIMESTAMPTZ). -#}
{% macro utc_clock(ts) -%}
    make_timestamp(epoch_us({{ ts }}))
{%- endmacro %}

{#- Instant (TIMESTAMPTZ) of a clock in UTC (TIMESTAMP). -#}
{% macro utc_instant(clock) -%}
    make_timestamptz(epoch_us({{ clock }}))
{%- endmacro %}

{#- Clock in Berlin (TIMESTAMP) of an instant (TIMESTAMPTZ). -#}
{% macro local_clock(ts) -%}
    coalesce(
        make_timestamp(epoch_us({{ ts }}) + {{ berlin_offset_us(utc_clock(ts)) }}),
        ({{ ts }}) at time zone 'Europe/Berlin'
    )
{%- endmacro %}

{#-
    Instant (TIMESTAMPTZ) of a clock in Berlin (TIMESTAMP); of a reading that occurs twice the
    later instant (winter time).
-#}
{% macro local_instant(clock) -%}
    coalesce(
        make_timestamptz(epoch_us({{ clock }}) - {{ berlin_offset_us(clock) }}),
        {{ clock }} at time zone 'Europe/Berlin'
    )
{%- endmacro %}

{#- How often a full minute begins between two instants. -#}
{% macro minutes_between(start, end) -%}
    (epoch_us({{ end }}) // 60000000 - epoch_us({{ start }}) // 60000000)
{%- endmacro %}

{#- Local days are Europe/Berlin; `ts` is an instant (TIMESTAMPTZ). -#}
{% macro local_date(ts) -%}
    cast({{ local_clock(ts) }} as date)
{%- endmacro %}

{#- Hour of the local clock, 0 to 23. -#}
{% macro local_hour(ts) -%}
    hour({{ local_clock(ts) }})
{%- endmacro %}

{#- Air quality counts days in CET (UTC+1) all year; `ts` is the start of the interval. -#}
{% macro cet_date(ts) -%}
    cast({{ utc_clock(ts) }} + interval 1 hour as date)
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
