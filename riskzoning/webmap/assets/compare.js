/* Two units beside each other: the one that was kept and the one that is chosen. */
window.RISKZONING_COMPARE = function (page) {
  "use strict";
  var data = page.data, make = page.make, word = page.word, state = page.state;
  function kept() { return state.other && page.placeOf(state.level, state.other) >= 0 ? state.other : ""; }
  function button(box) {
    var same = kept() === state.unit, press = make("button", word(same ? "compare_choose" : "compare"), box, "rz-compare");
    press.type = "button"; press.id = "rz-compare"; press.setAttribute("aria-pressed", String(same));
    press.onclick = function () { state.other = same ? "" : state.unit; page.draw(true); };
  }
  function row(table, head, texts, colours) {
    var line = make("tr", null, table);
    make("th", head, line).scope = "row";
    texts.forEach(function (text, i) {
      var cell = make("td", null, line);
      if (colours && colours[i]) { make("i", null, cell, "rz-chip").style.background = colours[i]; }
      make("span", text, cell);
    });
  }
  // True when two units stand beside each other in the card.
  function card(box) {
    var other = kept();
    if (!other || !state.unit || other === state.unit) { return false; }
    var known = data.levels[state.level], at = [page.placeOf(state.level, other), page.placeOf(state.level, state.unit)];
    make("h2", word("compare_title"), box);
    page.closing(function () { state.other = ""; page.draw(true); });
    var table = make("table", null, box, "rz-two"), head = make("tr", null, make("thead", null, table)), body = make("tbody", null, table);
    make("td", "", head);
    at.forEach(function (i) { make("th", known.names[i], head).scope = "col"; });
    data.hazards.forEach(function (item) {
      var what = item.indicators[0];
      row(body, item.title[state.lang], at.map(function (i) { return page.gradeName(state.level, i, what); }), at.map(function (i) { return page.colourIn(state.level, i, what); }));
      var values = known.values[what.index_column];
      if (item.key === state.hazard && values) { row(body, word("value"), at.map(function (i) { return page.number(values[i]); })); }
    });
    data.exposed.forEach(function (item) {
      var values = known.values[item.key];
      if (values) { row(body, item[state.lang], at.map(function (i) { return page.short(values[i]); })); }
    });
    data.hazards.forEach(function (item) {
      var values = known.values[item.loss_column];
      if (values) { row(body, item.title[state.lang] + " · " + word("eal"), at.map(function (i) { return page.money(values[i]); })); }
    });
    var blocks = {};
    at.forEach(function (i) { Object.keys((known.capacity || [])[i] || {}).forEach(function (block) { blocks[block] = true; }); });
    Object.keys(blocks).forEach(function (block) {
      row(body, page.capacityName(block), at.map(function (i) {
        var own = ((known.capacity || [])[i] || {})[block], name = own && data.capacity_grades[own.grade];
        return name ? name[state.lang] : word("no_data");
      }));
    });
    if (known.dangers) { row(body, word("dangers"), at.map(function (i) { return known.dangers[i] ? page.number(known.dangers[i].dangers) : word("gaps"); })); }
    return true;
  }
  return { button: button, card: card, read: function (given) { state.other = given.other || ""; state.other = kept(); },
    address: function () { return kept() ? ["other=" + encodeURIComponent(state.other)] : []; } };
};
