// Server-sent events over fetch, which unlike EventSource can send a token. Connects again by
// itself, and says what it is at.

import { call } from "/page/api.js";

const PAUSES = [1, 2, 4, 8, 15];
// The server sends something every 15 seconds; silence for longer means a dead connection.
const SILENCE = 40_000;

// Calls state(name, seconds) with "connecting", "live", "waiting" (seconds until the next try),
// or "refused" (the token is wrong, and nothing happens until wake() is called), and
// message(event, data) for each message, received() with the response of each connection.
export class Stream {
  constructor(path, { state, message, received }) {
    Object.assign(this, { path, state, message, received });
    this.failures = 0;
    this.wake = () => {};
  }

  async run() {
    for (;;) {
      this.state("connecting");
      const refused = await this.follow();
      if (refused) {
        this.state("refused");
        await new Promise((resolve) => { this.wake = resolve; });
      } else {
        await this.pause();
      }
    }
  }

  // Read until the connection ends, however it does; true if the server wants another token.
  async follow() {
    const ending = new AbortController();
    let watch = setTimeout(() => ending.abort(), SILENCE);
    try {
      const response = await call(this.path, { signal: ending.signal });
      this.received(response);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return false;
        clearTimeout(watch);
        watch = setTimeout(() => ending.abort(), SILENCE);
        text = this.take((text + value).replaceAll("\r\n", "\n"));
      }
    } catch (error) {
      return error.status === 401;
    } finally {
      clearTimeout(watch);
      ending.abort();
    }
  }

  // Handle the messages that are complete, and return the rest.
  take(text) {
    const blocks = text.split("\n\n");
    const rest = blocks.pop();
    for (const block of blocks) {
      let event = "message";
      const data = [];
      for (const line of block.split("\n")) {
        if (line.startsWith("event:")) event = line.slice(6).trim();
        if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
      }
      if (data.length === 0) continue;
      this.failures = 0;
      this.state("live");
      this.message(event, JSON.parse(data.join("\n")));
    }
    return rest;
  }

  // Wait before the next try, longer each time; wake() cuts it short.
  async pause() {
    const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)];
    this.failures += 1;
    for (let left = pause, awake = false; left > 0 && !awake; left -= 1) {
      this.state("waiting", left);
      awake = await new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), 1000);
        this.wake = () => { clearTimeout(timer); resolve(true); };
      });
    }
  }
}
