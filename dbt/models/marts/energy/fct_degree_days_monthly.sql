with

months as (
    select
        origin,
        station_id,
        cast(date_trunc('month', local_date) as date) as month,
        round({{ exact_sum('degree_days') }}, 2) as degree_days,
        count(*) filter (where is_heating_day) as heating_days,
        count(degree_days) as days,
        count(degree_days) = day(last_day(month)) as is_complete
    from {{ ref('fct_degree_days_daily') }}
    group by origin, station_id, month
),

-- the usual month: mean of the same calendar month over all years that have it whole
references_by_month as (
    select
        origin,
        station_id,
        month(month) as calendar_month,
        {{ exact_avg('degree_days / days') }} as degree_days_per_day,
        count(*) as reference_years
    from months
    where is_complete
    group by origin, station_id, calendar_month
),

final as (
    select
        months.origin,
        months.station_id,
        months.month,
        months.degree_days,
        months.heating_days,
        months.days,
        round(100.0 * months.days / day(last_day(months.month)), 2)::double as coverage_pct,
        round(usual.degree_days_per_day * months.days, 2) as reference_degree_days,
        usual.reference_years
    from months
    left join references_by_month as usual
        on
            months.origin = usual.origin
            and months.station_id = usual.station_id
            and month(months.month) = usual.calendar_month
)

select * from final
