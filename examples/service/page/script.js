// Shows the service at work: asks it for a whole sequence and for one step by step.

const $ = (id) => document.getElementById(id);
const PACE = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 110; // milliseconds a step
const POLL = 2000;

let model = null; // what GET /v1/model says
let examples = []; // {name, class, instance}, if the model brings some
let sequence = []; // the steps that are asked for
let truth = null; // the class that they are known to have
let playing = null; // the socket, while it plays
let played = []; // the scores after each step

// The service

async function ask(path, body) {
  const response = await fetch(path, body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? answer.status);
  return answer;
}

async function start() {
  model = await ask("/v1/model");
  examples = (await ask("/v1/examples")).examples;
  $("pick").hidden = examples.length === 0;
  $("type").hidden = examples.length > 0;
  for (const [i, example] of examples.entries()) $("example").add(new Option(example.name, i));
  describe();
  if (examples.length > 0) {
    choose(Math.floor(Math.random() * examples.length));
  } else {
    $("json").value = JSON.stringify(anything());
    change();
  }
}

function describe() {
  const takes = Object.entries(model.inputs)
    .map(([name, spec]) => `${name}: ${spec.kind} [${spec.shape.map((n) => (n < 0 ? "?" : n)).join(", ")}]`);
  $("model").textContent = `${model.name}, version ${model.version} · takes ${takes.join(", ")}`;
  $("play").disabled = !model.streams;
}

// The sequence

/** Some steps of the right form, for models that bring no examples. */
function anything() {
  const step = (spec) => {
    const size = spec.shape.at(-1) < 0 ? 3 : spec.shape.at(-1);
    return spec.kind === "tokens" ? 1 : Array.from({ length: size }, () => +(Math.random() * 2 - 1).toFixed(2));
  };
  const steps = (spec) => (spec.kind === "rows" ? step(spec) : Array.from({ length: 8 }, () => step(spec)));
  const all = Object.entries(model.inputs).map(([name, spec]) => [name, steps(spec)]);
  return all.length === 1 ? all[0][1] : Object.fromEntries(all);
}

function choose(i) {
  $("example").value = i;
  change();
}

/** Box and Muller's normal numbers. */
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

/** How far each coefficient is spread, over all examples. */
function spread() {
  const steps = examples.flatMap((example) => example.instance);
  return steps[0].map((_, k) => {
    const mean = sum(steps.map((step) => step[k])) / steps.length;
    return { mean, deviation: Math.sqrt(sum(steps.map((step) => (step[k] - mean) ** 2)) / steps.length) || 1 };
  });
}

function change() {
  stop();
  try {
    if (examples.length > 0) {
      const example = examples[$("example").value];
      const noise = +$("noise").value;
      const scale = spread();
      truth = example.class ?? null;
      sequence = example.instance.map((step) => step.map((x, k) => +(x + noise * scale[k].deviation * normal()).toFixed(5)));
    } else {
      sequence = JSON.parse($("json").value);
    }
  } catch (e) {
    fail(e);
    return;
  }
  played = [];
  drawSequence();
  drawChart();
  askForAll();
}

function drawSequence() {
  const canvas = $("heat");
  const numbers = Array.isArray(sequence) && Array.isArray(sequence[0]);
  $("picture").hidden = !numbers;
  $("caption").textContent = "";
  if (!numbers) return;
  const scale = examples.length > 0 ? spread() : sequence[0].map(() => ({ mean: 0, deviation: 1 }));
  const colours = ["--low", "--middle", "--high"].map((name) => rgb(name));
  canvas.width = sequence.length;
  canvas.height = sequence[0].length;
  const context = canvas.getContext("2d");
  sequence.forEach((step, t) => step.forEach((x, k) => {
    const z = Math.max(-2, Math.min(2, (x - scale[k].mean) / scale[k].deviation)) / 2;
    const to = z < 0 ? colours[0] : colours[2];
    const mixed = colours[1].map((c, i) => Math.round(c + (to[i] - c) * Math.abs(z)));
    context.fillStyle = `rgb(${mixed})`;
    context.fillRect(t, step.length - 1 - k, 1, 1);
  }));
  const what = `${sequence.length} steps from left to right, ${sequence[0].length} coefficients of each`;
  canvas.setAttribute("aria-label", `Picture of the sequence: ${what}`);
  $("caption").textContent = `${what}; blue is below the mean, orange above`;
}

