/* Works against floods that the study names: lines, areas and points, each with what its file says of it. */
window.RISKZONING_WORKS = function (page) {
  "use strict";
  var map = page.map, make = page.make, word = page.word, kinds = page.data.works || [], on = false, shown = null, box = null, key = null, FOCUSED = 200;
  function title(kind) { return kind.title[page.lang()]; }
  // Names come from files of the study: they are text, never markup.
  function card(kind, item) {
    var card = make("div", null, null, "rz-work"), table;
    make("b", item.name || title(kind), card);
    if (item.name) { make("div", title(kind), card, "rz-about"); }
    table = make("table", null, card);
    item.facts.forEach(function (pair) { page.cells(table, pair[0], pair[1]); });
    return card;
  }
  function layer(kind, item, focused) {
    var drawn = L.geoJSON(item.shape, { style: { color: kind.colour, weight: 3, opacity: 1, fillOpacity: 0.15 },
      pointToLayer: function (_, place) { return L.circleMarker(place, { radius: 6, color: "#fff", weight: 1.5, fillColor: kind.colour, fillOpacity: 1 }); } });
    drawn.bindPopup(function () { return card(kind, item); }, { maxWidth: 280 });
    drawn.bindTooltip(function () { return make("span", item.name || title(kind), null, "rz-tip"); }, { sticky: true });
    drawn.on("click", L.DomEvent.stopPropagation);
    if (focused) {
      drawn.on("add", function () {
        drawn.eachLayer(function (part) {
          var node = part.getElement && part.getElement();
          if (!node) { return; }
          node.setAttribute("tabindex", "0"); node.setAttribute("role", "button"); node.setAttribute("aria-label", title(kind) + " " + item.name);
          node.addEventListener("keydown", function (event) { if (event.key === "Enter") { drawn.openPopup(part.getCenter ? part.getCenter() : part.getLatLng()); } });
        });
      });
    }
    return drawn;
  }
  function draw() {
    if (!kinds.length) { return; }
    if (!on) { if (shown) { map.removeLayer(shown); shown = null; } }
    else if (!shown) {
      var count = kinds.reduce(function (sum, kind) { return sum + kind.items.length; }, 0);
      shown = L.layerGroup(kinds.map(function (kind) { return L.layerGroup(kind.items.map(function (item) { return layer(kind, item, count <= FOCUSED); })); })).addTo(map);
    } else { shown.eachLayer(function (group) { group.eachLayer(function (one) { one.bringToFront(); }); }); }
    box.checked = on; key.textContent = "";
    if (on) {
      kinds.forEach(function (kind) {
        var row = make("div", null, key, "rz-row");
        make("i", null, row).style.background = kind.colour;
        make("span", title(kind), row); make("b", String(kind.all), row);
      });
    }
  }
  return {
    build: function (labelled, panel) {
      if (!kinds.length) { return; }
      box = labelled("works", make("input"));
      box.type = "checkbox"; box.id = "rz-works";
      box.onchange = function () { on = this.checked; page.draw(true); };
      key = make("div", null, panel, "rz-works");
    },
    draw: draw,
    read: function (given) { on = kinds.length > 0 && given.works === "on"; },
    address: function () { return on ? ["works=on"] : []; }
  };
};
