-- Files whose event times touch the period; tables without event times count whole.
with spans as (
    select distinct
        origin,
        period_start::timestamp at time zone 'Europe/Berlin' as starts_at,
        (period_start + case period_kind
            when 'day' then interval 1 day
            when 'month' then interval 1 month
            when 'quarter' then interval 3 month
            when 'year' then interval 1 year
            else interval 100 year
        end)::timestamp at time zone 'Europe/Berlin' as ends_at
    from marts.kpi_values
    where kpi_code = $code
        and period_kind = $kind
        and period_start = coalesce($start, period_start)
        and area_id = $area
)

select
    payloads.origin,
    files.source,
    files.table_name,
    files.rows,
    files.oldest_event_at,
    files.newest_event_at,
    payloads.sha256,
    payloads.raw_path,
    payloads.fetched_at,
    coalesce(payloads.filename, payloads.resource) as resource
from ops.loaded_files as files
inner join ops.payloads as payloads
    on files.source = payloads.source and files.payload_id = payloads.payload_id
inner join spans on payloads.origin = spans.origin
where exists (
    select 1
    from marts.kpi_lineage as lineage
    where lineage.kpi_code = $code
        and lineage.source = files.source
        and lineage.table_name = files.table_name
)
    and coalesce(files.oldest_event_at < spans.ends_at, true)
    and coalesce(files.newest_event_at >= spans.starts_at, true)
order by files.source, files.table_name, files.oldest_event_at, payloads.sha256
