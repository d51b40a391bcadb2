/* The planners' page: reads window.RISKZONING (assets/data.js) and draws it on the map that map.js has made. */
(function () {
  "use strict";
  var data = window.RISKZONING, map = window.map_riskzoning;
  var state = { lang: data.language, level: "", hazard: "", indicator: "", unit: "" };
  var levels = Object.keys(data.levels).reverse();
  var layers = {}, shown = null, relief = window.image_overlay_relief || null, opacity = 0.75;

  function make(tag, text, parent, name) {
    var node = document.createElement(tag);
    // Names come from survey files: they are text, never markup.
    if (text !== undefined && text !== null) { node.textContent = text; }
    if (name) { node.className = name; }
    if (parent) { parent.appendChild(node); }
    return node;
  }
  function word(key) { return data.words[state.lang][key] || key; }
  function find(list, key) { return list.filter(function (item) { return item.key === key; })[0]; }
  function hazard() { return find(data.hazards, state.hazard); }
  function indicator() { return find(hazard().indicators, state.indicator) || hazard().indicators[0]; }
  function number(value) {
    if (value === null || value === undefined) { return word("gaps"); }
    return value.toLocaleString(state.lang === "zh" ? "zh-CN" : "en", { maximumFractionDigits: Math.abs(value) < 10 ? 3 : 0 });
  }

  // ---- state in the address: a link shows the same view ----
  function readAddress() {
    var parts = {};
    location.hash.slice(1).split("&").forEach(function (pair) {
      var at = pair.indexOf("=");
      if (at > 0) { try { parts[pair.slice(0, at)] = decodeURIComponent(pair.slice(at + 1)); } catch (e) { /* a broken link */ } }
    });
    state.lang = parts.lang === "en" || parts.lang === "zh" ? parts.lang : state.lang;
    state.level = data.levels[parts.level] ? parts.level : levels[0];
    state.hazard = find(data.hazards, parts.hazard) ? parts.hazard : data.hazards[data.hazards.length - 1].key;
    state.indicator = find(hazard().indicators, parts.indicator) ? parts.indicator : hazard().indicators[0].key;
    state.unit = data.levels[state.level].codes.indexOf(parts.unit) >= 0 ? parts.unit : "";
    var view = (parts.view || "").split(",").map(Number);
    if (view.length === 3 && view.every(isFinite)) { map.setView([view[0], view[1]], view[2]); }
  }
  function writeAddress() {
    var centre = map.getCenter();
    var parts = ["level=" + state.level, "hazard=" + state.hazard, "indicator=" + state.indicator, "lang=" + state.lang,
      "view=" + centre.lat.toFixed(4) + "," + centre.lng.toFixed(4) + "," + map.getZoom()];
    if (state.unit) { parts.push("unit=" + encodeURIComponent(state.unit)); }
    history.replaceState(null, "", "#" + parts.join("&"));
  }

  // ---- map ----
  function gradeOf(level, index, key) {
    var column = data.levels[level].values[key + "_grade"];
    return column && column[index] ? column[index] : 0;
  }
  function colourOf(grade) {
    var found = indicator().classes.filter(function (item) { return item.grade === grade; })[0];
    return found ? found.colour : data.no_data;
  }
  function styleOf(feature) {
    var index = data.levels[state.level].codes.indexOf(feature.id);
    var chosen = feature.id === state.unit;
    return { fillColor: colourOf(gradeOf(state.level, index, indicator().key)), fillOpacity: opacity, color: chosen ? "#111" : "#666",
      weight: chosen ? 3 : state.level === "township" ? 0.6 : 1.4 };
  }
  function layerOf(level) {
    if (!layers[level]) {
      layers[level] = L.geoJSON({ type: "FeatureCollection", features: data.levels[level].features }, {
        onEachFeature: function (feature, layer) {
          layer.on("click", function () { choose(feature.id, false); });
          layer.bindTooltip(function () {
            var index = data.levels[level].codes.indexOf(feature.id);
            return make("span", data.levels[level].names[index] + "  " + gradeName(level, index, indicator()), null, "rz-tip");
          }, { sticky: true });
        }
      });
    }
    return layers[level];
  }
  function gradeName(level, index, what) {
    var grade = gradeOf(level, index, what.key);
    var found = what.classes.filter(function (item) { return item.grade === grade; })[0];
    return found ? found[state.lang] : word("no_data");
  }
  var outline = null;
  function draw() {
    var layer = layerOf(state.level);
    if (shown && shown !== layer) { map.removeLayer(shown); }
    if (shown !== layer) { layer.addTo(map); shown = layer; }
    layer.setStyle(styleOf);
    if (!outline && data.levels.county) {
      outline = L.geoJSON({ type: "FeatureCollection", features: data.levels.county.features },
        { interactive: false, style: { fill: false, color: "#333", weight: 1.6 } });
    }
    if (outline) { if (state.level === "township") { outline.addTo(map).bringToFront(); } else { map.removeLayer(outline); } }
    fillPanel(); fillCard(); writeAddress();
  }
  function choose(code, fly) {
    state.unit = code;
    if (code && fly) {
      shown.eachLayer(function (layer) { if (layer.feature.id === code) { map.fitBounds(layer.getBounds(), { maxZoom: 12, padding: [60, 60] }); } });
    }
    draw();
  }

  // ---- panel ----
  var panel = make("section", null, document.body, "rz-panel");
  var card = make("section", null, document.body, "rz-card");
  card.hidden = true;
  L.DomEvent.disableScrollPropagation(panel); L.DomEvent.disableClickPropagation(panel);
  L.DomEvent.disableScrollPropagation(card); L.DomEvent.disableClickPropagation(card);
  var parts = {};
  function labelled(key, control) {
    var label = make("label", null, panel);
    parts["label_" + key] = make("span", "", label);
    label.appendChild(control);
    return control;
  }
  function build() {
    parts.fold = make("button", "", panel, "rz-fold");
    parts.fold.onclick = function () { panel.classList.toggle("rz-folded"); };
    parts.title = make("h1", "", panel);
    var sub = make("div", null, panel, "rz-sub");
    parts.date = make("span", "", sub);
    parts.lang = make("button", "", sub);
    parts.lang.id = "rz-lang";
    parts.lang.onclick = function () { state.lang = state.lang === "zh" ? "en" : "zh"; draw(); };
    parts.level = labelled("level", make("select"));
    parts.hazard = labelled("hazard", make("select"));
    parts.indicator = labelled("indicator", make("select"));
    ["level", "hazard", "indicator"].forEach(function (key) { parts[key].id = "rz-" + key; });
    parts.level.onchange = function () { state.level = this.value; state.unit = ""; draw(); };
    parts.hazard.onchange = function () { state.hazard = this.value; state.indicator = hazard().indicators[0].key; draw(); };
    parts.indicator.onchange = function () { state.indicator = this.value; draw(); };
    parts.search = make("input", null, make("label", null, panel));
    parts.search.type = "search"; parts.search.id = "rz-search"; parts.search.setAttribute("list", "rz-names");
    parts.names = make("datalist", null, panel); parts.names.id = "rz-names";
    parts.miss = make("div", "", panel, "rz-miss");
    parts.search.onchange = search;
    parts.opacity = labelled("opacity", make("input"));
    parts.opacity.type = "range"; parts.opacity.min = 0; parts.opacity.max = 100; parts.opacity.value = 75;
    parts.opacity.oninput = function () { opacity = this.value / 100; shown.setStyle(styleOf); };
    if (relief) {
      parts.relief = labelled("relief", make("input"));
      parts.relief.type = "checkbox"; parts.relief.checked = true;
      parts.relief.onchange = function () { if (this.checked) { relief.addTo(map); relief.bringToBack(); } else { map.removeLayer(relief); } };
    }
    parts.legend = make("div", null, panel, "rz-legend");
    parts.note = make("div", "", panel, "rz-note");
  }
  function options(select, items, value) {
    select.textContent = "";
    items.forEach(function (item) { var option = make("option", item[1], select); option.value = item[0]; });
    select.value = value;
  }
  function fillPanel() {
    document.documentElement.lang = state.lang;
    parts.title.textContent = data.name[state.lang] || data.name.zh || data.code;
    parts.date.textContent = data.date ? word("data_date") + " " + data.date : "";
    parts.lang.textContent = word("switch");
    parts.fold.textContent = word("panel");
    ["level", "hazard", "indicator", "opacity", "relief"].forEach(function (key) {
      if (parts["label_" + key]) { parts["label_" + key].textContent = word(key); }
    });
    options(parts.level, levels.map(function (level) { return [level, data.level_names[level][state.lang]]; }), state.level);
    options(parts.hazard, data.hazards.map(function (item) { return [item.key, item.title[state.lang]]; }), state.hazard);
    options(parts.indicator, hazard().indicators.map(function (item) { return [item.key, item.title[state.lang]]; }), state.indicator);
    parts.search.placeholder = word("search"); parts.search.setAttribute("aria-label", word("search"));
    options(parts.names, data.levels[state.level].names.map(function (name) { return [name, ""]; }), "");
    var n = data.levels[state.level].codes.length, counts = {};
    for (var i = 0; i < n; i++) { var g = gradeOf(state.level, i, indicator().key); counts[g] = (counts[g] || 0) + 1; }
    parts.legend.textContent = "";
    make("h2", word("legend") + "  " + indicator().title[state.lang] + "  " + n + " " + word("of_units"), parts.legend);
    indicator().classes.slice().reverse().forEach(function (item) { legendRow(item.colour, item[state.lang], counts[item.grade] || 0); });
    legendRow(data.no_data, word("no_data"), counts[0] || 0);
    parts.note.textContent = data.review ? word("review") + " " + data.review : word("sketch");
  }
  function legendRow(colour, name, count) {
    var row = make("div", null, parts.legend, "rz-row");
    make("i", null, row).style.background = colour;
    make("span", name, row);
    make("b", String(count), row);
  }
  function search() {
    var text = parts.search.value.trim(), hit = "";
    parts.miss.textContent = "";
    if (!text) { return; }
    levels.some(function (level) {
      var known = data.levels[level];
      for (var pass = 0; pass < 2 && !hit; pass++) {
        for (var i = 0; i < known.codes.length && !hit; i++) {
          var same = known.codes[i] === text || known.names[i] === text;
          if (pass === 0 ? same : known.names[i].indexOf(text) >= 0) { hit = known.codes[i]; state.level = level; }
        }
      }
      return Boolean(hit);
    });
    if (hit) { draw(); choose(hit, true); } else { parts.miss.textContent = word("not_found"); }
  }

  // ---- card ----
  function fillCard() {
    var known = data.levels[state.level], index = known.codes.indexOf(state.unit);
    card.textContent = "";
    card.hidden = index < 0;
    if (index < 0) { return; }
    make("h2", known.names[index], card);
    var close = make("button", word("close"), card);
    close.onclick = function () { choose("", false); };
    make("div", word("code") + " " + known.codes[index], card);
    make("h3", word("grades"), card);
    data.hazards.forEach(function (item) {
      var what = item.indicators[0], grade = gradeOf(state.level, index, what.key);
      var row = make("div", null, card, "rz-bar");
      make("span", item.title[state.lang], row);
      var bar = make("div", null, row), found = what.classes.filter(function (c) { return c.grade === grade; })[0];
      bar.style.width = (grade ? grade * 22 : 8) + "px";
      bar.style.background = found ? found.colour : data.no_data;
      make("em", found ? found[state.lang] : word("no_data"), row);
    });
    make("h3", word("exposed"), card);
    var table = make("table", null, card);
    data.exposed.forEach(function (item) { if (known.values[item.key]) { cells(table, item[state.lang], number(known.values[item.key][index])); } });
    data.hazards.forEach(function (item) {
      var column = known.values[item.key + "_eal"];
      if (column) { cells(table, item.title[state.lang] + " " + word("eal"), column[index] === null ? word("gaps") : number(column[index] / 1e4) + " " + word("yuan")); }
    });
    if (known.values.valid_share) { cells(table, word("coverage"), number(Math.round(1000 * known.values.valid_share[index]) / 10) + " %"); }
  }
  function cells(table, left, right) {
    var row = make("tr", null, table);
    make("td", left, row); make("td", right, row);
  }

  map.attributionControl.setPrefix("Leaflet"); build();
  readAddress();
  draw();
  if (state.unit) { choose(state.unit, false); }
  map.on("moveend", writeAddress);
  window.addEventListener("hashchange", function () { readAddress(); draw(); });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape" && state.unit) { choose("", false); } });
  document.body.setAttribute("data-ready", "yes");
})();
