with

final as (
    select
        origin,
        site,
        year(period_start) as year,
        load_kwh,
        peak_kw,
        peak_at,
        mean_kw,
        load_factor_pct,
        hours_above_contract,
        load_intervals,
        load_coverage_pct,
        consumption_kwh,
        generation_kwh,
        grid_import_kwh,
        grid_export_kwh,
        self_consumed_kwh,
        autarky_pct,
        self_consumption_pct,
        island_pct,
        balance_intervals,
        balance_coverage_pct,
        pump_heat_kwh,
        pump_electricity_kwh,
        performance_factor,
        pump_intervals,
        pump_coverage_pct,
        heat_kwh,
        heat_coverage_pct,
        adjusted_days,
        degree_days,
        usual_degree_days,
        adjusted_from_kwh,
        adjusted_heat_kwh,
        mix_year,
        mix_co2e_g_kwh,
        electricity_kg_co2e
    from {{ ref('int_energy__periods') }}
    where period_kind = 'year'
)

select * from final
