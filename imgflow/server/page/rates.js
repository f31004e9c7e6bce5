// Rates from counters: messages come only when something has changed, so that counters stand
// still between them, and rates are taken over the last half minute of the clock.

const WINDOW = 30_000;
const SHORTEST = 2_000;

export class Rates {
  constructor() {
    this.samples = [];
  }

  add(stats) {
    const now = performance.now();
    const last = this.samples.at(-1);
    const { submitted = 0, retried = 0, completed = 0, failed = 0 } = stats.counts;
    const done = stats.durations.inf ?? 0;
    // A counter that went back belongs to another queue, or to one that was emptied.
    if (last && completed < last.completed) this.samples = [];
    const spent = stats.durations_sum;
    this.samples.push({ at: now, submitted, retried, completed, failed, done, spent });
    while (this.samples.length > 2 && this.samples[1].at < now - WINDOW) this.samples.shift();
  }

  forget() {
    this.samples = [];
  }

  // Per second, and null until there is enough to tell.
  get() {
    const last = this.samples.at(-1);
    if (!last) return null;
    const now = performance.now();
    // The counters at the start of the window are those of the last message before it.
    const before = this.samples.findLast((sample) => sample.at <= now - WINDOW);
    const first = before ?? this.samples[0];
    const start = Math.max(first.at, now - WINDOW);
    if (now - start < SHORTEST) return null;
    const over = (name) => ((last[name] - first[name]) * 1000) / (now - start);
    const runs = last.done - first.done;
    return {
      span: (now - start) / 1000,
      completed: over("completed"),
      failed: over("failed"),
      submitted: over("submitted"),
      duration: runs > 0 ? (last.spent - first.spent) / runs : null,
    };
  }
}
