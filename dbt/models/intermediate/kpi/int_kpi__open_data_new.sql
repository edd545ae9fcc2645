with

datasets as (
    select * from {{ ref('fct_open_data_datasets') }}
),

roles as (
    select * from {{ ref('catalogue_roles') }}
),

-- the newest complete list tells when each dataset was first published
newest as (
    select datasets.*
    from datasets
    inner join roles
        on
            datasets.source = roles.source
            and roles.role = 'quality'
    where coalesce(datasets.is_public, true)
    qualify dense_rank() over (
        partition by datasets.origin
        order by datasets.snapshot_on desc, datasets.catalogue
    ) = 1
),

spans as (
    select
        origin,
        max(snapshot_on) as snapshot_on,
        count(*) as datasets,
        count(issued_on) as dated
    from newest
    group by origin
),

months as (
    select
        spans.*,
        cast(unnest(range(
            date '2022-01-01', spans.snapshot_on + interval 1 day, interval 1 month
        )) as date) as month_start
    from spans
),

counted as (
    select
        months.origin,
        months.month_start,
        any_value(100.0 * months.dated / months.datasets) as coverage_pct,
        count(newest.dataset_id) as datasets
    from months
    left join newest
        on
            months.origin = newest.origin
            and months.month_start = date_trunc('month', newest.issued_on)
    group by months.origin, months.month_start
),

final as (
    select
        'M1.1c' as kpi_code,
        {{ period_start('month_start') }} as period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        sum(datasets)::double as value,
        null::double as low,
        null::double as high,
        sum(datasets)::bigint as n,
        round(any_value(coverage_pct), 2)::double as coverage_pct,
        origin
    from counted
    cross join {{ period_kinds() }}
    group by origin, period_kind, {{ period_start('month_start') }}
)

select * from final
