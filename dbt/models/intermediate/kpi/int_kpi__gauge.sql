with

days as (
    select *
    from {{ ref('fct_gauge_daily') }}
    where max_alarm_level is not null
),

long as (
    select *
    from days
    unpivot (
        hours for kpi_code in (
            hours_alarm_1 as 'M5.6a',
            hours_alarm_2 as 'M5.6b',
            hours_alarm_3 as 'M5.6c',
            hours_alarm_4 as 'M5.6d'
        )
    )
),

periods as (
    select
        origin,
        kpi_code,
        period_kind,
        {{ period_start('local_date') }} as period_start,
        station,
        sum(hours) as value,
        sum(readings)::bigint as n,
        sum(coverage_pct) as covered
    from long
    cross join {{ period_kinds() }}
    group by all
),

-- the city is judged by its own gauge
final as (
    select
        kpi_code,
        period_start,
        period_kind,
        areas.area_kind,
        case areas.area_kind when 'city' then 'dresden' else 'gauge:' || station end as area_id,
        value,
        null::double as low,
        null::double as high,
        n,
        round(covered / {{ period_days() }}, 2) as coverage_pct,
        origin
    from periods
    cross join (values ('station'), ('city')) as areas (area_kind)
)

select * from final
