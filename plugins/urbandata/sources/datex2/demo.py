"""DATEX II of the demo city: 42 counters, their places, four car parks and road situations.

Served as v2 XML with Last-Modified (304 for the same state). Quirks kept: a car park whose
status time stands at 1970, silent counters (``dataError``), contact persons nobody asked for.
Counts by the hour for a span of time exist in the demo city only. Everything is invented.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from urbandata.demo import mobility
from urbandata.demo.chance import Floats, Ints, Times
from urbandata.demo.world import World
from urbandata.sources.parkapi.demo import LOTS, occupancy

COUNTERS = 42
HOUR = np.timedelta64(60, "m")
EPOCH = "1970-01-01T01:00:00.000+01:00"
STALE = LOTS[3].id
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" modelBaseVersion="2"><exchange>'
    "<supplierIdentification><country>de</country><nationalIdentifier>DEMO</nationalIdentifier>"
    "</supplierIdentification></exchange>"
)


def routes(world: World) -> list[Route]:
    """``/subscription/<number>/clientPullService``."""
    plain: dict[str, Callable[[World, datetime], str]] = {
        "2000002": sites,
        "2000003": facilities,
        "2000004": parking,
        "2000005": situations,
    }

    def pull(request: Request) -> Response:
        number = request.path_params["number"]
        if request.query_params.get("subscriptionID") != number:
            return PlainTextResponse("subscriptionID does not match", 400)
        if number == "2000001":
            return _xml(_counted(world, request))
        if number not in plain:
            return PlainTextResponse("no such subscription", 404)
        state = changed(world, number)
        stamp = format_datetime(state, usegmt=True)
        if request.headers.get("if-modified-since") == stamp:
            return Response(status_code=304, headers={"last-modified": stamp})
        return _xml(plain[number](world, state), {"last-modified": stamp})

    return [Route("/subscription/{number}/clientPullService", pull)]


def changed(world: World, number: str) -> datetime:
    """When a publication last changed: parking every five minutes, situations daily."""
    now = world.now().replace(second=0, microsecond=0)
    if number == "2000004":
        return now - timedelta(minutes=now.minute % 5)
    if number == "2000005":
        return now.replace(hour=0, minute=0)
    return world.start


def counter(number: int) -> tuple[str, float, float]:
    """Identifier, vehicles in a busy hour and free speed (km/h)."""
    return f"DD-Z{number:02d}", 260.0 + (number * 397) % 1900, 38.0 + (number * 7) % 24


def measured(world: World, number: int, times: Times) -> tuple[Ints, Floats, Ints]:
    """Vehicles per hour, mean speed, and 1 where the counter was silent."""
    name, peak, free = counter(number)
    expected = mobility.vehicles_per_hour(world, times, peak)
    flow = mobility.counted(world, f"{name}/flow", times, expected)
    speed = mobility.speed_kmh(world, times, free) + world.noise(f"{name}/speed", times, 1.2)
    silent = world.dropped(f"datex2/{name}", times, 0.01)
    rounded: Floats = np.round(np.maximum(speed, 3.0), 1).astype(np.float64)
    return flow, rounded, silent.astype(np.int64)


def measurements(world: World, start: datetime, end: datetime) -> str:
    """Counts of the whole hours that begin in the span, hour by hour."""
    times = world.steps(start, end, 60)
    times = times[times + HOUR <= mobility.now64(world)]
    stamps = mobility.utc_texts(times)
    parts = []
    for number in range(1, COUNTERS + 1):
        flow, speed, silent = measured(world, number, times)
        name = counter(number)[0]
        rows = zip(stamps, flow.tolist(), speed.tolist(), silent.tolist(), strict=True)
        parts += [_measurement(name, *row) for row in rows]
    body = "".join(parts)
    reference = '<measurementSiteTableReference id="DD" version="1"/>'
    return _publication("MeasuredDataPublication", world.now(), f"{reference}{body}")


def sites(world: World, state: datetime) -> str:
    """Places of the counters: near the middle of districts, invented."""
    places = world.districts
    parts = []
    for number in range(1, COUNTERS + 1):
        place = places[number * 3 % len(places)]
        parts.append(
            f'<measurementSiteRecord id="{counter(number)[0]}" version="1"><measurementSiteName>'
            f"<values><value>{escape(place.name)}, Zählstelle {number}</value></values>"
            "</measurementSiteName><measurementSiteLocation><pointByCoordinates><pointCoordinates>"
            f"<latitude>{place.lat + 0.002:.6f}</latitude>"
            f"<longitude>{place.lon - 0.002:.6f}</longitude></pointCoordinates>"
            "</pointByCoordinates></measurementSiteLocation></measurementSiteRecord>"
        )
    table = f'<measurementSiteTable id="DD" version="1">{"".join(parts)}</measurementSiteTable>'
    return _publication("MeasurementSiteTablePublication", state, table)


def facilities(world: World, state: datetime) -> str:
    """The car parks, with a contact person as some suppliers send them."""
    parts = [
        f'<parkingFacility id="{lot.id}" version="1"><parkingFacilityLayout>multiStorey'
        f"</parkingFacilityLayout><parkingFacilityName><values><value>{escape(lot.name)}</value>"
        "</values></parkingFacilityName><parkingFacilityRecordVersionTime>"
        f"{_stamp(state)}</parkingFacilityRecordVersionTime>"
        f"<totalParkingCapacity>{lot.total}</totalParkingCapacity><facilityLocation>"
        f"<locationForDisplay><latitude>{lot.lat}</latitude><longitude>{lot.lon}</longitude>"
        "</locationForDisplay></facilityLocation><owner><contactName>Erika Mustermann</contactName>"
        "</owner></parkingFacility>"
        for lot in LOTS[:4]
    ]
    table = f"<parkingFacilityTable>{''.join(parts)}</parkingFacilityTable>"
    body = f"<parkingFacilityTablePublication>{table}</parkingFacilityTablePublication>"
    extension = f"<genericPublicationExtension>{body}</genericPublicationExtension>"
    return _publication("GenericPublication", state, extension)


def parking(world: World, state: datetime) -> str:
    """The car parks' state; the same numbers as ParkAPI shows."""
    at = np.array([state.replace(tzinfo=None)], dtype="datetime64[m]")
    parts = []
    for lot in LOTS[:4]:
        free, states = occupancy(world, lot, at)
        stamp = EPOCH if lot.id == STALE else _stamp(state)
        opened = "open" if states[0] == "open" else "closed"
        parts.append(
            f'<parkingFacilityStatus><parkingFacilityReference id="{lot.id}" '
            'targetClass="ParkingFacility" version="1"/>'
            "<parkingFacilityStatus>spacesAvailable</parkingFacilityStatus>"
            f"<parkingFacilityStatus>{opened}</parkingFacilityStatus>"
            f"<parkingFacilityStatusTime>{stamp}</parkingFacilityStatusTime>"
            f"<totalNumberOfOccupiedParkingSpaces>{lot.total - int(free[0])}"
            "</totalNumberOfOccupiedParkingSpaces><totalNumberOfVacantParkingSpaces>"
            f"{int(free[0])}</totalNumberOfVacantParkingSpaces></parkingFacilityStatus>"
        )
    status = "".join(parts)
    body = (
        f"<parkingFacilityTableStatusPublication>{status}</parkingFacilityTableStatusPublication>"
    )
    extension = f"<genericPublicationExtension>{body}</genericPublicationExtension>"
    return _publication("GenericPublication", state, extension)


