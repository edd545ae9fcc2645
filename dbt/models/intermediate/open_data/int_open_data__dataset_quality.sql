{% set slice = ['origin', 'source', 'catalogue', 'snapshot_on'] %}
{% set catalogues = ['dresden_portal', 'ckan', 'dcat', 'csw'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

listed as not materialized (
    {%- for name in catalogues %}
    select
        '{{ name }}' as source,
        {{ local_date('_fetched_at') }} as snapshot_on,
        *
    from {{ ref('stg_' ~ name ~ '__datasets') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

resources as not materialized (
    {%- for name in catalogues %}
    select
        '{{ name }}' as source,
        *
    from {{ ref('stg_' ~ name ~ '__resources') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

listed_slices as (
    {{ touched('listed', slice) }}
),
{%- if is_incremental() %}

new_checks as (
    select
        origin,
        url,
        checked_at
    from {{ ref('stg_link_checks__checks') }}
    where
        is_reachable is not null
        and _load_id > (select coalesce(max(load_id), -1) from {{ this }})
),

addresses as (
    select
        source,
        origin,
        catalogue,
        dataset_id,
        _payload_id,
        _fetched_at,
        unnest([access_url, download_url]) as url
    from resources
    where _fetched_at >= (select min(new_checks.checked_at) from new_checks)
),

-- a check that comes late changes snapshots that were taken after it
checked_slices as (
    select distinct
        listed.origin,
        listed.source,
        listed.catalogue,
        listed.snapshot_on
    from new_checks
    inner join addresses
        on
            new_checks.origin = addresses.origin
            and new_checks.url = addresses.url
            and new_checks.checked_at <= addresses._fetched_at
    inner join listed
        on
            addresses.source = listed.source
            and addresses._payload_id = listed._payload_id
            and addresses.catalogue = listed.catalogue
            and addresses.dataset_id = listed.dataset_id
),
{%- endif %}

slices as (
    select {{ slice | join(', ') }} from listed_slices
    {%- if is_incremental() %}
    union
    select {{ slice | join(', ') }} from checked_slices
    {%- endif %}
),

datasets as (
    select
        listed.*,
        max(listed._load_id) over (
            partition by listed.origin, listed.source, listed.catalogue, listed.snapshot_on
        ) as listed_load_id
    from listed
    inner join slices using (origin, source, catalogue, snapshot_on)
    {{ keep_last(['origin', 'source', 'catalogue', 'snapshot_on', 'dataset_id']) }}
),

-- a catalogue lists a dataset and its resources in the same payload
ways as (
    select
        datasets.origin,
        datasets.source,
        datasets.catalogue,
        datasets.snapshot_on,
        datasets.dataset_id,
        datasets._fetched_at as read_at,
        resources._row as place,
        resources.format,
        resources.media_type,
        resources.access_url,
        resources.download_url,
        resources.rights,
        resources.byte_size,
        coalesce(resources.licence, datasets.licence) as licence,
        upper({{ vocabulary_code('resources.format') }}) as format_name,
        upper({{ vocabulary_code('resources.media_type') }}) as media_name
    from resources
    inner join datasets
        on
            resources.source = datasets.source
            and resources._payload_id = datasets._payload_id
            and resources.catalogue = datasets.catalogue
            and resources.dataset_id = datasets.dataset_id
),

-- checks of an address that said something, each with the newest load up to it
checks as (
    select
        origin,
        url,
        checked_at,
        is_reachable,
        max(_load_id) over (partition by origin, url order by checked_at) as load_id
    from {{ ref('stg_link_checks__checks') }}
    where is_reachable is not null
    {{ keep_last(['origin', 'url', 'checked_at']) }}
),

described as (
    select
        ways.*,
        access_checks.is_reachable as is_access_ok,
        download_checks.is_reachable as is_download_ok,
        greatest(access_checks.load_id, download_checks.load_id) as checked_load_id,
        coalesce(formats.format_code, media.format_code) as format_code,
        coalesce(formats.is_open, media.is_open, false) as is_open_format,
        coalesce(formats.is_machine_readable, media.is_machine_readable, false)
            as is_machine_readable,
        coalesce(formats.is_in_vocabulary, false) or coalesce(media.is_in_vocabulary, false)
            as is_from_vocabulary,
        coalesce(formats.stars, media.stars, 1) as format_stars,
        licence_names.licence is not null as is_known_licence,
        coalesce(licence_names.is_open, false) as is_open_licence
    from ways
    left join {{ ref('file_formats') }} as formats on ways.format_name = formats.alias
    left join {{ ref('file_formats') }} as media on ways.media_name = media.alias
    left join {{ ref('licence_names') }} as licence_names
        on {{ licence_code('ways.licence') }} = licence_names.name
    -- what was known when the catalogue was read: later checks leave a snapshot as it is
    asof left join checks as access_checks
        on
            ways.origin = access_checks.origin
            and ways.access_url = access_checks.url
            and ways.read_at >= access_checks.checked_at
    asof left join checks as download_checks
        on
            ways.origin = download_checks.origin
            and ways.download_url = download_checks.url
            and ways.read_at >= download_checks.checked_at
),

-- Points of links that nobody had checked by then are open, not lost, so a score is a range.
scored as (
    select
        *,
        {{ mqa_points('accessibility', 'download_url', 'download_url is not null') }}
        + {{ mqa_points('accessibility', 'access_url_ok', 'is_access_ok') }}
        + {{ mqa_points('accessibility', 'download_url_ok', 'is_download_ok') }}
            as accessibility,
        {{ mqa_points(
            'accessibility', 'access_url_ok', 'access_url is not null and is_access_ok is null'
        ) }}
        + {{ mqa_points(
            'accessibility', 'download_url_ok',
            'download_url is not null and is_download_ok is null'
        ) }} as unchecked,
        {{ mqa_points('interoperability', 'format', 'format is not null') }}
        + {{ mqa_points('interoperability', 'media_type', 'media_type is not null') }}
        + {{ mqa_points('interoperability', 'from_vocabulary', 'is_from_vocabulary') }}
        + {{ mqa_points('interoperability', 'open', 'is_open_format') }}
        + {{ mqa_points('interoperability', 'machine_readable', 'is_machine_readable') }}
            as interoperability,
        {{ mqa_points('reusability', 'licence', 'licence is not null') }}
        + {{ mqa_points('reusability', 'licence_from_vocabulary', 'is_known_licence') }}
            as reusability,
        {{ mqa_points('contextuality', 'rights', 'rights is not null') }}
        + {{ mqa_points('contextuality', 'byte_size', 'byte_size is not null') }}
            as contextuality
    from described
),

-- the resource with most points stands for the dataset, as the method says
best as (
    select *
    from scored
    qualify row_number() over (
        partition by origin, source, catalogue, snapshot_on, dataset_id
        order by
            accessibility + unchecked + interoperability + reusability + contextuality desc,
            place
    ) = 1
),

offered as (
    select
        origin,
        source,
        catalogue,
        snapshot_on,
        dataset_id,
        count(*) as resources,
        max(checked_load_id) as checked_load_id,
        bool_and(access_url is not null) as have_addresses,
        bool_or(is_open_licence) as is_open,
        max(format_stars) filter (is_open_licence) as stars
    from described
    group by origin, source, catalogue, snapshot_on, dataset_id
),

dimensions as (
    select
        datasets.*,
        coalesce(offered.resources, 0) as resources,
        offered.checked_load_id,
        best.format_code as best_format,
        coalesce(offered.is_open, false) as has_open_licence,
        coalesce(offered.stars, 0) as stars,
        best.licence is not null as has_licence,
        coalesce(best.is_known_licence, false) as has_licence_from_vocabulary,
        coalesce(datasets.spatial like '%/politicalGeocoding/%', false)
            as has_political_geocoding,
        {{ mqa_points('findability', 'keyword', 'len(datasets.keywords) > 0') }}
        + {{ mqa_points('findability', 'theme', 'len(datasets.themes) > 0') }}
        + {{ mqa_points('findability', 'spatial', "datasets.spatial <> ''") }}
        + {{ mqa_points('findability', 'temporal', "datasets.temporal <> ''") }}
            as findability,
        coalesce(best.accessibility, 0) as accessibility,
        coalesce(best.unchecked, 0) as unchecked_points,
        -- mandatory properties of DCAT-AP, not its full SHACL rules
        coalesce(best.interoperability, 0)
        + {{ mqa_points(
            'interoperability', 'dcat_ap',
            "datasets.source = 'dcat' and datasets.title is not null "
            ~ "and datasets.has_description and offered.have_addresses is not false"
        ) }} as interoperability,
        coalesce(best.reusability, 0)
        + {{ mqa_points('reusability', 'access_rights', 'datasets.access_rights is not null') }}
        + {{ mqa_points(
            'reusability', 'access_rights_from_vocabulary',
            "upper(" ~ vocabulary_code('datasets.access_rights')
            ~ ") in ('PUBLIC', 'RESTRICTED', 'NON_PUBLIC')"
        ) }}
        + {{ mqa_points('reusability', 'contact_point', 'datasets.has_contact_point') }}
        + {{ mqa_points('reusability', 'publisher', 'datasets.has_publisher') }}
            as reusability,
        coalesce(best.contextuality, 0)
        + {{ mqa_points('contextuality', 'issued', 'datasets.issued_on is not null') }}
        + {{ mqa_points('contextuality', 'modified', 'datasets.modified_on is not null') }}
            as contextuality,
        date_diff('day', datasets.modified_on, datasets.snapshot_on) as age_days,
        intervals.days as declared_days
    from datasets
    left join best using (origin, source, catalogue, snapshot_on, dataset_id)
    left join offered using (origin, source, catalogue, snapshot_on, dataset_id)
    left join {{ ref('update_intervals') }} as intervals
        on upper({{ vocabulary_code('datasets.accrual_periodicity') }}) = intervals.code
),

totals as (
    select
        *,
        findability + accessibility + interoperability + reusability + contextuality as mqa_score
    from dimensions
),

final as (
    select
        origin,
        source,
        catalogue,
        snapshot_on,
        dataset_id,
        record_type,
        title,
        publisher,
        themes,
        is_public,
        issued_on,
        modified_on,
        resources,
        best_format,
        has_licence,
        has_open_licence,
        has_licence_from_vocabulary,
        has_political_geocoding,
        findability,
        accessibility,
        interoperability,
        reusability,
        contextuality,
        mqa_score,
        mqa_score + unchecked_points as mqa_score_max,
        {{ mqa_rating('mqa_score') }} as mqa_rating,
        {{ mqa_rating('mqa_score + unchecked_points') }} as mqa_rating_max,
        stars,
        age_days,
        declared_days,
        case
            when declared_days is null or age_days is null then 'undeclared'
            when age_days <= declared_days * 1.2 then 'fresh'
            else 'stale'
        end as freshness,
        _payload_id as payload_id,
        greatest(listed_load_id, max(checked_load_id) over (
            partition by origin, source, catalogue, snapshot_on
        )) as load_id
    from totals
)

select * from final
