with recursive

messages as (
    select *
    from {{ ref('stg_dwd_warnings__messages') }}
),

-- some payloads name no cells; their messages count for the city
local_messages as (
    select *
    from messages
    where
        cast(warncell_id as varchar) in ('114612000', '814612000')
        or warncell_id is null
    {{ keep_last(['origin', 'identifier']) }}
),

-- a reference reads "sender,identifier,sent"; several are separated by blanks
triples as (
    select
        origin,
        identifier,
        string_split(unnest(string_split_regex(trim(references_text), '\s+')), ',') as parts
    from local_messages
    where references_text is not null and trim(references_text) <> ''
),

parents as (
    select
        origin,
        identifier,
        parts[2] as parent,
        try_cast(parts[3] as timestamptz) as parent_sent_at
    from triples
    where len(parts) >= 2
),

ancestry as (
    select
        origin,
        identifier,
        identifier as ancestor,
        sent_at as ancestor_sent_at
    from local_messages
    union
    select
        ancestry.origin,
        ancestry.identifier,
        parents.parent as ancestor,
        parents.parent_sent_at as ancestor_sent_at
    from ancestry
    inner join parents
        on ancestry.origin = parents.origin and ancestry.ancestor = parents.identifier
),

-- an ancestor from before our archive is known by the reference only
roots as (
    select
        origin,
        identifier,
        ancestor as warning_id,
        ancestor_sent_at as first_sent_at
    from ancestry
    qualify row_number() over (
        partition by origin, identifier
        order by ancestor_sent_at nulls last, ancestor
    ) = 1
),

final as (
    select
        local_messages.origin,
        local_messages.identifier,
        roots.warning_id,
        roots.first_sent_at,
        local_messages.message_type,
        local_messages.sent_at,
        local_messages.onset_at,
        local_messages.expires_at,
        local_messages.event,
        local_messages.severity,
        cast(local_messages.level as integer) as level,
        coalesce(
            concat_ws(' ', local_messages.event, local_messages.headline) ilike '%regen%', false
        ) as is_rain,
        local_messages._payload_id as payload_id
    from local_messages
    inner join roots
        on
            local_messages.origin = roots.origin
            and local_messages.identifier = roots.identifier
)

select * from final
