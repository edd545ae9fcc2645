{% set answer_days = 56 %}
{% set key = ['origin', 'platform', 'contribution_kind', 'contribution_id'] %}
with

listings as (
    select * from {{ ref('int_participation__listings') }}
),

states as (
    select * from {{ ref('answer_states') }}
),

answerable as (
    select distinct
        platform,
        contribution_kind
    from states
),

newest as (
    select * from listings
    {{ keep_last(key) }}
),

as_of as (
    select
        origin,
        platform,
        max(_fetched_at) as as_of_at
    from listings
    group by origin, platform
),

-- Most platforms do not tell when they answered; our snapshots show between which two it was.
seen as (
    select
        listings.origin,
        listings.platform,
        listings.contribution_kind,
        listings.contribution_id,
        min(listings._fetched_at) as first_seen_at,
        max(listings._fetched_at) as last_seen_at,
        min(listings._fetched_at) filter (states.is_answer) as answered_by_at,
        max(listings._fetched_at) filter (not coalesce(states.is_answer, false))
            as unanswered_at
    from listings
    left join states using (platform, contribution_kind, state)
    group by all
),

timed as (
    select
        newest.*,
        seen.* exclude (origin, platform, contribution_kind, contribution_id),
        as_of.as_of_at,
        newest.created_at + interval {{ answer_days }} day as answer_due_at,
        answerable.platform is not null and coalesce(newest.state, '') <> 'withdrawn'
            as can_be_answered,
        states.outcome
    from newest
    inner join seen using (origin, platform, contribution_kind, contribution_id)
    inner join as_of using (origin, platform)
    left join answerable using (platform, contribution_kind)
    left join states using (platform, contribution_kind, state)
),

final as (
    select
        timed.origin,
        timed.platform,
        timed.contribution_kind,
        timed.contribution_id,
        timed.process_id,
        timed.created_at,
        {{ local_date('timed.created_at') }} as created_on,
        places.borough_number,
        timed.comments,
        timed.votes,
        timed.author_key,
        timed.state,
        timed.outcome,
        case
            when not timed.can_be_answered then 'not_answerable'
            -- early answers would count before late ones can
            when timed.as_of_at < timed.answer_due_at then 'pending'
            when timed.answered_on is not null
                then case
                    when timed.answered_on <= {{ local_date('timed.answer_due_at') }}
                        then 'in_time'
                    else 'late'
                end
            when timed.answered_by_at <= timed.answer_due_at then 'in_time'
            when timed.unanswered_at >= timed.answer_due_at then 'late'
            else 'unknown'
        end as answer,
        {{ local_date('timed.first_seen_at') }} as first_seen_on,
        {{ local_date('timed.last_seen_at') }} as last_seen_on,
        {{ local_date('timed.as_of_at') }} as as_of_on,
        timed._payload_id as payload_id
    from timed
    left join {{ ref('int_participation__places') }} as places
        on lower(trim(timed.place_name)) = places.name
)

select * from final
