with

source as (
    select * from {{ source('zeb', 'sections') }}
),

-- EPSG:25833 to geographic coordinates after Snyder (1987), p. 63; good to a centimetre here.
-- Figures: GRS 80, e2 = 0.00669438002290, scale 0.9996, central meridian 15°.
footpoint as (
    select
        *,
        northing_m / 0.9996 / 6367449.145771050 as mu
    from source
),

latitude_of_foot as (
    select
        *,
        mu
        + 0.002518826586761 * sin(2 * mu)
        + 0.000003700949 * sin(4 * mu)
        + 0.000000007447 * sin(6 * mu) as phi
    from footpoint
),

terms as (
    select
        *,
        0.006739496775479 * pow(cos(phi), 2) as c,
        pow(tan(phi), 2) as t,
        6.378137e6 / sqrt(1 - 0.006694380022901 * pow(sin(phi), 2)) as n,
        6.335439327083e6
        / pow(1 - 0.006694380022901 * pow(sin(phi), 2), 1.5) as r,
        (easting_m - 500000)
        / (6.378137e6 / sqrt(1 - 0.006694380022901 * pow(sin(phi), 2)) * 0.9996) as d
    from latitude_of_foot
),

final as (
    select
        _origin as origin,
        section_id,
        node_from,
        node_to,
        length_m,
        width_m,
        coalesce(area_m2, length_m * width_m) as area_m2,
        case upper(surface)
            when 'A' then 'asphalt'
            when 'B' then 'concrete'
            when 'P' then 'setts'
            else 'unknown'
        end as surface,
        case upper(road_class)
            when 'HVS' then 'main'
            when 'SAS' then 'collector'
            when 'ANLIEGER' then 'local'
            else 'unknown'
        end as road_class,
        street_name,
        district_number,
        round(degrees(
            phi - n * tan(phi) / r * (
                pow(d, 2) / 2
                - (5 + 3 * t + 10 * c - 4 * pow(c, 2) - 9 * 0.006739496775479) * pow(d, 4) / 24
                + (61 + 90 * t + 298 * c + 45 * pow(t, 2)) * pow(d, 6) / 720
            )
        ), 7) as latitude,
        round(15 + degrees(
            (
                d
                - (1 + 2 * t + c) * pow(d, 3) / 6
                + (5 - 2 * c + 28 * t + 24 * pow(t, 2)) * pow(d, 5) / 120
            ) / cos(phi)
        ), 7) as longitude,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from terms
)

select * from final
