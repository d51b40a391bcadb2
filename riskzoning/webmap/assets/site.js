/* The planners' page: reads window.RISKZONING (assets/data.js) and draws it on the map that map.js has made. */
(function () {
  "use strict";
  var data = window.RISKZONING, map = window.map_riskzoning;
  var state = { lang: data.language, level: "", hazard: "", indicator: "", unit: "", raster: "", kind: "", above: 0, object: -1, zones: "", zone: -1, village: -1, other: "" };
  var levels = data.level_order.slice().reverse();
  var middle = levels.filter(function (level) { return data.ranks[level] === "county"; })[0];
  var layers = {}, shown = null, relief = window.image_overlay_relief || null, opacity = 0.75, drawn = false;
  var narrow = window.matchMedia("(max-width: 640px)");
  // Places of codes: a unit is looked up on every redraw.
  levels.forEach(function (level) {
    var places = data.levels[level].place = Object.create(null);
    data.levels[level].codes.forEach(function (code, i) { places[code] = i; });
  });
  function fine(level) { return data.ranks[level] === "township"; }
  function placeOf(level, code) { var found = data.levels[level].place[code]; return found === undefined ? -1 : found; }

  function make(tag, text, parent, name) {
    var node = document.createElement(tag);
    // Names come from survey files: they are text, never markup.
    if (text !== undefined && text !== null) { node.textContent = text; }
    if (name) { node.className = name; }
    if (parent) { parent.appendChild(node); }
    return node;
  }
  // Of one thing there may be words of their own.
  function word(key, count) { return count === 1 && data.words[state.lang][key + "_one"] || data.words[state.lang][key] || key; }
  function find(list, key) { return list.filter(function (item) { return item.key === key; })[0]; }
  function hazard() { return find(data.hazards, state.hazard); }
  function indicator() { return find(hazard().indicators, state.indicator) || hazard().indicators[0]; }
  function number(value) {
    if (value === null || value === undefined) { return word("gaps"); }
    return value.toLocaleString(state.lang === "zh" ? "zh-CN" : "en", { maximumFractionDigits: Math.abs(value) < 10 ? 3 : 0 });
  }

  // In brackets, as each language writes them.
  function beside(text) { return state.lang === "zh" ? "（" + text + "）" : " (" + text + ")"; }

  var objects = window.RISKZONING_OBJECTS({ data: data, map: map, state: state, make: make, word: word, find: find, number: number,
    cells: function (table, left, right) { cells(table, left, right); }, closing: function (work) { closing(work); }, draw: function (step) { draw(step); } });
  var zones = window.RISKZONING_ZONES({ data: data, map: map, state: state, make: make, word: word, find: find, number: number, options: options,
    cells: function (table, left, right) { cells(table, left, right); }, closing: function (work) { closing(work); }, draw: function (step) { draw(step); },
    opacity: function () { return opacity; }, nearest: function () { return nearest(); }, hazardName: function (key) { var item = find(data.hazards, key); return item ? item.title[state.lang] : key; }, unitsIn: unitsIn });
  var villages = window.RISKZONING_VILLAGES({ data: data, map: map, state: state, make: make, word: word, number: number, indicator: indicator, unitOf: unitOf,
    cells: function (table, left, right) { cells(table, left, right); }, closing: function (work) { closing(work); }, draw: function (step) { draw(step); } });
  var flash = window.RISKZONING_FLASH({ data: data, map: map, state: state, make: make, word: word, number: number, draw: function (step) { draw(step); } });
  var unsure = window.RISKZONING_UNSURE({ data: data, map: map, state: state, word: word, row: legendRow,
    whole: function () { return indicator() === hazard().indicators[0]; } });
  var compare = window.RISKZONING_COMPARE({ data: data, state: state, make: make, word: word, number: number, short: short, money: money, placeOf: placeOf, gradeName: gradeName,
    colourIn: colourIn, capacityName: capacityName, closing: function (work) { closing(work); }, draw: function (step) { draw(step); } });
  var front = window.RISKZONING_FRONT({ data: data, make: make, word: word, number: number, short: short, beside: beside, zones: zones, highest: highest, inHigh: inHigh,
    cells: function (table, left, right) { cells(table, left, right); }, lang: function () { return state.lang; }, front: function (open) { frontOpen = open; draw(); parts.front.focus(); } });
  var frontOpen = !narrow.matches;
  var works = window.RISKZONING_WORKS({ data: data, map: map, make: make, word: word, lang: function () { return state.lang; },
    cells: function (table, left, right) { cells(table, left, right); }, draw: function (step) { draw(step); } });
  var basemap = window.RISKZONING_BASEMAP({ data: data, map: map, make: make, word: word, relief: function (on) { if (parts.relief) { parts.relief.checked = on; parts.relief.onchange(); } },
    changed: function () { writeAddress(true); } });
  if (data.basemap.length) { opacity = 0.6; }

  // ---- state in the address: a link shows the same view ----
  function readAddress() {
    var parts = {};
    location.hash.slice(1).split("&").forEach(function (pair) {
      var at = pair.indexOf("=");
      if (at > 0) { try { parts[pair.slice(0, at)] = decodeURIComponent(pair.slice(at + 1)); } catch (e) { /* a broken link */ } }
    });
    state.lang = parts.lang === "en" || parts.lang === "zh" ? parts.lang : state.lang;
    state.level = levels.indexOf(parts.level) >= 0 ? parts.level : levels[0];
    state.hazard = find(data.hazards, parts.hazard) ? parts.hazard : data.hazards[data.hazards.length - 1].key;
    state.indicator = find(hazard().indicators, parts.indicator) ? parts.indicator : hazard().indicators[0].key;
    state.unit = placeOf(state.level, parts.unit) >= 0 ? parts.unit : "";
    state.raster = find(data.rasters, parts.raster) ? parts.raster : "";
    basemap.read(parts); works.read(parts); objects.read(parts); zones.read(parts); villages.read(parts); flash.read(parts); compare.read(parts);
    if (state.unit || state.object >= 0) { state.village = -1; }
    if (state.village >= 0) { state.zone = -1; }
    if (state.object >= 0) { state.unit = ""; state.zone = -1; }
    if (state.unit) { state.zone = -1; }
    var view = (parts.view || "").split(",").map(Number);
    if (view.length === 3 && view.every(isFinite) && Math.abs(view[0]) <= 90 && Math.abs(view[1]) <= 360 && view[2] >= 0 && view[2] <= 24) { map.setView([view[0], view[1]], view[2], { animate: false }); return true; }
    return false;
  }
  function writeAddress(step) {
    var centre = map.getCenter();
    var parts = ["level=" + encodeURIComponent(state.level), "hazard=" + encodeURIComponent(state.hazard),
      "indicator=" + encodeURIComponent(state.indicator), "lang=" + state.lang,
      "view=" + centre.lat.toFixed(4) + "," + centre.lng.toFixed(4) + "," + map.getZoom()];
    if (state.unit) { parts.push("unit=" + encodeURIComponent(state.unit)); }
    if (state.raster) { parts.push("raster=" + encodeURIComponent(state.raster)); }
    parts = parts.concat(objects.address(), zones.address(), villages.address(), flash.address(), compare.address(), works.address(), basemap.address());
    // A choice is a step that the back button undoes; moving the map is not.
    var text = "#" + parts.join("&");
    if (text === location.hash) { return; }
    if (step === true) { history.pushState(null, "", text); } else { history.replaceState(null, "", text); }
  }

  // ---- map ----
  // Where the index is exactly 0 the hazard does not act: neither a class nor a gap.
  var NONE = -1;
  function gradeOf(level, index, what) {
    var values = data.levels[level].values, column = values[what.grade_column], measured = values[what.index_column];
    if (what.zero && measured && measured[index] === 0) { return NONE; }
    return column && column[index] ? column[index] : 0;
  }
  function colourOf(grade) {
    if (grade === NONE) { return data.none; }
    var found = indicator().classes.filter(function (item) { return item.grade === grade; })[0];
    return found ? found.colour : data.no_data;
  }
  function styleOf(feature) {
    var index = placeOf(state.level, feature.id);
    var chosen = feature.id === state.unit || feature.id === state.other;
    return { fillColor: colourOf(gradeOf(state.level, index, indicator())), fillOpacity: state.raster || state.zones ? 0 : opacity, color: chosen ? "#111" : "#666",
      weight: chosen ? 3 : fine(state.level) ? 0.6 : 1.4 };
  }
  function layerOf(level) {
    if (!layers[level]) {
      layers[level] = L.geoJSON({ type: "FeatureCollection", features: data.levels[level].features }, {
        onEachFeature: function (feature, layer) {
          layer.on("click", function () { choose(feature.id, false); });
          layer.bindTooltip(function () {
            var index = placeOf(level, feature.id);
            return make("span", data.levels[level].names[index] + "  " + gradeName(level, index, indicator()), null, "rz-tip");
          }, { sticky: true });
        }
      });
    }
    return layers[level];
  }
  function colourIn(level, index, what) {
    var grade = gradeOf(level, index, what), one = what.classes.filter(function (item) { return item.grade === grade; })[0];
    return one ? one.colour : grade === NONE ? data.none : data.no_data;
  }
  // Units of the finest level that lie in a zone, each with the way to it.
  function unitsIn(key, place) {
    var level = levels[0], known = data.levels[level], inside = [];
    (known.zones || []).forEach(function (own, i) {
      if (own[key] === place) { inside.push({ name: (parentName(level, i) + " " + known.names[i]).trim(), choose: function () { state.level = level; choose(known.codes[i], true); } }); }
    });
    return inside;
  }
  function gradeName(level, index, what) {
    var grade = gradeOf(level, index, what);
    if (grade === NONE) { return word("no_hazard"); }
    var found = what.classes.filter(function (item) { return item.grade === grade; })[0];
    return found ? found[state.lang] : word("no_data");
  }
  var outline = null;
  function showRaster() {
    data.rasters.forEach(function (item) {
      var picture = window["image_overlay_" + item.key];
      if (!picture) { return; }
      if (item.key === state.raster) { picture.setOpacity(opacity); picture.addTo(map); picture.bringToFront(); } else { map.removeLayer(picture); }
    });
  }
  var names = null;
  function showNames() {
    if (names) { map.removeLayer(names); names = null; }
    if (!parts.labels.checked || !middle) { return; }
    names = L.layerGroup(data.levels[middle].names.map(function (name, i) {
      return L.tooltip({ permanent: true, direction: "center", className: "rz-name", interactive: false })
        .setLatLng(data.levels[middle].middles[i]).setContent(make("span", name));
    })).addTo(map);
    thinNames();
  }
  function thinNames() {
    if (!names) { return; }
    var kept = [];
    names.eachLayer(function (tip) {
      var node = tip.getElement(), box = node.getBoundingClientRect();
      var hit = kept.some(function (b) { return box.left < b.right && b.left < box.right && box.top < b.bottom && b.top < box.bottom; });
      node.style.visibility = hit ? "hidden" : "";
      if (!hit) { kept.push(box); }
    });
  }
  // How near the map comes by itself; a small city is seen whole nearer than that.
  function nearest() { return Math.max(12, map.getBoundsZoom(layerOf(levels[0]).getBounds()) + 1); }
  function fit() {
    var wide = narrow.matches;
    map.fitBounds(layerOf(levels[0]).getBounds(), { animate: false, paddingTopLeft: wide ? [8, 60] : [16, 16], paddingBottomRight: wide ? [8, 40] : [16, 24] });
  }
  function draw(step) {
    var layer = layerOf(state.level);
    if (shown && shown !== layer) { map.removeLayer(shown); }
    if (shown !== layer) { layer.addTo(map); shown = layer; }
    layer.setStyle(styleOf);
    showRaster();
    if (!outline && middle) {
      outline = L.geoJSON({ type: "FeatureCollection", features: data.levels[middle].features },
        { interactive: false, style: { fill: false, color: "#333", weight: 1.6 } });
    }
    zones.draw(); unsure.draw(); villages.draw(); flash.draw();
    if (outline) { if (fine(state.level)) { outline.addTo(map).bringToFront(); } else { map.removeLayer(outline); } }
    if (state.unit) { layer.eachLayer(function (item) { if (item.feature.id === state.unit) { item.bringToFront(); } }); }
    fillPanel(); works.draw(); objects.draw(); fillCard(); dock(); if (drawn) { writeAddress(step); }
  }
  function choose(code, fly) {
    state.unit = code; state.object = -1; state.zone = -1; state.village = -1;
    if (code && fly) {
      draw(true);
      shown.eachLayer(function (layer) { if (layer.feature.id === code) { map.flyToBounds(layer.getBounds(), { maxZoom: nearest(), duration: 0.6, padding: [60, 60] }); } });
      return;
    }
    draw(true);
  }
  // Card and front stand beside the map, on a phone below it: what they speak of stays in sight.
  function dock() {
    var open = frontOpen && card.hidden;
    cover.hidden = !open;
    if (open) { front.fill(cover); }
    parts.front.setAttribute("aria-pressed", String(open));
    var side = open || !card.hidden;
    if (document.body.classList.contains("rz-docked") === side) { return; }
    document.body.classList.toggle("rz-docked", side);
    map.invalidateSize({ animate: false });
  }

  // ---- panel ----
  var panel = make("aside", null, document.body, "rz-panel");
  var card = make("section", null, document.body, "rz-card");
  var cover = make("section", null, document.body, "rz-card rz-front");
  card.hidden = true; cover.hidden = true;
  L.DomEvent.disableScrollPropagation(cover); L.DomEvent.disableClickPropagation(cover);
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
    parts.fold.type = "button";
    parts.fold.onclick = function () { fold(!panel.classList.contains("rz-folded")); };
    parts.title = make("h1", "", panel);
    var sub = make("div", null, panel, "rz-sub");
    parts.date = make("span", "", sub);
    parts.lang = make("button", "", sub);
    parts.lang.id = "rz-lang";
    parts.lang.onclick = function () { state.lang = state.lang === "zh" ? "en" : "zh"; draw(true); };
    parts.front = make("button", "", panel, "rz-print rz-open");
    parts.front.type = "button"; parts.front.id = "rz-front";
    parts.front.onclick = function () { frontOpen = cover.hidden; state.unit = ""; state.object = -1; state.zone = -1; state.village = -1; draw(true); };
    parts.level = labelled("level", make("select"));
    parts.hazard = labelled("hazard", make("select"));
    parts.indicator = labelled("indicator", make("select"));
    ["level", "hazard", "indicator"].forEach(function (key) { parts[key].id = "rz-" + key; });
    parts.level.onchange = function () { var above = unitAbove(this.value); state.level = this.value; state.unit = above; draw(true); };
    parts.hazard.onchange = function () { state.hazard = this.value; state.indicator = hazard().indicators[0].key; draw(true); };
    parts.indicator.onchange = function () { state.indicator = this.value; draw(true); };
    buildSearch();
    zones.build(labelled);
    parts.raster = labelled("raster", make("select"));
    parts.raster.id = "rz-raster";
    parts.raster.onchange = function () { state.raster = this.value; draw(true); };
    if (!data.rasters.length) { parts.raster.parentNode.hidden = true; }
    parts.opacity = labelled("opacity", make("input"));
    parts.opacity.type = "range"; parts.opacity.min = 10; parts.opacity.max = 100; parts.opacity.value = 100 * opacity;
    parts.opacity.oninput = function () { opacity = this.value / 100; shown.setStyle(styleOf); zones.restyle(); showRaster(); };
    parts.opacity.id = "rz-opacity";
    if (relief) {
      parts.relief = labelled("relief", make("input"));
      parts.relief.type = "checkbox"; parts.relief.checked = true;
      parts.relief.onchange = function () { if (this.checked) { relief.addTo(map); relief.bringToBack(); } else { map.removeLayer(relief); } };
    }
    basemap.build(labelled, panel);
    parts.labels = labelled("labels", make("input"));
    parts.labels.type = "checkbox"; parts.labels.checked = !narrow.matches; parts.labels.id = "rz-labels";
    parts.labels.onchange = showNames;
    if (!middle) { parts.labels.parentNode.hidden = true; }
    objects.build(labelled, panel);
    villages.build(labelled);
    flash.build(labelled);
    works.build(labelled, panel);
    parts.legend = make("div", null, panel, "rz-legend");
    parts.top = make("div", null, panel, "rz-top");
    parts.note = make("div", "", panel, "rz-note");
    parts.print = make("button", "", panel, "rz-print");
    parts.print.id = "rz-print";
    parts.print.onclick = function () { window.print(); };
    parts.skip = make("span", "", panel, "rz-skip");
    if (narrow.matches) { panel.classList.add("rz-folded"); }
    parts.fold.setAttribute("aria-expanded", String(!narrow.matches));
  }
  // ---- search: a list of what fits, for fingers and for keys ----
  function buildSearch() {
    var box = make("div", null, panel, "rz-find");
    parts.search = make("input", null, box);
    parts.search.type = "search"; parts.search.id = "rz-search"; parts.search.autocomplete = "off";
    parts.hits = make("ul", null, box, "rz-hits"); parts.hits.id = "rz-hits"; parts.hits.hidden = true;
    parts.miss = make("div", "", box, "rz-miss");
    var attributes = { role: "combobox", "aria-controls": "rz-hits", "aria-expanded": "false", "aria-autocomplete": "list" };
    Object.keys(attributes).forEach(function (key) { parts.search.setAttribute(key, attributes[key]); });
    parts.hits.setAttribute("role", "listbox"); parts.miss.setAttribute("role", "status");
    parts.search.oninput = function () { active = -1; listHits(); };
    parts.search.onfocus = listHits;
    parts.search.onblur = hideHits;
    parts.search.onkeydown = function (event) {
      if (event.isComposing) { return; }
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        active = hits.length ? (active + (event.key === "ArrowDown" ? 1 : hits.length - (active < 0 ? 0 : 1))) % hits.length : -1;
        markHit(); event.preventDefault();
      } else if (event.key === "Enter") { if (!hits.length) { listHits(); } pick(hits[Math.max(active, 0)]); event.preventDefault(); }
      else if (event.key === "Escape" && !parts.hits.hidden) { hideHits(); event.stopPropagation(); }
    };
  }
  var hits = [], active = -1;
  function listHits() {
    var text = parts.search.value.trim().toLowerCase();
    hits = []; parts.hits.textContent = ""; parts.miss.textContent = "";
    if (text) {
      [0, 1, 2].forEach(function (pass) {
        levels.slice().reverse().forEach(function (level) {
          var known = data.levels[level];
          for (var i = 0; i < known.codes.length && hits.length < 200; i++) {
            var name = known.names[i].toLowerCase(), at = name.indexOf(text), code = known.codes[i];
            var rank = name === text || code === text ? 0 : at === 0 || code.indexOf(text) === 0 ? 1 : at > 0 ? 2 : 3;
            if (rank === pass) { hits.push({ level: level, index: i, code: code }); }
          }
        });
      });
      // Units first, but a village that is called just so before those that only begin alike.
      var found = villages.find(text, 12), exact = found.filter(function (hit) { return hit.exact; });
      hits = exact.slice(0, 4).concat(hits, found.filter(function (hit) { return !hit.exact; })).slice(0, 12);
      if (!hits.length) { parts.miss.textContent = word("not_found"); }
    }
    hits.forEach(function (hit, i) {
      var known = data.levels[hit.level], row = make("li", known ? known.names[hit.index] : hit.name, parts.hits);
      row.id = "rz-hit-" + i; row.setAttribute("role", "option");
      make("small", known ? [parentName(hit.level, hit.index), data.level_names[hit.level][state.lang], hit.code].filter(Boolean).join(" · ") : hit.about, row);
      row.onmousedown = function (event) { event.preventDefault(); pick(hit); };
    });
    parts.hits.hidden = !hits.length;
    parts.search.setAttribute("aria-expanded", String(hits.length > 0));
    markHit();
  }
  function markHit() {
    Array.prototype.forEach.call(parts.hits.children, function (row, i) {
      row.classList.toggle("rz-on", i === active); row.setAttribute("aria-selected", String(i === active));
      if (i === active && row.scrollIntoView) { row.scrollIntoView({ block: "nearest" }); }
    });
    if (active >= 0) { parts.search.setAttribute("aria-activedescendant", "rz-hit-" + active); } else { parts.search.removeAttribute("aria-activedescendant"); }
  }
  function hideHits() { parts.hits.hidden = true; parts.search.setAttribute("aria-expanded", "false"); }
  function pick(hit) {
    if (!hit) { return; }
    parts.search.value = hit.level ? data.levels[hit.level].names[hit.index] : hit.name;
    hideHits();
    if (!hit.level) {
      if (narrow.matches) { fold(true); }
      hit.choose();
      return;
    }
    state.level = hit.level;
    if (narrow.matches) { fold(true); }
    choose(hit.code, true);
  }
  function fold(closed) { panel.classList.toggle("rz-folded", closed); parts.fold.setAttribute("aria-expanded", String(!closed)); }
  // A unit by its code at whatever level it stands: its name, and the way to its card.
  function unitOf(code) {
    var level = levels.filter(function (one) { return placeOf(one, code) >= 0; })[0];
    if (!level) { return null; }
    var at = placeOf(level, code);
    return { name: (parentName(level, at) + " " + data.levels[level].names[at]).trim(), choose: function () { state.level = level; choose(code, true); } };
  }
  function parentOf(level, index) {
    var code = data.levels[level].parents[index];
    return code ? levels.filter(function (other) { return placeOf(other, code) >= 0; })[0] : undefined;
  }
  // The unit of a coarser level that the chosen one lies in; the card goes on with it.
  function unitAbove(wanted) {
    var level = state.level, code = state.unit, above;
    while (code && level !== wanted) {
      above = parentOf(level, placeOf(level, code));
      code = above ? data.levels[level].parents[placeOf(level, code)] : "";
      level = above;
    }
    return code;
  }
  function parentName(level, index) {
    var above = parentOf(level, index);
    return above ? data.levels[above].names[placeOf(above, data.levels[level].parents[index])] : "";
  }
  function options(select, items, value) {
    select.textContent = "";
    items.forEach(function (item) { var option = make("option", item[1], select); option.value = item[0]; });
    select.value = value;
  }
  // Who hears the page goes from part to part by these names.
  function nameParts() {
    document.documentElement.lang = state.lang;
    map.getContainer().setAttribute("role", "main");
    [[map.getContainer(), "map"], [panel, "panel"], [card, "card"], [cover, "front"]].forEach(function (pair) { pair[0].setAttribute("aria-label", word(pair[1])); });
    ["in", "out"].forEach(function (way) {
      var button = map.getContainer().querySelector(".leaflet-control-zoom-" + way);
      if (button) { button.title = word("zoom_" + way); button.setAttribute("aria-label", word("zoom_" + way)); }
    });
  }
  function fillPanel() {
    nameParts(); basemap.say();
    parts.title.textContent = data.name[state.lang] || data.name.zh || data.code;
    parts.date.textContent = [["data_date", data.date], ["boundaries", data.boundaries]].filter(function (pair) { return pair[1]; }).map(function (pair) { return word(pair[0]) + " " + pair[1]; }).join(" · ");
    parts.lang.textContent = word("switch");
    parts.fold.textContent = word("panel");
    ["level", "hazard", "indicator", "opacity", "relief", "raster", "labels", "objects", "above", "zones", "villages", "flash", "works", "basemap"].forEach(function (key) {
      if (parts["label_" + key]) { parts["label_" + key].textContent = word(key); }
    });
    options(parts.level, levels.map(function (level) { return [level, data.level_names[level][state.lang]]; }), state.level);
    options(parts.hazard, data.hazards.map(function (item) { return [item.key, item.title[state.lang]]; }), state.hazard);
    options(parts.indicator, hazard().indicators.map(function (item) { return [item.key, item.title[state.lang]]; }), state.indicator);
    parts.search.placeholder = word("search"); parts.search.setAttribute("aria-label", word("search"));
    parts.miss.textContent = ""; parts.front.textContent = word("front");
    parts.print.textContent = word("print"); parts.skip.textContent = word("skip");
    options(parts.raster, [["", word("none")]].concat(data.rasters.map(function (item) { return [item.key, item.title[state.lang]]; })), state.raster);
    fillTop();
    var known = data.levels[state.level], n = known.codes.length, counts = {}, areas = {}, total = 0;
    for (var i = 0; i < n; i++) {
      var g = gradeOf(state.level, i, indicator());
      counts[g] = (counts[g] || 0) + 1; areas[g] = (areas[g] || 0) + known.areas[i]; total += known.areas[i];
    }
    parts.note.textContent = data.review ? word("review") + " " + data.review : word("sketch");
    parts.legend.textContent = "";
    if (zones.legend(parts.legend, legendRow)) { return; }
    if (state.raster) { rasterLegend(find(data.rasters, state.raster)); return; }
    make("h2", word("legend") + " · " + indicator().title[state.lang] + " · " + n + " " + word("of_units", n), parts.legend);
    indicator().notes[state.lang].forEach(function (text) { make("div", text, parts.legend, "rz-about"); });
    indicator().classes.slice().reverse().forEach(function (item) { legendRow(item.colour, item[state.lang], item.interval, areas[item.grade] || 0, total, counts[item.grade] || 0); });
    if (indicator().zero) { legendRow(data.none, word("no_hazard"), "0", areas[NONE] || 0, total, counts[NONE] || 0); }
    legendRow(data.no_data, word("no_data"), "", areas[0] || 0, total, counts[0] || 0);
    unsure.legend(total);
  }
  function legendRow(colour, name, interval, area, total, count) {
    var row = make("div", null, parts.legend, "rz-row");
    make("i", null, row).style.background = colour;
    make("span", name, row);
    make("small", interval.replace(" – ", "–"), row);
    var share = make("u", total ? (100 * area / total).toFixed(1) + "%" : "", row);
    share.title = word("area");
    make("b", String(count), row).title = word("of_units");
    return row;
  }
  function rasterLegend(item) {
    make("h2", word("legend") + " · " + item.title[state.lang], parts.legend);
    make("div", null, parts.legend, "rz-ramp").style.background = "linear-gradient(to right, " + item.colours.join(", ") + ")";
    var ends = make("div", null, parts.legend, "rz-ends");
    make("span", number(item.low), ends); make("span", number(item.high), ends);
  }
  function fillTop() {
    parts.top.textContent = "";
    if (zones.list(parts.top) || !measured()) { return; }
    make("h2", word("top") + " · " + indicator().title[state.lang], parts.top);
    highest(parts.top, 5);
  }
  function measured() { var known = data.levels[state.level]; return known.codes.length > 1 && known.values[indicator().index_column]; }
  // The units with the highest index of what is shown.
  function highest(box, count) {
    var known = data.levels[state.level], values = known.values[indicator().index_column];
    if (!values) { return; }
    var order = known.codes.map(function (_, i) { return i; }).filter(function (i) { return values[i] !== null; });
    order.sort(function (a, b) { return values[b] - values[a] || a - b; });
    order.slice(0, count).forEach(function (i) {
      var row = make("button", null, box, "rz-rank");
      row.type = "button";
      make("i", null, row).style.background = colourOf(gradeOf(state.level, i, indicator()));
      make("span", ((fine(state.level) ? parentName(state.level, i) + " " : "") + known.names[i]).trim(), row);
      make("b", number(values[i]), row);
      row.onclick = function () { choose(known.codes[i], true); };
    });
  }
  // Units in the upper two classes of what is shown, and the people who live in them.
  function inHigh() {
    var known = data.levels[state.level], people = known.values.population, top = indicator().classes.length - 1, held = { units: 0, all: known.codes.length, people: 0 }, total = 0;
    known.codes.forEach(function (_, i) {
      total += people && people[i] || 0;
      if (gradeOf(state.level, i, indicator()) >= top) { held.units += 1; held.people += people && people[i] || 0; }
    });
    held.share = total ? held.people / total : 0;
    return held;
  }
  // Why a unit has no grade of an indicator; nothing where it has one.
  function reasonAt(index, what) {
    var by = (data.levels[state.level].no_grade || {})[what.grade_column] || {}, found = "";
    Object.keys(by).forEach(function (key) { if (by[key] === true || by[key].indexOf(index) >= 0) { found = data.reasons[key][state.lang]; } });
    return found;
  }
  // ---- card ----
  function fillCard() {
    var known = data.levels[state.level], index = placeOf(state.level, state.unit);
    card.textContent = "";
    card.hidden = index < 0 && !objects.card(card) && !villages.card(card) && !zones.card(card);
    if (index < 0 || compare.card(card)) { return; }
    make("h2", known.names[index], card);
    closing(function () { choose("", false); });
    compare.button(card);
    make("div", word("code") + " " + known.codes[index], card);
    var above = parentOf(state.level, index);
    if (above) {
      var line = make("div", word("parent") + " ", card), up = make("button", parentName(state.level, index), line, "rz-up");
      up.onclick = function () { var code = known.parents[index]; state.level = above; choose(code, true); };
    }
    var shownIndex = known.values[indicator().index_column];
    if (shownIndex) { make("div", hazard().title[state.lang] + " · " + indicator().title[state.lang] + " " + gradeName(state.level, index, indicator()) + beside(word("value") + " " + number(shownIndex[index])), card); }
    var why = reasonAt(index, indicator());
    if (why) { make("div", word("why_no_grade") + (state.lang === "zh" ? "" : " ") + why, card, "rz-why"); }
    make("h3", word("grades"), card);
    data.hazards.forEach(function (item) {
      var what = item.indicators[0], grade = gradeOf(state.level, index, what);
      var row = make("div", null, card, "rz-bar");
      make("span", item.title[state.lang], row);
      var bar = make("div", null, row), found = what.classes.filter(function (c) { return c.grade === grade; })[0];
      bar.style.width = (grade > 0 ? grade * 22 : 8) + "px";
      bar.style.background = found ? found.colour : grade === NONE ? data.none : data.no_data;
      make("em", gradeName(state.level, index, what), row);
      row.title = reasonAt(index, what);
    });
    fillComposite(known, index);
    zones.ofUnit(card, (known.zones || [])[index]);
    fillByGrade(known, index);
    fillObjects(known.codes[index]);
    fillSurveyed(known, index);
    make("h3", word("exposed"), card);
    var table = make("table", null, card);
    data.exposed.forEach(function (item) { if (known.values[item.key]) { cells(table, item[state.lang], worded(known.values[item.key][index])); } });
    data.hazards.forEach(function (item) {
      var column = known.values[item.loss_column];
      if (column) { cells(table, item.title[state.lang] + " · " + word("eal"), money(column[index])); }
    });
    if (known.values.valid_share) { cells(table, word("coverage"), number(Math.round(1000 * known.values.valid_share[index]) / 10) + " %"); }
  }
  function money(value) { return value === null || value === undefined ? word("gaps") : short(value) + (state.lang === "zh" ? "" : " ") + word("yuan"); }
  function capacityName(block) { return word("capacity_" + block) === "capacity_" + block ? word("capacity") + " (" + block + ")" : word("capacity_" + block); }
  function closing(work) {
    var close = make("button", word("close"), card, "rz-close");
    close.type = "button"; close.onclick = work;
  }
  // Objects of the unit by kind, those of high grades first.
  function fillObjects(code) {
    var inside = objects.inUnit(code), kinds = {};
    if (!inside || !inside.length) { return; }
    inside.forEach(function (item) {
      var kind = kinds[item.kind] = kinds[item.kind] || { name: item.name, all: 0, high: 0 };
      kind.all += 1; if (item.grade >= 4) { kind.high += 1; }
    });
    var rows = Object.keys(kinds).map(function (key) { return kinds[key]; });
    rows.sort(function (a, b) { return b.high - a.high || b.all - a.all; });
    make("h3", word("objects_in"), card);
    make("div", word("grades_differ"), card, "rz-about rz-differ");
    var table = make("table", null, card);
    rows.slice(0, 8).forEach(function (item) { cells(table, item.name, word("high_of").replace("{high}", number(item.high)).replace("{all}", number(item.all))); });
  }
  // Capacity, hidden dangers and the quality of the forms, as far as the surveys have them.
  function fillSurveyed(known, index) {
    var capacity = (known.capacity || [])[index], dangers = (known.dangers || [])[index];
    if (capacity || dangers) { make("h3", word("surveyed"), card); }
    var table = capacity || dangers ? make("table", null, card, "rz-surveyed") : null;
    Object.keys(capacity || {}).forEach(function (block) {
      var item = capacity[block], name = data.capacity_grades[item.grade];
      cells(table, capacityName(block), (name ? name[state.lang] : word("no_data")) + (item.index === null ? "" : beside(number(item.index))));
    });
    if (dangers) {
      cells(table, word("dangers"), number(dangers.dangers) + (dangers.major ? beside(word("major") + " " + number(dangers.major)) : ""));
      if (dangers.people !== undefined) { cells(table, word("threatened"), number(dangers.people)); }
      if (dangers.unresolved !== undefined && dangers.unresolved !== null) { cells(table, word("unresolved"), Math.round(100 * dangers.unresolved) + " %"); }
      if (dangers.overdue !== undefined && dangers.overdue !== null) { cells(table, word("overdue"), Math.round(100 * dangers.overdue) + " %"); }
    }
    fillQuality(known, index);
  }
  // The forms of the unit, or of the county that it lies in; the worst first.
  function fillQuality(known, index) {
    var forms = (known.quality || [])[index] || [], level = state.level, at = index;
    while (!forms.length && parentOf(level, at)) {
      var above = parentOf(level, at);
      at = placeOf(above, data.levels[level].parents[at]); level = above;
      forms = (data.levels[level].quality || [])[at] || [];
    }
    if (!forms.length) { return; }
    make("h3", word("quality") + (level === state.level ? "" : " · " + data.levels[level].names[at]), card);
    var table = make("table", null, card, "rz-quality");
    forms.slice(0, 4).forEach(function (item) {
      var title = data.forms[item.form];
      cells(table, title ? title[state.lang] : item.form, item.score.toFixed(1) + (item.errors ? beside(word("with_errors", item.rows).replace("{n}", number(item.errors)).replace("{all}", number(item.rows))) : ""));
    });
    if (forms.length > 4) { make("div", word("forms_more", forms.length - 4).replace("{n}", forms.length - 4).replace("{score}", forms[4].score.toFixed(1)), card, "rz-about"); }
  }
  // Of all hazards together: the highest single grade, what leads, how many are high.
  function fillComposite(known, index) {
    var all = find(data.hazards, "multi"), table = make("table", null, card);
    if (!all) { return; }
    var highest = known.values.multi_max_grade, count = known.values.multi_high_count;
    if (highest) {
      var found = all.indicators[0].classes.filter(function (item) { return item.grade === highest[index]; })[0];
      cells(table, word("max_grade"), found ? found[state.lang] : word("no_data"));
    }
    if (known.leading.length) {
      cells(table, word("leading"), known.leading[index].map(function (key) {
        var item = find(data.hazards, key);
        return item ? item.title[state.lang] : key;
      }).join(state.lang === "zh" ? "、" : ", ") || "–");
    }
    if (count) { cells(table, word("high_count"), number(count[index])); }
  }
  // The hazard whose classes are counted: the one that is shown; of all together the one that leads in the unit.
  function countedHazard(known, index) {
    var wanted = [state.hazard].concat(known.leading.length ? known.leading[index] : [], data.hazards.map(function (item) { return item.key; }));
    return find(data.hazards, wanted.filter(function (key) { return known.by_grade[key] && find(data.hazards, key); })[0]);
  }
  // What lies in each class of that hazard, as bars with the numbers below.
  function fillByGrade(known, index) {
    var item = countedHazard(known, index), what = item && find(item.indicators, item.key + "_hazard");
    if (!what) { return; }
    var counted = known.by_grade[item.key];
    make("h3", word("by_grade") + " · " + item.title[state.lang] + " " + what.title[state.lang], card);
    data.quantities.forEach(function (item) {
      var values = counted[item.key] && counted[item.key][index];
      var total = values ? values.reduce(function (sum, value) { return sum + value; }, 0) : 0;
      if (!(total > 0)) { return; }
      var box = make("div", null, card, "rz-held"), bar, texts = [];
      make("span", item[state.lang], box);
      bar = make("div", null, box);
      for (var grade = values.length - 1; grade >= 0; grade--) {
        if (!(values[grade] > 0)) { continue; }
        var kind = what.classes.filter(function (one) { return one.grade === grade; })[0];
        var part = make("i", null, bar);
        part.style.width = (100 * values[grade] / total).toFixed(2) + "%";
        part.style.background = kind ? kind.colour : data.no_data;
        texts.push((kind ? kind[state.lang] : word("no_data")) + " " + short(values[grade]));
      }
      make("small", texts.join(" · "), box);
    });
  }
  // Large amounts in words (33.99 亿), so that nobody counts digits.
  function worded(value) {
    if (value === null || value === undefined || Math.abs(value) < 1e6) { return number(value); }
    return value.toLocaleString(state.lang === "zh" ? "zh-CN" : "en", { notation: "compact", maximumFractionDigits: 2 });
  }
  function short(value) {
    if (value === null || value === undefined) { return word("gaps"); }
    return value.toLocaleString(state.lang === "zh" ? "zh-CN" : "en", { notation: "compact", maximumFractionDigits: 1 });
  }
  function cells(table, left, right) {
    var row = make("tr", null, table);
    make("td", left, row); make("td", right, row);
  }

  map.attributionControl.setPrefix("Leaflet");
  map.setMinZoom(6); map.setMaxZoom(16);
  L.control.scale({ imperial: false }).addTo(map);
  build();
  var given = readAddress();
  draw();
  if (!given) { fit(); }
  drawn = true;
  writeAddress(); showNames();
  map.on("moveend", writeAddress);
  map.on("zoomend", thinNames);
  // The sheet of paper has another size than the window: the same ground is fitted into it, and back afterwards.
  var before = null, frame = map.getContainer();
  window.addEventListener("beforeprint", function () {
    before = { bounds: map.getBounds(), centre: map.getCenter(), zoom: map.getZoom() };
    frame.style.width = "1040px"; frame.style.height = "700px";
    map.invalidateSize({ animate: false });
    // Lines of the card are lower on paper than on the screen; one that a sheet does not hold gets a second sheet.
    var long = !card.hidden && 0.62 * card.scrollHeight > 640;
    document.body.classList.toggle("rz-long", long);
    // The legend stands in a corner of the sheet, a short card in another: the ground lies between them.
    map.fitBounds(before.bounds, { animate: false, paddingTopLeft: [!card.hidden && !long ? 310 : 0, 0], paddingBottomRight: [270, 0] });
  });
  window.addEventListener("afterprint", function () {
    if (!before) { return; }
    frame.style.width = ""; frame.style.height = "";
    document.body.classList.remove("rz-long");
    map.invalidateSize({ animate: false });
    map.setView(before.centre, before.zoom, { animate: false });
    before = null;
  });
  window.addEventListener("hashchange", function () { readAddress(); draw(); });
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape" && (state.unit || state.object >= 0 || state.village >= 0 || state.zone >= 0)) { choose("", false); }
    else if (event.key === "Escape" && !cover.hidden) { frontOpen = false; draw(); }
    if (event.key === "/" && !typing) { fold(false); parts.search.focus(); parts.search.select(); event.preventDefault(); }
  });
  document.body.setAttribute("data-ready", "yes");
})();
