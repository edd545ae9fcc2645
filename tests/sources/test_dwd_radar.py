"""Radar grids: bytes of three formats, the projection, districts, the demo, the door."""

import bz2
import gzip
import io
import itertools
import tarfile
from datetime import UTC, datetime, timedelta

import h5py
import numpy as np
import pyarrow.compute as pc
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from urbandata import registry
from urbandata.contract import Window
from urbandata.errors import ConfigError, PayloadError
from urbandata.inbox import owner
from urbandata.settings import PROJECT_ROOT
from urbandata.sources.dwd_radar import demo, districts, fetch, frames, grid, parse

SOURCE = registry.source("dwd_radar")
ASCII_DAY = "RW-20221018.tar.gz"
NOWCAST = "composite_rv_20250923_0855.tar"
SUMS = "raa01-sf_10000-1305270050-dwd---bin.gz"
RV_PROJECTION = (
    "+proj=stere +lat_ts=60 +lat_0=90 +lon_0=10 +x_0=543196.83521776402"
    " +y_0=3622588.8619310022 +units=m +a=6378137 +b=6356752.3142451802 +no_defs"
)
LOCATED = districts.districts(PROJECT_ROOT / SOURCE.options["districts"])


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def composite(words, product="RW", minutes=60, exponent="-01", length=None):
    """A RADOLAN composite from words given north first."""
    body = words[::-1].astype("<u2").tobytes()
    head = f"{product}181150100001022BY{{:7d}}VS 3SW   2.29.1PR E{exponent}INT{minutes:4d}"
    head += "GP 900x 900MS  5<drs>"
    length = length or len(head.format(0)) + 1 + len(body)
    return head.format(length).encode() + b"\x03" + body


def national(words, version=5, ahead=0):
    """An RV composite of DE1200 from words given north first, as the DWD's archives hold it."""
    body = words[::-1].astype("<u2").tobytes()
    head = f"RV230855100000925BY{{:10d}}VS{version:2d}SW  P42001HPR E-02INT   5"
    head += f"GP1200x1100VV {ahead:03d}MF 00000008MS  7<deboo>"
    return head.format(len(head.format(0)) + 1 + len(body)).encode() + b"\x03" + body


def words(value=0):
    return np.full((900, 900), value, np.uint16)


def cell_of(number):
    """Row and column of the cell that holds a district's centroid."""
    (district,) = [d for d in LOCATED if d.number == number]
    row, column = grid.RADOLAN.place(district.lat, district.lon)
    return int(row), int(column)


def esri(raw, nodata=-1):
    head = "ncols         900\nnrows         900\nxllcorner     -523462\nyllcorner     -4658645\n"
    rows = "\n".join(" ".join(map(str, r)) for r in raw.tolist())
    return f"{head}cellsize      1000\nNODATA_value  {nodata}\n{rows}\n".encode()


def tar(**members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name.replace("__", "."))
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def odim(raw, **changes):
    """An RV composite of DE1200 as the DWD writes it, by default five measured minutes."""
    facts = {"quantity": b"ACRR", "projdef": RV_PROJECTION.encode(), "starttime": b"085000"}
    facts |= {"endtime": b"085500", **changes}
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_dataset("dataset1/data1/data", data=raw)
        what = file.create_group("dataset1/data1/what").attrs
        what.update(gain=0.001, offset=-0.001, nodata=4294967295.0, undetect=0.0)
        what["quantity"] = np.bytes_(facts["quantity"])
        when = file.create_group("dataset1/what").attrs
        when.update(startdate=b"20250923", enddate=b"20250923", prodname=np.bytes_(b"RV_top_view"))
        when.update(starttime=facts["starttime"], endtime=facts["endtime"])
        file.create_group("what").attrs.update(date=b"20250923", time=b"085500")
        file.create_group("where").attrs.update(
            projdef=facts["projdef"],
            UL_lat=55.862087108249824,
            UL_lon=1.463301510256666,
            xscale=1000.0,
            yscale=1000.0,
            xsize=1100,
            ysize=1200,
        )
    return buffer.getvalue()


def by_district(parsed):
    return {r["district_number"]: r for r in parsed.tables["districts"].to_pylist()}


# --- questions


