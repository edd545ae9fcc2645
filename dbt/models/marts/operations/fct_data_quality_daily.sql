with

payloads as (
    select
        *,
        {{ local_date('fetched_at') }} as local_date
    from {{ ref('stg_ops__payloads') }}
),

checks as (
    select * from {{ ref('stg_ops__checks') }}
),

sources as (
    select * from {{ ref('stg_ops__sources') }}
),

delivered as (
    select
        origin,
        source,
        local_date,
        count(*) as payloads,
        count(*) filter (state = 'held') as payloads_held,
        count(*) filter (state = 'refused') as payloads_refused,
        sum(parsed) as records_parsed,
        sum(accepted) as records_accepted,
        sum(quarantined) as records_quarantined
    from payloads
    group by origin, source, local_date
),

-- counted on the day the data came, not on the day they were checked, which a replay moves
judged as (
    select
        payloads.origin,
        payloads.source,
        payloads.local_date,
        count(*) filter (checks.severity = 'critical') as checks_executed,
        count(*) filter (checks.severity = 'critical' and checks.success) as checks_passed,
        count(*) filter (checks.severity <> 'critical') as warnings_executed,
        count(*) filter (checks.severity <> 'critical' and not checks.success) as warnings_raised,
        sum(checks.element_count) as values_checked,
        sum(checks.unexpected_count) as values_failed
    from checks
    inner join payloads on checks.payload_id = payloads.payload_id
    group by payloads.origin, payloads.source, payloads.local_date
),

final as (
    select
        delivered.origin,
        delivered.source,
        delivered.local_date,
        sources.measure,
        delivered.payloads,
        delivered.payloads_held,
        delivered.payloads_refused,
        delivered.records_parsed::bigint as records_parsed,
        delivered.records_accepted::bigint as records_accepted,
        delivered.records_quarantined::bigint as records_quarantined,
        coalesce(judged.checks_executed, 0) as checks_executed,
        coalesce(judged.checks_passed, 0) as checks_passed,
        coalesce(judged.warnings_executed, 0) as warnings_executed,
        coalesce(judged.warnings_raised, 0) as warnings_raised,
        coalesce(judged.values_checked, 0)::bigint as values_checked,
        coalesce(judged.values_failed, 0)::bigint as values_failed
    from delivered
    inner join sources on delivered.source = sources.source
    left join judged
        on
            delivered.origin = judged.origin
            and delivered.source = judged.source
            and delivered.local_date = judged.local_date
)

select * from final
