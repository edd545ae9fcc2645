with

months as (
    select * from {{ ref('fct_open_data_usage_monthly') }}
),

periods as (
    select
        origin,
        period_kind,
        {{ period_start('month_start') }} as period_start,
        sum(downloads) as downloads,
        sum(visits) as visits,
        sum(days_counted) as days_counted
    from months
    cross join {{ period_kinds() }}
    group by all
),

long as (
    select *
    from periods
    unpivot (value for kpi_code in (downloads as 'M1.3a', visits as 'M1.3b'))
),

final as (
    select
        kpi_code,
        period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        value::double as value,
        null::double as low,
        null::double as high,
        days_counted::bigint as n,
        least(100.0, round(100.0 * days_counted / {{ period_days() }}, 2))::double
            as coverage_pct,
        origin
    from long
)

select * from final
