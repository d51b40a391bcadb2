/* Flash floods: villages in a danger zone as points in the colour of their zone, and those that were not assessed. */
window.RISKZONING_FLASH = function (page) {
  "use strict";
  var data = page.data, own = data.flash, map = page.map, make = page.make, word = page.word, state = page.state;
  var count = own && own.codes ? own.codes.length : 0, wanted = false, shown = null, box = null, about = null, MOST = 1500;
  function classOf(zone) { return own.zones[zone]; }
  function nameOf(zone) { var one = classOf(zone); return one ? one[state.lang] : word(zone === "0" ? "flash_none" : "not_assessed"); }
  function colourOf(zone) { var one = classOf(zone); return one ? one.colour : data.no_data; }
  function text(i) {
    var parts = [own.names[i] || own.codes[i], nameOf(own.zone[i])];
    if (own.first[i] !== null) { parts.push(word("flash_first", own.first[i]).replace("{n}", page.number(own.first[i]))); }
    if (own.people[i] !== null) { parts.push(word("flash_people", own.people[i]).replace("{n}", page.number(own.people[i]))); }
    return parts.join(" · ");
  }
  function point(i) {
    var made = L.circleMarker([own.y[i], own.x[i]], { radius: 6, color: "#222", weight: 1.5, fillColor: colourOf(own.zone[i]), fillOpacity: 1, className: "rz-flash" });
    made.bindTooltip(function () { return make("span", text(i), null, "rz-tip"); }, { sticky: true });
    return made;
  }
  // A list for the legend: what each colour means, and how many villages there are of it.
  function legend(more) {
    about.textContent = "";
    if (!wanted) { return; }
    ["3", "2", "1", "9", "0"].forEach(function (zone) {
      if (!own.counts[zone]) { return; }
      var row = make("div", null, about, "rz-flash-row");
      if (zone !== "0") { make("i", null, row).style.background = colourOf(zone); }
      make("span", nameOf(zone) + " " + page.number(own.counts[zone]), row);
    });
    if (more) { make("div", word("flash_more", more).replace("{n}", page.number(more)), about); }
    make("div", word("flash_about"), about);
  }
  function draw() {
    if (shown) { map.removeLayer(shown); shown = null; }
    if (!count || !box) { return; }
    var view = map.getBounds(), points = [], seen = 0;
    for (var i = 0; wanted && i < count; i++) {
      if (view.contains([own.y[i], own.x[i]])) { seen += 1; if (points.length < MOST) { points.push(i); } }
    }
    // The most dangerous last, so that they lie on top.
    if (points.length) { shown = L.layerGroup(points.reverse().map(point)).addTo(map); }
    legend(Math.max(seen - MOST, own.all - count));
  }
  return {
    build: function (labelled) {
      if (!count) { return; }
      box = labelled("flash", make("input"));
      box.type = "checkbox"; box.id = "rz-flash"; box.checked = wanted;
      box.onchange = function () { wanted = this.checked; page.draw(true); };
      about = make("div", "", box.parentNode.parentNode, "rz-about");
      about.setAttribute("role", "status");
      map.on("moveend", draw);
    },
    draw: draw,
    read: function (given) { wanted = given.flash === "1" && count > 0; if (box) { box.checked = wanted; } },
    address: function () { return wanted ? ["flash=1"] : []; }
  };
};
