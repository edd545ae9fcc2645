with

challenges as (
    select * from {{ ref('int_cleema__challenges') }}
),

joined as (
    select
        origin,
        challenge_id,
        count(*) as people
    from {{ ref('int_cleema__joins') }}
    group by origin, challenge_id
),

final as (
    select
        challenges.origin,
        challenges.challenge_id,
        challenges.challenge_uuid,
        challenges.title,
        challenges.kind,
        challenges.answer_interval,
        challenges.start_date,
        challenges.end_date,
        challenges.intervals,
        mapping.action_code,
        mapping.amount_per_success,
        mapping.unit,
        mapping.reviewer,
        case
            when mapping.action_code is null then 'unmapped'
            when not actions.has_factor then 'no_factor'
            else 'assessed'
        end as assessment,
        -- a band, because exact numbers of several tables could be subtracted from each other
        case
            when coalesce(joined.people, 0) < {{ var('min_group_people') }}
                then 'unter {{ var('min_group_people') }}'
            when joined.people < 50 then '{{ var('min_group_people') }}–49'
            when joined.people < 200 then '50–199'
            else '200 und mehr'
        end as people_band
    from challenges
    left join joined using (origin, challenge_id)
    left join {{ ref('challenge_actions') }} as mapping
        on
            challenges.origin = mapping.origin
            and challenges.challenge_uuid = mapping.challenge_uuid
            and mapping.valid_from <= challenges.end_date
            and coalesce(mapping.valid_to, date '9999-12-31') >= challenges.start_date
    left join {{ ref('dim_cleema_actions') }} as actions
        on mapping.action_code = actions.action_code
    qualify row_number() over (
        partition by challenges.origin, challenges.challenge_id order by mapping.valid_from desc
    ) = 1
)

select * from final