def test_one_frame_per_hour_that_ends_in_the_window():
    asked = list(fetch.requests(Window(at(2025, 9, 14, 22, 50), at(2025, 9, 15, 1, 50)), SOURCE))
    assert [r.path for r in asked] == [
        f"raa01-rw_10000-2509{stamp}-dwd---bin.gz" for stamp in ("142250", "142350", "150050")
    ]
    assert all(r.conditional and r.missing_ok for r in asked)
    assert len({r.resource for r in asked}) == 3


def test_neighbouring_windows_ask_every_frame_once():
    start = at(2025, 9, 14, 3, 7)
    cuts = [start + timedelta(minutes=37 * n) for n in range(60)]
    pieces = [Window(a, b) for a, b in itertools.pairwise(cuts)]
    single = [t for w in pieces for t in fetch.frames(w, 50)]
    assert single == list(fetch.frames(Window(cuts[0], cuts[-1]), 50))
    assert not list(fetch.requests(Window(start, start), SOURCE))


# --- projection


def test_radolan_grid_has_its_published_middle_and_corner():
    assert grid.RADOLAN.place(51.0, 9.0) == pytest.approx((450.0, 450.0), abs=0.001)
    assert grid.RADOLAN.place(46.9526, 3.5889) == pytest.approx((900.0, 0.0), abs=0.005)
    assert grid.EXTENDED.place(46.1929, 4.6759) == pytest.approx((1100.0, 0.0), abs=0.01)
    assert grid.EXTENDED.place(55.5342, 17.1128) == pytest.approx((0.0, 900.0), abs=0.01)


@pytest.mark.parametrize("projection", [grid.Projection(), grid.from_projdef(RV_PROJECTION)])
def test_inverse_undoes_the_projection(projection):
    lat, lon = np.meshgrid(np.linspace(45.5, 56.0, 8), np.linspace(1.0, 19.0, 7))
    back = projection.inverse(*projection.forward(lat, lon))
    np.testing.assert_allclose(back, (lat, lon), atol=1e-9)


def test_projection_definitions_are_read_or_refused():
    sphere = "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=10 +R=6370040 +units=m"
    assert grid.from_projdef(sphere) == grid.Projection()
    assert grid.from_projdef("+proj=stere +ellps=WGS84").b == grid.WGS84[1]
    for wrong in ("+proj=utm +zone=33", "+proj=stere +lat_0=-90 +a=1 +b=1", "+proj=stere"):
        with pytest.raises(PayloadError, match="projection"):
            grid.from_projdef(wrong)


def test_scale_is_metres_on_the_map_per_metre_on_the_ground():
    projection = grid.Projection()
    x, y = projection.forward(np.array([51.0, 51.001]), np.array([13.7, 13.7]))
    ground = np.radians(0.001) * grid.RADOLAN_RADIUS_M
    drawn = np.hypot(np.diff(x), np.diff(y))[0]
    assert projection.scale(51.0005) == pytest.approx(drawn / ground, rel=1e-5)


# --- districts


def test_circles_have_the_area_of_the_district_or_one_cell():
    assert len(LOCATED) == 61
    found = districts.cells(grid.RADOLAN, LOCATED)
    assert min(len(c) for c in found.values()) == 1
    area = sum(np.pi * (d.radius / 1000) ** 2 for d in LOCATED if d.radius > 2500)
    cell = (1 / grid.Projection().scale(51.05)) ** 2
    counted = sum(len(found[d.number]) for d in LOCATED if d.radius > 2500) * cell
    assert counted == pytest.approx(area, rel=0.1)
    for district in LOCATED:
        row, column = cell_of(district.number)
        assert row * 900 + column in found[district.number]


