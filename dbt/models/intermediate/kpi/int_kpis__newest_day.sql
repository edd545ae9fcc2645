{#- The newest day of any facts has begun, and periods with it may still be running. -#}
{%- set parts = kpi_parts() | rejectattr(2, 'none') | list -%}

with

days as (
    {%- for part, facts, day in parts %}
    select
        origin,
        max({{ day }}) as newest_day
    from {{ ref(facts) }}
    group by origin
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        origin,
        max(newest_day) as newest_day
    from days
    group by origin
)

select * from final
