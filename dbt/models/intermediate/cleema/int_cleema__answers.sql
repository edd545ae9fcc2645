with

exports as (
    select
        origin,
        _payload_id,
        exported_at
    from {{ ref('stg_cleema_export__exports') }}
),

-- deleted challenges are missing in later exports; their last known dates count
challenges as (
    select
        challenges.origin,
        challenges.challenge_id,
        arg_max(challenges.answer_interval, exports.exported_at) as answer_interval,
        arg_max(challenges.start_date, exports.exported_at) as start_date
    from {{ ref('stg_cleema_export__challenges') }} as challenges
    inner join exports using (origin, _payload_id)
    group by challenges.origin, challenges.challenge_id
),

answers as (
    select
        answers.origin,
        answers.answer_id,
        answers.join_id,
        answers.day_index,
        arg_max(answers.answer, exports.exported_at) as answer,
        min(exports.exported_at) as first_seen_at,
        max(answers._load_id) as load_id
    from {{ ref('stg_cleema_export__joined_challenges_answers') }} as answers
    inner join exports using (origin, _payload_id)
    group by answers.origin, answers.answer_id, answers.join_id, answers.day_index
),

-- of two memberships the one that still exists counts, then the later one
final as (
    select
        answers.origin,
        memberships.user_key,
        memberships.challenge_id,
        answers.day_index,
        case
            when answers.day_index < 1 then null
            when challenges.answer_interval = 'daily'
                then challenges.start_date + cast(answers.day_index - 1 as integer)
            when challenges.answer_interval = 'weekly'
                then challenges.start_date + cast(7 * (answers.day_index - 1) as integer)
        end as activity_date,
        challenges.answer_interval,
        answers.answer = 'succeeded' as is_succeeded,
        memberships.left_at is not null as is_vanished,
        memberships.left_at as vanished_at,
        answers.first_seen_at,
        greatest(answers.load_id, memberships.load_id) as load_id
    from answers
    inner join {{ ref('int_cleema__memberships') }} as memberships using (origin, join_id)
    left join challenges
        on
            memberships.origin = challenges.origin
            and memberships.challenge_id = challenges.challenge_id
    where memberships.user_key is not null and memberships.challenge_id is not null
    qualify row_number() over (
        partition by
            answers.origin, memberships.user_key, memberships.challenge_id, answers.day_index
        order by
            memberships.left_at is not null,
            memberships.joined_at desc,
            answers.answer_id desc
    ) = 1
)

select * from final
