{#- Distance in km on a flat map, good to 0.1 % within a city. -#}
{% macro distance_km(lat_a, lon_a, lat_b, lon_b) -%}
    111.2 * sqrt(
        pow({{ lat_a }} - {{ lat_b }}, 2)
        + pow(({{ lon_a }} - {{ lon_b }}) * cos(radians({{ lat_a }})), 2)
    )
{%- endmacro %}