def test_a_grid_elsewhere_and_a_broken_seed_are_refused(tmp_path):
    elsewhere = grid.Grid(grid.Projection(), 0.0, 0.0, 1000.0, 10, 10)
    with pytest.raises(PayloadError, match="does not cover district"):
        districts.cells(elsewhere, LOCATED)
    seed = tmp_path / "districts.csv"
    seed.write_text("district_number,latitude,longitude,area_km2\n01,51,13.7,\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"districts\.csv"):
        districts.districts(seed)


# --- answers


def test_words_are_tenths_with_flags_in_the_upper_bits(make_payload):
    raw = words(12)
    raw[cell_of("01")] = 0x1000 | 345  # filled in by interpolation: counts
    raw[cell_of("02")] = 0x29C4  # no data
    raw[cell_of("05")] = 0x8000 | 50  # clutter flag: kept
    for content in (composite(raw), gzip.compress(composite(raw)), bz2.compress(composite(raw))):
        rows = by_district(parse.parse(make_payload(content, extension="bin"), SOURCE))
        assert len(rows) == 61
        assert rows["01"]["precipitation_max_mm"] == 34.5
        assert (rows["02"]["precipitation_mm"], rows["02"]["cells_missing"]) == (None, 1)
        assert rows["05"]["precipitation_max_mm"] >= 5.0
        assert rows["01"]["interval_end_at"] == at(2022, 10, 18, 11, 50)
        assert (rows["01"]["product"], rows["01"]["interval_min"]) == ("RW", 60)
        assert {r["forecast_min"] for r in rows.values()} == {0}
    assert [r["_row"] for r in rows.values()] == list(range(1, 62))


def test_the_extended_grid_lies_like_the_usual_one(make_payload):
    raw = np.zeros((1100, 900), np.uint16)
    row, column = cell_of("07")
    raw[row + 100, column - 80] = 77
    content = composite(raw).replace(b"GP 900x", b"GP1100x")
    rows = by_district(parse.parse(make_payload(content, extension="bin"), SOURCE))
    usual = words(0)
    usual[row, column] = 77
    assert rows == by_district(parse.parse(make_payload(composite(usual)), SOURCE))
    assert rows["07"]["precipitation_max_mm"] == 7.7


def test_a_national_composite_lies_like_the_one_in_hdf5(make_payload):
    """The binary form of RV: forecast, precision and the ellipsoid come from its header."""
    raw = np.random.default_rng(7).integers(0, 900, (1200, 1100)).astype(np.uint16)
    in_thousandths = np.where(raw % 50 == 0, 4294967295, raw.astype(np.uint32) * 10 + 1)
    raw[raw % 50 == 0] = 0x29C4
    hdf5 = odim(in_thousandths, starttime=b"094000", endtime=b"094500")
    rows = by_district(parse.parse(make_payload(national(raw, ahead=50)), SOURCE))
    assert rows == by_district(parse.parse(make_payload(hdf5), SOURCE))
    assert (rows["01"]["product"], rows["01"]["forecast_min"]) == ("RV", 50)
    assert rows["01"]["interval_end_at"] == at(2025, 9, 23, 9, 45)


def test_an_older_national_composite_lies_like_the_usual_one(make_payload):
    row, column = cell_of("07")
    raw = np.zeros((1200, 1100), np.uint16)
    raw[row + 150, column + 20] = 770
    usual = words(0)
    usual[row, column] = 770
    old = by_district(parse.parse(make_payload(national(raw, version=3)), SOURCE))
    same = by_district(parse.parse(make_payload(composite(usual, exponent="-02")), SOURCE))
    assert {n: r["precipitation_max_mm"] for n, r in old.items()} == {
        n: r["precipitation_max_mm"] for n, r in same.items()
    }
    assert old["07"]["precipitation_max_mm"] == 7.7
    assert old["07"]["forecast_min"] == 0


def test_an_archive_of_a_nowcast(make_payload):
    frame = np.full((1200, 1100), 25, np.uint16)
    steps = {f"DE1200_RV2509230855_{n:03d}": national(frame, ahead=n) for n in (0, 5, 120)}
    archive = bz2.compress(tar(**steps), 1)
    parsed = parse.parse(make_payload(archive, extension="tar.bz2"), SOURCE)
    assert parsed.rejects == ()
    table = parsed.tables["districts"]
    assert set(table["precipitation_mm"].to_pylist()) == {0.25}
    told = set(
        zip(table["forecast_min"].to_pylist(), table["interval_end_at"].to_pylist(), strict=True)
    )
    assert told == {
        (0, at(2025, 9, 23, 8, 55)),
        (5, at(2025, 9, 23, 9)),
        (120, at(2025, 9, 23, 10, 55)),
    }
    named = PROJECT_ROOT / "DE1200_RV2509230855.tar.bz2"
    assert owner(named, archive, PROJECT_ROOT, registry.sources()) == "dwd_radar"


def test_precision_and_sign_come_from_header_and_flags(make_payload):
    raw = words(0x4000 | 200)
    rows = by_district(parse.parse(make_payload(composite(raw, exponent="-02")), SOURCE))
    assert {r["precipitation_mm"] for r in rows.values()} == {-2.0}


def test_large_districts_give_mean_and_maximum_without_missing_cells(make_payload):
    inside = districts.cells(grid.RADOLAN, LOCATED)
    number = max(inside, key=lambda n: len(inside[n]))
    raw = words(10)
    raw.ravel()[inside[number][0]] = 250
    raw.ravel()[inside[number][1]] = 0x29C4
    row = by_district(parse.parse(make_payload(composite(raw)), SOURCE))[number]
    present = len(inside[number]) - 1
    assert (row["cells"], row["cells_missing"]) == (present + 1, 1)
    assert row["precipitation_max_mm"] == 25.0
    assert row["precipitation_mm"] == pytest.approx((25.0 + (present - 1)) / present, abs=0.0006)


def test_an_esri_grid_lies_like_the_binary_one(make_payload):
    raw = np.zeros((900, 900), np.int16)
    raw[cell_of("07")] = 77
    raw[cell_of("02")] = -1
    archive = gzip.compress(tar(**{"RW_20221018-1150__asc": esri(raw)}))
    from_text = by_district(parse.parse(make_payload(archive, extension="tar.gz"), SOURCE))
    binary = np.where(raw < 0, 0x29C4, raw).astype(np.uint16)
    assert from_text == by_district(parse.parse(make_payload(composite(binary)), SOURCE))
    assert from_text["07"]["precipitation_max_mm"] == 7.7


def test_a_composite_tells_missing_from_dry_and_measured_from_forecast(make_payload):
    raw = np.zeros((1200, 1100), np.uint32)
    geometry = frames.read("x", odim(raw)).grid
    district = next(d for d in LOCATED if d.number == "01")
    row, column = (int(p) for p in geometry.place(district.lat, district.lon))
    raw[row, column] = 1501
    content = odim(raw, starttime=b"094000", endtime=b"094500")
    rows = by_district(parse.parse(make_payload(content), SOURCE))
    assert rows["01"]["precipitation_mm"] == 1.5
    assert rows["99" if "99" in rows else "02"]["precipitation_mm"] == 0.0
    assert (rows["01"]["interval_min"], rows["01"]["forecast_min"]) == (5, 50)
    assert rows["01"]["interval_end_at"] == at(2025, 9, 23, 9, 45)
    raw[:] = 4294967295
    rows = by_district(parse.parse(make_payload(odim(raw)), SOURCE))
    assert {r["precipitation_mm"] for r in rows.values()} == {None}


def test_a_broken_grid_of_an_archive_is_named_and_the_others_go_on(make_payload):
    good = composite(words(5))
    archive = tar(
        first__bin=good,
        second__bin=good[:-100],
        notes__txt=b"read me",
        last__bin=gzip.compress(good),
    )
    parsed = parse.parse(make_payload(archive, extension="tar"), SOURCE)
    assert parsed.tables["districts"].num_rows == 2 * 61
    assert [(r.row, r.record) for r in parsed.rejects] == [(2, "second.bin"), (3, "notes.txt")]
    assert "the header announces" in parsed.rejects[0].reason
    assert len(set(parsed.tables["districts"]["_row"].to_pylist())) == 2 * 61


WHOLE = composite(words())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"<html>Wartung</html>", "neither a RADOLAN composite"),
        (gzip.compress(WHOLE, mtime=0)[:500], "compressed file is broken"),
        (bz2.compress(WHOLE)[:20], "compressed file is broken"),
        (gzip.compress(b"", mtime=0), "empty"),
        (WHOLE[:-2], "the header announces 162"),
        (composite(words(), length=99), "the header announces 99"),
        (WHOLE.replace(b"900x 900", b"460x 460"), "460 x 460 cells is not known"),
        (WHOLE.replace(b"RW181150", b"RW991150"), "is not a time"),
        (odim(np.zeros((1200, 1100), np.uint32))[:3000], "HDF5 composite cannot be read"),
        (odim(np.zeros((1200, 1100), np.uint32), quantity=b"RATE"), "not a sum of rain"),
        (odim(np.zeros((1200, 1000), np.uint32)), "do not fit"),
        (odim(np.zeros((1200, 1100), np.uint32), projdef=b"+proj=laea"), "not polar stereo"),
        (esri(np.zeros((900, 900), np.int8)), "must be named like"),
        (tar(), "neither"),
        (tar(a=b"x" * 2000)[:1000], "archive is broken"),
    ],
)
def test_an_unreadable_payload_says_why(make_payload, content, message):
    with pytest.raises(PayloadError, match=message):
        parse.parse(make_payload(content, extension="bin"), SOURCE)


