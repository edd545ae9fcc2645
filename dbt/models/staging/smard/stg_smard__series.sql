with

source as (
    select * from {{ source('smard', 'series') }}
),

final as (
    select
        _origin as origin,
        filter_id,
        region,
        resolution,
        started_at as interval_start_at,
        -- the number of the price series is unverified; see the source's caveats
        case when filter_id = '4169' then value end as price_eur_mwh,
        case when filter_id <> '4169' then value end as energy_mwh,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
