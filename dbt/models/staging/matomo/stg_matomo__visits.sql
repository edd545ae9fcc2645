with

source as (
    select * from {{ source('matomo', 'visits') }}
),

final as (
    select
        _origin as origin,
        day as local_date,
        visits,
        unique_visitors,
        actions,
        bounces,
        seconds as visit_length_s,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
