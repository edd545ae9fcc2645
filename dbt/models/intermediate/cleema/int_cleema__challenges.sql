with

exports as (
    select
        origin,
        _payload_id,
        exported_at
    from {{ ref('stg_cleema_export__exports') }}
),

steps as (
    select
        goals.origin,
        goals.challenge_id,
        arg_max(goals.goal_steps, exports.exported_at) as goal_steps
    from {{ ref('stg_cleema_export__challenges_goal_type_steps') }} as goals
    inner join exports using (origin, _payload_id)
    group by goals.origin, goals.challenge_id
),

measurements as (
    select
        goals.origin,
        goals.challenge_id,
        arg_max(goals.goal_value, exports.exported_at) as goal_value,
        arg_max(goals.goal_unit, exports.exported_at) as goal_unit
    from {{ ref('stg_cleema_export__challenges_goal_type_measurements') }} as goals
    inner join exports using (origin, _payload_id)
    group by goals.origin, goals.challenge_id
),

-- deleted challenges are missing in later exports; their last known values count
latest as (
    select challenges.*
    from {{ ref('stg_cleema_export__challenges') }} as challenges
    inner join exports using (origin, _payload_id)
    qualify row_number() over (
        partition by challenges.origin, challenges.challenge_id
        order by exports.exported_at desc, challenges._row desc
    ) = 1
),

final as (
    select
        latest.origin,
        latest.challenge_id,
        latest.challenge_uuid,
        latest.title,
        latest.kind,
        latest.answer_interval,
        latest.goal_type,
        cast(latest.start_date as date) as start_date,
        cast(latest.end_date as date) as end_date,
        case
            when latest.answer_interval = 'weekly'
                then (date_diff('day', latest.start_date, latest.end_date) + 7) // 7
            else date_diff('day', latest.start_date, latest.end_date) + 1
        end as intervals,
        steps.goal_steps,
        measurements.goal_value,
        measurements.goal_unit,
        latest.region_id
    from latest
    left join steps using (origin, challenge_id)
    left join measurements using (origin, challenge_id)
)

select * from final
