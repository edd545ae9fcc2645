with

counted as (
    select
        service_code,
        list_sort(list(distinct origin)) as origins
    from {{ ref('int_time_gains__cases') }}
    group by service_code
),

final as (
    select
        services.service_code,
        services.name_de,
        services.name_en,
        services.measure,
        services.case_source_de,
        services.case_source_en,
        array_to_string(counted.origins, ',') as origins_with_cases,
        services.replaced_low,
        services.replaced,
        services.replaced_high,
        services.share_source,
        services.share_sureness,
        services.missing_de,
        services.missing_en
    from {{ ref('services') }} as services
    left join counted using (service_code)
)

select * from final
