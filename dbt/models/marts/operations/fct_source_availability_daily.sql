{# A success a little before its span counts for it: the scheduler tolerates a tenth, too. #}
{% set tolerance = 0.1 %}
with

sources as (
    select
        source,
        measure,
        every_s
    from {{ ref('stg_ops__sources') }}
),

attempts as (
    select * from {{ ref('stg_ops__fetches') }}
    where resource not like 'inbox/%'
),

-- files taken in show that the platform ran, too
reach as (
    select
        origin,
        max(finished_at) as as_of_at
    from {{ ref('stg_ops__fetches') }}
    group by origin
),

runs as (
    select
        attempts.origin,
        attempts.source,
        attempts.run_id,
        sources.every_s,
        epoch(min(attempts.started_at)) as started_s,
        epoch(max(attempts.finished_at)) as finished_s,
        bool_and(attempts.outcome <> 'failed') as is_success
    from attempts
    inner join sources on attempts.source = sources.source
    group by attempts.origin, attempts.source, attempts.run_id, sources.every_s
),

-- a run answers for the span it ends in, a successful one also for one that begins right after
marks as (
    select
        origin,
        source,
        unnest(list_distinct([
            floor(finished_s / every_s),
            case
                when is_success then floor(finished_s / every_s + {{ tolerance }})
                else floor(finished_s / every_s)
            end
        ]))::bigint as slot,
        is_success
    from runs
),

answered as (
    select
        origin,
        source,
        slot,
        bool_or(is_success) as is_success
    from marks
    group by origin, source, slot
),

spans as (
    select
        runs.origin,
        runs.source,
        runs.every_s,
        min(runs.started_s) as first_s,
        floor(min(runs.finished_s) / runs.every_s)::bigint as first_slot,
        floor(epoch(any_value(reach.as_of_at)) / runs.every_s)::bigint as last_slot
    from runs
    inner join reach on runs.origin = reach.origin
    group by runs.origin, runs.source, runs.every_s
),

slots as (
    select
        *,
        unnest(range(first_slot, last_slot + 1)) as slot
    from spans
),

judged as (
    select
        slots.origin,
        slots.source,
        {{ local_date('to_timestamp(greatest(slots.slot * slots.every_s, slots.first_s))') }}
            as local_date,
        answered.is_success
    from slots
    left join answered
        on
            slots.origin = answered.origin
            and slots.source = answered.source
            and slots.slot = answered.slot
    -- the span that is still running may yet be answered
    where answered.is_success is not null or slots.slot < slots.last_slot
),

final as (
    select
        judged.origin,
        judged.source,
        judged.local_date,
        sources.measure,
        count(*) as loads_scheduled,
        count(*) filter (judged.is_success) as loads_succeeded,
        count(*) filter (not judged.is_success) as loads_failed,
        count(*) filter (judged.is_success is null) as loads_missed,
        round(100.0 * count(*) filter (judged.is_success) / count(*), 2)::double
            as availability_pct
    from judged
    inner join sources on judged.source = sources.source
    group by judged.origin, judged.source, judged.local_date, sources.measure
)

select * from final
