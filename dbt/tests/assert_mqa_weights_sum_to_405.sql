-- A metric counted twice (ckan-mqa lists the format's vocabulary two times) would give 415.
select {{ mqa_total() }} as points
where {{ mqa_total() }} <> 405
