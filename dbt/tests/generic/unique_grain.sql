{#- Fails for keys that occur more than once or have an empty part, and for rows without a value
    in a column of `whole`. One test for all of it, since each test costs dbt more than the query.
    An origin is demo or real. -#}
{% test unique_grain(model, columns, whole=[]) %}
select {{ columns | join(', ') }}, count(*) as occurrences
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %} or {{ column }} is null{% endfor %}
    {%- for column in whole %} or count({{ column }}) < count(*){% endfor %}
    {%- if 'origin' in columns + whole %} or bool_or(origin not in ('demo', 'real')){% endif %}
{% endtest %}
