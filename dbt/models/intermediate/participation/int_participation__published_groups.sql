{% set k = var('min_group_people') %}
with

groups as (
    select * from {{ ref('int_participation__groups') }}
),

processes as (
    select * from {{ ref('int_participation__processes') }}
),

by_kind as (
    select
        groups.origin,
        groups.platform,
        slices.slice_kind,
        case slices.slice_kind
            when 'year' then date_trunc('year', processes.started_on)::date::varchar
            else groups.process_id
        end as slice,
        kinds.group_kind,
        case kinds.group_kind
            when 'age' then coalesce(groups.age_group, 'unbekannt')
            else replace(groups.borough_number, '-', 'unbekannt')
        end as group_name,
        sum(groups.people) as people
    from groups
    inner join processes using (origin, platform, process_id)
    cross join (values ('year'), ('process')) as slices (slice_kind)
    cross join (values ('age'), ('borough')) as kinds (group_kind)
    group by all
),

ranked as (
    select
        *,
        row_number() over slice_by_size as place,
        count(*) filter (people < {{ k }}) over whole_slice as small_groups
    from by_kind
    window
        slice_by_size as (
            partition by origin, platform, slice_kind, slice, group_kind
            order by people, group_name
        ),
        whole_slice as (partition by origin, platform, slice_kind, slice, group_kind)
),

-- The total is known, so a single group left out could be computed: the next larger one goes
-- with the small ones.
final as (
    select
        origin,
        platform,
        slice_kind,
        slice,
        group_kind,
        case when small_groups > 0 and place <= small_groups + 1 then '-' else group_name end
            as group_name,
        sum(people)::bigint as people
    from ranked
    group by all
    having sum(people) >= {{ k }}
)

select * from final