@pytest.mark.parametrize(
    "change", [(b"nrows", b"nraws"), (b"ncols         900", b"ncols         899")]
)
def test_a_broken_esri_grid_is_a_reject(make_payload, change):
    content = esri(np.zeros((900, 900), np.int8)).replace(*change)
    parsed = parse.parse(make_payload(tar(**{"RW_20221018-1150__asc": content})), SOURCE)
    assert "ESRI grid cannot be read" in parsed.rejects[0].reason
    assert parsed.tables["districts"].num_rows == 0


# --- real files


def real(realdata, make_payload, name):
    content = realdata(f"environment/radolan/{name}").read_bytes()
    return parse.parse(make_payload(content, extension="gz", filename=name), SOURCE)


def test_real_day_of_ascii_grids(realdata, make_payload, check):
    parsed = real(realdata, make_payload, ASCII_DAY)
    table = parsed.tables["districts"]
    assert (table.num_rows, parsed.rejects) == (24 * 61, ())
    ends = sorted(set(table["interval_end_at"].to_pylist()))
    assert ends == [at(2022, 10, 18, h, 50) for h in range(24)]
    wet = table.filter(pc.greater(table["precipitation_mm"], 0))
    assert set(wet["interval_end_at"].to_pylist()) == set(ends[11:15])
    assert 1 < pc.max(wet["precipitation_max_mm"]).as_py() < 10
    result = check("dwd_radar", parsed)
    assert (result.accepted["districts"].num_rows, result.quarantined) == (24 * 61, [])


