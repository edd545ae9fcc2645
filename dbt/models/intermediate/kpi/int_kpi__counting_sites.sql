with

days as (
    select * from {{ ref('fct_counting_site_availability') }}
),

site_periods as (
    select
        days.origin,
        days.network,
        days.site_id,
        period_kind,
        {{ period_start('days.local_date') }} as period_start,
        sum(days.valid_intervals)::bigint as valid,
        sum(days.expected_intervals)::bigint as expected,
        count(*) as days
    from days
    cross join {{ period_kinds() }}
    group by all
),

-- networks count in different intervals: each site weighs by its days
periods as (
    select
        origin,
        network,
        period_kind,
        period_start,
        {{ exact_sum('100.0 * valid / expected * days') }} / sum(days) as value,
        min(100.0 * valid / expected) as low,
        max(100.0 * valid / expected) as high,
        count(*) as n,
        max(days) as days
    from site_periods
    group by origin, network, period_kind, period_start
),

final as (
    select
        case network when 'bike' then 'M4.5a' else 'M4.5b' end as kpi_code,
        period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        round(value, 2) as value,
        round(low, 2) as low,
        round(high, 2) as high,
        n,
        round(100.0 * days / {{ period_days() }}, 2) as coverage_pct,
        origin
    from periods
)

select * from final
