with

-- a file that came again unchanged also tells that the state still holds
asked as (
    select
        origin,
        finished_at as told_at
    from {{ ref('stg_ops__fetches') }}
    where source = 'programme_drop' and outcome in ('landed', 'unchanged', 'not_modified')
),

delivered as (
    {%- for sheet in ['milestones', 'spending', 'operation', 'components'] %}
    select
        origin,
        _fetched_at as told_at
    from {{ ref('stg_programme_drop__' ~ sheet) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        origin,
        max({{ local_date('told_at') }}) as as_of_on
    from (
        select * from asked
        union all
        select * from delivered
    )
    group by origin
)

select * from final
