/* The front of the planners' page: where is it worst, what is in danger there, what to do, what is missing. */
window.RISKZONING_FRONT = function (page) {
  "use strict";
  var data = page.data, make = page.make, word = page.word, front = data.front || {};
  function rows(box, entries) {
    var table = make("table", null, box);
    entries.forEach(function (pair) { page.cells(table, pair[0], pair[1]); });
  }
  function fill(box) {
    box.textContent = "";
    var close = make("button", word("close"), box, "rz-close");
    close.type = "button"; close.id = "rz-front-close"; close.onclick = function () { page.front(false); };
    make("h2", word("front_title"), box);
    var where = make("h3", word("front_where"), box);
    page.highest(box, 5);
    if (box.lastChild === where) { box.removeChild(where); }
    make("h3", word("front_what"), box);
    var held = page.inHigh(), entries = [];
    if (held.units) { entries.push([word("front_units"), page.number(held.units) + " / " + page.number(held.all)]); }
    if (held.people) { entries.push([word("front_people"), page.short(held.people) + page.beside((100 * held.share).toFixed(1) + " %")]); }
    (front.objects || []).slice(0, 5).forEach(function (item) { entries.push([item[page.lang()], page.number(item.high) + " / " + page.number(item.all)]); });
    rows(box, entries);
    if ((front.objects || []).length) { make("div", word("objects_in"), box, "rz-about"); }
    make("h3", word("front_do"), box);
    var zones = page.zones.first(box, "prevention_multi", 5);
    if (zones) { make("div", word("front_zones", zones).replace("{n}", zones), box, "rz-about"); } else { make("div", word("front_no_zones"), box, "rz-about"); }
    var gaps = (front.missing || {})[page.lang()] || [];
    if (gaps.length) {
      make("h3", word("front_missing"), box);
      gaps.forEach(function (text) { make("div", text, box, "rz-about rz-gap"); });
    }
  }
  return { fill: fill };
};
