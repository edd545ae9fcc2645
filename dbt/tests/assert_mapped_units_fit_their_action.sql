-- A mapping in another unit than its action's would be wrong by the factor between them.
select
    mapping.origin,
    mapping.challenge_uuid,
    mapping.unit as mapped_unit,
    actions.unit as action_unit
from {{ ref('challenge_actions') }} as mapping
inner join {{ ref('cleema_actions') }} as actions using (action_code)
where mapping.unit <> actions.unit
