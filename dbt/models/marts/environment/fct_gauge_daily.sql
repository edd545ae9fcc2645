{% set slice = ['origin', 'station', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

levels as not materialized (
    select * from {{ ref('fct_gauge_levels') }}
),

slices as (
    {{ touched('levels', slice, 'load_id') }}
),

-- the gauge reports every quarter of an hour; more readings in a quarter count once
quarters as (
    select
        origin,
        station,
        local_date,
        time_bucket(interval 15 minutes, measured_at) as quarter_start_at,
        min(water_level_cm) as min_cm,
        {{ exact_avg('water_level_cm') }} as mean_cm,
        max(water_level_cm) as max_cm,
        max(alarm_level) as alarm_level,
        count(water_level_cm) as readings,
        max(load_id) as load_id
    from levels
    semi join slices using (origin, station, local_date)
    group by origin, station, local_date, quarter_start_at
),

final as (
    select
        origin,
        station,
        local_date,
        min(min_cm) as min_cm,
        round({{ exact_avg('mean_cm') }}, 2) as mean_cm,
        max(max_cm) as max_cm,
        max(alarm_level) as max_alarm_level,
        {%- for level in [1, 2, 3, 4] %}
        case
            when max(alarm_level) is not null
                then count(*) filter (where alarm_level >= {{ level }}) / 4.0
        end::double as hours_alarm_{{ level }},
        {%- endfor %}
        sum(readings)::bigint as readings,
        round(
            100.0 * count(*) filter (where readings > 0)
            / (4 * {{ local_day_hours('local_date') }}), 2
        )::double as coverage_pct,
        max(load_id) as load_id
    from quarters
    group by origin, station, local_date
)

select * from final
