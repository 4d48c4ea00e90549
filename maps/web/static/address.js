"use strict";
/* The view in the address: what is seen can be kept and sent. */

ZB.Address = function (read) {
  /* { z: "8/48.9/2.3", t: theme, c: overlays, r: région, s: commune } */
  this.parse = function () {
    const found = {};
    for (const [key, value] of new URLSearchParams(location.hash.slice(1))) { found[key] = value; }
    return found;
  };
  const parse = this.parse;
  let own = "";

  this.write = function (state) {
    const words = new URLSearchParams();
    for (const [key, value] of Object.entries(state)) { if (value) { words.set(key, value); } }
    own = "#" + words.toString().replace(/%2F/g, "/").replace(/%2C/g, ",");
    history.replaceState(null, "", own);
  };
  window.addEventListener("hashchange", function () {
    if (location.hash !== own) { read(parse()); }
  });
};
