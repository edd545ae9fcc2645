with

visits as (
    select * from {{ ref('stg_matomo__visits') }}
    {{ keep_last(['origin', 'local_date']) }}
),

downloads as (
    select * from {{ ref('stg_matomo__downloads') }}
    {{ keep_last(['origin', 'local_date', 'file_label']) }}
),

visit_months as (
    select
        origin,
        cast(date_trunc('month', local_date) as date) as month_start,
        sum(visits) as visits,
        sum(actions) as actions,
        count(*) as days_counted,
        max(local_date) as last_day
    from visits
    group by all
),

download_months as (
    select
        origin,
        cast(date_trunc('month', local_date) as date) as month_start,
        sum(downloads) as downloads,
        count(distinct file_label) as files,
        max(local_date) as last_day
    from downloads
    group by all
),

final as (
    select
        origin,
        month_start,
        visit_months.visits::bigint as visits,
        visit_months.actions::bigint as actions,
        coalesce(download_months.downloads, 0)::bigint as downloads,
        coalesce(download_months.files, 0) as files,
        coalesce(visit_months.days_counted, 0) as days_counted,
        greatest(visit_months.last_day, download_months.last_day) as last_day
    from visit_months
    full join download_months using (origin, month_start)
)

select * from final