def test_real_daily_sum_before_the_flood_of_2013(realdata, make_payload, check):
    parsed = real(realdata, make_payload, SUMS)
    rows = by_district(parsed)
    assert {(r["product"], r["interval_min"], r["interval_end_at"]) for r in rows.values()} == {
        ("SF", 1440, at(2013, 5, 27, 0, 50))
    }
    values = [r["precipitation_mm"] for r in rows.values()]
    assert 5 < min(values) < max(values) < 25
    assert sum(r["cells_missing"] for r in rows.values()) == 0
    assert check("dwd_radar", parsed).accepted["districts"].num_rows == 61


def test_real_grids_of_three_formats_lie_on_each_other(realdata):
    """Cells without data are those beyond the radars: the outlines must match, not mirrored."""
    folder = realdata("environment/radolan")
    binary = frames.read("sf", gzip.decompress((folder / SUMS).read_bytes()))
    with tarfile.open(folder / ASCII_DAY) as archive:
        member = archive.getmembers()[0]
        text = frames.read(member.name, archive.extractfile(member).read())
    with tarfile.open(folder / NOWCAST) as archive:
        nowcast = frames.read("rv", archive.extractfile(archive.getmembers()[0]).read())
    whole = np.s_[:]
    x, y = nowcast.grid.projection.forward(*binary.grid.centres(whole, whole))
    rows = ((nowcast.grid.top - y) / 1000).astype(int)
    columns = ((x - nowcast.grid.left) / 1000).astype(int)
    masks = [np.isnan(f.values) for f in (binary, text)]
    masks.append(np.isnan(nowcast.values)[rows, columns])

    def overlap(one, other):
        return (one & other).sum() / (one | other).sum()

    for mask in (masks[0], masks[2]):
        assert overlap(mask, masks[1]) > 0.65
        assert overlap(mask[::-1], masks[1]) < 0.6


def test_real_nowcast_with_its_own_projection(realdata, make_payload, check):
    parsed = real(realdata, make_payload, NOWCAST)
    rows = parsed.tables["districts"].to_pylist()
    assert len(rows) == 2 * 61
    assert {(r["product"], r["forecast_min"]) for r in rows} == {("RV", 0), ("RV", 50)}
    assert check("dwd_radar", parsed).accepted["districts"].num_rows == 122
    with tarfile.open(realdata(f"environment/radolan/{NOWCAST}")) as archive:
        frame = frames.read("rv", archive.extractfile(archive.getmembers()[0]).read())
    corners = {
        (45.696425377390064, 3.5669946350078914): (1200, 0),
        (45.68460578137082, 16.580869348598274): (1200, 1100),
        (55.845438563255755, 18.73161645466747): (0, 1100),
    }
    for (lat, lon), place in corners.items():
        assert frame.grid.place(lat, lon) == pytest.approx(place, abs=1e-6)


