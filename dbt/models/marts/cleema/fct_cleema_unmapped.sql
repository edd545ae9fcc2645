with

newest as (
    select
        origin,
        cast(max(exported_at) as date) as observed_until
    from {{ ref('stg_cleema_export__exports') }}
    group by origin
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
