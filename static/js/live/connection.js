/**
 * The line to a live session: a socket while it can be had, long polls on the same cursor where sockets are blocked.
 * docs/realtime.md is its protocol.
 *
 * Events: `snapshot`, `change` (one logged event), `tallies`, `status` (online or not), `gone` (do not come back).
 */

const OPEN_WITHIN = 8_000;
const ANSWER_WITHIN = 12_000;
const SILENCE = 25_000;
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 20_000;
const POLL_BEFORE_SOCKET = 60_000;
const SAMPLES = 24;
const ASK_ANEW = "ask anew";

/** Refused, or not delivered. `retry` says whether the same message may succeed later. */
export class CommandError extends Error {
  constructor({ code, message, retry = false, retry_after: after = 0, ...rest }) {
    super(message || code);
    Object.assign(this, { code, retry, after, ...rest });
  }
}

/** The server's clock as seen from here: the least delayed of the last moments it named. */
export class ServerClock {
  constructor() {
    this.samples = [];
    this.offset = 0;
    /** The last moment it named. */
    this.latest = null;
  }

  hear(now) {
    this.latest = now;
    this.samples.push(Date.parse(now) - Date.now());
    if (this.samples.length > SAMPLES) this.samples.shift();
    this.offset = Math.max(...this.samples);
  }

  now() {
    return Date.now() + this.offset;
  }
}

export class Connection extends EventTarget {
  constructor({ code, role = "", cursor = 0 }) {
    super();
    this.base = `/live/${code}/`;
    this.query = role ? `as=${role}` : "";
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socketUrl = `${scheme}://${location.host}/ws/live/${code}/${role ? `?${this.query}` : ""}`;
    this.role = role;
    this.cursor = cursor;
    this.clock = new ServerClock();
    this.socket = null;
    this.mode = "down";
    this.stopped = false;
    this.failures = 0;
    this.socketFailures = 0;
    this.pending = new Map();
    this.counter = 0;
    this.heardAt = Date.now();
    this.downSince = Date.now();
    this.unsent = 0;
    // How votes stood when a long poll last told, in the server's words.
    this.votes = "new";
    this.wake = null;
  }

  get online() {
    return this.mode !== "down";
  }

