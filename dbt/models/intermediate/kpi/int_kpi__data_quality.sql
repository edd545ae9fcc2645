with

days as (
    select
        *,
        unnest(['city', 'source']) as area_kind,
        unnest(['dresden', 'source:' || source]) as area_id
    from {{ ref('fct_data_quality_daily') }}
),

sums as (
    select
        origin,
        area_kind,
        area_id,
        period_kind,
        {{ period_start('local_date') }} as period_start,
        sum(checks_executed) as checks_executed,
        sum(checks_passed) as checks_passed,
        sum(records_parsed) as records_parsed,
        sum(records_accepted) as records_accepted,
        sum(payloads) as payloads,
        sum(payloads_refused) as payloads_refused
    from days
    cross join (values ('day'), ('month')) as kinds (period_kind)
    group by all
),

long as (
    select
        *,
        'HF2.5a' as kpi_code,
        checks_passed as hits,
        checks_executed as total
    from sums
    union all
    select
        *,
        'HF2.5b' as kpi_code,
        records_accepted as hits,
        records_parsed as total
    from sums
),

-- a payload that could not be read has no records to count; it lowers the coverage instead
final as (
    select
        kpi_code,
        period_start,
        period_kind,
        area_kind,
        area_id,
        round(100.0 * hits / total, 3)::double as value,
        null::double as low,
        null::double as high,
        total::bigint as n,
        round(100.0 * (payloads - payloads_refused) / payloads, 2)::double as coverage_pct,
        origin
    from long
    where total > 0
)

select * from final
