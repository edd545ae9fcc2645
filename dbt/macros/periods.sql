{#- Months and years as rows (period_kind); a daily fact is joined to both. -#}
{% macro period_kinds() -%}
    (values ('month'), ('year')) as kinds (period_kind)
{%- endmacro %}

{#- First day of the period of `period_kind` that holds `day`. -#}
{% macro period_start(day) -%}
    cast(date_trunc(kinds.period_kind, {{ day }}) as date)
{%- endmacro %}

{#- Days of the whole period, elapsed or not. -#}
{% macro period_days() -%}
    date_diff('day', period_start, {{ period_end('period_kind', 'period_start') }})
{%- endmacro %}

{#- 95 % Wilson bound in percent of a share hits/total; sign is '-' for low, '+' for high. -#}
{% macro wilson_pct(hits, total, sign) -%}
    100.0 * (
        {{ hits }} + 1.9208 {{ sign }} 1.96 * sqrt(
            {{ hits }} * ({{ total }} - {{ hits }}) / cast({{ total }} as double) + 0.9604
        )
    ) / ({{ total }} + 3.8416)
{%- endmacro %}

{#- First day after a period; the phase is the programme's, as far as it is decided. -#}
{% macro period_end(kind, start) -%}
    cast(case {{ kind }}
        when 'day' then {{ start }} + interval 1 day
        when 'month' then {{ start }} + interval 1 month
        when 'quarter' then {{ start }} + interval 3 month
        when 'year' then {{ start }} + interval 1 year
        when 'phase' then (select max(ends_on) + 1 from {{ ref('funding_phases') }})
    end as date)
{%- endmacro %}

{#- Share of the period (columns period_kind, period_start) between two days, both included. -#}
{% macro observed_pct(first_day, last_day) -%}
    round(greatest(0.0, least(100.0, 100.0 * (
        1 + date_diff(
            'day',
            greatest({{ first_day }}, period_start),
            least({{ last_day }}, {{ period_end('period_kind', 'period_start') }} - 1)
        )
    ) / {{ period_days() }})), 2)
{%- endmacro %}
