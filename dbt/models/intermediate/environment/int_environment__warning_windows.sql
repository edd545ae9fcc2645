with

-- files know no windows: they hold what was sent from their first to their last message
taken_in as (
    select
        messages.origin,
        min(messages.sent_at) as starts_at,
        max(messages.sent_at) as ends_at
    from {{ ref('stg_dwd_warnings__messages') }} as messages
    inner join {{ ref('stg_ops__payloads') }} as payloads
        on messages._payload_id = payloads.payload_id
    where payloads.resource like 'inbox/%'
    group by messages.origin
),

windows as (
    select
        origin,
        window_start as starts_at,
        window_end as ends_at
    from {{ ref('stg_ops__covered_windows') }}
    where source = 'dwd_warnings'
    union all
    select * from taken_in
),

marked as (
    select
        *,
        coalesce(
            starts_at > max(ends_at) over (
                partition by origin
                order by starts_at, ends_at
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_first
    from windows
),

numbered as (
    select
        *,
        sum(cast(is_first as integer)) over (
            partition by origin
            order by starts_at, ends_at
            rows between unbounded preceding and current row
        ) as number
    from marked
),

final as (
    select
        origin,
        min(starts_at) as starts_at,
        max(ends_at) as ends_at
    from numbered
    group by origin, number
)

select * from final
