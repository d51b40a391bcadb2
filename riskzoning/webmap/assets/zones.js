/* Zones on the planners' page: regions and prevention zones by colour, their legend, the card of one. */
window.RISKZONING_ZONES = function (page) {
  "use strict";
  var data = page.data, map = page.map, make = page.make, word = page.word, state = page.state;
  var sets = data.zones || [], control = null, layers = {}, shown = null;
  function set() { return page.find(sets, state.zones); }
  function classOf(own, grade) { return own.classes.filter(function (one) { return one.grade === grade; })[0]; }
  function colour(own, i) { var one = classOf(own, own.grades[i]); return one ? one.colour : data.no_data; }
  function gradeName(own, i) { var one = classOf(own, own.grades[i]); return one ? one[state.lang] : word("no_data"); }
  function style(own, i) {
    var chosen = i === state.zone;
    return { fillColor: colour(own, i), fillOpacity: page.opacity(), color: chosen ? "#111" : "#444", weight: chosen ? 3.5 : 1.2 };
  }
  function layerOf(own) {
    if (!layers[own.key]) {
      layers[own.key] = L.geoJSON(own.shapes.map(function (shape, i) { return { type: "Feature", id: i, properties: {}, geometry: shape }; }), {
        onEachFeature: function (feature, layer) {
          layer.on("click", function (event) { L.DomEvent.stopPropagation(event); choose(feature.id, false); });
          layer.bindTooltip(function () { return make("span", own.names[state.lang][feature.id], null, "rz-tip"); }, { sticky: true });
        }
      });
    }
    return layers[own.key];
  }
  function choose(i, fly) {
    state.zone = i; state.unit = ""; state.object = -1; state.village = -1;
    page.draw(true);
    if (fly && shown) {
      shown.eachLayer(function (layer) { if (layer.feature.id === i) { map.flyToBounds(layer.getBounds(), { maxZoom: page.nearest(), duration: 0.6, padding: [60, 60] }); } });
    }
  }
  function build(labelled) {
    if (!sets.length) { return; }
    control = labelled("zones", make("select"));
    control.id = "rz-zones";
    control.onchange = function () { state.zones = this.value; state.zone = -1; page.draw(true); };
  }
  function draw() {
    if (!control) { return; }
    page.options(control, [["", word("objects_off")]].concat(sets.map(function (one) { return [one.key, one.title[state.lang]]; })), state.zones);
    var own = set(), layer = own ? layerOf(own) : null;
    if (shown && shown !== layer) { map.removeLayer(shown); }
    shown = layer;
    if (!layer) { return; }
    layer.addTo(map);
    layer.setStyle(function (feature) { return style(own, feature.id); });
    layer.bringToFront();
  }
  function restyle() { var own = set(); if (shown && own) { shown.setStyle(function (feature) { return style(own, feature.id); }); } }
  // Areas and numbers of the zones by class, the gravest first; true when there are zones on the map.
  function legend(box, row) {
    var own = set(), total = 0;
    if (!own) { return false; }
    make("h2", word("legend") + " · " + own.title[state.lang] + " · " + own.codes.length + " " + word("of_zones", own.codes.length), box);
    own.areas.forEach(function (area) { total += area; });
    own.classes.slice().reverse().forEach(function (one) {
      var area = 0, count = 0;
      own.grades.forEach(function (grade, i) { if (grade === one.grade) { area += own.areas[i]; count += 1; } });
      row(one.colour, one[state.lang], "", area, total, count);
    });
    return true;
  }
  function ranked(own) {
    return own.codes.map(function (_, i) { return i; }).sort(function (a, b) { return own.grades[b] - own.grades[a] || (own.people[b] || 0) - (own.people[a] || 0) || a - b; });
  }
  // The gravest with the most people, for fingers and for keys.
  function list(box) {
    var own = set();
    if (!own) { return false; }
    make("h2", word("zones_first"), box);
    ranked(own).slice(0, 8).forEach(function (i) { button(box, own, i); });
    return true;
  }
  function button(box, own, i) {
    var row = make("button", null, box, "rz-rank");
    row.type = "button"; row.title = own.names[state.lang][i];
    make("i", null, row).style.background = colour(own, i);
    make("span", own.names[state.lang][i], row);
    row.onclick = function () { state.zones = own.key; choose(i, true); };
  }
  function card(box) {
    var own = set(), i = state.zone;
    if (!own || i < 0) { return false; }
    make("h2", own.names[state.lang][i], box);
    page.closing(function () { state.zone = -1; page.draw(true); });
    make("div", word("code") + " " + own.codes[i], box);
    var table = make("table", null, box);
    page.cells(table, word("zone_grade"), gradeName(own, i));
    page.cells(table, word("extent"), page.number(own.areas[i]) + " km²");
    if (own.people[i] !== null) { page.cells(table, word("people_here"), page.number(own.people[i])); }
    if (own.hazards[i].length) { page.cells(table, word("leading"), own.hazards[i].map(page.hazardName).join(word("joint"))); }
    measures(box, own, i);
    var inside = page.unitsIn(own.key, i);
    if (!inside.length) { return true; }
    make("h3", word("units_in") + " · " + inside.length, box);
    inside.slice(0, 12).forEach(function (unit) {
      var row = make("button", null, box, "rz-rank");
      row.type = "button";
      make("span", unit.name, row);
      row.onclick = function () { state.zones = ""; state.zone = -1; unit.choose(); };
    });
    if (inside.length > 12) { make("div", word("units_more", inside.length - 12).replace("{n}", inside.length - 12), box, "rz-about"); }
    return true;
  }
  function measures(box, own, i) {
    var text = own.measures && own.measures[state.lang][i];
    if (!text) { return; }
    make("h3", word("measures"), box);
    make("div", text, box, "rz-measures");
  }
  // In the card of a unit: its zone of prevention, with what to do there, and its region.
  function ofUnit(box, places) {
    var keys = sets.filter(function (one) { return places && places[one.key] !== undefined; });
    if (!keys.length) { return; }
    make("h3", word("zones_of_unit"), box);
    keys.forEach(function (own) { button(box, own, places[own.key]); });
    keys.filter(function (own) { return own.measures; }).forEach(function (own) { measures(box, own, places[own.key]); });
  }
  return {
    build: build, draw: draw, restyle: restyle, legend: legend, list: list, card: card, ofUnit: ofUnit,
    first: function (box, key, count) {
      var own = page.find(sets, key);
      if (!own) { return 0; }
      var gravest = Math.max.apply(null, own.grades), worst = ranked(own).filter(function (i) { return own.grades[i] === gravest; });
      worst.slice(0, count).forEach(function (i) { button(box, own, i); });
      return worst.length;
    },
    read: function (given) {
      state.zones = page.find(sets, given.zones) ? given.zones : "";
      var at = Number(given.zone), own = set();
      state.zone = own && given.zone !== undefined && at >= 0 && at < own.codes.length ? Math.floor(at) : -1;
    },
    address: function () {
      var parts = state.zones ? ["zones=" + encodeURIComponent(state.zones)] : [];
      if (state.zones && state.zone >= 0) { parts.push("zone=" + state.zone); }
      return parts;
    }
  };
};
