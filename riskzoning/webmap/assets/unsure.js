/* Units whose grade is unsure among the draws: hatched over their colour, with a row in the legend. */
window.RISKZONING_UNSURE = function (page) {
  "use strict";
  var data = page.data, state = page.state, map = page.map, shown = null, SVG = "http://www.w3.org/2000/svg";
  function node(name, about, parent) {
    var made = document.createElementNS(SVG, name);
    Object.keys(about).forEach(function (key) { made.setAttribute(key, about[key]); });
    return parent.appendChild(made);
  }
  var holder = node("svg", { width: 0, height: 0, "aria-hidden": "true", "class": "rz-patterns" }, document.body);
  var pattern = node("pattern", { id: "rz-hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, node("defs", {}, holder));
  node("line", { x1: 0, y1: 0, x2: 0, y2: 7, stroke: "#222", "stroke-width": 1.5 }, pattern);
  // Only the composite is drawn anew with other weights; a map of one receptor or hazard is another matter.
  function places() {
    var own = data.levels[state.level].unsure || [];
    return state.hazard === "multi" && page.whole() && !state.raster && !state.zones ? own : [];
  }
  function draw() {
    if (shown) { map.removeLayer(shown); shown = null; }
    var here = places();
    if (!here.length) { return; }
    shown = L.geoJSON({ type: "FeatureCollection", features: here.map(function (i) { return data.levels[state.level].features[i]; }) },
      { interactive: false, style: { stroke: false, fillColor: "url(#rz-hatch)", fillOpacity: 0.55, className: "rz-unsure" } }).addTo(map);
  }
  function legend(total) {
    var here = places(), area = 0;
    if (!here.length) { return; }
    here.forEach(function (i) { area += data.levels[state.level].areas[i]; });
    var row = page.row("", page.word("unsure"), page.word("unsure_limit"), area, total, here.length);
    row.className += " rz-hatched";
  }
  return { draw: draw, legend: legend };
};
