// The map of the board: the same stops and the same selection as the table, which says everything the map says.
// It reads the rows `tr[data-stop]`, listens to `board:selection` on the document and raises it when somebody selects here.
(function () {
  "use strict";
  var section = document.getElementById("board-map"), selected = {};
  if (!section) return;

  // The table comes first: Leaflet is asked for when the page is there. Without it the drawing of the server stays.
  var FOLDER = "/static/vendor/leaflet/";
  function remember(event) {
    selected = {};
    event.detail.stops.forEach(function (name) { selected[name] = true; });
  }
  document.addEventListener("board:selection", remember);
  function fetched(tag, properties) {
    return new Promise(function (done, failed) {
      var element = Object.assign(document.createElement(tag), properties, { onload: done, onerror: failed });
      document.head.appendChild(element);
    });
  }
  function begin() {
    Promise.all([
      fetched("link", { rel: "stylesheet", href: FOLDER + "leaflet.css" }), fetched("script", { src: FOLDER + "leaflet.js" })
    ]).then(function () {
      document.removeEventListener("board:selection", remember);
      start(window.L);
    }, function () { section.querySelector(".map-trouble").hidden = false; });
  }
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);

  function start(L) {
    var box = section.querySelector(".map-and-list"), list = section.querySelector("[role=listbox]");
    var trouble = section.querySelector(".map-trouble"), sketch = section.querySelector(".map-sketch");
    var HALF_ICON = 13, APART = 34, LONGEST = 9, VIETNAM = [[8, 102], [23.5, 115]];
    var routes = {}, order = [], stops = [], marks = [], options = {}, current = "";
    var watched = [], queued = false;

    // --- the map itself ------------------------------------------------------------------------------------------------

    box.hidden = false;
    var calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    var map = L.map(section.querySelector(".map"), {
      minZoom: 4, maxZoom: 19, zoomSnap: 0.5, keyboard: false, zoomAnimation: !calm, fadeAnimation: !calm,
      markerZoomAnimation: !calm, zoomControl: false
    });
    map.attributionControl.setPrefix("Leaflet");
    L.control.zoom({ zoomInTitle: "Phóng to", zoomOutTitle: "Thu nhỏ" }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    map.fitBounds(VIETNAM);
    var reaches = L.layerGroup().addTo(map), ways = L.layerGroup().addTo(map), icons = L.layerGroup().addTo(map);

    // Our own names of the archipelagos stand above whatever a background writes there.
    map.createPane("sea").style.zIndex = 690;
    section.querySelectorAll(".map-names li").forEach(function (name) {
      var icon = L.divIcon({ className: "sea-name", html: "", iconSize: null });
      var mark = L.marker([+name.dataset.lat, +name.dataset.lon], { icon: icon, pane: "sea", interactive: false, keyboard: false });
      var text = document.createElement("span");
      text.textContent = name.textContent;
      mark.addTo(map).getElement().appendChild(text);
    });

    function background() {
      var loaded = 0, failed = 0;
      if (!section.dataset.tiles) return;
      L.tileLayer(section.dataset.tiles, { attribution: escaped(section.dataset.credit), maxZoom: 19 })
        .on("tileload", function () { loaded += 1; sketch.open = false; })
        .on("tileerror", function () {
          failed += 1;
          if (failed <= loaded) return;
          trouble.hidden = false;
          sketch.open = true;
        })
        .on("load", function () {
          if (loaded > failed) trouble.hidden = true;
          loaded = failed = 0;
        })
        .addTo(map);
    }

    function escaped(text) {
      var holder = document.createElement("span");
      holder.textContent = text;
      return holder.innerHTML;
    }

    // --- what is drawn -------------------------------------------------------------------------------------------------

    function read() {
      var counts = {};
      return Array.prototype.map.call(document.querySelectorAll("tr[data-stop]"), function (row) {
        var data = row.dataset, number = counts[data.route] = (counts[data.route] || 0) + 1;
        var known = data.lat !== "" && data.lon !== "" && isFinite(+data.lat) && isFinite(+data.lon);
        return {
          name: data.stop, route: data.route, number: number, label: data.label || data.stop,
          at: known ? [+data.lat, +data.lon] : null, reach: +data.reach || 0
        };
      }).filter(function (stop) { return routes[stop.route]; });
    }

    function groups() {
      var found = {}, made = [], there = {};
      stops.forEach(function (stop) {
        if (!stop.at) return;
        var key = stop.route + "@" + stop.at;
        if (!found[key]) {
          made.push(found[key] = { route: stop.route, at: stop.at, stops: [] });
          (there[stop.at] = there[stop.at] || []).push(found[key]);
        }
        found[key].stops.push(stop);
      });
      made.forEach(function (group) {
        var here = there[group.at];
        group.aside = (here.indexOf(group) - (here.length - 1) / 2) * APART;
      });
      return made;
    }

    function shortly(numbers) {
      var spans = [];
      numbers.forEach(function (number) {
        var last = spans[spans.length - 1];
        if (last && last[1] === number - 1) last[1] = number;
        else spans.push([number, number]);
      });
      var text = spans.map(function (span) { return span[0] === span[1] ? span[0] : span[0] + "–" + span[1]; }).join(", ");
      return text.length > LONGEST ? numbers.length + " điểm" : text;
    }

    function draw() {
      queued = false;
      routes = {};
      order = Array.prototype.map.call(section.querySelectorAll(".map-key li"), function (each) {
        routes[each.dataset.route] = each.dataset;
        return each.dataset.route;
      });
      stops = read();
      [reaches, ways, icons].forEach(function (layer) { layer.clearLayers(); });
      order.forEach(drawRoute);
      marks = groups().map(drawMark);
      marks.sort(function (one, other) {
        return order.indexOf(one.route) - order.indexOf(other.route) || one.stops[0].number - other.stops[0].number;
      });
      fillList();
      show();
      watch();
    }

    function drawRoute(key) {
      var route = routes[key], home = [+route.lat, +route.lon];
      var points = stops.filter(function (stop) { return stop.route === key && stop.at; }).map(function (stop) { return stop.at; });
      var icon = L.divIcon({ className: "map-depot", iconSize: [36, 36] });
      L.marker(home, { icon: icon, interactive: false, keyboard: false, title: route.office }).addTo(icons);
      if (!points.length) return;
      L.polyline([home].concat(points, [home]), {
        color: route.colour, dashArray: route.dash || null, weight: 4, opacity: 0.9, interactive: false
      }).addTo(ways);
    }

    function drawMark(group) {
      var label = shortly(group.stops.map(function (stop) { return stop.number; }));
      var wide = Math.max(2 * HALF_ICON, 12 + 9 * label.length);
      var icon = L.divIcon({
        className: "map-stop", iconSize: [wide, 2 * HALF_ICON], iconAnchor: [wide / 2 - group.aside, HALF_ICON]
      });
      var mark = L.marker(group.at, { icon: icon, riseOnHover: true }).addTo(icons), element = mark.getElement();
      element.textContent = label;
      element.style.borderColor = routes[group.route].colour;
      element.setAttribute("aria-label", routes[group.route].name + ", điểm " + label + ": " + group.stops[0].label);
      element.title = element.getAttribute("aria-label");
      group.element = element;
      var reach = Math.max.apply(null, group.stops.map(function (stop) { return stop.reach; }));
      if (reach) {
        L.circle(group.at, { radius: reach, weight: 1, color: "#4a535e", fillColor: "#0b4f8a", fillOpacity: 0.08, interactive: false })
          .addTo(reaches);
      }
      mark.on("click", function () { toggle(names(group)); go(group.stops[0].name, element); });
      element.addEventListener("focus", function () { become(group.stops[0].name); map.panInside(group.at, { padding: [40, 40] }); });
      element.addEventListener("keydown", function (event) { onMarkKey(event, group); });
      return group;
    }

    function names(group) {
      return group.stops.map(function (stop) { return stop.name; });
    }

    function fillList() {
      options = {};
      list.textContent = "";
      order.forEach(function (key) {
        var own = stops.filter(function (stop) { return stop.route === key; });
        if (!own.length) return;
        var group = document.createElement("div"), title = document.createElement("p");
        group.setAttribute("role", "group");
        group.setAttribute("aria-label", routes[key].name);
        title.textContent = routes[key].name;
        title.setAttribute("aria-hidden", "true");
        group.appendChild(title);
        own.forEach(function (stop) { group.appendChild(optionOf(stop)); });
        list.appendChild(group);
      });
      if (!options[current]) current = stops.length ? stops[0].name : "";
    }

    function optionOf(stop) {
      var option = document.createElement("div");
      option.setAttribute("role", "option");
      option.textContent = stop.number + ". " + stop.label + (stop.at ? "" : " (chưa rõ vị trí)");
      option.addEventListener("click", function () { toggle([stop.name]); go(stop.name, option); });
      option.addEventListener("focus", function () { become(stop.name); });
      option.addEventListener("keydown", function (event) { onListKey(event, stop); });
      options[stop.name] = option;
      return option;
    }

    // --- selection and keys ----------------------------------------------------------------------------------------------

    function show() {
      var focused = marks.filter(function (group) { return names(group).indexOf(current) >= 0; })[0] || marks[0];
      marks.forEach(function (group) {
        var all = names(group), chosen = all.filter(function (name) { return selected[name]; }).length;
        group.element.setAttribute("aria-pressed", chosen === 0 ? "false" : chosen === all.length ? "true" : "mixed");
        group.element.classList.toggle("is-chosen", chosen > 0);
        group.element.classList.toggle("is-current", group === focused);
        group.element.tabIndex = group === focused ? 0 : -1;
      });
      Object.keys(options).forEach(function (name) {
        options[name].setAttribute("aria-selected", selected[name] ? "true" : "false");
        options[name].tabIndex = name === current ? 0 : -1;
      });
    }

    function become(name) {
      current = name;
      show();
    }

    function go(name, element) {
      become(name);
      element.focus();
    }

    function toggle(some) {
      var all = some.every(function (name) { return selected[name]; });
      some.forEach(function (name) { if (all) delete selected[name]; else selected[name] = true; });
      tell();
    }

    // What is selected in the table and not on the map, a stop that stays behind, stays selected.
    function tell() {
      show();
      document.dispatchEvent(new CustomEvent("board:selection", { detail: { stops: Object.keys(selected), from: "map" } }));
    }

    function take(event) {
      if (!event.detail || event.detail.from === "map") return;
      selected = {};
      (event.detail.stops || []).forEach(function (name) { selected[name] = true; });
      show();
      var first = stops.filter(function (stop) { return selected[stop.name] && stop.at; })[0];
      if (!first) return;
      map.panInside(first.at, { padding: [40, 40] });
      if (options[first.name]) list.scrollTop = options[first.name].offsetTop - list.offsetTop - 40;
    }

    function step(event) {
      if (event.ctrlKey || event.altKey || event.metaKey) return 0;
      return { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key] || 0;
    }

    function isToggle(event) {
      return event.key === " " || event.key === "Enter";
    }

    function handled(event) {
      event.preventDefault();
      event.stopPropagation();
    }

    function onMarkKey(event, group) {
      var next = marks[marks.indexOf(group) + step(event)];
      if (isToggle(event)) toggle(names(group));
      else if (step(event) && next) next.element.focus();
      else if (!step(event)) return;
      handled(event);
    }

    function onListKey(event, stop) {
      var by = step(event), next = stops[stops.indexOf(stop) + by];
      if (isToggle(event)) toggle([stop.name]);
      else if (by && next) {
        options[next.name].focus();
        if (next.at) map.panInside(next.at, { padding: [40, 40] });
        if (event.shiftKey) { selected[stop.name] = selected[next.name] = true; tell(); }
      } else if (event.key === "Home" && stops.length) options[stops[0].name].focus();
      else if (event.key === "End" && stops.length) options[stops[stops.length - 1].name].focus();
      else if (!by) return;
      handled(event);
    }

    // --- keeping up with the table ---------------------------------------------------------------------------------------

    var observer = new MutationObserver(function () {
      if (queued) return;
      queued = true;
      window.requestAnimationFrame(draw);
    });

    function watch() {
      document.querySelectorAll("tr[data-stop]").forEach(function (row) {
        if (watched.indexOf(row.parentNode) >= 0) return;
        watched.push(row.parentNode);
        observer.observe(row.parentNode, { childList: true });
      });
    }

    function fit() {
      var known = stops.filter(function (stop) { return stop.at; }).map(function (stop) { return stop.at; });
      order.forEach(function (key) { known.push([+routes[key].lat, +routes[key].lon]); });
      if (known.length) map.fitBounds(known, { padding: [40, 40], maxZoom: 15 });
    }

    document.addEventListener("board:selection", take);
    draw();
    fit();
    background();
  }
})();
