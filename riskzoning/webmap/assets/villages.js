/* Villages: found by name or code, points in the colour of what is shown once one is near enough, a card each. */
window.RISKZONING_VILLAGES = function (page) {
  "use strict";
  var data = page.data, own = data.villages, state = page.state, map = page.map, make = page.make, word = page.word;
  var count = own && own.codes ? own.codes.length : 0, shown = null, wanted = false, NEAR = 11, MOST = 800, box = null, about = null;
  function grade(i, column) { var text = own.grades[column]; return text ? Number(text[i]) : 0; }
  function classOf(what, value) { return what.classes.filter(function (one) { return one.grade === value; })[0]; }
  function colour(i, what) { var value = grade(i, what.grade_column), one = classOf(what, value); return one ? one.colour : value === 9 ? data.none : data.no_data; }
  function gradeName(i, what) { var value = grade(i, what.grade_column), one = classOf(what, value); return one ? one[state.lang] : word(value === 9 ? "no_hazard" : "no_data"); }
  function draw() {
    if (shown) { map.removeLayer(shown); shown = null; }
    if (box) { about.textContent = wanted && map.getZoom() < NEAR ? word("villages_near") : wanted && own.all > count ? word("villages_cut", own.all - count).replace("{n}", own.all - count) : ""; }
    if (!count || !wanted || map.getZoom() < NEAR) {
      if (state.village >= 0) { shown = L.layerGroup([point(state.village)]).addTo(map); }
      return;
    }
    var view = map.getBounds(), points = [];
    for (var i = 0; i < count; i++) {
      if (i !== state.village && view.contains([own.y[i], own.x[i]])) { points.push(i); }
    }
    if (points.length > MOST) { about.textContent = word("villages_many").replace("{n}", points.length); points = []; }
    if (state.village >= 0) { points.push(state.village); }
    shown = L.layerGroup(points.map(point)).addTo(map);
  }
  function point(i) {
    var chosen = i === state.village, made = L.circleMarker([own.y[i], own.x[i]], { radius: chosen ? 8 : 5, color: "#222", weight: chosen ? 3 : 1,
      fillColor: colour(i, page.indicator()), fillOpacity: 1, className: "rz-village" });
    made.on("click", function (event) { L.DomEvent.stopPropagation(event); choose(i, false); });
    made.bindTooltip(function () { return make("span", own.names[i] + "  " + gradeName(i, page.indicator()), null, "rz-tip"); }, { sticky: true });
    return made;
  }
  function choose(i, fly) {
    state.village = i; state.unit = ""; state.object = -1; state.zone = -1;
    page.draw(true);
    if (fly) { map.setView([own.y[i], own.x[i]], Math.max(map.getZoom(), 12), { animate: false }); }
  }
  function parent(i) { return page.unitOf(own.above[own.of[i]]); }
  // As many of those that fit, the best first; whoever asks has found units before.
  function find(text, most) {
    var ranked = [[], [], []];
    for (var i = 0; i < count; i++) {
      var name = own.names[i].toLowerCase(), code = own.codes[i], at = name.indexOf(text);
      var rank = name === text || code === text ? 0 : at === 0 || code.indexOf(text) === 0 ? 1 : at > 0 ? 2 : 3;
      if (rank < 3 && ranked[rank].length < most) { ranked[rank].push(i); }
    }
    return ranked[0].concat(ranked[1], ranked[2]).slice(0, most).map(function (i) {
      var above = parent(i);
      return { name: own.names[i], about: [above ? above.name : "", word("village"), own.codes[i]].filter(Boolean).join(" · "), exact: own.names[i].toLowerCase() === text || own.codes[i] === text, choose: function () { choose(i, true); } };
    });
  }
  function card(parts) {
    var i = state.village;
    if (i < 0 || i >= count) { return false; }
    make("h2", own.names[i], parts);
    page.closing(function () { state.village = -1; page.draw(true); });
    make("div", word("village") + " · " + word("code") + " " + own.codes[i], parts);
    var above = parent(i);
    if (above) {
      var line = make("div", word("parent") + " ", parts), up = make("button", above.name, line, "rz-up");
      up.type = "button"; up.onclick = above.choose;
    }
    make("h3", word("grades"), parts);
    data.hazards.forEach(function (item) {
      var what = item.indicators[0], value = grade(i, what.grade_column), row = make("div", null, parts, "rz-bar");
      make("span", item.title[state.lang], row);
      var bar = make("div", null, row);
      bar.style.width = (value > 0 && value < 9 ? value * 22 : 8) + "px"; bar.style.background = colour(i, what);
      make("em", gradeName(i, what), row);
    });
    if (own.people[i] !== null) { page.cells(make("table", null, parts), word("people_here"), page.number(own.people[i])); }
    make("div", word("villages_about"), parts, "rz-about");
    return true;
  }
  return {
    build: function (labelled) {
      if (!count) { return; }
      box = labelled("villages", make("input"));
      box.type = "checkbox"; box.id = "rz-villages";
      box.onchange = function () { wanted = this.checked; page.draw(true); };
      about = make("div", "", box.parentNode.parentNode, "rz-about");
      about.setAttribute("role", "status");
      map.on("moveend", draw);
    },
    draw: draw, card: card, find: find,
    read: function (given) {
      wanted = given.villages === "1" && count > 0;
      if (box) { box.checked = wanted; }
      state.village = given.village === undefined || !count ? -1 : own.codes.indexOf(given.village);
    },
    address: function () {
      var list = wanted ? ["villages=1"] : [];
      if (state.village >= 0) { list.push("village=" + encodeURIComponent(own.codes[state.village])); }
      return list;
    }
  };
};
