// What is being worked on, by whom, and what waits.

import { age, ago, count, folderOf, nameOf, running, seconds } from "/page/format.js";
import { Rows, byId, say } from "/page/rows.js";
import { waitingOf } from "/page/verdict.js";

export class Running {
  constructor() {
    this.rows = new Rows(byId("running-rows"), "running-row", {
      key: (job) => `${job.job_id} ${job.started_at}`,
      fill: (row, job) => this.fill(row, job),
    });
  }

  update(jobs, processing) {
    this.rows.show([...jobs].sort((a, b) => (a.started_at ?? "").localeCompare(b.started_at ?? "")));
    byId("running-empty").hidden = jobs.length > 0;
    byId("running-table").hidden = jobs.length === 0;
    say(byId("running-note"), processing > jobs.length ? `${jobs.length} of ${count(processing)} shown` : "");
    // Without rows there is nothing to scroll, and no need to stop there with the keyboard.
    byId("running-scroll").tabIndex = jobs.length > 0 ? 0 : -1;
  }

  tick() {
    for (const row of this.rows.shown.values()) this.time(row);
  }

  fill(row, job) {
    row.started = job.started_at;
    say(row.name, nameOf(job.input));
    row.name.title = job.input;
    const stopping = job.cancel_requested ? "is being cancelled" : "";
    say(row.place, [stopping, job.recipe || folderOf(job.input), job.worker].filter(Boolean).join(" · "));
    row.progress.value = job.progress;
    row.progress.setAttribute("aria-label", `Progress of ${nameOf(job.input)}`);
    say(row.percent, `${job.progress}%`);
    this.time(row);
  }

  time(row) {
    say(row.time, running(age(row.started)));
  }
}

export class Depth {
  constructor() {
    for (const bar of document.querySelectorAll("[data-bar]")) bar.append(document.createElement("span"));
    this.workers = new Rows(byId("workers-rows"), "worker-row", {
      key: (worker) => worker.worker,
      fill: (row, worker) => {
        say(row.worker, worker.worker);
        say(row.slots, count(worker.slots));
        row.at = worker.seen_at;
        say(row.seen, ago(row.at));
      },
    });
  }

  update(stats) {
    const depth = { ...stats.depth, delayed: stats.delayed };
    const most = Math.max(1, ...Object.values(depth));
    for (const [name, jobs] of Object.entries(depth)) {
      const bar = document.querySelector(`[data-bar="${CSS.escape(name)}"] > span`);
      if (!bar) continue;
      bar.style.transform = `scaleX(${jobs / most})`;
      say(document.querySelector(`[data-depth="${CSS.escape(name)}"]`), count(jobs));
    }
    const waiting = waitingOf(stats);
    say(byId("depth-note"), waiting ? `the oldest for ${seconds(stats.oldest_age)}` : "");
    const none = stats.workers.length === 0;
    byId("workers-empty").hidden = !none;
    byId("workers-table").hidden = none;
    this.workers.show([...stats.workers].sort((a, b) => a.worker.localeCompare(b.worker)));
  }

  tick() {
    for (const row of this.workers.shown.values()) say(row.seen, ago(row.at));
  }
}
