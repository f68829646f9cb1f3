(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const cards = all(".card");
  const byName = new Map(cards.map((card) => [card.id, card]));

  // Search and filters
  const search = one("#search");
  const selects = all("#filter-fields select");
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{Mn}/gu, "");
  const texts = new Map(cards.map((card) => [card, plain(card.dataset.text + " " + all(".equations [data-copy]", card).map((button) => button.dataset.copy).join(" "))]));

  function fits(card) {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    return words.every((word) => texts.get(card).includes(word)) &&
      selects.every((select) => !select.value || (card.dataset[select.name] || "").split(" ").includes(select.value));
  }

  function filter() {
    const hits = new Set(cards.filter(fits).map((card) => card.id));
    const some = hits.size < cards.length;
    cards.forEach((card) => { card.hidden = !hits.has(card.id); });
    all(".chapter").forEach((chapter) => { chapter.hidden = !chapter.querySelector(".card:not([hidden])"); });
    all("[data-row]").forEach((row) => { row.hidden = !hits.has(row.dataset.row); });
    all("[data-chapter-entry]").forEach((entry) => { entry.hidden = !entry.querySelector("[data-row]:not([hidden])"); });
    all("[data-node]").forEach((node) => { node.classList.toggle("miss", some && !hits.has(node.dataset.node)); });
    one("#nothing").hidden = hits.size > 0;
    one("#hits").textContent = some ? `${hits.size} of ${cards.length} cells` : `${cards.length} cells`;
  }

  function reset() {
    search.value = "";
    selects.forEach((select) => { select.value = ""; });
    filter();
  }
  let waiting;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 80); });
  selects.forEach((select) => select.addEventListener("change", filter));
  one("#reset").addEventListener("click", () => { reset(); search.focus(); });
  one("#nothing button").addEventListener("click", () => { reset(); search.focus(); });
  one("#filters").addEventListener("click", (event) => {
    const button = event.currentTarget;
    button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    }
  });

  // Table
  const body = one("#table tbody");
  all("#table thead button").forEach((button) => {
    const head = button.parentElement;
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      all("#table thead th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = (row) => row.cells[button.dataset.column].dataset.sort;
      const order = (a, b) => {
        const [x, y] = [key(a), key(b)];
        return x !== "" && y !== "" && !isNaN(x) && !isNaN(y) ? x - y : x.localeCompare(y);
      };
      const rows = [...body.rows].sort((a, b) => up ? order(a, b) : order(b, a));
      body.append(...rows);
    });
  });

  // Copying
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (refused) {
      const area = document.createElement("textarea");
      area.value = text;
      area.style.position = "fixed";
      area.style.opacity = "0";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) {
      return;
    }
    const from = button.dataset.copy ?? button.closest("section").querySelector("pre").textContent;
    const before = button.textContent;
    button.textContent = await copy(from) ? "Copied" : "Not copied";
    button.focus();
    setTimeout(() => { button.textContent = before; }, 1500);
  });

  // Comparison
  const chosen = new Set();
  let from = 0;

  function showChosen() {
    cards.forEach((card) => card.classList.toggle("chosen", chosen.has(card.id)));
    all("[data-compare]").forEach((box) => { box.checked = chosen.has(box.dataset.compare); });
    one("#compare").hidden = chosen.size === 0;
    one("#chosen").textContent = [...chosen].join(", ");
    one("#side").disabled = chosen.size < 2 && !root.classList.contains("comparing");
    one("#side").textContent = root.classList.contains("comparing") ? "Back to all" : "Side by side";
    if (chosen.size === 0 && root.classList.contains("comparing")) {
      compare(false);
    }
  }

  function compare(on) {
    if (on && !root.classList.contains("comparing")) {
      from = window.scrollY;
    }
    root.classList.toggle("comparing", on);
    if (on) {
      reset();
    }
    showChosen();
    window.scrollTo({top: on ? 0 : from, behavior: "instant"});
    history.replaceState(null, "", on ? "#compare=" + [...chosen].join(",") : location.pathname + location.search);
  }
  document.addEventListener("change", (event) => {
    const box = event.target.closest("[data-compare]");
    if (box) {
      chosen[box.checked ? "add" : "delete"](box.dataset.compare);
      showChosen();
    }
  });
  one("#side").addEventListener("click", () => compare(!root.classList.contains("comparing")));
  one("#clear").addEventListener("click", () => { chosen.clear(); showChosen(); });

  // Links into the page
  function arrive() {
    const name = decodeURIComponent(location.hash.slice(1));
    if (name.startsWith("compare=")) {
      chosen.clear();
      name.slice(8).split(",").filter((cell) => byName.has(cell)).forEach((cell) => chosen.add(cell));
      compare(chosen.size > 0);
      return;
    }
    const card = byName.get(name);
    if (card && root.classList.contains("comparing")) {
      root.classList.remove("comparing");
      showChosen();
    }
    if (card && card.hidden) {
      reset();
    }
    if (card) {
      card.scrollIntoView({behavior: "instant"});
    }
  }
  window.addEventListener("hashchange", arrive);

  // Theme
  const theme = one("#theme");
  const themes = ["auto", "light", "dark"];

  function dress(name) {
    if (name === "auto") {
      delete root.dataset.theme;
    } else {
      root.dataset.theme = name;
    }
    theme.querySelector("span").textContent = name;
  }
  const stored = (() => { try { return localStorage.getItem("theme"); } catch (refused) { return null; } })();
  dress(themes.includes(stored) ? stored : "auto");
  theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(theme.querySelector("span").textContent) + 1) % themes.length];
    dress(next);
    try { localStorage.setItem("theme", next); } catch (refused) { /* It holds for this visit. */ }
  });

  // Small screens begin with the contents closed; paper shows everything.
  if (window.matchMedia("(max-width: 62rem)").matches) {
    one(".contents details").open = false;
  }
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    closed.forEach((details) => { details.open = true; });
  });
  window.addEventListener("afterprint", () => closed.forEach((details) => { details.open = false; }));

  showChosen();
  filter();
  if (location.hash) {
    arrive();
  }
})();
