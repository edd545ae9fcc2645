select
    sources.source,
    sources.producer,
    sources.licence_id,
    sources.licence_verified,
    sources.homepage,
    status.origin,
    status.newest_event_at,
    status.last_success_at,
    status.state
from ops.sources as sources
left join ops.source_status as status
    on sources.source = status.source and status.rows > 0
where sources.source in (
    select source from marts.kpi_lineage where kpi_code = $code and source is not null
)
order by sources.source, status.origin
