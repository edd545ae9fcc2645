with

prices as (
    select
        origin,
        interval_start_at,
        price_eur_mwh
    from {{ ref('fct_electricity_prices') }}
    where region = 'DE' and resolution = 'hour' and price_eur_mwh is not null
),

-- hours with all four quarters
loads as (
    select
        origin,
        site,
        date_trunc('hour', interval_start_at) as hour_start_at,
        {{ exact_sum('load_kwh') }} as load_kwh
    from {{ ref('fct_energy_balance_15min') }}
    where load_kwh is not null
    group by origin, site, hour_start_at
    having count(*) = 4
),

hours as (
    select
        loads.origin,
        loads.site,
        loads.hour_start_at,
        cast(date_trunc('month', {{ local_date('loads.hour_start_at') }}) as date) as month,
        {{ local_hour('loads.hour_start_at') }} as local_hour,
        case isodow({{ local_date('loads.hour_start_at') }})
            when 6 then 'saturday'
            when 7 then 'sunday'
            else 'weekday'
        end as day_type,
        loads.load_kwh,
        prices.price_eur_mwh
    from loads
    inner join prices
        on loads.origin = prices.origin and loads.hour_start_at = prices.interval_start_at
),

-- exactly one hour in ten; of equal prices the earlier hour counts as dearer
final as (
    select
        *,
        row_number() over (
            partition by origin, site, month
            order by price_eur_mwh desc, hour_start_at
        ) <= ceil(0.1 * count(*) over (partition by origin, site, month)) as is_dear
    from hours
)

select * from final
