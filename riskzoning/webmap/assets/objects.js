/* Objects on the planners' page: markers by grade in clusters, lines and areas, a list for keys, the card of one. */
window.RISKZONING_OBJECTS = function (page) {
  "use strict";
  var data = page.data, map = page.map, make = page.make, word = page.word, state = page.state;
  var own = data.objects, count = own && own.kind ? own.kind.length : 0, parts = {}, shown = null, points = null, markers = [], visible = [];
  var RUNS = 8;
  if (!count) { return { build: none, draw: none, read: none, address: function () { return []; }, card: function () { return false; }, inUnit: function () { return null; } }; }
  function none() { /* nothing to show */ }

  // ---- what an object is ----
  function grades(hazard) { return own.grades[hazard] || own.highest; }
  // All hazards together are told by the highest grade of a single one, of five.
  function gradeIn(i) { return Number((state.hazard === "multi" ? own.highest : grades(state.hazard))[i]); }
  function classes(hazard) {
    var item = page.find(data.hazards, hazard), what = item && (hazard === "multi" ? item.indicators[0] : page.find(item.indicators, hazard + "_hazard"));
    return (what || data.hazards[data.hazards.length - 1].indicators[0]).classes;
  }
  function classOf(hazard, grade) { return classes(hazard).filter(function (one) { return one.grade === grade; })[0]; }
  function colour(i) { var one = classOf(state.hazard, gradeIn(i)); return one ? one.colour : data.no_data; }
  function kindName(i) { return own.kinds[own.kind[i]][state.lang]; }
  function nameOf(i) { return own.name[i] || kindName(i); }
  function placeOf(i) {
    return own.units.of.map(function (column) {
      var code = own.units.codes[column[i]], found = "";
      data.level_order.forEach(function (level) {
        var at = data.levels[level].place[code];
        if (at !== undefined) { found = data.levels[level].names[at]; }
      });
      return found || code || "";
    }).filter(Boolean).join(" ");
  }
  function inUnit(code) {
    var at = own.units.codes.indexOf(code), whole = code === data.code, list = [];
    for (var i = 0; i < count; i++) {
      if (whole || (at >= 0 && (own.units.of[0][i] === at || own.units.of[1][i] === at))) { list.push(i); }
    }
    return list;
  }
  function fits(i) { return (state.kind === "all" || own.kind[i] === Number(state.kind)) && gradeIn(i) >= state.above; }

  // ---- panel ----
  function build(labelled, box) {
    parts.kind = labelled("objects", make("select")); parts.kind.id = "rz-objects";
    parts.kind.onchange = function () { state.kind = this.value; state.object = -1; page.draw(true); };
    parts.above = labelled("above", make("select")); parts.above.id = "rz-above";
    parts.above.onchange = function () { state.above = Number(this.value); page.draw(true); };
    parts.list = make("div", null, box, "rz-objects");
  }
  function options(select, entries, value) {
    select.textContent = "";
    entries.forEach(function (pair) { var option = make("option", pair[1], select); option.value = pair[0]; });
    select.value = String(value);
  }
  function fill() {
    var counts = own.kinds.map(function () { return 0; });
    own.kind.forEach(function (kind) { counts[kind] += 1; });
    var kinds = own.kinds.map(function (names, k) { return [String(k), names[state.lang] + " (" + counts[k] + ")"]; });
    kinds.sort(function (a, b) { return counts[b[0]] - counts[a[0]]; });
    options(parts.kind, [["", word("objects_off")], ["all", word("objects_all") + " (" + count + ")"]].concat(kinds), state.kind);
    var levels = classes(state.hazard).slice().reverse().map(function (one, i) { return [String(one.grade), i ? word("or_more").replace("{grade}", one[state.lang]) : one[state.lang]]; });
    options(parts.above, [["0", word("grades_all")]].concat(levels), state.above);
    parts.above.parentNode.hidden = state.kind === "";
    list();
  }
  // The worst of those on the map, for fingers and for keys.
  function list() {
    parts.list.textContent = "";
    if (state.kind === "") { return; }
    make("h2", word("objects_shown", own.all).replace("{n}", visible.length).replace("{all}", own.all), parts.list);
    make("div", word("grades_differ"), parts.list, "rz-about rz-differ");
    visible.slice(0, RUNS).forEach(function (i) {
      var row = make("button", null, parts.list, "rz-rank");
      row.type = "button";
      make("i", null, row).style.background = colour(i);
      make("span", nameOf(i), row);
      make("b", kindName(i), row);
      row.onclick = function () { choose(i, true); };
    });
    if (count < own.all) { make("div", word("objects_cut").replace("{n}", count), parts.list, "rz-about"); }
  }

  // ---- map ----
  // White letters on dark colours, black ones on light.
  function paint(face, colour) {
    var rgb = parseInt(colour.slice(1), 16), light = 0.3 * (rgb >> 16) + 0.59 * ((rgb >> 8) & 255) + 0.11 * (rgb & 255);
    face.style.background = colour;
    if (light < 110) { face.classList.add("rz-dark"); }
    return face;
  }
  function icon(i) {
    var face = make("span", kindName(i).slice(0, 1), null, "rz-dot");
    return L.divIcon({ html: paint(face, colour(i)), className: "rz-object" + (i === state.object ? " rz-chosen" : ""), iconSize: [22, 22] });
  }
  function cluster(group) {
    var inside = group.getAllChildMarkers(), highest = inside[0].number;
    inside.forEach(function (one) { if (gradeIn(one.number) > gradeIn(highest)) { highest = one.number; } });
    var face = make("span", String(inside.length), null, "rz-many");
    return L.divIcon({ html: paint(face, colour(highest)), className: "rz-object", iconSize: [34, 34] });
  }
  function marker(i) {
    if (!markers[i]) {
      markers[i] = L.marker([own.y[i], own.x[i]], { icon: icon(i), keyboard: true, title: nameOf(i), alt: nameOf(i) });
      markers[i].number = i;
      markers[i].on("click", function () { choose(i, false); });
      markers[i].on("keypress", function (event) { if (event.originalEvent.key === "Enter") { choose(i, false); } });
    }
    markers[i].setIcon(icon(i));
    return markers[i];
  }
  function shape(i) {
    // A dark edge below: a line in the colour of the unit it crosses would not be seen.
    var casing = L.geoJSON(own.shapes[i], { style: { color: "#222", weight: 7, opacity: 0.85, fill: false }, className: "rz-casing", interactive: false });
    var drawn = L.geoJSON(own.shapes[i], { style: { color: colour(i), weight: 4, opacity: 1, fillOpacity: 0.35 }, className: "rz-shape" });
    drawn.on("click", function (event) { L.DomEvent.stopPropagation(event); choose(i, false); });
    drawn.bindTooltip(function () { return make("span", nameOf(i) + "  " + gradeName(state.hazard, gradeIn(i)), null, "rz-tip"); }, { sticky: true });
    return L.layerGroup([casing, drawn]);
  }
  var drawnAs = "", marked = -1;
  function draw() {
    state.above = Math.min(state.above, classes(state.hazard).length);
    // The same objects in the same colours are on the map already.
    var key = [state.kind, state.above, state.hazard, state.lang].join("|");
    if (key !== drawnAs) {
      if (shown) { map.removeLayer(shown); shown = points = null; }
      visible = [];
      if (state.kind !== "") {
        for (var i = 0; i < count; i++) { if (fits(i)) { visible.push(i); } }
        visible.sort(function (a, b) { return gradeIn(b) - gradeIn(a) || own.people[b] - own.people[a] || a - b; });
        points = L.markerClusterGroup({ iconCreateFunction: cluster, maxClusterRadius: 46, showCoverageOnHover: false, animate: false, spiderLegPolylineOptions: { weight: 1, color: "#444" } });
        points.addLayers(visible.filter(function (i) { return !own.shapes[i]; }).map(marker));
        // The worst lie on top.
        var shapes = L.layerGroup(visible.filter(function (i) { return own.shapes[i]; }).reverse().map(shape));
        shown = L.layerGroup([shapes, points]).addTo(map);
      }
      drawnAs = key;
    }
    if (marked !== state.object) {
      [marked, state.object].forEach(function (i) { if (markers[i]) { markers[i].setIcon(icon(i)); } });
      marked = state.object;
    }
    fill();
  }
  function gradeName(hazard, grade) { var one = classOf(hazard, grade); return one ? one[state.lang] : word("no_data"); }
  function choose(i, fly) {
    state.object = i; state.unit = ""; state.village = -1;
    page.draw(true);
    if (fly && markers[i] && points && points.hasLayer(markers[i])) {
      // At once: what still moves when the objects are drawn anew would miss them.
      map.setView([own.y[i], own.x[i]], Math.max(map.getZoom(), 15), { animate: false });
      var above = points.getVisibleParent(markers[i]);
      if (above && above !== markers[i] && above.spiderfy) { above.spiderfy(); }
    } else if (fly && own.shapes[i]) { map.fitBounds(L.geoJSON(own.shapes[i]).getBounds(), { maxZoom: 14, padding: [60, 60], animate: false }); }
  }

  // ---- card ----
  function card(box) {
    var i = state.object;
    if (i < 0 || i >= count) { return false; }
    make("h2", nameOf(i), box);
    page.closing(function () { state.object = -1; page.draw(true); });
    make("div", [kindName(i), placeOf(i)].filter(Boolean).join(" · "), box);
    make("h3", word("grades_here"), box);
    data.hazards.map(function (item) { return item.key; }).filter(function (hazard) { return own.grades[hazard]; }).forEach(function (hazard) {
      var item = page.find(data.hazards, hazard), grade = Number(own.grades[hazard][i]), one = grade && classOf(hazard, grade);
      var row = make("div", null, box, "rz-bar");
      make("span", item ? item.title[state.lang] : hazard, row);
      var bar = make("div", null, row);
      bar.style.width = (grade > 0 ? grade * 22 : 8) + "px";
      bar.style.background = one ? one.colour : data.no_data;
      make("em", one ? one[state.lang] : word("no_data"), row);
    });
    make("div", word("grades_differ"), box, "rz-about rz-differ");
    var table = make("table", null, box);
    page.cells(table, word("highest_of_five"), gradeName("multi", Number(own.highest[i])));
    if (own.people[i] > 0) { page.cells(table, word("people_here"), page.number(own.people[i])); }
    if (own.size[i] > 0) {
      var line = /LineString/.test(own.shapes[i].type);
      page.cells(table, word(line ? "length" : "extent"), page.number(own.size[i]) + (line ? " km" : " km²"));
    }
    return true;
  }
  return {
    build: build, draw: draw, card: card, inUnit: function (code) {
      return inUnit(code).map(function (i) { return { kind: own.kind[i], name: kindName(i), grade: Number(own.highest[i]) }; });
    },
    read: function (given) {
      state.kind = given.objects === "all" || own.kinds[given.objects] ? given.objects : "";
      state.above = Number(given.above) > 0 && Number(given.above) < 10 ? Math.floor(Number(given.above)) : 0;
      state.object = Number(given.object) >= 0 && Number(given.object) < count && given.object !== undefined ? Math.floor(Number(given.object)) : -1;
    },
    address: function () {
      var list = state.kind === "" ? [] : ["objects=" + state.kind];
      if (state.kind !== "" && state.above) { list.push("above=" + state.above); }
      if (state.object >= 0) { list.push("object=" + state.object); }
      return list;
    }
  };
};
