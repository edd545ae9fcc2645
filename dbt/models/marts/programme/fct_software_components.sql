with

staged as (
    select * from {{ ref('stg_programme_drop__components') }}
),

current_sheet as (
    {{ latest_sheet('staged', ['measure', 'component']) }}
),

final as (
    select
        current_sheet.origin,
        current_sheet.measure,
        current_sheet.component,
        current_sheet.licence,
        current_sheet.repository,
        current_sheet.published_on,
        open_licences.licence is not null as has_open_licence,
        open_licences.licence is not null
        and current_sheet.repository is not null
        and current_sheet.published_on is not null as is_open_source,
        current_sheet._payload_id as payload_id
    from current_sheet
    left join {{ ref('open_licences') }} as open_licences
        on lower(current_sheet.licence) = lower(open_licences.licence)
)

select * from final
