"""The whole of France on the map: no commune is missing, at any zoom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import make_study, need, perimeter, post
from effort import chosen
from map_browsing import CHROMIUM, launched
from web_map import served, shown

from coverage.study import compute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from coverage.model import Coverage
    from geo.territory import Territory

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium n’est pas installé")

CLEAR = 2.5
"""Pixels that lighter lines, strokes and rounding may take from a commune, and some."""

PAINT = """(zoom) => {
  /* Paints every tile that holds a commune, without borders; the theme has plain colours. */
  const { mesh, painter, look } = ZB.app, scale = 256 * 2 ** zoom, size = 256;
  look.setTheme("besoin");
  look.refresh();
  painter.over = [];
  const expected = new Map(), read = { willReadFrequently: true }, still = { shiftX: 0, shiftY: 0 };
  const probe = document.createElement("canvas").getContext("2d", read);
  const colourOf = (style) => {
    if (!expected.has(style)) {
      probe.fillStyle = look.fill(style, still);
      probe.fillRect(0, 0, 1, 1);
      expected.set(style, [...probe.getImageData(0, 0, 1, 1).data].join());
    }
    return expected.get(style);
  };
  /* Pixels from a point to the border of its unit. */
  const clearance = (unit, x, y) => {
    let least = Infinity;
    mesh.eachLine(unit, (line) => {
      let before = null;
      mesh.eachPoint(mesh.level(15), line * 2, (bx, by) => {
        if (before) {
          const dx = bx - before[0], dy = by - before[1], long = dx * dx + dy * dy;
          const along = ((x - before[0]) * dx + (y - before[1]) * dy) / (long || 1);
          const t = Math.max(0, Math.min(1, along));
          least = Math.min(least, Math.hypot(x - before[0] - t * dx, y - before[1] - t * dy));
        }
        before = [bx, by];
      });
    });
    return least * scale;
  };
  const tiles = new Map(), missing = [], wrong = [], filled = new Set();
  let clear = 0;
  for (let unit = 0; unit < mesh.units; unit += 1) {
    if (!mesh.drawn(unit)) { continue; }
    const [x, y] = mesh.inside(unit);
    const key = Math.floor(x * scale / size) + "/" + Math.floor(y * scale / size);
    if (!tiles.has(key)) { tiles.set(key, []); }
    tiles.get(key).push([unit, Math.floor(x * scale) % size, Math.floor(y * scale) % size]);
  }
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  canvas.getContext("2d", read);
  for (const [key, units] of tiles) {
    const [x, y] = key.split("/").map(Number), coords = { x, y, z: zoom };
    painter.paint(canvas, coords);
    for (const unit of painter.painted.get(key + "/" + zoom)) { filled.add(unit); }
    const pixels = canvas.getContext("2d").getImageData(0, 0, size, size).data;
    for (const [unit, px, py] of units) {
      const at = (py * size + px) * 4, small = clearance(unit, ...mesh.inside(unit));
      if (small > CLEAR) { clear += 1; }
      if (pixels[at + 3] < 255) { missing.push([mesh.codes[unit], pixels[at + 3], small]); }
      const style = look.styles(zoom)[unit], colour = pixels.slice(at, at + 4).join();
      if (look.fill(style, still) instanceof CanvasPattern) { continue; }
      if (colour !== colourOf(style)) { wrong.push([mesh.codes[unit], small]); }
    }
  }
  return { missing, wrong, clear, filled: filled.size, drawn: [...tiles.values()].flat().length };
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(browser: Browser, france: Territory) -> Iterator[Page]:
    """Open the map once: what is painted depends on the zoom asked for, on nothing before."""
    with served(every_need(france)) as address, shown(browser, address) as page:
        yield page


def every_need(france: Territory) -> Coverage:
    """Return a coverage in which neighbours differ: needs of every class of hours, by turns."""
    hours = (0, 100, 800, 3_000, 9_000, 50_000)
    needs = [need(code, hours[row % len(hours)], "etat") for row, code in enumerate(france.codes)]
    posts, reach = [post("A", 1)], [perimeter("A", "11", niveau="region")]
    return compute(make_study(posts, reach, needs), france)


@pytest.mark.parametrize(
    ("zoom", "least"),
    chosen([(5, 0), (7, 0.04), (9, 0.85), (11, 0.99), (6, 0), (8, 0.4), (10, 0.95)], 4),
)
def test_every_commune_is_on_the_map(page: Page, zoom: int, least: float) -> None:
    found = page.evaluate(PAINT.replace("CLEAR", str(CLEAR)), zoom)
    units = found["drawn"]
    assert units > 34_000
    assert found["filled"] == units
    # A part of a pixel of coast, of an island: seen through, but there.
    assert [code for code, seen, _ in found["missing"] if not seen] == []
    assert [code for code, _, pixels in found["missing"] if pixels > CLEAR] == []
    # As soon as there is room for it, a commune has its own colour.
    assert [code for code, pixels in found["wrong"] if pixels > CLEAR] == []
    assert found["clear"] >= least * units
