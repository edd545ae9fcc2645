with

source as (
    select * from {{ source('load_profile', 'normalised_profiles') }}
),

final as (
    select
        _origin as origin,
        profile as profile_name,
        season as season_name,
        day_type as day_type_name,
        "interval" as interval_number,
        interval_minutes,
        value as profile_value,
        unit as profile_unit,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
