// The status page: one stream of messages, and the parts of the page that live on it.

import { forgetToken, hasToken, keepToken } from "/page/api.js";
import { Failed } from "/page/failed.js";
import { count, perTime, plural, seconds, setClock } from "/page/format.js";
import { Rates } from "/page/rates.js";
import { Results } from "/page/results.js";
import { byId, say } from "/page/rows.js";
import { Depth, Running } from "/page/running.js";
import { Stream } from "/page/stream.js";
import { judge, waitingOf } from "/page/verdict.js";

const rates = new Rates();
const failed = new Failed((text) => say(byId("announcer"), text));
const running = new Running();
const depth = new Depth();
const results = new Results();
let stats = null;
let trouble = "";
// What to say while the server is away.
let lostAt = "";

function showFigures(now) {
  const rate = rates.get();
  const waiting = waitingOf(now);
  const slots = now.workers.reduce((sum, worker) => sum + worker.slots, 0);
  const runs = now.durations.inf ?? 0;
  const average = rate?.duration ?? (runs > 0 ? now.durations_sum / runs : null);
  say(byId("waiting"), count(waiting));
  say(byId("waiting-note"), waiting ? `oldest ${seconds(now.oldest_age)}` : "nothing waits");
  say(byId("processing"), count(now.processing));
  say(byId("processing-note"), `of ${count(slots)} at once, ${plural(now.workers.length, "worker")}`);
  say(byId("rate"), rate ? perTime(rate.completed) : "–");
  say(byId("rate-note"), rate ? `${perTime(rate.submitted)} come in` : `${count(now.counts.completed ?? 0)} in all`);
  say(byId("duration"), average === null ? "–" : seconds(average));
  say(byId("duration-note"), rate?.duration ? "in the last half minute" : "on average");
  say(byId("dead"), count(now.dead));
  say(byId("dead-note"), now.delayed ? `${count(now.delayed)} wait for a retry` : "none waits for a retry");
}

function verdict() {
  if (lostAt) return ["busy", "The server cannot be reached", lostAt];
  if (trouble) return ["bad", "The queue cannot be reached", trouble];
  const [tone, text, detail] = judge(stats, rates.get());
  return [tone, text, stats.dead > 0 ? `${detail} ${plural(stats.dead, "failed job")} below.` : detail];
}

function showVerdict() {
  const [tone, text, detail] = verdict();
  byId("verdict").dataset.tone = tone;
  say(byId("verdict-text"), text);
  say(byId("verdict-detail"), detail);
  document.title = `${text} – imgflow`;
}

function message(event, data) {
  lostAt = "";
  if (event === "trouble") {
    trouble = data.detail || data.title || "The server does not say why.";
    rates.forget();
    document.body.classList.add("stale");
    showVerdict();
  }
  if (event !== "overview") return;
  trouble = "";
  stats = data.stats;
  rates.add(stats);
  document.body.classList.remove("stale");
  document.body.classList.add("known");
  say(byId("queue"), stats.queue);
  running.update(data.running, stats.processing);
  depth.update(stats);
  failed.update(data.failed, stats.dead);
  results.update(data.recent);
  showFigures(stats);
  showVerdict();
}

const CONNECTION = {
  connecting: () => ["busy", "Connecting…"],
  live: () => ["good", "Live"],
  waiting: (left) => ["bad", `Connection lost, next try in ${left} s`],
  refused: () => ["warn", "Waiting for a token"],
};

function showConnection(name, left) {
  const [tone, text] = CONNECTION[name](left);
  byId("connection").dataset.tone = tone;
  say(byId("connection-text"), text);
  byId("reconnect").hidden = name !== "waiting";
  if (name === "waiting" && !lostAt) {
    lostAt = stats ? `Below is what was known at ${new Date().toLocaleTimeString()}.` : "It is tried again.";
    rates.forget();
    document.body.classList.add("stale");
    showVerdict();
  }
  if (name === "refused") askForToken();
}

function askForToken() {
  say(byId("token-error"), hasToken() ? "The server does not know this token." : "\u00a0");
  forgetToken();
  byId("token").value = "";
  if (!byId("token-dialog").open) byId("token-dialog").showModal();
}

function tick() {
  if (!stats || document.hidden) return;
  running.tick();
  depth.tick();
  failed.tick();
  results.tick();
  if (trouble || document.body.classList.contains("stale")) return;
  showFigures(stats);
  showVerdict();
}

const stream = new Stream("/events", {
  state: showConnection,
  message,
  received: (response) => setClock(response.headers.get("Date")),
});
byId("reconnect").addEventListener("click", () => stream.wake());
byId("token-dialog").addEventListener("cancel", (event) => event.preventDefault());
byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  keepToken(byId("token").value.trim());
  byId("token-dialog").close();
  stream.wake();
});
setInterval(tick, 1000);
stream.run();
