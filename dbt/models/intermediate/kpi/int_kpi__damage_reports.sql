with

reports as (
    select *
    from {{ ref('fct_damage_reports') }}
    where is_road_damage
),

-- the first and the last day any report was made: a period is covered as far as it lies between
spans as (
    select
        origin,
        min(local_date) as first_day,
        max(local_date) as last_day
    from {{ ref('fct_damage_reports') }}
    group by origin
),

placed as (
    select
        *,
        'city' as area_kind,
        'dresden' as area_id
    from reports
    union all
    select
        *,
        'borough' as area_kind,
        'borough:' || borough_number as area_id
    from reports
    where borough_number is not null
),

-- an open report has waited longer than any that is closed; leaving it out would reward leaving
-- work undone
periods as (
    select
        placed.origin,
        placed.area_kind,
        placed.area_id,
        period_kind,
        {{ period_start('placed.local_date') }} as period_start,
        {%- for name, share in [('median', 0.5), ('p90', 0.9)] %}
        quantile_disc(coalesce(placed.hours_to_close, 'infinity'::double), {{ share }})
            as {{ name }}_h,
        quantile_disc(placed.hours_to_close, {{ share }}) as {{ name }}_closed_h,
        {%- endfor %}
        count(*) as n
    from placed
    cross join {{ period_kinds() }}
    group by all
),

covered as (
    select
        periods.*,
        round(100.0 * greatest(0, 1 + date_diff(
            'day',
            greatest(spans.first_day, periods.period_start),
            least(
                spans.last_day,
                {{ period_end('periods.period_kind', 'periods.period_start') }} - 1
            )
        )) / {{ period_days() }}, 2) as coverage_pct
    from periods
    inner join spans on periods.origin = spans.origin
),

final as (
    {%- for code, name in [('M3.5a', 'median'), ('M3.5b', 'p90')] %}
    select
        '{{ code }}' as kpi_code,
        period_start,
        period_kind,
        area_kind,
        area_id,
        case when isfinite({{ name }}_h) then round({{ name }}_h, 1) end as value,
        round({{ name }}_closed_h, 1) as low,
        case when isfinite({{ name }}_h) then round({{ name }}_h, 1) end as high,
        n,
        coverage_pct,
        origin
    from covered
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
