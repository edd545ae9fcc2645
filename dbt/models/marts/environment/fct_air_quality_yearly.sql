with

days as (
    select
        *,
        year(local_date) as year
    from {{ ref('fct_air_quality_daily') }}
),

years as (
    select
        origin,
        station_code,
        pollutant,
        year,
        round({{ exact_sum('mean_ug_m3 * hours') }} / nullif(sum(hours), 0), 2) as mean_ug_m3,
        100.0 * sum(hours) / (24 * {{ days_in_year('year') }}) as capture_pct
    from days
    group by origin, station_code, pollutant, year
),

final as (
    select
        origin,
        station_code,
        pollutant,
        year,
        mean_ug_m3,
        round(capture_pct, 2)::double as capture_pct,
        capture_pct >= {{ var('min_air_capture_pct') }} as is_valid
    from years
)

select * from final
