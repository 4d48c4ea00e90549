/* Search by name or code: a combobox of the ARIA pattern, all at the keyboard.
   `places` is { name, code, population }, a list each; `at` the identifiers of the field, of its
   list and of where what is found is said, the noun of a place and the words for none found. */

ZB.Search = function (places, choose, at) {
  const own = Object.assign({
    input: "recherche", list: "resultats", said: "annonce", noun: "commune",
    none: "Aucune commune de ce nom ou de ce code dans l’étude.",
  }, at);
  const input = document.getElementById(own.input);
  const list = document.getElementById(own.list);
  const said = document.getElementById(own.said);
  const shown = 12;
  let index = null, found = [], active = -1;

  /* Looks among other places from now on. */
  this.use = function (others) {
    places = others;
    index = null;
  };

  const plain = function (text) {
    return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
      .replace(/œ/g, "oe").replace(/[^a-z0-9]+/g, " ").trim()
      .replace(/(^| )st(e?)(?= )/g, "$1saint$2");
  };

  const matches = function (query) {
    index = index || places.name.map(plain);
    const wanted = plain(query), code = query.trim().toUpperCase();
    const exact = [], first = [], then = [];
    if (!wanted) { return []; }
    for (let row = 0; row < index.length; row += 1) {
      if (index[row] === wanted || places.code[row] === code) { exact.push(row); }
      else if (index[row].startsWith(wanted) || places.code[row].startsWith(code)) { first.push(row); }
      else if ((" " + index[row]).includes(" " + wanted)) { then.push(row); }
    }
    const larger = function (a, b) { return (places.population[b] || 0) - (places.population[a] || 0); };
    return exact.sort(larger).concat(first.sort(larger), then.sort(larger));
  };

  const close = function () {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const pick = function (row) {
    input.value = places.name[row] + " (" + places.code[row] + ")";
    close();
    said.textContent = choose(row);
  };

  const point = function (rank) {
    active = rank;
    Array.from(list.children).forEach(function (item, place) {
      item.setAttribute("aria-selected", String(place === rank));
      if (place === rank) {
        input.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      }
    });
  };

  const show = function () {
    const all = matches(input.value);
    found = all.slice(0, shown);
    list.replaceChildren(...found.map(function (row, rank) {
      const item = ZB.element("li", { role: "option", id: own.list + "-" + rank, "aria-selected": "false" },
        places.name[row] + " (" + places.code[row] + ")");
      item.addEventListener("mousedown", function (event) { event.preventDefault(); pick(row); });
      return item;
    }));
    list.hidden = !found.length;
    active = -1;
    input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-expanded", String(Boolean(found.length)));
    if (!input.value.trim()) { said.textContent = ""; }
    else if (!all.length) { said.textContent = own.none; }
    else {
      const more = all.length > shown ? ", les " + shown + " premières sont proposées" : "";
      said.textContent = ZB.counted(all.length, own.noun, own.plural) + more + ".";
    }
  };

  const keys = {
    ArrowDown: function () { if (list.hidden) { show(); } point(Math.min(active + 1, found.length - 1)); },
    ArrowUp: function () { point(Math.max(active - 1, 0)); },
    Enter: function () {
      if (list.hidden) { show(); }
      if (found.length) { pick(found[Math.max(active, 0)]); }
    },
    Escape: close,
  };

  input.addEventListener("input", show);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", function (event) {
    if (!keys[event.key]) { return; }
    event.preventDefault();
    keys[event.key]();
  });
};
