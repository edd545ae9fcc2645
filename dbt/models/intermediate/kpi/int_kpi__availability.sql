with

days as (
    select
        *,
        unnest(['city', 'source']) as area_kind,
        unnest(['dresden', 'source:' || source]) as area_id
    from {{ ref('fct_source_availability_daily') }}
),

sums as (
    select
        origin,
        area_kind,
        area_id,
        period_kind,
        {{ period_start('local_date') }} as period_start,
        sum(loads_scheduled) as scheduled,
        sum(loads_succeeded) as succeeded,
        sum(loads_failed) as failed,
        count(distinct local_date) as days
    from days
    cross join (values ('day'), ('month')) as kinds (period_kind)
    group by all
),

-- the upper end leaves out what was never asked because the platform itself stood still
final as (
    select
        'HF2.4' as kpi_code,
        period_start,
        period_kind,
        area_kind,
        area_id,
        round(100.0 * succeeded / scheduled, 2)::double as value,
        round(100.0 * succeeded / scheduled, 2)::double as low,
        round(100.0 * succeeded / nullif(succeeded + failed, 0), 2)::double as high,
        scheduled::bigint as n,
        round(100.0 * days / {{ period_days() }}, 2)::double as coverage_pct,
        origin
    from sums
)

select * from final
