{% set slice = ['origin', 'region', 'resolution', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

prices as not materialized (
    select
        *,
        {{ local_date('interval_start_at') }} as local_date
    from {{ ref('stg_smard__series') }}
    where filter_id = '4169' and resolution in ('hour', 'quarterhour')
),

slices as (
    {{ touched('prices', slice) }}
),

candidates as (
    select
        prices.*,
        slices.load_id
    from prices
    inner join slices using (origin, region, resolution, local_date)
    {{ near_slices('prices.interval_start_at') }}
),

final as (
    select
        origin,
        region,
        resolution,
        interval_start_at,
        local_date,
        price_eur_mwh,
        _payload_id as payload_id,
        load_id
    from candidates
    {{ keep_last(['origin', 'region', 'resolution', 'interval_start_at']) }}
)

select * from final
