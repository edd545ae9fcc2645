-- Whoever stands in level 3 also stands in level 2 and 1; no day has more than 25 hours.
select *
from {{ ref('fct_gauge_daily') }}
where
    hours_alarm_1 > 25
    or hours_alarm_2 > hours_alarm_1
    or hours_alarm_3 > hours_alarm_2
    or hours_alarm_4 > hours_alarm_3
