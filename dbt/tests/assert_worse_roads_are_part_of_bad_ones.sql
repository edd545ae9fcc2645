-- What is graded 4.5 is graded 3.5 too; no area has more rated than it has.
select *
from {{ ref('fct_road_condition_by_area') }}
where
    area_4_5_m2 > area_3_5_m2
    or area_3_5_m2 > area_1_5_m2
    or area_1_5_m2 > rated_area_m2 + 0.1
    or rated_area_m2 > area_m2 + 0.1
    or backlog_low_eur > backlog_central_eur
    or backlog_central_eur > backlog_high_eur