function rgb(variable) {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

// The whole of it

let asked = 0;

async function askForAll() {
  const number = ++asked;
  try {
    const answer = await ask("/v1/predict", { instances: [sequence] });
    if (number !== asked) return; // a newer question is under way
    showScores(scoresOf(answer.predictions[0]), answer.classes?.[0]);
    $("answer").textContent = shorten(JSON.stringify(answer));
    model.version = answer.model_version;
    describe();
  } catch (e) {
    if (number === asked) fail(e);
  }
  $("command").textContent = command(shorten);
}

const command = (text) =>
  `curl ${location.origin}/v1/predict -H 'Content-Type: application/json' \\\n  -d '${text(JSON.stringify({ instances: [sequence] }))}'`;

/** The scores of one row: those of the last step, or of the output that is called so. */
function scoresOf(prediction) {
  const value = Array.isArray(prediction) ? prediction : prediction.output;
  return Array.isArray(value[0]) ? value.at(-1) : value;
}

const labelOf = (i) => model.labels[i] ?? `output ${i}`;
const best = (scores) => scores.indexOf(Math.max(...scores));
const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);
const probabilities = (scores) => scores.every((s) => s >= 0 && s <= 1) && Math.abs(sum(scores) - 1) < 0.01;
const shown = (score, scores) => (probabilities(scores) ? `${(100 * score).toFixed(1)} %` : score.toPrecision(3));

function showScores(scores) {
  const top = best(scores);
  const range = probabilities(scores) ? [0, 1] : [Math.min(0, ...scores), Math.max(...scores)];
  const wrong = truth !== null && labelOf(top) !== truth;
  $("verdict").replaceChildren(
    `${labelOf(top)}, ${shown(scores[top], scores)} `,
    ...(truth === null ? [] : [element("span", wrong ? `✗ it is ${truth}` : "✓ right", wrong ? "mark no" : "mark")]));
  $("scores").tBodies[0].replaceChildren(...scores.map((score, i) => {
    const row = element("tr", "", i === top ? (wrong ? "best no" : "best") : "");
    const name = element("th", labelOf(i));
    name.scope = "row";
    const bar = element("div", "", "bar");
    bar.style.width = `${(100 * (score - range[0])) / (range[1] - range[0] || 1)}%`;
    const cell = element("td");
    cell.append(bar);
    row.append(name, cell, element("td", shown(score, scores)));
    return row;
  }));
}

// Step by step

/** What is sent for each step. */
function steps() {
  if (Array.isArray(sequence)) return sequence;
  const names = Object.keys(sequence);
  const count = Math.max(...names.filter((n) => model.inputs[n]?.kind !== "rows").map((n) => sequence[n].length));
  return Array.from({ length: count }, (_, t) => Object.fromEntries(
    names.map((n) => [n, model.inputs[n]?.kind === "rows" ? sequence[n] : sequence[n][t]])));
}

