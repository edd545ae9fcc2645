with

source as (
    select * from {{ source('sportpark_app', 'usage') }}
),

final as (
    select
        _origin as origin,
        case length(period) when 7 then 'month' else 'day' end as period_kind,
        try_cast(case length(period) when 7 then period || '-01' else period end as date)
            as period_start,
        visits,
        unique_visitors,
        actions,
        bounces,
        seconds as visit_length_s,
        coalesce(is_suppressed, false) as is_suppressed,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
