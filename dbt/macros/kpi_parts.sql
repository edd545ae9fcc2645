{#-
    The models KPI values come from: each with the facts it rests on and the column with their
    days. Facts without such a column do not tell how far an origin reaches: departures are dated
    by their timetable, late in the evening by that of tomorrow. A new part is a row here and
    nothing else.
-#}
{% macro kpi_parts() %}
{{ return([
    ('int_kpi__heavy_rain', 'fct_rain_daily', 'local_date'),
    ('int_kpi__warnings', 'fct_rain_daily', 'local_date'),
    ('int_kpi__air', 'fct_air_quality_daily', 'local_date'),
    ('int_kpi__gauge', 'fct_gauge_daily', 'local_date'),
    ('int_kpi__heat', 'fct_heat_daily', 'local_date'),
    ('int_kpi__open_data', 'fct_open_data_catalogues_daily', 'snapshot_on'),
    ('int_kpi__open_data_new', 'fct_open_data_datasets', 'snapshot_on'),
    ('int_kpi__open_data_usage', 'fct_open_data_usage_monthly', 'last_day'),
    ('int_kpi__participation', 'fct_participation_activity_monthly', 'as_of_on'),
    ('int_kpi__surveys', 'fct_survey_responses_monthly', 'as_of_on'),
    ('int_kpi__programme', 'int_programme__as_of', 'as_of_on'),
    ('int_kpi__continuation', 'int_programme__as_of', 'as_of_on'),
    ('int_kpi__availability', 'fct_source_availability_daily', 'local_date'),
    ('int_kpi__data_quality', 'fct_data_quality_daily', 'local_date'),
    ('int_kpi__roads', 'fct_road_sections', 'as_of_date'),
    ('int_kpi__damage_reports', 'fct_damage_reports', 'local_date'),
    ('int_kpi__bicycles', 'fct_bike_counts_daily', 'local_date'),
    ('int_kpi__parking', 'fct_parking_occupancy_hourly', 'local_date'),
    ('int_kpi__punctuality', 'fct_punctuality_daily', none),
    ('int_kpi__counting_sites', 'fct_counting_site_availability', 'local_date'),
    ('int_kpi__traffic_air', 'fct_air_quality_daily', 'local_date'),
    ('int_kpi__energy_quarter', 'fct_energy_daily', 'local_date'),
    ('int_kpi__hospital_energy', 'fct_energy_daily', 'local_date'),
    ('int_kpi__sportpark', 'fct_facility_hours', 'local_date'),
    ('int_kpi__cleema', 'fct_cleema_activity_monthly', 'observed_until'),
    ('int_kpi__cleema_savings', 'fct_cleema_activity_monthly', 'observed_until'),
    ('int_kpi__time_gains', 'fct_time_gains', 'last_day'),
    ('int_kpi__impact', 'fct_time_gains', 'last_day'),
]) }}
{% endmacro %}
