with

hours as (
    select * from {{ ref('int_energy__priced_hours') }}
),

-- what the same hour of the same kind of day draws in this month when power is not dear
usual as (
    select
        origin,
        site,
        month,
        local_hour,
        day_type,
        {{ exact_avg('load_kwh') }} as mean_kwh,
        var_samp(load_kwh) as variance,
        count(*) as hours
    from hours
    where not is_dear
    group by origin, site, month, local_hour, day_type
    having count(*) >= 2
),

compared as (
    select
        hours.origin,
        hours.site,
        hours.month,
        count(*) as hours,
        {{ exact_sum('usual.mean_kwh') }} as baseline_kwh,
        {{ exact_sum('hours.load_kwh') }} as load_kwh,
        -- the hours' own scatter, and that of the mean they share
        any_value(usual.variance)
        * (count(*) + count(*) * count(*) / any_value(usual.hours)::double) as variance
    from hours
    inner join usual using (origin, site, month, local_hour, day_type)
    where hours.is_dear
    group by hours.origin, hours.site, hours.month, hours.local_hour, hours.day_type
),

sums as (
    select
        origin,
        site,
        month,
        sum(hours)::bigint as compared_hours,
        {{ exact_sum('baseline_kwh') }} as baseline_kwh,
        {{ exact_sum('load_kwh') }} as load_dear_kwh,
        sqrt(sum(variance)) as deviation_kwh
    from compared
    group by origin, site, month
),

months as (
    select
        origin,
        site,
        month,
        count(*) as hours,
        count(*) filter (where is_dear) as dear_hours,
        min(price_eur_mwh) filter (where is_dear) as dear_from_eur_mwh,
        {{ exact_avg('price_eur_mwh') }} as mean_price_eur_mwh,
        {{ exact_sum('price_eur_mwh * load_kwh') }} / {{ exact_sum('load_kwh') }}
            as load_price_eur_mwh
    from hours
    group by origin, site, month
),

final as (
    select
        months.origin,
        months.site,
        months.month,
        months.hours,
        months.dear_hours,
        coalesce(sums.compared_hours, 0) as compared_hours,
        round(months.dear_from_eur_mwh, 2) as dear_from_eur_mwh,
        round(sums.load_dear_kwh, 1) as load_dear_kwh,
        round(sums.baseline_kwh, 1) as baseline_kwh,
        round(sums.baseline_kwh - sums.load_dear_kwh, 1) as shifted_kwh,
        round(
            sums.baseline_kwh - sums.load_dear_kwh - 1.96 * sums.deviation_kwh, 1
        ) as shifted_low_kwh,
        round(
            sums.baseline_kwh - sums.load_dear_kwh + 1.96 * sums.deviation_kwh, 1
        ) as shifted_high_kwh,
        round(months.mean_price_eur_mwh, 2) as mean_price_eur_mwh,
        round(months.load_price_eur_mwh, 2) as load_price_eur_mwh,
        round(100.0 * months.hours / date_diff(
            'hour',
            {{ local_day_start('months.month') }},
            {{ local_day_start('last_day(months.month) + 1') }}
        ), 2)::double as coverage_pct
    from months
    left join sums using (origin, site, month)
)

select * from final
