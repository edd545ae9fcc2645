with

exports as (
    select
        origin,
        _payload_id,
        exported_at
    from {{ ref('stg_cleema_export__exports') }}
),

latest as (
    select people.*
    from {{ ref('stg_cleema_export__up_users') }} as people
    inner join exports using (origin, _payload_id)
    qualify row_number() over (
        partition by people.origin, people.user_key
        order by exports.exported_at desc, people._row desc
    ) = 1
),

final as (
    select
        latest.origin,
        latest.user_key,
        latest.created_on,
        coalesce(boroughs.borough_number, 'unknown') as borough,
        regions.is_own_city,
        coalesce(latest.accepts_surveys, false) as accepts_surveys,
        coalesce(latest.is_blocked, false) as is_blocked
    from latest
    left join {{ ref('boroughs') }} as boroughs
        on latest.borough_number = boroughs.borough_number
    left join {{ ref('cleema_regions') }} as regions on latest.region_id = regions.region_id
)

select * from final
