// The failed jobs: why, and another try for one or for all of them.

import { call, send } from "/page/api.js";
import { ago, count, folderOf, nameOf, plural } from "/page/format.js";
import { Rows, byId, say } from "/page/rows.js";

const FIRST = 6;
const PAGE = 50;

export class Failed {
  constructor(announce) {
    this.announce = announce;
    this.section = byId("failed");
    this.latest = [];
    this.older = [];
    this.dead = 0;
    this.most = FIRST;
    this.pointed = false;
    this.retried = new Set();
    this.rows = new Rows(byId("failed-rows"), "failed-row", {
      key: (job) => `${job.job_id} ${job.finished_at}`,
      fill: (row, job) => this.fill(row, job),
      made: (row, job) => row.retry.addEventListener("click", () => this.retry(row, job)),
    });
    byId("failed-more").addEventListener("click", () => this.load());
    byId("retry-all").addEventListener("click", () => this.ask());
    byId("retry-cancel").addEventListener("click", () => byId("retry-dialog").close());
    byId("retry-form").addEventListener("submit", (event) => this.retryAll(event));
    // A mouse rests where it is; a finger is gone once it has tapped.
    this.section.addEventListener("pointerenter", ({ pointerType }) => {
      this.pointed = pointerType === "mouse";
    });
    this.section.addEventListener("pointerleave", () => {
      this.pointed = false;
      this.render();
    });
    this.section.addEventListener("focusout", () => setTimeout(() => this.render()));
  }

  update(jobs, dead) {
    this.latest = jobs;
    this.dead = dead;
    const known = new Set(jobs.map((job) => job.job_id));
    this.older = this.older.filter((job) => !known.has(job.job_id));
    if (this.older.length + jobs.length > dead) this.older = [];
    this.render();
  }

  // Rows must not move under a finger: while somebody is at them, by pointer or keyboard, new
  // ones wait.
  get held() {
    const here = this.pointed || this.section.querySelector(":focus-visible");
    return this.rows.shown.size > 0 && here;
  }

  render() {
    const known = [...this.latest, ...this.older];
    const jobs = known.slice(0, this.most);
    const news = jobs.filter((job) => !this.rows.shown.has(this.rows.key(job))).length;
    const held = this.held && !this.loading;
    say(byId("failed-held"), held && news ? `${plural(news, "newer one", "newer ones")} when you leave` : "");
    if (!held) this.rows.show(jobs);
    const none = this.rows.shown.size === 0;
    byId("failed-empty").hidden = !none;
    byId("failed-table").hidden = none;
    byId("failed-more").hidden = jobs.length >= Math.max(this.dead, known.length);
    byId("retry-all").disabled = this.dead === 0;
  }

  tick() {
    for (const row of this.rows.shown.values()) say(row.time, ago(row.time.dateTime));
  }

  fill(row, job) {
    const end = job.finished_at ?? "";
    row.node.dataset.job = job.job_id;
    say(row.name, nameOf(job.input));
    say(row.place, [job.recipe, folderOf(job.input)].filter(Boolean).join(" · "));
    row.name.title = job.input;
    // The message starts with the image, whose name is in the row.
    const start = `${job.input}: `;
    const reason = job.error?.startsWith(start) ? job.error.slice(start.length) : job.error;
    say(row.error, reason || "No reason is known.");
    say(row.code, job.code ?? "");
    row.time.dateTime = end;
    say(row.time, ago(end));
    say(row.runs, plural(job.runs ?? 1, "run"));
    row.retry.setAttribute("aria-label", `Retry ${nameOf(job.input)}`);
  }

  async retry(row, job) {
    const keyboard = row.retry.matches(":focus-visible");
    row.retry.disabled = true;
    say(row.done, "");
    try {
      await call(`/jobs/${encodeURIComponent(job.job_id)}/retry`, { method: "POST" });
    } catch (error) {
      row.retry.disabled = false;
      say(row.done, error.message);
      this.announce(`${nameOf(job.input)} was not retried: ${error.message}`);
      return;
    }
    this.older = this.older.filter((other) => other.job_id !== job.job_id);
    say(row.done, "Queued again");
    this.announce(`${nameOf(job.input)} is queued again`);
    if (keyboard) this.focusAfter(row);
    row.retry.hidden = true;
  }

  focusAfter(row) {
    const buttons = [...this.section.querySelectorAll("[data-part=retry]:not(:disabled)")];
    const after = buttons.find(
      (button) => row.retry.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING,
    );
    (after ?? buttons.at(-1) ?? this.section).focus();
  }

  async load() {
    const more = byId("failed-more");
    const offset = this.latest.length + this.older.length;
    const before = this.rows.shown.size;
    this.most += PAGE;
    more.disabled = true;
    try {
      const response = await call(`/jobs/failed?limit=${PAGE}&offset=${offset}`);
      const known = new Set([...this.latest, ...this.older].map((job) => job.job_id));
      const found = (await response.json()).filter((job) => !known.has(job.job_id));
      this.older.push(...found);
      this.loading = true;
      this.render();
      this.announce(`${plural(this.rows.shown.size - before, "older one")} shown`);
    } catch (error) {
      this.announce(`No more are shown: ${error.message}`);
    } finally {
      this.loading = false;
      more.disabled = false;
    }
  }

  ask() {
    say(byId("retry-help"), `${plural(this.dead, "job")} will be queued again, with all tries anew.`);
    byId("retry-dialog").showModal();
  }

  async retryAll(event) {
    event.preventDefault();
    byId("retry-dialog").close();
    try {
      const { retried } = await (await send("/jobs/retry", { all: true })).json();
      this.announce(`${count(retried)} queued again`);
      say(byId("failed-held"), `${count(retried)} queued again`);
    } catch (error) {
      this.announce(`Not retried: ${error.message}`);
      say(byId("failed-held"), error.message);
    }
    this.older = [];
    this.section.focus();
  }
}
