"use strict";
// Search, filter and sort what is already on the page. What a visitor chose stands in the address after the #, so that it
// survives a reload, a bookmark and a message to a colleague. Nothing is fetched, nothing is stored.
(() => {
  const OLD = 15 * 60, QUIET = 20; // seconds
  const byId = (id) => document.getElementById(id);
  const table = byId("table"), tools = document.querySelector(".tools"), body = document.body;
  const FILTERS = ["etat", "statut", "dest", "mois"];
  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });
  const cell = (row, name) => row.el.querySelector("." + name)?.textContent ?? "";
  const number = (text) => (text === undefined ? -Infinity : Number(text));
  const KEYS = {
    inv: (row) => cell(row, "inv"), who: (row) => cell(row, "who"), sta: (row) => cell(row, "sta"),
    amt: (row) => number(row.el.dataset.a), day: (row) => row.el.dataset.d ?? "", log: (row) => number(row.el.dataset.c),
  };

  // --- the rows: those that stand in the table, and those that lie ready beside it
  const bands = [...table.tBodies].map((tbody) => {
    const more = tbody.querySelector(".more");
    const ready = document.querySelector(`template[data-band="${tbody.id}"]`);
    const here = [...tbody.querySelectorAll("tr:not(.head, .more)")];
    const rows = [...here, ...(ready ? ready.content.querySelectorAll("tr") : [])].map((el) => ({ el, band: tbody.id }));
    const count = tbody.querySelector(".head span");
    return { tbody, more, rows, first: here.length, count, total: count.textContent };
  });
  const all = bands.reduce((sum, band) => sum + band.rows.length, 0);
  const whole = (n) => n.toLocaleString(document.documentElement.lang);

  // --- what the visitor chose
  const read = () => {
    const hash = new URLSearchParams(location.hash.slice(1));
    const chosen = { q: hash.get("q") ?? "", tri: hash.get("tri") ?? "", tout: hash.get("tout") ?? "" };
    for (const name of FILTERS) chosen[name] = hash.get(name) ?? "";
    return chosen;
  };
  let chosen = read(), printing = false, typedAt = -Infinity, ours = "";
  const keep = () => {
    const hash = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value));
    ours = "#" + hash;
    history.replaceState(history.state, "", ours);
  };
  const choose = (changes) => { Object.assign(chosen, changes); keep(); apply(); };

  const text = (row) => (row.text ??= folded(row.el.textContent.replace(/\s+/g, " ")));
  const tight = (row) => (row.tight ??= text(row).replace(/[\s\u00a0\u202f]/g, ""));
  const matcher = () => {
    const query = folded(chosen.q).trim(), words = query.split(/\s+/).filter(Boolean), digits = query.replace(/\s/g, "");
    const isNumber = /^[0-9.,]+$/.test(digits); // 222 200 016 and 1234,50 are found however they are spaced
    return (row) => {
      const { r, p, m } = row.el.dataset;
      if ((chosen.dest && r !== chosen.dest) || (chosen.statut && p !== chosen.statut) || (chosen.mois && m !== chosen.mois)) return false;
      if (chosen.etat && row.band !== chosen.etat) return false;
      return !words.length || words.every((word) => text(row).includes(word)) || (isNumber && tight(row).includes(digits));
    };
  };
  const sorter = () => {
    const name = chosen.tri.replace(/^-/, ""), key = KEYS[name], sign = chosen.tri.startsWith("-") ? -1 : 1;
    if (!key) return null;
    return (rows) => {
      const keyed = rows.map((row) => [key(row), row]);
      keyed.sort(([a], [b]) => sign * (typeof a === "number" ? (a > b) - (a < b) : collator.compare(a, b)));
      return keyed.map(([, row]) => row);
    };
  };

  const apply = () => {
    const fits = matcher(), sort = sorter(), plain = !chosen.q && FILTERS.every((name) => !chosen[name]);
    let shown = 0;
    for (const band of bands) {
      const found = plain ? band.rows : band.rows.filter(fits);
      const sorted = sort ? sort(found) : found;
      const open = printing || chosen.tout.split(" ").includes(band.tbody.id);
      const visible = open ? sorted : sorted.slice(0, band.first);
      band.tbody.hidden = !found.length;
      band.tbody.replaceChildren(band.tbody.firstElementChild, ...visible.map((row) => row.el), band.more);
      band.tbody.classList.toggle("many", visible.length > 300);
      band.more.hidden = visible.length === sorted.length;
      const button = band.more.querySelector("button");
      button.textContent = button.dataset.text.replace("{count}", whole(sorted.length - visible.length));
      band.count.textContent = plain ? band.total : whole(found.length);
      shown += found.length;
    }
    const count = byId("count");
    count.textContent = count.dataset.text.replace("{shown}", whole(shown)).replace("{all}", whole(all));
    byId("none").hidden = shown > 0 || all === 0;
    byId("all").disabled = plain && !chosen.tri;
    if (byId("q").value !== chosen.q) byId("q").value = chosen.q;
    for (const name of FILTERS) byId(name).value = chosen[name];
    for (const th of table.tHead.querySelectorAll("th[aria-sort]")) {
      const name = th.querySelector("button").dataset.by;
      th.setAttribute("aria-sort", chosen.tri === name ? "ascending" : chosen.tri === "-" + name ? "descending" : "none");
    }
    for (const link of document.querySelectorAll("[data-set]")) {
      const [name, value] = [...new URLSearchParams(link.hash.slice(1))][0];
      chosen[name] === value ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
    }
  };

  // --- what the visitor does
  byId("q").addEventListener("input", (event) => { typedAt = performance.now(); choose({ q: event.target.value }); });
  for (const name of FILTERS) byId(name).addEventListener("change", (event) => choose({ [name]: event.target.value }));
  byId("all").addEventListener("click", () => { choose({ q: "", tri: "", tout: "", etat: "", statut: "", dest: "", mois: "" }); byId("q").focus(); });
  tools.addEventListener("submit", (event) => event.preventDefault());
  table.tHead.addEventListener("click", (event) => {
    const name = event.target.closest("button")?.dataset.by;
    if (!name) return;
    const biggest = ["amt", "day", "log"].includes(name); // the biggest and the latest first
    const order = biggest ? ["-" + name, name, ""] : [name, "-" + name, ""];
    choose({ tri: order[(order.indexOf(chosen.tri) + 1) % 3] });
  });
  for (const band of bands) {
    band.more.addEventListener("click", () => {
      const next = band.first;
      choose({ tout: `${chosen.tout} ${band.tbody.id}`.trim() });
      band.tbody.rows[next + 1]?.querySelector("a")?.focus(); // the button is gone: go on where it was
    });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-set]");
    if (!link) return;
    event.preventDefault();
    const [name, value] = [...new URLSearchParams(link.hash.slice(1))][0];
    choose({ [name]: chosen[name] === value ? "" : value });
    byId("count").scrollIntoView({ block: "start" });
  });
  addEventListener("hashchange", () => {
    if (location.hash === ours) return;
    if (location.hash && document.getElementById(location.hash.slice(1))) { keep(); return; } // a jump on the page
    chosen = read(); apply();
  });
  addEventListener("beforeprint", () => { printing = true; apply(); });
  addEventListener("afterprint", () => { printing = false; apply(); });

  // --- the page is written anew every few minutes: show the new one, where the visitor was
  const written = Number(body.dataset.written), ended = body.dataset.ended === "1";
  const age = () => Date.now() / 1000 - written;
  const watch = () => { byId("old").hidden = ended || age() < OLD; };
  const busy = () => {
    const element = document.activeElement, typing = (performance.now() - typedAt) / 1000 < QUIET;
    return typing || printing || element?.tagName === "SELECT" || String(getSelection()) !== "";
  };
  const reload = () => {
    if (busy()) { setTimeout(reload, 5000); return; }
    history.replaceState({ y: scrollY, focus: document.activeElement?.id ?? "" }, "");
    location.reload();
  };

  tools.hidden = false;
  const before = history.state;
  apply();
  watch();
  setInterval(watch, 30000);
  setTimeout(reload, Number(body.dataset.reload) * 1000);
  if (before && typeof before.y === "number") {
    history.scrollRestoration = "manual";
    byId(before.focus)?.focus({ preventScroll: true });
    scrollTo({ top: before.y, behavior: "instant" });
    history.replaceState(null, "");
  }
})();