def test_the_inbox_knows_the_radar_files(realdata):
    every, folder = registry.sources(), realdata("environment/radolan")
    names = {owner(p, p.read_bytes(), folder, every) for p in folder.iterdir()}
    assert names == {"dwd_radar"}
    bare = folder / "unnamed"
    assert owner(bare, composite(words()), folder, every) == "dwd_radar"
    esri_grid, member = b"NCOLS 900\nNROWS 900\n", "raa01-rw2017.002_10000-2201010050-dwd---bin__gz"
    assert owner(folder / "rw_20221018-0050.asc", esri_grid, folder, every) == "dwd_radar"
    assert owner(bare, gzip.compress(tar(**{member: b"x"})), folder, every) == "dwd_radar"


# --- the demo city


def test_round_trip_shows_the_rain_of_the_city(world, ask, check):
    storm = max(world.storms(at(2025, 8, 1), at(2025, 9, 1)), key=lambda s: s.total_mm)
    start = storm.onset - timedelta(hours=2)
    payloads = ask("dwd_radar", Window(start, start + timedelta(hours=18)))
    assert len(payloads) == 18
    first = districts.cells(grid.RADOLAN, LOCATED)
    single = [d for d in LOCATED if len(first[d.number]) == 1]
    measured, expected = [], []
    for payload in payloads:
        parsed = parse.parse(payload, SOURCE)
        assert check("dwd_radar", parsed).accepted["districts"].num_rows == 61
        rows = by_district(parsed)
        end = rows["01"]["interval_end_at"]
        assert f"{end:%Y%m%d%H%M}" in payload.resource
        times = np.array([end.replace(tzinfo=None)], dtype="datetime64[m]")
        for district in single:
            measured.append(rows[district.number]["precipitation_mm"])
            expected.append(world.rain_mm(times, district.lat, district.lon, 60)[0])
    assert max(measured) > 3
    np.testing.assert_allclose(measured, expected, atol=0.15 * max(expected))
    assert np.corrcoef(measured, expected)[0, 1] > 0.98


def test_demo_frames_end_with_the_present_and_keep_still(world):
    with TestClient(Starlette(routes=demo.routes(world))) as client:

        def ask_for(stamp):
            return client.get(f"/raa01-rw_10000-{stamp}-dwd---bin.gz")

        # The clock stands at 12:00: the frame of 11:50 has just come out.
        assert ask_for("2509151150").status_code == 200
        for stamp in ("2509151250", "2306302350", "2509151100", "2513991150"):
            assert ask_for(stamp).status_code == 404
        assert client.get("/readme.txt").status_code == 404
        answer = ask_for("2509141150")
        assert answer.content == ask_for("2509141150").content
        again = client.get(answer.url.path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_demo_frame_is_a_whole_grid_with_one_radar(world):
    frame = frames.read("x", demo.composite(world, at(2025, 8, 3, 14, 50)))
    assert (frame.product, frame.minutes, frame.end) == ("RW", 60, at(2025, 8, 3, 14, 50))
    covered = np.argwhere(~np.isnan(frame.values))
    row, column = grid.RADOLAN.place(51.05, 13.74)
    distance = np.hypot(covered[:, 0] - row, covered[:, 1] - column)
    assert 149 < distance.max() < 152
    assert 60_000 < len(covered) < np.pi * 151**2  # the grid's edge cuts the circle in the east


# --- the door


@pytest.mark.parametrize(
    ("change", "kept"), [({}, 61), ({"product": "RX"}, 0), ({"exponent": "+00"}, 0)]
)
def test_the_door_turns_away_other_products_and_impossible_sums(make_payload, check, change, kept):
    parsed = parse.parse(make_payload(composite(words(500), **change)), SOURCE)
    result = check("dwd_radar", parsed)
    assert result.accepted["districts"].num_rows == kept
    assert len(result.quarantined) == 61 - kept
