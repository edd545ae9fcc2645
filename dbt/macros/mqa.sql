{#-
    Points of the metadata quality assessment of data.europa.eu (MQA), as implemented by
    mjanez/ckan-mqa. They sum up to 405. Its defaults list "format from vocabulary" a second
    time on its own; it is counted once here, together with the media type.
-#}
{% macro mqa_weights() -%}
    {{ return({
        'findability': {'keyword': 30, 'theme': 30, 'spatial': 20, 'temporal': 20},
        'accessibility': {'access_url_ok': 50, 'download_url': 20, 'download_url_ok': 30},
        'interoperability': {
            'format': 20, 'media_type': 10, 'from_vocabulary': 10, 'open': 20,
            'machine_readable': 20, 'dcat_ap': 30
        },
        'reusability': {
            'licence': 20, 'licence_from_vocabulary': 10, 'access_rights': 10,
            'access_rights_from_vocabulary': 5, 'contact_point': 20, 'publisher': 10
        },
        'contextuality': {'rights': 5, 'byte_size': 5, 'issued': 5, 'modified': 5}
    }) }}
{%- endmacro %}

{#- Points for a metric where `condition` holds, else 0 (also where it is null). -#}
{% macro mqa_points(dimension, metric, condition) -%}
    case when {{ condition }} then {{ mqa_weights()[dimension][metric] }} else 0 end
{%- endmacro %}

{#- Rating group of a score. -#}
{% macro mqa_rating(score) -%}
    case
        when {{ score }} >= 351 then 'excellent'
        when {{ score }} >= 221 then 'good'
        when {{ score }} >= 121 then 'sufficient'
        else 'bad'
    end
{%- endmacro %}

{#- Last part of an address of a vocabulary, or the text itself; media types keep their slash. -#}
{% macro vocabulary_code(value) -%}
    regexp_replace({{ value }}, '^https?://.*/(?:file-type|media-types|frequency|access-right)/', '')
{%- endmacro %}

{#- Licence without the address of its vocabulary, lower case. -#}
{% macro licence_code(value) -%}
    rtrim(
        regexp_replace(lower({{ value }}), '^https?://.*/(?:def/licenses|authority/licence)/', ''),
        '/'
    )
{%- endmacro %}

{#- Sum of all points that can be had. -#}
{% macro mqa_total() -%}
    {%- set total = namespace(points=0) -%}
    {%- for metrics in mqa_weights().values() -%}
        {%- for points in metrics.values() -%}
            {%- set total.points = total.points + points -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(total.points) }}
{%- endmacro %}
