with

years as (
    select *
    from {{ ref('fct_air_quality_yearly') }}
    where pollutant = 'NO2' and station_code in ('DESN061', 'DESN084')
),

stations as (
    select
        'M4.7' as kpi_code,
        make_date(year, 1, 1) as period_start,
        'year' as period_kind,
        'station' as area_kind,
        'air:' || station_code as area_id,
        mean_ug_m3 as value,
        null::double as low,
        null::double as high,
        1::bigint as n,
        capture_pct as coverage_pct,
        origin
    from years
    where mean_ug_m3 is not null
),

-- a limit holds at every station: the worse of the two that measured enough
city as (
    select
        kpi_code,
        period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        max(value) filter (where coverage_pct >= {{ var('min_air_capture_pct') }}) as value,
        min(value) filter (where coverage_pct >= {{ var('min_air_capture_pct') }}) as low,
        max(value) filter (where coverage_pct >= {{ var('min_air_capture_pct') }}) as high,
        count(*) filter (where coverage_pct >= {{ var('min_air_capture_pct') }}) as n,
        max(coverage_pct) as coverage_pct,
        origin
    from stations
    group by kpi_code, period_start, period_kind, origin
),

final as (
    select * from stations
    union all
    select * from city
)

select * from final
