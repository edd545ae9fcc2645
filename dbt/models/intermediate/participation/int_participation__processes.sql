{% set quiet_days = 90 %}
with

contributions as (
    select * from {{ ref('int_participation__contributions') }}
    where process_id is not null
),

portal as (
    select * from {{ ref('stg_beteiligungsportal__procedures') }}
),

portal_sheet as (
    {{ latest_sheet('portal', ['procedure_id']) }}
),

listed as (
    select
        origin,
        'decidim' as platform,
        process_id,
        start_date as started_on,
        end_date as ended_on,
        null::varchar as mode,
        null::bigint as participants,
        _payload_id,
        _row,
        _fetched_at
    from {{ ref('stg_decidim__processes') }}
    union all
    select
        origin,
        'adhocracy' as platform,
        project_id as process_id,
        null::date as started_on,
        null::date as ended_on,
        null::varchar as mode,
        null::bigint as participants,
        _payload_id,
        _row,
        _fetched_at
    from {{ ref('stg_adhocracy__projects') }}
    union all
    select
        origin,
        'beteiligungsportal' as platform,
        procedure_id as process_id,
        begins_on as started_on,
        ends_on as ended_on,
        mode_name as mode,
        participants,
        _payload_id,
        _row,
        _fetched_at
    from portal_sheet
),

newest as (
    select
        *,
        max({{ local_date('_fetched_at') }}) over (partition by origin, platform) as as_of_on
    from listed
    {{ keep_last(['origin', 'platform', 'process_id']) }}
),

activity as (
    select
        origin,
        platform,
        process_id,
        min(created_on) as first_contribution_on,
        max(created_on) as last_contribution_on,
        count(*) as contributions,
        sum(comments) as comments,
        sum(votes) as votes,
        count(distinct author_key) as authors,
        count(*) filter (answer <> 'not_answerable') as answerable,
        count(*) filter (answer = 'in_time') as answered_in_time,
        count(*) filter (outcome in ('adopted', 'partly')) as adopted,
        count(outcome) as decided
    from contributions
    group by origin, platform, process_id
),

-- without dates of their own, processes last from their first contribution to a long silence
dated as (
    select
        newest.*,
        activity.* exclude (origin, platform, process_id),
        coalesce(newest.started_on, activity.first_contribution_on) as begins_on,
        coalesce(
            newest.ended_on,
            case
                when
                    newest.started_on is null
                    and activity.last_contribution_on + {{ quiet_days }} < newest.as_of_on
                    then activity.last_contribution_on
            end
        ) as ends_on,
        newest.started_on is null as is_dated_by_us
    from newest
    left join activity using (origin, platform, process_id)
),

final as (
    select
        origin,
        platform,
        process_id,
        begins_on as started_on,
        ends_on as ended_on,
        is_dated_by_us,
        mode,
        case
            when begins_on > as_of_on then 'planned'
            when ends_on < as_of_on then 'finished'
            else 'running'
        end as state,
        coalesce(contributions, 0) as contributions,
        coalesce(comments, 0)::bigint as comments,
        votes::bigint as votes,
        case when authors > 0 then authors end as authors,
        participants,
        coalesce(answerable, 0) as answerable,
        coalesce(answered_in_time, 0) as answered_in_time,
        coalesce(adopted, 0) as adopted,
        coalesce(decided, 0) as decided,
        as_of_on,
        _payload_id as payload_id
    from dated
)

select * from final
