"use strict";
/* The list of changes of a what-if: undo, reset, memory of the browser's tab, and its questions to
   the server: one at a time, the last list asked when an answer comes. */

ZB.TrialState = function (told) {
  const address = ZB.settings.adresses.essais, place = ZB.TrialState.place;
  let edits = [], history = [], last = "", asking = false, waiting = false, turn = 0, serial = 0;

  const keyOf = function (edit) {
    return [edit.action, edit.poste, edit.perimetre, edit.nom, edit.id].filter(function (part) { return part !== undefined; }).join("/");
  };
  this.keyOf = keyOf;
  this.edits = function () { return edits; };
  this.find = function (action, name, value) {
    return edits.find(function (edit) { return edit.action === action && edit[name] === value; });
  };

  const remember = function () {
    try { sessionStorage.setItem(place, JSON.stringify({ edits: edits, history: history.slice(-50) })); }
    catch { /* A full or closed store only costs the memory of the tab. */ }
  };

  /* The list as the server takes it. */
  const question = this.question = function () {
    return edits.map(function (edit) {
      const sent = Object.assign({}, edit);
      delete sent.id;
      return sent;
    });
  };

  const ask = async function () {
    if (asking) { waiting = true; return; }
    turn += 1;
    const mine = turn;
    if (!edits.length) { told.reset(); return; }
    asking = true;
    const start = performance.now();
    try {
      const answer = await ZB.fetched(address, {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ modifications: question() }),
      });
      if (mine === turn && !waiting) { told.answer(answer, start); }
    } catch (error) {
      if (mine === turn && !waiting) { told.fault(error, last); }
    } finally {
      asking = false;
      if (waiting) { waiting = false; ask(); }
    }
  };

  /* Takes a new list. Moves of one slider are one change: `key` tells what moves. */
  const become = function (next, key) {
    if (!key || key !== last) { history.push(edits); }
    last = key;
    edits = next;
    remember();
    told.changed();
    ask();
  };

  /* Adds a change, in place of the one of the same object. */
  this.set = function (edit) {
    const made = edit.action.startsWith("ajout") && edit.id === undefined;
    if (made) { serial = Math.max(serial, ...edits.map(function (other) { return other.id || 0; })) + 1; }
    const added = made ? Object.assign({}, edit, { id: serial }) : edit;
    const key = keyOf(added);
    const rank = edits.findIndex(function (other) { return keyOf(other) === key; });
    const dropped = function (other) { return edit.action === "retrait_poste" && other.action === "etp" && other.poste === edit.poste; };
    become((rank < 0 ? edits.concat([added]) : edits.map(function (other, here) { return here === rank ? added : other; })).filter(function (other) { return !dropped(other); }), key);
  };
  this.remove = function (key) {
    if (edits.some(function (edit) { return keyOf(edit) === key; })) {
      become(edits.filter(function (edit) { return keyOf(edit) !== key; }), "");
    }
  };
  /* Takes the changes of a scenario, in place of those under way; undoing brings these back. */
  this.load = function (asked) {
    serial = 0;
    become(asked.map(function (edit) {
      if (!edit.action.startsWith("ajout")) { return edit; }
      serial += 1;
      return Object.assign({}, edit, { id: serial });
    }), "");
  };
  this.undo = function () {
    if (!history.length) { return; }
    edits = history.pop();
    last = "";
    remember();
    told.changed();
    ask();
  };
  this.reset = function () { if (edits.length) { become([], ""); } };
  this.canUndo = function () { return history.length > 0; };

  this.restore = function () {
    try {
      const found = JSON.parse(sessionStorage.getItem(place));
      if (!found || !found.edits.length) { return; }
      edits = found.edits;
      history = found.history;
    } catch { return; }
    told.changed();
    ask();
  };
};

/* Where the tab remembers it: of one version of one study. */
ZB.TrialState.place = "essai/" + ZB.settings.etude + "/" + ZB.settings.version;
ZB.TrialState.kept = function () {
  try { return sessionStorage.getItem(ZB.TrialState.place) !== null; }
  catch { return false; }
};
