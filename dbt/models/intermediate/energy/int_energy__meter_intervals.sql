{% set slice = ['origin', 'site', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

meter_values as not materialized (
    select
        stg.*,
        points.site,
        points.quantity,
        {{ local_date('stg.interval_start_at') }} as local_date
    from {{ ref('stg_mscons__meter_values') }} as stg
    inner join {{ ref('obis_codes') }} as codes on stg.obis_code = codes.obis_code
    inner join {{ ref('metering_points') }} as points
        on
            stg.market_location = points.market_location
            and codes.direction = points.direction
    -- a forecast (187) is no metered value
    where stg.qualifier_code <> '187'
),

slices as (
    {{ touched('meter_values', slice) }}
),

candidates as (
    select
        meter_values.*,
        slices.load_id
    from meter_values
    inner join slices using (origin, site, local_date)
    {{ near_slices('meter_values.interval_start_at') }}
),

-- the message written last counts, in whatever order files were fetched
latest as (
    select *
    from candidates
    qualify row_number() over (
        partition by origin, site, quantity, interval_start_at
        order by
            coalesce(message_created_at, _fetched_at) desc, _fetched_at desc,
            _payload_id desc, _row desc
    ) = 1
),

final as (
    select
        origin,
        site,
        quantity,
        interval_start_at,
        interval_end_at,
        local_date,
        case
            when message_function = '1' then 'cancelled'
            when qualifier_code = '220' then 'measured'
            when qualifier_code = '67' then 'substitute'
            when qualifier_code = '201' then 'provisional'
            else 'unusable'
        end as quality,
        case when quality not in ('cancelled', 'unusable') then energy_kwh end as energy_kwh,
        case when quality not in ('cancelled', 'unusable') then volume_m3 end as volume_m3,
        _payload_id as payload_id,
        load_id
    from latest
)

select * from final
