with

source as (
    select * from {{ source('ops', 'covered_windows') }}
),

final as (
    select
        source,
        origin,
        window_start,
        window_end,
        covered_at
    from source
)

select * from final
