-- One row per source and origin seen: how it stands at the moment of publishing.
create or replace table ops.source_status as
with attempts as (
    select
        source,
        origin,
        max(finished_at) as last_attempt_at,
        count(*) filter (finished_at > now() - interval 24 hour) as attempts_24h,
        count(*) filter (
            outcome = 'failed' and finished_at > now() - interval 24 hour
        ) as failures_24h,
        arg_max(outcome, finished_at) as last_outcome
    from ops.fetches
    where source <> '_unknown'
    group by all
),

covered as (
    select source, origin, max(covered_at) as last_covered_at
    from ops.covered_windows
    group by all
),

reach as (
    select
        source,
        origin,
        window_start,
        max(window_end) over (
            partition by source, origin
            order by window_start
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from ops.covered_windows
),

gaps as (
    select
        source,
        origin,
        count(*) as gaps
    from reach
    where window_start > covered_until
        and source in (select source from ops.sources where kind = 'interval')
    group by all
),

payloads as (
    select
        source,
        origin,
        max(newest_event_at) as newest_event_at,
        max(fetched_at) as last_payload_at,
        sum(accepted) as rows,
        sum(quarantined) as quarantined,
        count(*) filter (state in ('held', 'refused')) as held_or_refused
    from ops.payloads
    where source <> '_unknown'
    group by all
),

origins as (
    select source, origin from attempts
    union
    select source, '{origin}' from ops.sources
)

select
    origins.source,
    origins.origin,
    attempts.last_attempt_at,
    coalesce(covered.last_covered_at, payloads.last_payload_at) as last_success_at,
    payloads.newest_event_at,
    coalesce(payloads.rows, 0)::bigint as rows,
    coalesce(payloads.quarantined, 0)::bigint as quarantined,
    coalesce(payloads.held_or_refused, 0)::bigint as held_or_refused,
    coalesce(attempts.failures_24h, 0)::bigint as failures_24h,
    coalesce(attempts.attempts_24h, 0)::bigint as attempts_24h,
    coalesce(gaps.gaps, 0)::bigint as gaps,
    case
        when coalesce(covered.last_covered_at, payloads.last_payload_at) is null
            and attempts.last_attempt_at is null then 'never'
        when attempts.last_outcome = 'failed' then 'failing'
        when sources.promise_on = 'fetch'
            and now() - coalesce(covered.last_covered_at, payloads.last_payload_at)
            > to_seconds(sources.promise_s) then 'late'
        when sources.promise_on = 'data'
            and (
                payloads.newest_event_at is null
                or now() - payloads.newest_event_at > to_seconds(sources.promise_s)
            ) then 'late'
        else 'ok'
    end as state
from origins
inner join ops.sources as sources on origins.source = sources.source
left join attempts
    on origins.source = attempts.source and origins.origin = attempts.origin
left join covered
    on origins.source = covered.source and origins.origin = covered.origin
left join gaps
    on origins.source = gaps.source and origins.origin = gaps.origin
left join payloads
    on origins.source = payloads.source and origins.origin = payloads.origin;
comment on table ops.source_status is
'One row per source and origin: how it stood when the build was published.';
