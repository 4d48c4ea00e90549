"use strict";
/* Reads the compact data of the page: shapes, numbers, patterns. */
const ZB = {};

/* Reads numbers one after the other, as maps/encoding.py writes them. */
ZB.reader = function (text) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (!ZB.digits) {
    ZB.digits = new Uint8Array(128);
    for (let i = 0; i < 64; i += 1) { ZB.digits[alphabet.charCodeAt(i)] = i; }
  }
  const digits = ZB.digits;
  let at = 0;
  const number = function () {
    let value = 0, weight = 1, digit;
    do {
      digit = digits[text.charCodeAt(at)];
      at += 1;
      value += (digit & 31) * weight;
      weight *= 32;
    } while (digit & 32);
    return value;
  };
  const signed = function () {
    const value = number();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  };
  return {
    number: number,
    signed: signed,
    more: function () { return at < text.length; },
    /* Whether a mark stands here; it is then passed. */
    mark: function (sign) {
      if (text[at] !== sign) { return false; }
      at += 1;
      return true;
    },
  };
};

/* Reverses maps/encoding.py: rings of [latitude, longitude]. */
ZB.decode = function (text) {
  const read = ZB.reader(text), rings = [];
  let x = 0, y = 0;
  while (read.more()) {
    const ring = [];
    while (read.more() && !read.mark(",")) {
      x += read.signed();
      y += read.signed();
      ring.push([y / 1e4, x / 1e4]);
    }
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

ZB.counted = function (count, noun, plural) {
  return ZB.integer(count) + "\u00a0" + (count < 2 ? noun : plural || noun + "s");
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
