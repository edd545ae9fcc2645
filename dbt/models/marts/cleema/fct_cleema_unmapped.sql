with

newest as (
    select * from {{ ref('int_cleema__newest_export') }}
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
        challenges.assessment as reason,
        challenges.people_band
    from {{ ref('dim_cleema_challenges') }} as challenges
    inner join newest using (origin)
    where challenges.assessment <> 'assessed' and challenges.start_date <= newest.observed_until
)

select * from final
