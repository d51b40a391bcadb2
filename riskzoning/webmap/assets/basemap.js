/* Tiles from a network below the units, where the study names them; without a network the page goes on without them. */
window.RISKZONING_BASEMAP = function (page) {
  "use strict";
  var map = page.map, on = true, begun = false, switched = null, told = null, lost = false, came = false;
  var layers = (page.data.basemap || []).map(function (item) {
    var layer = L.tileLayer(item.url, { attribution: item.attribution, subdomains: item.subdomains, maxNativeZoom: item.max_zoom, maxZoom: 24 });
    layer.on("tileload", function () { came = true; if (lost) { lost = false; say(); page.relief(false); } });
    layer.on("tileerror", function () { if (!came && !lost) { lost = true; say(); page.relief(true); } });
    return layer;
  });
  function say() { if (told) { told.textContent = on && lost ? page.word("basemap_lost") : ""; } }
  function show() {
    if (!layers.length) { return; }
    came = false; lost = false;
    layers.forEach(function (layer) { if (on) { layer.addTo(map); } else { map.removeLayer(layer); } });
    // The relief would lie over the tiles.
    page.relief(!on);
    if (switched) { switched.checked = on; }
    say();
  }
  return {
    build: function (labelled, box) {
      if (!layers.length) { return; }
      switched = labelled("basemap", page.make("input"));
      switched.type = "checkbox"; switched.id = "rz-basemap";
      switched.onchange = function () { on = this.checked; show(); page.changed(); };
      told = page.make("div", "", box, "rz-about rz-lost"); told.setAttribute("role", "status");
    },
    read: function (given) { var wanted = given.basemap !== "off"; if (wanted !== on || !begun) { on = wanted; begun = true; show(); } },
    say: say,
    address: function () { return layers.length && !on ? ["basemap=off"] : []; }
  };
};
