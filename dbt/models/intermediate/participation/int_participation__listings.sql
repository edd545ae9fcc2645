{#- One branch per platform: each brings the same columns. -#}
with

portal as (
    select * from {{ ref('stg_beteiligungsportal__contributions') }}
),

-- a file replaces the one before as a whole, and it dates its answers
portal_sheet as (
    {{ latest_sheet('portal', ['contribution_id']) }}
),

adhocracy_projects as (
    select
        origin,
        idea_module_id,
        max_by(project_id, (_fetched_at, _payload_id, _row)) as project_id
    from {{ ref('stg_adhocracy__projects') }}
    where idea_module_id is not null
    group by origin, idea_module_id
),

final as (
    select
        origin,
        'consul' as platform,
        contribution_kind,
        external_id as contribution_id,
        null::varchar as process_id,
        created_at,
        geozone_name as place_name,
        state,
        comment_count as comments,
        vote_count as votes,
        null::varchar as author_key,
        null::date as answered_on,
        _payload_id,
        _row,
        _fetched_at
    from {{ ref('stg_consul__contributions') }}
    union all
    select
        origin,
        'decidim' as platform,
        'proposal' as contribution_kind,
        proposal_id as contribution_id,
        process_id,
        coalesce(published_at, created_at) as created_at,
        scope_name as place_name,
        state,
        comment_count as comments,
        vote_count as votes,
        null::varchar as author_key,
        null::date as answered_on,
        _payload_id,
        _row,
        _fetched_at
    from {{ ref('stg_decidim__contributions') }}
    union all
    select
        ideas.origin,
        'adhocracy' as platform,
        'idea' as contribution_kind,
        ideas.idea_id as contribution_id,
        adhocracy_projects.project_id as process_id,
        ideas.created_at,
        ideas.category as place_name,
        null::varchar as state,
        ideas.comment_count as comments,
        ideas.positive_rating_count + ideas.negative_rating_count as votes,
        ideas.creator_key as author_key,
        null::date as answered_on,
        ideas._payload_id,
        ideas._row,
        ideas._fetched_at
    from {{ ref('stg_adhocracy__ideas') }} as ideas
    left join adhocracy_projects
        on
            ideas.origin = adhocracy_projects.origin
            and ideas.module_id = adhocracy_projects.idea_module_id
    union all
    select
        origin,
        'beteiligungsportal' as platform,
        'contribution' as contribution_kind,
        contribution_id,
        procedure_id as process_id,
        {{ local_day_start('received_on') }} as created_at,
        borough_name as place_name,
        decision_name as state,
        comments,
        supports as votes,
        null::varchar as author_key,
        answered_on,
        _payload_id,
        _row,
        _fetched_at
    from portal_sheet
)

select * from final