function play() {
  const all = steps();
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/stream`);
  playing = socket;
  played = [];
  $("play").textContent = "Stop";
  $("told").textContent = "Playing …";
  const send = () => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ step: all[played.length] }));
  socket.onopen = send;
  socket.onmessage = (event) => {
    if (playing !== socket) return;
    const answer = JSON.parse(event.data);
    if (answer.error) {
      stop();
      fail(new Error(answer.error));
      return;
    }
    played.push(scoresOf(answer.prediction));
    $("playhead").hidden = false;
    $("playhead").style.width = `${(100 * played.length) / all.length}%`;
    drawChart(all.length);
    if (played.length < all.length) {
      setTimeout(send, PACE);
    } else {
      stop();
      tell();
    }
  };
  socket.onclose = (event) => {
    if (playing !== socket) return;
    stop();
    $("told").textContent = `The service has closed the stream: ${event.reason || event.code}`;
  };
}

function stop() {
  const socket = playing;
  playing = null;
  socket?.close();
  $("play").textContent = "Play";
  $("playhead").hidden = true;
}

/** Since when it has been sure, in a sentence that is read aloud, too. */
function tell() {
  const last = best(played.at(-1));
  let since = played.length;
  while (since > 1 && best(played[since - 2]) === last) since--;
  const sure = shown(played.at(-1)[last], played.at(-1));
  $("told").textContent =
    `After ${played.length} steps: ${labelOf(last)}, ${sure}. It has been ahead since step ${since}.`;
  $("chart").setAttribute("aria-label", `Scores after each of ${played.length} steps. ${$("told").textContent}`);
}

function drawChart(count = steps().length) {
  const svg = $("chart");
  const [width, height] = [svg.clientWidth, svg.clientHeight];
  const narrow = width < 480;
  const edge = { left: 56, right: narrow ? 84 : 110, top: 10, bottom: 34 };
  const all = played.flat();
  const percent = played.every(probabilities);
  const range = percent ? [0, 1] : [Math.min(0, ...all), Math.max(...all)];
  const x = (t) => edge.left + ((width - edge.left - edge.right) * t) / Math.max(1, count);
  const y = (s) => height - edge.bottom - ((height - edge.top - edge.bottom) * (s - range[0])) / (range[1] - range[0]);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const parts = [];
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const value = range[0] + part * (range[1] - range[0]);
    parts.push(shape("line", { class: "grid", x1: edge.left, x2: width - edge.right, y1: y(value), y2: y(value) }));
    const label = percent ? `${Math.round(100 * value)} %` : value.toPrecision(2);
    parts.push(shape("text", { class: "axis", x: edge.left - 8, y: y(value) + 4, "text-anchor": "end" }, label));
  }
  const every = Math.ceil(count / (narrow ? 5 : 10));
  for (let t = every; t <= count; t += every) {
    parts.push(shape("text", { class: "axis", x: x(t), y: height - 16, "text-anchor": "middle" }, t));
  }
  parts.push(shape("text", { class: "axis", x: x(count / 2), y: height - 2, "text-anchor": "middle" }, "steps heard"));
  if (played.length > 0) parts.push(...lines(x, y));
  svg.replaceChildren(...parts);
  drawTable();
}

/** The true class (or else the best one) and whatever is ahead of it stand out. */
function lines(x, y) {
  const last = played.at(-1);
  const top = best(last);
  const known = model.labels.indexOf(truth);
  const main = known < 0 ? top : known;
  const kind = (i) => (i === main ? "truth" : i === top ? "wrong" : "");
  const order = last.map((_, i) => i).sort((a, b) => kind(a).length - kind(b).length);
  const parts = order.map((i) =>
    shape("polyline", { class: `series ${kind(i)}`, points: played.map((s, t) => `${x(t + 1)},${y(s[i])}`).join(" ") }));
  let above = null;
  for (const i of [main, top].filter((i, k, list) => list.indexOf(i) === k)) {
    let at = y(last[i]) + 4;
    if (above !== null && Math.abs(at - above) < 14) at = above - 14;
    above = at;
    parts.push(shape("text", { class: `end ${kind(i)}`, x: x(played.length) + 6, y: at }, labelOf(i)));
  }
  return parts;
}

function drawTable() {
  const head = element("tr");
  const labels = (played[0] ?? []).map((_, i) => labelOf(i));
  for (const name of ["step", ...labels]) {
    const cell = element("th", name);
    cell.scope = "col";
    head.append(cell);
  }
  const rows = played.map((scores, t) => {
    const row = element("tr");
    const name = element("th", t + 1);
    name.scope = "row";
    row.append(name, ...scores.map((s, i) => element("td", shown(s, scores), i === best(scores) ? "best" : "")));
    return row;
  });
  $("steps").replaceChildren(head, ...rows);
}

// The state of the service

let before = null;

async function look() {
  if (document.hidden) return;
  try {
    const health = await (await fetch("/health")).json();
    $("status").textContent = health.status;
    $("status").className = `pill ${health.status === "ready" ? "ready" : ""}`;
    if (health.status === "ready" && model === null) await start();
    showState(health, counts(await (await fetch("/metrics")).text()));
  } catch {
    $("status").textContent = "not reached";
    $("status").className = "pill down";
  }
}

/** Sums over what the lines of Prometheus' text tell apart. */
function counts(text) {
  const total = (start, where = "") => sum(text.split("\n")
    .filter((line) => line.startsWith(start) && line.includes(where))
    .map((line) => +line.split(" ").at(-1)));
  const requests = "http_server_requests_seconds";
  return {
    at: performance.now(),
    predictions: total(`${requests}_count`, 'predict",status="200"'),
    median: quantile(text, 0.5),
    slow: quantile(text, 0.95),
    refused: total(`${requests}_count`, 'status="4') + total(`${requests}_count`, 'status="5'),
    sequences: total("service_sequences_total"),
    steps: total("service_stream_step_seconds_count"),
    memory: total("jvm_memory_used_bytes"),
  };
}

/** Within how long a part of the calls was answered, by the histogram's buckets. */
function quantile(text, part) {
  const buckets = new Map();
  for (const [, bound, count] of text.matchAll(/^http_server_requests_seconds_bucket\{.*predict",status="200",le="(.*)"\} (\d+)/gm)) {
    buckets.set(bound, (buckets.get(bound) ?? 0) + +count);
  }
  const all = buckets.get("+Inf") ?? 0;
  for (const [bound, count] of buckets) {
    if (all > 0 && count >= part * all) return bound === "+Inf" ? "more" : `${+(1000 * bound).toPrecision(2)} ms`;
  }
  return "–";
}

function showState(health, now) {
  const rate = before && ((1000 * (now.predictions - before.predictions)) / (now.at - before.at)).toFixed(1);
  const rows = {
    "Model version": health.model_version ?? "–",
    "Sequences answered": now.sequences.toLocaleString("en"),
    "Calls a second": rate ?? "–",
    "Half of the calls within": now.median,
    "95 % of the calls within": now.slow,
    "Open streams": health.open_streams,
    "Steps of streams answered": now.steps.toLocaleString("en"),
    "Calls that wait": health.waiting_calls,
    "Requests refused": now.refused.toLocaleString("en"),
    "Memory of the JVM": `${Math.round(now.memory / 1e6)} MB`,
    "Up for": duration(health.uptime_seconds),
  };
  $("state").replaceChildren(...Object.entries(rows).flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
  before = now;
}

function duration(seconds) {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

// Odds and ends

function fail(error) {
  $("verdict").textContent = error.message;
  $("scores").tBodies[0].replaceChildren();
  $("answer").textContent = JSON.stringify({ error: error.message });
}

function element(name, text = "", kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function shape(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

const shorten = (text) => (text.length <= 400 ? text : `${text.slice(0, 300)} … ${text.slice(-60)}`);

$("example").addEventListener("change", change);
$("another").addEventListener("click", () => choose((+$("example").value + 1 + Math.floor(Math.random() * (examples.length - 1))) % examples.length));
$("noise").addEventListener("input", () => {
  const noise = +$("noise").value;
  $("noise-shown").textContent = noise === 0 ? "none" : `${noise.toFixed(1)} standard deviations`;
  change();
});
$("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(command((text) => text));
  $("copy").textContent = "Copied";
  setTimeout(() => ($("copy").textContent = "Copy the command"), 1500);
});
$("json").addEventListener("change", change);
$("play").addEventListener("click", () => (playing ? stop() : play()));
addEventListener("resize", () => model && drawChart());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => model && drawSequence());
setInterval(look, POLL);
look();
