{#-
    Groups of fewer than `min_group_people` people are never shown. Within a slice (a month and an
    action, say) parts below the minimum are hidden, smallest first, and then as many further parts
    until at least two parts with at least the minimum of people are hidden together: their sum is
    what a reader gets by subtracting the shown parts from the whole, and it is such a group again.

    `relation` has one row per slice, part and person (several are counted once); a part without
    people has one row with an empty `user_key` and counts as small. Slices below the minimum as a
    whole must be left out by the caller: nothing of them may be shown.
-#}
{% macro hidden_parts(relation, slice, part) -%}
    {%- set keys = slice | join(', ') -%}
    select
        {{ keys }},
        {{ part }},
        people,
        slice_people,
        coalesce(place <= min(place) filter (
            where place >= small_parts and place >= 2 and people_so_far >= {{ var('min_group_people') }}
        ) over (partition by {{ keys }}), true) and small_parts > 0 as is_hidden
    from (
        select
            *,
            count(*) filter (where people < {{ var('min_group_people') }})
                over (partition by {{ keys }}) as small_parts,
            sum(new_people) over (
                partition by {{ keys }} order by place rows unbounded preceding
            ) as people_so_far,
            sum(new_people) over (partition by {{ keys }}) as slice_people
        from (
            -- a person in several parts is new in the smallest of them
            select
                {{ keys }},
                {{ part }},
                place,
                count(user_key) as people,
                count(user_key) filter (where is_first) as new_people
            from (
                select
                    *,
                    row_number() over (partition by {{ keys }}, user_key order by place) = 1
                        as is_first
                from (
                    select
                        *,
                        dense_rank() over (partition by {{ keys }} order by people, {{ part }})
                            as place
                    from (
                        select
                            {{ keys }},
                            {{ part }},
                            user_key,
                            count(user_key) over (partition by {{ keys }}, {{ part }}) as people
                        from (select distinct {{ keys }}, {{ part }}, user_key from {{ relation }})
                    )
                )
            )
            group by {{ keys }}, {{ part }}, place
        )
    )
{%- endmacro %}

{#- Nobody or a group that may be shown: what a reader may get by subtracting. -#}
{% macro none_or_many(people) -%}
    ({{ people }} = 0 or {{ people }} >= {{ var('min_group_people') }})
{%- endmacro %}
