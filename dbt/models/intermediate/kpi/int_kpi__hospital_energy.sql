with

periods as (
    select *
    from {{ ref('int_energy__periods') }}
    where site = 'hospital'
),

sites as (
    select * from {{ ref('energy_sites') }}
),

carriers as (
    select * from {{ ref('heat_carriers') }}
),

shifting as (
    select *
    from {{ ref('fct_load_shifting') }}
    where site = 'hospital'
),

measured as (
    select
        periods.*,
        sites.area_kind,
        sites.area_id,
        sites.net_floor_area_m2,
        sites.beds,
        sites.baseline_year,
        least(periods.load_coverage_pct, periods.heat_coverage_pct) as both_coverage_pct,
        {%- for bound in ['low', 'central', 'high'] %}
        (periods.electricity_kg_co2e + periods.heat_kwh * carriers.{{ bound }}_g_kwh / 1000)
        / 1000 as {{ bound }}_t_co2e
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from periods
    inner join sites
        on periods.site = sites.site and sites.is_demo = (periods.origin = 'demo')
    inner join carriers on sites.heat_carrier = carriers.carrier
),

years as (
    select * from measured
    where period_kind = 'year'
),

baselines as (
    select
        origin,
        both_coverage_pct as coverage_before_pct,
        {%- for bound in ['low', 'central', 'high'] %}
        {{ bound }}_t_co2e as {{ bound }}_before
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from years
    where year(period_start) = baseline_year
),

-- the factor of heat is not known but the same in both years: each end with its own
against_baseline as (
    select
        {%- for bound in ['low', 'central', 'high'] %}
        100 * (years.{{ bound }}_t_co2e / baselines.{{ bound }}_before - 1)
            as {{ bound }}_change_pct,
        {%- endfor %}
        -- a change is as well known as the year of the two that is known less
        least(years.both_coverage_pct, baselines.coverage_before_pct) as compared_coverage_pct,
        years.*
    from years
    inner join baselines on years.origin = baselines.origin
    where year(years.period_start) > years.baseline_year
),

shifted as (
    select
        shifting.origin,
        period_kind,
        {{ period_start('shifting.month') }} as period_start,
        {{ exact_sum('shifting.shifted_kwh') }} as value,
        sqrt(sum(pow(shifting.shifted_high_kwh - shifting.shifted_kwh, 2))) as spread,
        sum(shifting.compared_hours)::bigint as n,
        sum(shifting.hours) as hours
    from shifting
    cross join {{ period_kinds() }}
    where shifting.shifted_kwh is not null
    group by all
),

{% set parts = [
    ('M8.1a', 'years', 'load_kwh / net_floor_area_m2', 'load_coverage_pct', none),
    ('M8.1b', 'years', 'adjusted_heat_kwh / net_floor_area_m2', 'heat_coverage_pct', none),
    ('M8.2', 'years', '(load_kwh + heat_kwh) / beds', 'both_coverage_pct', none),
    ('M8.3a', 'measured', 'peak_kw', 'load_coverage_pct', none),
    ('M8.3b', 'measured', 'hours_above_contract', 'load_coverage_pct', none),
    ('M8.6a', 'years', 'central_t_co2e', 'both_coverage_pct', 't_co2e'),
    ('M8.6b', 'against_baseline', 'central_change_pct', 'compared_coverage_pct', 'change_pct'),
] %}

final as (
    {%- for code, relation, expression, coverage, range in parts %}
    select
        '{{ code }}' as kpi_code,
        period_start,
        period_kind,
        area_kind,
        area_id,
        round({{ expression }}, 2)::double as value,
        {%- if range %}
        round(least(low_{{ range }}, high_{{ range }}), 2)::double as low,
        round(greatest(low_{{ range }}, high_{{ range }}), 2)::double as high,
        {%- else %}
        null::double as low,
        null::double as high,
        {%- endif %}
        load_intervals as n,
        {{ coverage }} as coverage_pct,
        origin
    from {{ relation }}
    where {{ expression }} is not null
    union all
    {%- endfor %}
    select
        'M8.4' as kpi_code,
        shifted.period_start,
        shifted.period_kind,
        sites.area_kind,
        sites.area_id,
        round(shifted.value, 1) as value,
        round(shifted.value - shifted.spread, 1) as low,
        round(shifted.value + shifted.spread, 1) as high,
        shifted.n,
        round(100.0 * shifted.hours / date_diff(
            'hour',
            {{ local_day_start('shifted.period_start') }},
            {{ local_day_start(period_end('shifted.period_kind', 'shifted.period_start')) }}
        ), 2) as coverage_pct,
        shifted.origin
    from shifted
    inner join sites
        on sites.site = 'hospital' and sites.is_demo = (shifted.origin = 'demo')
)

select * from final
