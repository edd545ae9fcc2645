with

memberships as (
    select * from {{ ref('int_cleema__memberships') }}
),

-- who leaves and comes back has two memberships of one challenge
final as (
    select
        origin,
        user_key,
        challenge_id,
        min(joined_at) as joined_at,
        case when count(*) = count(left_at) then max(left_at) end as left_at,
        bool_and(is_orphaned) as is_orphaned,
        count(*) as memberships,
        max(last_seen_at) as last_seen_at,
        max(load_id) as load_id
    from memberships
    where user_key is not null and challenge_id is not null
    group by origin, user_key, challenge_id
)

select * from final
