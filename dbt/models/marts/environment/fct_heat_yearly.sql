with

days as (
    select
        *,
        year(local_date) as year
    from {{ ref('fct_heat_daily') }}
),

final as (
    select
        origin,
        station_id,
        year,
        count(*) filter (where is_hot_day) as hot_days,
        count(*) filter (where is_tropical_night) as tropical_nights,
        count(*) filter (where coverage_pct >= {{ var('min_coverage_pct') }}) as days,
        round(
            100.0 * count(*) filter (where coverage_pct >= {{ var('min_coverage_pct') }})
            / {{ days_in_year('year') }}, 2
        )::double as coverage_pct
    from days
    group by origin, station_id, year
)

select * from final
