with

exports as (
    select
        origin,
        _payload_id,
        _load_id,
        exported_at,
        lists_all_joins
    from {{ ref('stg_cleema_export__exports') }}
),

-- an export shows a join by its row or by the list of ids
seen as (
    select
        origin,
        _payload_id,
        join_id
    from {{ ref('stg_cleema_export__joined_challenges') }}
    union
    select
        origin,
        _payload_id,
        join_id
    from {{ ref('stg_cleema_export__joined_challenge_ids') }}
),

last_seen as (
    select
        seen.origin,
        seen.join_id,
        min(exports.exported_at) as first_seen_at,
        max(exports.exported_at) as last_seen_at,
        max(exports._load_id) as load_id
    from seen
    inner join exports using (origin, _payload_id)
    group by seen.origin, seen.join_id
),

-- the last known values count; a deleted challenge leaves null, the one before is meant
described as (
    select
        joins.origin,
        joins.join_id,
        arg_max(joins.user_key, exports.exported_at) as user_key,
        arg_max(joins.challenge_id, exports.exported_at) as challenge_id,
        arg_max(joins.challenge_id is null, exports.exported_at) as is_orphaned,
        min(joins.joined_at) as joined_at
    from {{ ref('stg_cleema_export__joined_challenges') }} as joins
    inner join exports using (origin, _payload_id)
    group by joins.origin, joins.join_id
),

complete as (
    select
        origin,
        exported_at,
        max(_load_id) as load_id
    from exports
    where lists_all_joins
    group by origin, exported_at
),

final as (
    select
        described.origin,
        described.join_id,
        described.user_key,
        described.challenge_id,
        described.is_orphaned,
        described.joined_at,
        last_seen.first_seen_at,
        last_seen.last_seen_at,
        complete.exported_at as left_at,
        greatest(last_seen.load_id, coalesce(complete.load_id, last_seen.load_id)) as load_id
    from described
    inner join last_seen using (origin, join_id)
    asof left join complete
        on
            described.origin = complete.origin
            and last_seen.last_seen_at < complete.exported_at
)

select * from final
