with

source as (
    select * from {{ source('decidim', 'processes') }}
),

final as (
    select
        _origin as origin,
        process_id,
        slug,
        start_date,
        end_date,
        step_count,
        active_step,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
