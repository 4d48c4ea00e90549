"use strict";
/* Reads the compact data of the page: shapes, numbers, patterns. */
const ZB = {};

/* Reverses maps/encoding.py: rings of [latitude, longitude]. */
ZB.decode = function (text) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (!ZB.digits) {
    ZB.digits = new Uint8Array(128);
    for (let i = 0; i < 64; i += 1) { ZB.digits[alphabet.charCodeAt(i)] = i; }
  }
  const rings = [];
  let at = 0, x = 0, y = 0;
  const next = function () {
    let value = 0, shift = 0, digit;
    do {
      digit = ZB.digits[text.charCodeAt(at)];
      at += 1;
      value += (digit & 31) * Math.pow(2, shift);
      shift += 5;
    } while (digit & 32);
    return value % 2 ? -(value + 1) / 2 : value / 2;
  };
  while (at < text.length) {
    const ring = [];
    while (at < text.length && text[at] !== ",") {
      x += next();
      y += next();
      ring.push([y / 1e4, x / 1e4]);
    }
    at += 1;
    rings.push(ring);
  }
  return rings;
};

/* Whole number, thousands apart by a narrow no-break space. */
ZB.integer = function (value) {
  return String(Math.round(value)).replace("-", "−").replace(/\B(?=(\d{3})+$)/g, "\u202f");
};

ZB.percent = function (thousandths) {
  const text = thousandths % 10 ? (thousandths / 10).toFixed(1).replace(".", ",") : String(thousandths / 10);
  return text + "\u202f%";
};

ZB.counted = function (count, noun) {
  return ZB.integer(count) + "\u00a0" + noun + (count < 2 ? "" : "s");
};

ZB.hours = function (value) {
  return value === null ? "inconnu" : ZB.integer(value) + "\u00a0h";
};

/* The fill of a style, as the legend draws it. */
ZB.fill = function (spec, side) {
  if (!spec.strokes.length) { return spec.fill; }
  const tile = document.createElement("canvas");
  tile.width = tile.height = side;
  const pen = tile.getContext("2d");
  pen.fillStyle = spec.fill;
  pen.fillRect(0, 0, side, side);
  pen.lineCap = "square";
  for (const [path, colour, width] of spec.strokes) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.stroke(new Path2D(path));
  }
  return pen.createPattern(tile, "repeat");
};

/* An element whose content is text, or elements: nothing filed is ever read as HTML. */
ZB.element = function (name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) { made.setAttribute(key, value); }
  made.append(...children);
  return made;
};
