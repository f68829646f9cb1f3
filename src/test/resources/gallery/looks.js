// What a reader would see go wrong in the page, as a list of sentences.
(() => {
  const found = [];
  const say = (text) => { if (found.length < 40) { found.push(text); } };
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  all("details").forEach((details) => { details.open = true; });
  const visible = (element) => element.checkVisibility({visibilityProperty: true});
  const clips = (element) => element.closest(".visually-hidden, .skip, option");
  const where = (element) => (element.closest(".card")?.id ?? element.closest("section, nav, header, .bar")?.id ?? "") + ": ";
  const quoted = (text) => "“" + text.trim().slice(0, 40) + "”";

  // The page itself never scrolls sideways.
  const comparing = document.documentElement.classList.contains("comparing");
  if (document.documentElement.scrollWidth > window.innerWidth) {
    say(`the page is ${document.documentElement.scrollWidth} wide in a window of ${window.innerWidth}`);
  }

  // Pieces of text, by card, figure, or part of the page.
  const groups = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("script, style, title, desc") || !visible(element) || clips(element)) {
      continue;
    }
    const svg = element.closest("svg");
    const group = svg ?? element.closest(".card") ?? element.closest("section, nav, header, .bar, aside, footer");
    if (!group) {
      continue;
    }
    // In a figure a text with its subscripts is one piece.
    const key = svg ? element.closest("text") : node;
    if (!groups.has(group)) {
      groups.set(group, new Map());
    }
    groups.get(group).set(key, element);
  }

  function boxes(key) {
    if (key.nodeType === Node.ELEMENT_NODE) {
      return [key.getBoundingClientRect()];
    }
    const range = document.createRange();
    range.selectNodeContents(key);
    return [...range.getClientRects()].filter((box) => box.width > 1);
  }

  for (const [group, texts] of groups) {
    const placed = [];
    for (const [key, element] of texts) {
      for (const box of boxes(key)) {
        placed.push({box, key, element});
      }
    }
    placed.sort((a, b) => a.box.top - b.box.top);
    const svg = group.tagName === "svg";
    for (let i = 0; i < placed.length; i++) {
      const a = placed[i].box;
      for (let j = i + 1; j < placed.length && placed[j].box.top < a.bottom; j++) {
        const b = placed[j].box;
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        // Lines of text touch: what counts is a good part of the lower of the two.
        if (across > 2 && down > (svg ? 0.2 : 0.45) * Math.min(a.height, b.height) && placed[i].key !== placed[j].key) {
          say(where(placed[i].element) + quoted(placed[i].key.textContent) + " overlaps " + quoted(placed[j].key.textContent));
        }
      }
    }
  }

  // Cut off: what is wider than the box it stands in, where that box does not scroll.
  for (const element of all("body *")) {
    if (!(element instanceof HTMLElement) || !visible(element) || clips(element) || element.closest("svg") || comparing && element.matches(".layout")) {
      continue;
    }
    const style = getComputedStyle(element);
    if (/auto|scroll/.test(style.overflowX) || style.display === "inline" || element.matches("input, select, .tree .time, .years, .years *")) {
      continue;
    }
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0) {
      const inner = all("*", element).find((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0);
      if (!inner) {
        say(where(element) + `${element.tagName}.${element.className} ${quoted(element.textContent)} is ${element.scrollWidth} wide in ${element.clientWidth}`);
      }
    }
    if (style.overflowY === "hidden" && element.scrollHeight > element.clientHeight + 1) {
      say(where(element) + quoted(element.textContent) + " is cut off below");
    }
  }

  // Figures
  for (const svg of all(".card .figure svg")) {
    const card = svg.closest(".card");
    if (!visible(card)) {
      continue;
    }
    const box = svg.getBoundingClientRect();
    if (box.width < 40 || box.height < 20) {
      say(card.id + ": its figure is not to be seen");
      continue;
    }
    for (const text of all("text", svg)) {
      const t = text.getBoundingClientRect();
      if (t.left < box.left - 1 || t.right > box.right + 1 || t.top < box.top - 1 || t.bottom > box.bottom + 1) {
        say(card.id + ": " + quoted(text.textContent) + " leaves the figure");
      }
      if (t.height < 7) {
        say(card.id + ": " + quoted(text.textContent) + " is too small, " + t.height.toFixed(1));
      }
    }
  }

  // Contrast of every text with what lies behind it
  const channel = (c) => { const s = c / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; };
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const seen = new Set();
  const behind = new Map();

  function background(element) {
    if (!element) {
      return "rgb(255, 255, 255)";
    }
    if (!behind.has(element)) {
      const colour = getComputedStyle(element).backgroundColor;
      behind.set(element, numbers(colour)[3] === 0 ? background(element.parentElement) : colour);
    }
    return behind.get(element);
  }
  for (const texts of groups.values()) {
    for (const [key, element] of texts) {
      const style = getComputedStyle(element);
      const colour = element instanceof SVGElement ? style.fill : style.color;
      const pair = colour + " on " + background(element);
      if (seen.has(pair)) {
        continue;
      }
      seen.add(pair);
      const [a, b] = [luminance(numbers(colour)), luminance(numbers(background(element)))].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 4.5) {
        say(where(element) + quoted(key.textContent) + ` has a contrast of ${ratio.toFixed(1)}: ${pair}`);
      }
    }
  }
  return found;
})()
