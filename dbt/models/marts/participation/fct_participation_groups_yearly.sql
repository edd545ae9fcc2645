{% set k = 10 %}
with

groups as (
    select * from {{ ref('int_participation__groups') }}
),

processes as (
    select * from {{ ref('fct_participation_processes') }}
),

by_kind as (
    select
        groups.origin,
        groups.platform,
        cast(date_trunc('year', processes.started_on) as date) as year_start,
        kinds.group_kind,
        case kinds.group_kind
            when 'age' then coalesce(groups.age_group, 'unbekannt')
            else replace(groups.borough_number, '-', 'unbekannt')
        end as group_name,
        sum(groups.people) as people
    from groups
    inner join processes using (origin, platform, process_id)
    cross join (values ('age'), ('borough')) as kinds (group_kind)
    group by all
),

ranked as (
    select
        *,
        row_number() over slice as place,
        count(*) filter (people < {{ k }}) over slice_all as small_groups
    from by_kind
    window
        slice as (
            partition by origin, platform, year_start, group_kind
            order by people, group_name
        ),
        slice_all as (partition by origin, platform, year_start, group_kind)
),

-- The total is known, so a single group left out could be computed: the next larger one goes
-- with the small ones.
final as (
    select
        origin,
        platform,
        year_start,
        group_kind,
        case when small_groups > 0 and place <= small_groups + 1 then '-' else group_name end
            as group_name,
        sum(people)::bigint as people
    from ranked
    group by all
    having sum(people) >= {{ k }}
)

select * from final
