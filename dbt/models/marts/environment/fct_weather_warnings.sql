with

messages as (
    select
        *,
        level >= 2 and is_rain and message_type <> 'Cancel' as warns_of_rain
    from {{ ref('int_environment__warning_chains') }}
),

chains as (
    select
        origin,
        warning_id,
        min(first_sent_at) as first_sent_at,
        max(sent_at) as last_sent_at,
        min(onset_at) as onset_at,
        -- a chain may grow into a rain warning, which helps only from then on; a first message that
        -- only a reference names counts as what the oldest message we hold is
        case
            when arg_min(warns_of_rain, (sent_at, identifier)) then min(first_sent_at)
            else min(sent_at) filter (where warns_of_rain)
        end as rain_warned_at,
        min(onset_at) filter (where warns_of_rain) as rain_onset_at,
        -- the last word counts: updates prolong or shorten, a withdrawal ends at once
        arg_max_null(expires_at, (sent_at, identifier)) filter (
            where message_type <> 'Cancel'
        ) as announced_expires_at,
        min(sent_at) filter (where message_type = 'Cancel') as cancelled_at,
        max_by(event, (sent_at, identifier)) as event,
        max_by(severity, (level, sent_at, identifier)) as severity,
        max(level) as level,
        bool_or(is_rain) as is_rain,
        count(*) as messages
    from messages
    group by origin, warning_id
),

final as (
    select
        origin,
        warning_id,
        first_sent_at,
        last_sent_at,
        onset_at,
        rain_warned_at,
        rain_onset_at,
        least(announced_expires_at, cancelled_at) as expires_at,
        event,
        severity,
        level,
        is_rain,
        messages,
        cancelled_at is not null as is_cancelled
    from chains
)

select * from final
