with

final as (
    select
        origin,
        station_id,
        local_date,
        temperature_mean_c,
        temperature_mean_c < {{ var('heating_limit_c') }} as is_heating_day,
        case
            when temperature_mean_c < {{ var('heating_limit_c') }}
                then {{ var('indoor_temperature_c') }} - temperature_mean_c
            when temperature_mean_c is not null then 0
        end::double as degree_days,
        load_id
    from {{ ref('int_environment__dwd_days') }}
)

select * from final
