with

days as (
    select * from {{ ref('fct_energy_daily') }}
),

sites as (
    select * from {{ ref('energy_sites') }}
),

mixes as (
    select *
    from {{ ref('electricity_mix') }}
    where co2e_g_kwh is not null
),

weather as (
    select * from {{ ref('fct_degree_days_daily') }}
),

usual_weather as (
    select * from {{ ref('fct_degree_days_monthly') }}
),

-- heat of whole days beside their weather; actual and usual degree days are of the same days
heated as (
    select
        days.origin,
        days.site,
        days.local_date,
        days.heat_kwh,
        weather.degree_days,
        usual_weather.reference_degree_days / usual_weather.days as usual_degree_days
    from days
    inner join sites
        on days.site = sites.site and sites.is_demo = (days.origin = 'demo')
    inner join weather
        on
            days.origin = weather.origin
            and days.local_date = weather.local_date
            and sites.weather_station_id = weather.station_id
    inner join usual_weather
        on
            weather.origin = usual_weather.origin
            and weather.station_id = usual_weather.station_id
            and date_trunc('month', weather.local_date) = usual_weather.month
    where
        days.heat_hours = days.expected_intervals / 4
        and weather.degree_days is not null
        and usual_weather.reference_degree_days is not null
),

-- heat that does not follow the weather (hot water, processes): a usual day without heating
bases as (
    select
        origin,
        site,
        year(local_date) as year,
        median(heat_kwh) filter (where degree_days = 0) as base_kwh
    from heated
    group by origin, site, year
),

heat_sums as (
    select
        heated.origin,
        heated.site,
        period_kind,
        {{ period_start('heated.local_date') }} as period_start,
        count(*) as adjusted_days,
        {{ exact_sum('heated.heat_kwh') }} as adjusted_from_kwh,
        {{ exact_sum('heated.degree_days') }} as degree_days,
        {{ exact_sum('heated.usual_degree_days') }} as usual_degree_days,
        least(
            count(*) * coalesce(any_value(bases.base_kwh), 0), {{ exact_sum('heated.heat_kwh') }}
        ) as base_kwh
    from heated
    inner join bases
        on
            heated.origin = bases.origin
            and heated.site = bases.site
            and year(heated.local_date) = bases.year
    cross join {{ period_kinds() }}
    group by all
),

adjusted as (
    select
        *,
        base_kwh
        + (adjusted_from_kwh - base_kwh)
        * coalesce(usual_degree_days / nullif(degree_days, 0), 1) as adjusted_heat_kwh
    from heat_sums
),

summed as (
    select
        days.origin,
        days.site,
        period_kind,
        {{ period_start('days.local_date') }} as period_start,
        {%- for column in ['load_intervals', 'balance_intervals', 'island_intervals',
            'pump_intervals'] %}
        sum(days.{{ column }})::bigint as {{ column }},
        {%- endfor %}
        {%- for column in ['load_kwh', 'consumption_kwh', 'generation_kwh', 'grid_import_kwh',
            'grid_export_kwh', 'self_consumed_kwh', 'pump_heat_kwh', 'pump_electricity_kwh',
            'heat_kwh', 'heat_hours', 'hours_above_contract'] %}
        {{ exact_sum('days.' ~ column) }} as {{ column }},
        {%- endfor %}
        max(days.peak_kw) as peak_kw,
        max_by(days.peak_at, (days.peak_kw, -epoch(days.peak_at))) filter (
            where days.peak_kw is not null
        ) as peak_at
    from days
    cross join {{ period_kinds() }}
    group by all
),

spans as (
    select
        *,
        date_diff(
            'hour',
            {{ local_day_start('period_start') }},
            {{ local_day_start(period_end('period_kind', 'period_start')) }}
        ) as hours
    from summed
),

final as (
    select
        spans.origin,
        spans.site,
        spans.period_kind,
        spans.period_start,
        round(spans.load_kwh, 1) as load_kwh,
        spans.peak_kw,
        spans.peak_at,
        round(spans.load_kwh / nullif(spans.load_intervals / 4.0, 0), 2) as mean_kw,
        round(
            100 * spans.load_kwh / nullif(spans.load_intervals / 4.0 * spans.peak_kw, 0), 2
        ) as load_factor_pct,
        spans.hours_above_contract,
        spans.load_intervals,
        round(100.0 * spans.load_intervals / (4 * spans.hours), 2)::double as load_coverage_pct,
        round(spans.consumption_kwh, 1) as consumption_kwh,
        round(spans.generation_kwh, 1) as generation_kwh,
        round(spans.grid_import_kwh, 1) as grid_import_kwh,
        round(spans.grid_export_kwh, 1) as grid_export_kwh,
        round(spans.self_consumed_kwh, 1) as self_consumed_kwh,
        round(
            100 * (spans.consumption_kwh - spans.grid_import_kwh)
            / nullif(spans.consumption_kwh, 0), 2
        ) as autarky_pct,
        round(
            100 * spans.self_consumed_kwh / nullif(spans.generation_kwh, 0), 2
        ) as self_consumption_pct,
        round(
            100.0 * spans.island_intervals / nullif(spans.balance_intervals, 0), 2
        ) as island_pct,
        spans.balance_intervals,
        round(
            100.0 * spans.balance_intervals / (4 * spans.hours), 2
        )::double as balance_coverage_pct,
        round(spans.pump_heat_kwh, 1) as pump_heat_kwh,
        round(spans.pump_electricity_kwh, 1) as pump_electricity_kwh,
        round(
            spans.pump_heat_kwh / nullif(spans.pump_electricity_kwh, 0), 2
        ) as performance_factor,
        spans.pump_intervals,
        round(
            100.0 * spans.pump_intervals / (4 * spans.hours), 2
        )::double as pump_coverage_pct,
        round(spans.heat_kwh, 1) as heat_kwh,
        round(100.0 * spans.heat_hours / spans.hours, 2)::double as heat_coverage_pct,
        adjusted.adjusted_days,
        round(adjusted.degree_days, 1) as degree_days,
        round(adjusted.usual_degree_days, 1) as usual_degree_days,
        round(adjusted.adjusted_from_kwh, 1) as adjusted_from_kwh,
        round(
            spans.heat_kwh * adjusted.adjusted_heat_kwh / nullif(adjusted.adjusted_from_kwh, 0), 1
        ) as adjusted_heat_kwh,
        mixes.year as mix_year,
        mixes.co2e_g_kwh as mix_co2e_g_kwh,
        -- without a meter at the grid all of the load is taken from it
        round(
            coalesce(spans.grid_import_kwh, spans.load_kwh) * mixes.co2e_g_kwh / 1000, 1
        ) as electricity_kg_co2e
    from spans
    left join adjusted using (origin, site, period_kind, period_start)
    -- years after the newest known factor use that factor
    asof left join mixes on year(spans.period_start) >= mixes.year
)

select * from final
