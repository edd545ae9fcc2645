with

districts as (
    select * from {{ ref('districts') }}
),

boroughs as (
    select * from {{ ref('boroughs') }}
),

-- platforms name boroughs or districts, in the spellings of the statistics
names as (
    select
        borough_name as name,
        borough_number,
        1 as rank
    from districts
    union all
    select
        name,
        borough_number,
        2 as rank
    from boroughs
    union all
    select
        name,
        borough_number,
        3 as rank
    from districts
),

final as (
    select
        lower(trim(name)) as name,
        min_by(borough_number, (rank, borough_number)) as borough_number
    from names
    group by lower(trim(name))
)

select * from final
