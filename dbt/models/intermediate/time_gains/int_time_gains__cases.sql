{#- How often a service was used, from the sources that know it. -#}
with

reports as (
    select
        origin,
        report_id,
        {{ local_date('arg_max(reported_at, _fetched_at)') }} as local_date
    from {{ ref('stg_open311__reports') }}
    group by origin, report_id
),

downloads as (
    select
        origin,
        local_date,
        file_label,
        arg_max(downloads, _fetched_at) as downloads
    from {{ ref('stg_matomo__downloads') }}
    group by origin, local_date, file_label
),

-- a platform answers with all it has each time; a contribution counts once
contributions as (
    select
        origin,
        'consul' as platform,
        contribution_kind || ':' || external_id as contribution_id,
        {{ local_date('min(created_at)') }} as local_date
    from {{ ref('stg_consul__contributions') }}
    group by origin, contribution_kind, external_id
    union all
    select
        origin,
        'decidim' as platform,
        proposal_id as contribution_id,
        {{ local_date('min(created_at)') }} as local_date
    from {{ ref('stg_decidim__contributions') }}
    group by origin, proposal_id
    union all
    select
        origin,
        'adhocracy' as platform,
        idea_id as contribution_id,
        {{ local_date('min(created_at)') }} as local_date
    from {{ ref('stg_adhocracy__ideas') }}
    group by origin, idea_id
),

-- one request may be for a whole series of dates
requests as (
    select
        origin,
        booking_uid,
        {{ local_date('min(requested_at)') }} as local_date
    from {{ ref('int_sportpark__bookings') }}
    where requested_at is not null
    group by origin, booking_uid
),

daily as (
    select
        origin,
        'damage_report' as service_code,
        local_date,
        count(*) as cases
    from reports
    group by origin, local_date
    union all
    select
        origin,
        'open_data_download' as service_code,
        local_date,
        sum(downloads) as cases
    from downloads
    group by origin, local_date
    union all
    select
        origin,
        'online_contribution' as service_code,
        local_date,
        count(*) as cases
    from contributions
    group by origin, local_date
    union all
    select
        origin,
        'sports_booking' as service_code,
        local_date,
        count(*) as cases
    from requests
    group by origin, local_date
),

final as (
    select
        origin,
        service_code,
        cast(date_trunc('month', local_date) as date) as month_start,
        sum(cases)::bigint as cases,
        max(local_date) as last_day
    from daily
    where local_date is not null
    group by origin, service_code, cast(date_trunc('month', local_date) as date)
)

select * from final
