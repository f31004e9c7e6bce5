// What was completed lately, with pictures. These are fetched with the token, a few at a time,
// and only for what can be seen: a page is not to slow a queue that ends a hundred jobs a second.

import { call } from "/page/api.js";
import { ago, bytes, nameOf, seconds } from "/page/format.js";
import { Rows, byId, say } from "/page/rows.js";

const SHOWN = 16;
const AT_ONCE = 2;
const LARGEST = 2_000_000;
const PAUSE = 3000;
const PICTURES = new Set(["avif", "gif", "jpeg", "png", "webp"]);

// The smallest output that a browser can show; -1 for none.
function pictureOf(job) {
  let best = -1;
  for (const [index, output] of (job.outputs ?? []).entries()) {
    if (!PICTURES.has(output.format) || output.bytes > LARGEST) continue;
    if (best < 0 || output.bytes < job.outputs[best].bytes) best = index;
  }
  return best;
}

function describe(job) {
  const sum = (job.outputs ?? []).reduce((total, output) => total + output.bytes, 0);
  return `${bytes(job.input_bytes ?? 0)} → ${bytes(sum)}`;
}

function describeTime(job) {
  return `${seconds(job.seconds ?? 0)} · ${ago(job.finished_at)}`;
}

export class Results {
  constructor() {
    this.latest = [];
    this.drawn = 0;
    // Job -> URL of its picture; null while it is on its way, "" if there is none.
    this.pictures = new Map();
    this.loading = 0;
    this.visible = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) entry.target.near = entry.isIntersecting;
        this.fetch();
      },
      { rootMargin: "200px" },
    );
    // Cards have fixed places, in which what is shown moves on: nothing jumps.
    this.cards = new Rows(byId("results-list"), "result", {
      key: (job) => this.latest.indexOf(job),
      fill: (card, job) => this.fill(card, job),
      made: (card) => this.visible.observe(card.node),
      gone: (card) => this.visible.unobserve(card.node),
    });
  }

  update(jobs) {
    this.coming = jobs.slice(0, SHOWN);
    this.tick();
  }

  // Cards that change faster than one can look at them are of no use.
  tick() {
    const now = performance.now();
    if (this.coming && (now - this.drawn >= PAUSE || this.latest.length === 0)) {
      this.drawn = now;
      this.latest = this.coming;
      this.coming = null;
      this.cards.show(this.latest);
      this.forget();
      this.fetch();
      byId("results-empty").hidden = this.latest.length > 0;
    }
    for (const card of this.cards.shown.values()) say(card.when, describeTime(card.job));
  }

  fill(card, job) {
    card.job = job;
    say(card.name, nameOf(job.input));
    card.name.title = job.input;
    say(card.what, describe(job));
    this.paint(card);
  }

  paint(card) {
    const url = this.pictures.get(card.job.job_id);
    const coming = url !== "" && pictureOf(card.job) >= 0;
    card.image.hidden = !url;
    card.image.alt = url ? `Result of ${nameOf(card.job.input)}` : "";
    if (url && card.image.src !== url) card.image.src = url;
    say(card.sign, coming ? "" : "No picture");
  }

  forget() {
    const kept = new Set(this.latest.map((job) => job.job_id));
    for (const [id, url] of this.pictures) {
      if (kept.has(id)) continue;
      if (url) URL.revokeObjectURL(url);
      this.pictures.delete(id);
    }
  }

  // The next card that is near the window and has no picture yet.
  next() {
    return [...this.cards.shown.values()].find(
      ({ node, job }) =>
        node.near && pictureOf(job) >= 0 && !this.pictures.has(job.job_id),
    );
  }

  fetch() {
    for (let card; this.loading < AT_ONCE && (card = this.next()); ) {
      this.loading += 1;
      this.pictures.set(card.job.job_id, null);
      this.picture(card.job).finally(() => {
        this.loading -= 1;
        this.fetch();
      });
    }
  }

  async picture(job) {
    let url = "";
    try {
      const path = `/jobs/${encodeURIComponent(job.job_id)}/outputs/${pictureOf(job)}`;
      const blob = await (await call(path)).blob();
      await createImageBitmap(blob).then((bitmap) => bitmap.close());
      url = URL.createObjectURL(blob);
    } catch {
      // A picture that is gone, or that this browser cannot show, is no news.
    }
    if (this.pictures.has(job.job_id)) this.pictures.set(job.job_id, url);
    else URL.revokeObjectURL(url);
    for (const card of this.cards.shown.values()) if (card.job.job_id === job.job_id) this.paint(card);
  }
}
