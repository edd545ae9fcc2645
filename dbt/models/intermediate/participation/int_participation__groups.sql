with

portal as (
    select * from {{ ref('stg_beteiligungsportal__participants') }}
),

portal_sheet as (
    {{ latest_sheet('portal', ['procedure_id', 'age_group_name', 'borough_name']) }}
),

places as (
    select * from {{ ref('int_participation__places') }}
),

final as (
    select
        portal_sheet.origin,
        'beteiligungsportal' as platform,
        portal_sheet.procedure_id as process_id,
        portal_sheet.age_group_name as age_group,
        coalesce(places.borough_number, '-') as borough_number,
        sum(portal_sheet.people)::bigint as people
    from portal_sheet
    left join places on lower(trim(portal_sheet.borough_name)) = places.name
    group by all
)

select * from final
