with

catalogues as (
    select
        days.*,
        roles.role
    from {{ ref('fct_open_data_catalogues_daily') }} as days
    inner join {{ ref('catalogue_roles') }} as roles on days.source = roles.source
    where days.is_complete
    -- files of the same catalogue taken in beside it: the fullest list counts
    qualify row_number() over (
        partition by days.origin, roles.role, days.snapshot_on
        order by days.datasets desc, days.catalogue
    ) = 1
),

periods as (
    select
        *,
        period_kind,
        {{ period_start('snapshot_on') }} as period_start
    from catalogues
    cross join (values ('day'), ('month')) as kinds (period_kind)
    qualify row_number() over (
        partition by origin, role, period_kind, period_start
        order by snapshot_on desc
    ) = 1
),

residents as (
    select * from {{ ref('city_population') }}
),

-- official population at the end of the year before; the newest known for later years
populated as (
    select
        periods.*,
        coalesce(
            max_by(residents.population, residents.counted_on) filter (
                residents.counted_on < periods.snapshot_on
            ),
            min_by(residents.population, residents.counted_on)
        ) as population
    from periods
    cross join residents
    group by all
),

listed as (
    select
        *,
        open_datasets * 1e5 / population as per_100k
    from populated
    where role = 'count'
),

assessed as (
    select * from populated
    where role = 'quality'
),

long as (
    select
        *,
        'a' as code,
        'HF2.1' as base,
        open_datasets as value,
        null::double as low,
        null::double as high,
        datasets as n,
        100.0 as coverage_pct
    from listed
    union all by name
    select
        *,
        'b' as code,
        'HF2.1' as base,
        per_100k as value,
        null::double as low,
        null::double as high,
        datasets as n,
        100.0 as coverage_pct
    from listed
    union all by name
    select
        *,
        'a' as code,
        'HF2.2' as base,
        mqa_score as value,
        mqa_score as low,
        mqa_score_max as high,
        datasets as n,
        100.0 as coverage_pct
    from assessed
    union all by name
    select
        *,
        'b' as code,
        'HF2.2' as base,
        100.0 * good_datasets / datasets as value,
        100.0 * good_datasets / datasets as low,
        100.0 * good_datasets_max / datasets as high,
        datasets as n,
        100.0 as coverage_pct
    from assessed
    union all by name
    select
        *,
        '' as code,
        'HF2.3' as base,
        100.0 * fresh_datasets / nullif(declared_datasets, 0) as value,
        100.0 * fresh_datasets / datasets as low,
        100.0 * (datasets - declared_datasets + fresh_datasets) / datasets as high,
        declared_datasets as n,
        100.0 * declared_datasets / datasets as coverage_pct
    from assessed
    union all by name
    select
        *,
        '' as code,
        'HF2.6' as base,
        stars as value,
        null::double as low,
        null::double as high,
        datasets as n,
        100.0 as coverage_pct
    from assessed
    union all by name
    select
        assessed.*,
        '' as code,
        'M1.5' as base,
        least(100.0, 100.0 * assessed.referenced_datasets / listed.datasets) as value,
        null::double as low,
        null::double as high,
        listed.datasets as n,
        100.0 as coverage_pct
    from assessed
    inner join listed using (origin, period_kind, period_start)
),

-- the measure's own codes for what the action field counts as well
codes as (
    select
        pairs.base,
        pairs.code
    from (
        values
        ('HF2.1', 'HF2.1'), ('HF2.1', 'M1.1'), ('HF2.2', 'HF2.2'), ('HF2.2', 'M1.2'),
        ('HF2.3', 'HF2.3'), ('HF2.6', 'HF2.6'), ('M1.5', 'M1.5')
    ) as pairs (base, code)
),

final as (
    select
        codes.code || long.code as kpi_code,
        long.period_start,
        long.period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        round(long.value, 2)::double as value,
        round(long.low, 2)::double as low,
        round(long.high, 2)::double as high,
        long.n::bigint as n,
        round(long.coverage_pct, 2)::double as coverage_pct,
        long.origin
    from long
    inner join codes on long.base = codes.base
)

select * from final