def situations(world: World, state: datetime) -> str:
    """A handful of works and obstructions of the day."""
    rng = world.rng("datex2", "situations", state.date())
    places = world.districts
    kinds = ("MaintenanceWorks", "ConstructionWorks", "Accident", "EnvironmentalObstruction")
    parts = []
    for number in range(int(rng.integers(6, 14))):
        place = places[int(rng.integers(len(places)))]
        kind = kinds[int(rng.choice(4, p=[0.4, 0.4, 0.15, 0.05]))]
        start = state + timedelta(hours=int(rng.integers(-72, 1)))
        end = state + timedelta(hours=int(rng.integers(1, 200)))
        name = f"DD-{state:%Y%m%d}-{number + 1}"
        parts.append(
            f'<situation id="{name}" version="1"><situationRecord id="{name}-1" version="1" '
            f'xsi:type="{kind}"><situationRecordVersionTime>{_stamp(state)}'
            "</situationRecordVersionTime><validity><validityStatus>definedByValidityTimeSpec"
            "</validityStatus><validityTimeSpecification><overallStartTime>"
            f"{_stamp(start)}</overallStartTime><overallEndTime>{_stamp(end)}</overallEndTime>"
            "</validityTimeSpecification></validity><groupOfLocations><locationForDisplay>"
            f"<latitude>{place.lat:.6f}</latitude><longitude>{place.lon:.6f}</longitude>"
            "</locationForDisplay></groupOfLocations></situationRecord></situation>"
        )
    return _publication("SituationPublication", state, "".join(parts))


def _counted(world: World, request: Request) -> str:
    query = request.query_params
    now = world.now()
    try:
        start = _instant(query["start"]) if "start" in query else now - timedelta(hours=2)
        end = _instant(query["end"]) if "end" in query else now
    except ValueError:
        start = end = now
    return measurements(world, start, end)


def _measurement(name: str, stamp: str, flow: int, speed: float, silent: int) -> str:
    head = (
        f'<siteMeasurements><measurementSiteReference id="{name}" version="1"/>'
        f"<measurementTimeDefault>{stamp}Z</measurementTimeDefault>"
    )
    if silent:
        rate = average = "<dataError>true</dataError>"
    else:
        rate = f"<vehicleFlowRate>{flow}</vehicleFlowRate>"
        average = f"<speed>{speed}</speed>"
    return (
        f'{head}<measuredValue index="1"><measuredValue><basicData xsi:type="TrafficFlow">'
        f"<vehicleFlow>{rate}</vehicleFlow></basicData></measuredValue></measuredValue>"
        '<measuredValue index="2"><measuredValue><basicData xsi:type="TrafficSpeed">'
        f"<averageVehicleSpeed>{average}</averageVehicleSpeed></basicData></measuredValue>"
        "</measuredValue></siteMeasurements>"
    )


def _publication(kind: str, state: datetime, body: str) -> str:
    return (
        f'{HEAD}<payloadPublication lang="de" xsi:type="{kind}"><publicationTime>{_stamp(state)}'
        f"</publicationTime>{body}</payloadPublication></d2LogicalModel>"
    )


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _xml(text: str, headers: dict[str, str] | None = None) -> Response:
    return Response(text, media_type="application/xml", headers=headers)
