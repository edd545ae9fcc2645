with

usage as (
    select * from {{ ref('stg_sportpark_app__usage') }}
    where period_start is not null
    {{ keep_last(['origin', 'period_kind', 'period_start']) }}
),

final as (
    select
        origin,
        period_kind,
        period_start,
        visits,
        unique_visitors,
        is_suppressed,
        -- a period is whole when it was asked after its end
        {{ local_date('_fetched_at') }} > case period_kind
            when 'month' then last_day(period_start)
            else period_start
        end as is_complete,
        _payload_id as payload_id,
        _load_id as load_id
    from usage
)

select * from final
