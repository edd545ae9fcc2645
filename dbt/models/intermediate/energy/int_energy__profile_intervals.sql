{% set slice = ['origin', 'site', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

load_values as not materialized (
    select
        stg.*,
        meters.site,
        meters.quantity,
        {{ local_date('stg.interval_start_at') }} as local_date
    from {{ ref('stg_load_profile__load_values') }} as stg
    inner join {{ ref('load_profile_meters') }} as meters
        on
            stg.site_name = meters.site_name
            and stg.medium_name = meters.medium_name
            and stg.meter_name is not distinct from meters.meter_name
    -- neither heading nor stamps told which end of the interval is meant
    where stg.interval_start_at is not null
),

slices as (
    {{ touched('load_values', slice) }}
),

candidates as (
    select
        load_values.*,
        slices.load_id
    from load_values
    inner join slices using (origin, site, local_date)
    {{ near_slices('load_values.interval_start_at') }}
),

final as (
    select
        origin,
        site,
        quantity,
        interval_start_at,
        interval_end_at,
        local_date,
        energy_kwh,
        _payload_id as payload_id,
        load_id
    from candidates
    {{ keep_last(['origin', 'site', 'quantity', 'interval_start_at']) }}
)

select * from final
