// One sentence for what an operator wants to know first: is it well, and does it keep up?

import { count, plural, seconds } from "/page/format.js";

// Workers that are free take a job at once; after so many seconds, something is wrong.
const LONG_PICK_UP = 10;
// A job that waits for longer than this, in seconds, says that the workers do not keep up.
const LONG_WAIT = 60;

export function waitingOf(stats) {
  return Object.values(stats.depth).reduce((sum, depth) => sum + depth, 0);
}

function outlook(waiting, rates) {
  if (!rates || rates.completed <= 0) return "";
  return ` Clears in about ${seconds(waiting / rates.completed)} at this rate.`;
}

// The tone, the sentence, which is read out when it changes and so has no figures that run,
// and the details with the figures.
export function judge(stats, rates) {
  const waiting = waitingOf(stats);
  const waits = `${plural(waiting, "job")} waiting, the oldest for ${seconds(stats.oldest_age)}.`;
  if (stats.workers.length === 0) {
    return waiting + stats.delayed > 0
      ? ["bad", "Nobody is working", `${waits} Start a worker: imgflow worker`]
      : ["warn", "No workers", "Nothing is waiting. Jobs will wait until a worker is started."];
  }
  if (waiting > 0 && stats.processing === 0 && stats.oldest_age > LONG_PICK_UP) {
    return ["bad", "The workers take no jobs", waits];
  }
  if (waiting > 0 && stats.oldest_age > LONG_WAIT) {
    return ["warn", "Behind", waits + outlook(waiting, rates)];
  }
  if (rates && rates.failed > 0 && rates.failed >= rates.completed) {
    const each = rates.failed + rates.completed;
    const share = Math.round((100 * rates.failed) / each);
    return ["bad", "Most jobs fail", `${share}% of the jobs of the last half minute failed.`];
  }
  if (waiting > 0) return ["good", "Working, keeping up", waits + outlook(waiting, rates)];
  if (stats.processing > 0) {
    return ["good", "Working, keeping up", `${count(stats.processing)} running, nothing waiting.`];
  }
  return ["good", "Idle", "Nothing is waiting or running."];
}
