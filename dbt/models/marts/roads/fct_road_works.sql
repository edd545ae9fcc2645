with

stretches as (
    select
        *,
        (_fetched_at, _payload_id, _row) as told
    from {{ ref('stg_road_works__restrictions') }}
),

final as (
    select
        origin,
        work_id,
        bool_or(not is_announced) as has_begun,
        bool_or(is_full_closure) as is_full_closure,
        arg_max(kind, told) as kind,
        arg_max(reason, told) as reason,
        arg_max(valid_from, told) as valid_from,
        arg_max_null(valid_to, told) as valid_to,
        -- the end that was announced first: how far it moved shows delays
        arg_min_null(valid_to, told) as first_valid_to,
        count(distinct concat_ws(' ', latitude, longitude)) as stretches,
        min(snapshot_date) as first_seen_on,
        max(snapshot_date) as last_seen_on
    from stretches
    where work_id is not null
    group by origin, work_id
)

select * from final
