with

final as (
    select
        origin,
        {{ local_date('max(exported_at)') }} as observed_until
    from {{ ref('stg_cleema_export__exports') }}
    group by origin
)

select * from final
