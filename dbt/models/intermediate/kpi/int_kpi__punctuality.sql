with

days as (
    select * from {{ ref('fct_punctuality_daily') }}
),

periods as (
    select
        days.origin,
        period_kind,
        {{ period_start('days.local_date') }} as period_start,
        sum(days.within_3_min)::bigint as within_3,
        sum(days.within_5_min)::bigint as within_5,
        sum(days.cancelled)::bigint as cancelled,
        sum(days.departures)::bigint as departures,
        sum(days.tracked)::bigint as tracked,
        count(distinct days.local_date) as seen_days
    from days
    cross join {{ period_kinds() }}
    group by all
),

final as (
    {%- for code, hits, total in [
        ('M4.3a', 'within_3', 'tracked'),
        ('M4.3b', 'within_5', 'tracked'),
        ('M4.3c', 'cancelled', 'departures'),
    ] %}
    select
        '{{ code }}' as kpi_code,
        period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        round(100.0 * {{ hits }} / {{ total }}, 2) as value,
        round({{ wilson_pct(hits, total, '-') }}, 2) as low,
        round({{ wilson_pct(hits, total, '+') }}, 2) as high,
        {{ total }} as n,
        round(100.0 * seen_days / {{ period_days() }}, 2) as coverage_pct,
        origin
    from periods
    where {{ total }} > 0
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