  start() {
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("offline", () => this.lost());
    window.addEventListener("pageshow", (event) => event.persisted && this.hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.look();
    });
    setInterval(() => this.look(), 5_000);
    this.run();
  }

  /** Leave the session: the server has nothing more to say. */
  stop(reason) {
    this.stopped = true;
    this.controller?.abort();
    this.socket?.close(1000);
    this.dispatchEvent(new CustomEvent("gone", { detail: reason }));
  }

  url(path, extra = "") {
    const query = [this.query, extra].filter(Boolean).join("&");
    return this.base + path + (query ? `?${query}` : "");
  }

  // Coming and going

  async run() {
    while (!this.stopped) {
      const { opened, code } = await this.trySocket();
      if (this.stopped || this.final(code)) return;
      if (opened) {
        this.socketFailures = 0;
        this.failures = 0;
      } else this.socketFailures += 1;
      if (code === 1013) await this.fetchSnapshot().catch(() => {});
      if (!opened && this.socketFailures >= 2) await this.poll(Date.now() + POLL_BEFORE_SOCKET);
      if (this.stopped) return;
      await this.pause(this.delay(code));
    }
  }

  /** Full jitter: a room that loses its server does not come back all at once. */
  delay(code) {
    if (code === 1008) return 30_000;
    if (this.mode === "poll") return 0;
    const most = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(this.failures, 6));
    this.failures += 1;
    return Math.random() * (code === 1012 ? Math.max(most, 5_000) : most);
  }

  pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    }).finally(() => {
      this.wake = null;
    });
  }

  final(code) {
    const reason = { 4401: "not_joined", 4403: "not_allowed", 4404: "not_found", 4428: "second_factor" }[code];
    if (reason) {
      this.setMode("down");
      this.stop(reason);
    }
    return Boolean(reason);
  }

  /** The network says that it is back: try now. */
  hurry() {
    this.failures = 0;
    this.wake?.();
  }

  /** The network says that it is gone: a socket would take its time to notice. */
  lost() {
    this.controller?.abort();
    this.drop();
    this.setMode("down");
  }

  drop() {
    const socket = this.socket;
    if (!socket) return;
    this.socket = null;
    socket.ended?.({ opened: true, code: 1006 });
    socket.close();
  }

  /** Ask whether a silent socket still lives; browsers do not show the protocol's own pings. */
  look() {
    if (this.mode === "down") {
      if (document.visibilityState === "visible" && navigator.onLine && this.failures > 3) this.hurry();
      return;
    }
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const silence = Date.now() - this.heardAt;
    if (this.askedAt && this.askedAt > this.heardAt && Date.now() - this.askedAt > ANSWER_WITHIN) {
      this.drop();
      this.setMode("down");
    } else if (silence > SILENCE && !(this.askedAt > this.heardAt)) {
      this.askedAt = Date.now();
      this.hello();
    }
  }

  setMode(mode) {
    if (mode === this.mode) return;
    const was = this.online;
    this.mode = mode;
    if (mode === "down") {
      this.downSince = Date.now();
      for (const { reject } of this.pending.values()) reject(new CommandError({ code: "offline", retry: true }));
      this.pending.clear();
    }
    if (was !== this.online) this.dispatchEvent(new Event("status"));
  }

  // Sockets

  trySocket() {
    return new Promise((resolve) => {
      let socket;
      try {
        socket = new WebSocket(this.socketUrl);
      } catch {
        resolve({ opened: false, code: 1006 });
        return;
      }
      let opened = false;
      const tooLong = setTimeout(() => socket.close(), OPEN_WITHIN);
      const end = (outcome) => {
        clearTimeout(tooLong);
        if (this.socket === socket) this.socket = null;
        if (opened) this.setMode("down");
        resolve(outcome);
      };
      socket.ended = end;
      this.socket = socket;
      socket.onopen = () => this.hello();
      socket.onmessage = ({ data }) => {
        if (this.socket !== socket) return;
        const message = JSON.parse(data);
        // What waited for the line goes by the server's clock, so that is heard first.
        if (message.now) this.clock.hear(message.now);
        if (!opened) {
          opened = true;
          clearTimeout(tooLong);
          this.failures = 0;
          this.setMode("socket");
        }
        this.receive(message);
      };
      socket.onclose = ({ code }) => end({ opened, code });
    });
  }

  hello() {
    this.socket?.send(JSON.stringify({ type: "hello", after: this.cursor }));
  }

  receive(message) {
    this.heardAt = Date.now();
    if (message.type === "frame") this.applyFrame(message);
    else if (message.type === "tallies") this.dispatchEvent(new CustomEvent("tallies", { detail: message }));
    else if (message.type === "resync") this.resync();
    else this.answer(message);
  }

  applyFrame(frame) {
    if (frame.from > this.cursor) {
      if (this.socket) this.hello();
      return;
    }
    let cleared = false;
    for (const event of frame.events) {
      if (event.seq <= this.cursor) continue;
      this.dispatchEvent(new CustomEvent("change", { detail: event }));
      cleared ||= event.kind === "session.cleared";
    }
    this.cursor = Math.max(this.cursor, frame.to);
    if (cleared) this.resync();
    if (frame.tallies) this.dispatchEvent(new CustomEvent("tallies", { detail: frame.tallies }));
    this.dispatchEvent(new Event("applied"));
  }

  async resync() {
    if (this.resyncing) return;
    this.resyncing = true;
    try {
      await this.fetchSnapshot();
      this.hello();
    } catch {
      this.drop();
      this.setMode("down");
    } finally {
      this.resyncing = false;
    }
  }

  async fetchSnapshot() {
    const response = await fetch(this.url("snapshot/"), { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!response.ok) throw new CommandError({ code: `http_${response.status}`, retry: true });
    const snapshot = await response.json();
    this.clock.hear(snapshot.now);
    this.heardAt = Date.now();
    this.cursor = snapshot.to;
    this.dispatchEvent(new CustomEvent("snapshot", { detail: snapshot }));
  }

  /** What was said before the part of the log that came with a snapshot. */
  async fetchEarlier(before) {
    const response = await fetch(this.url("snapshot/", `before=${before}`), { headers: { Accept: "application/json" } });
    if (!response.ok) throw new CommandError({ code: `http_${response.status}`, retry: true });
    return response.json();
  }

  // Long poll

  async poll(until) {
    let failed = 0;
    try {
      // A poll answers only when there is something to say: this says at once that the way is open.
      await this.fetchSnapshot();
      this.setMode("poll");
    } catch {
      return;
    }
    while (!this.stopped && Date.now() < until && failed < 2) {
      const controller = new AbortController();
      this.controller = controller;
      const timer = setTimeout(() => controller.abort(), 40_000);
      try {
        const response = await fetch(this.url("events/", `after=${this.cursor}&unsent=${this.unsent}&votes=${this.votes}`), {
          signal: controller.signal,
          headers: { Accept: "application/json" },
          cache: "no-store",
        });
        if (response.status === 401) return this.stop("not_joined");
        if (response.status === 403) return this.stop((await response.json()).code === "second_factor" ? "second_factor" : "not_allowed");
        if (response.status === 404) return this.stop("not_found");
        if (!response.ok) throw new Error(String(response.status));
        const message = await response.json();
        failed = 0;
        this.failures = 0;
        if (message.now) this.clock.hear(message.now);
        this.setMode("poll");
        this.heardAt = Date.now();
        if (message.type === "resync") await this.fetchSnapshot();
        else this.applyFrame(message);
        this.votes = message.votes || this.votes;
      } catch {
        // Given up to ask again at once, with another number of unsent words.
        if (controller.signal.reason === ASK_ANEW) continue;
        failed += 1;
        this.setMode("down");
        if (failed < 2) await this.pause(Math.random() * 2_000);
      } finally {
        clearTimeout(timer);
      }
    }
  }

  // Commands

  /** Send a command; resolves with its acknowledgement, which means committed. */
  command(type, fields = {}) {
    if (this.socket?.readyState === WebSocket.OPEN && this.mode === "socket") return this.overSocket(type, fields);
    // A page that has just opened has no socket yet, though it may have a signal.
    if (this.mode === "poll" || navigator.onLine) return this.overHttp(type, fields);
    return Promise.reject(new CommandError({ code: "offline", message: "No signal. Nothing is lost.", retry: true }));
  }

  /** Tell something of no great consequence, without expecting an answer. A long poll carries how much is unsent. */
  tell(type, fields) {
    if (type === "health") this.unsent = fields.unsent;
    if (this.socket?.readyState === WebSocket.OPEN && this.mode === "socket") {
      this.socket.send(JSON.stringify({ type, ...fields }));
    } else if (type === "health" && this.mode === "poll") this.controller?.abort(ASK_ANEW);
    else if (type === "seen" && this.mode === "poll") this.overHttp(type, fields).catch(() => {});
  }

  overSocket(type, fields) {
    const id = String((this.counter += 1));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(new CommandError({ code: "timeout", message: "No answer yet.", retry: true }));
      }, ANSWER_WITHIN);
      const settle = (done) => (value) => {
        clearTimeout(timer);
        done(value);
      };
      this.pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.socket.send(JSON.stringify({ type, id, ...fields }));
    });
  }

  answer(message) {
    const waiting = this.pending.get(message.re);
    if (!waiting) return;
    this.pending.delete(message.re);
    if (message.type === "ack") waiting.resolve(message);
    else waiting.reject(new CommandError(message));
  }

  async overHttp(type, fields) {
    let response;
    try {
      response = await fetch(this.url(type === "contribution.add" ? "contribute/" : "command/"), {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify({ type, ...fields }),
        signal: AbortSignal.timeout(ANSWER_WITHIN),
      });
    } catch {
      throw new CommandError({ code: "offline", retry: true });
    }
    const message = await response.json().catch(() => null);
    if (acknowledges(message, type, fields)) return message;
    if (message?.type === "error") throw new CommandError({ retry: response.status >= 500, ...message });
    // Whoever answered, a proxy or a hotel's way in, it was not the session.
    throw new CommandError({ code: "timeout", message: "No answer yet.", retry: true });
  }
}

/** Whether this is the session's own word that it has done what was asked: of a contribution, of this one. */
function acknowledges(message, type, fields) {
  if (message?.type !== "ack") return false;
  return type !== "contribution.add" || (message.client_id === fields.client_id && Number.isInteger(message.contribution));
}
