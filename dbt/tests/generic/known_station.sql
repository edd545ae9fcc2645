{#- Fails for stations that dim_stations does not list; `prefix` completes the column's value. -#}
{% test known_station(model, column_name, prefix='') %}
select distinct facts.{{ column_name }}
from {{ model }} as facts
left join {{ ref('dim_stations') }} as stations
    on stations.station_id = '{{ prefix }}' || facts.{{ column_name }}
where stations.station_id is null
{% endtest %}
