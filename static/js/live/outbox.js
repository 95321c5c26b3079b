/**
 * Words kept on this phone until the server says that it has them.
 *
 * Each item lies under a key of its own, so that two tabs never overwrite one another; the client id made here goes
 * with every attempt, so that a repeated one is harmless. Nothing is removed before the server has acknowledged it.
 */

const memory = new Map();

/** localStorage where the browser grants it, else the page's own memory: `lasts` tells which. */
function chooseStorage() {
  try {
    const probe = "summit.probe";
    window.localStorage.setItem(probe, probe);
    window.localStorage.removeItem(probe);
    return { store: window.localStorage, lasts: true };
  } catch {
    const store = {
      getItem: (key) => memory.get(key) ?? null,
      setItem: (key, value) => memory.set(key, String(value)),
      removeItem: (key) => memory.delete(key),
      key: (index) => [...memory.keys()][index] ?? null,
      get length() {
        return memory.size;
      },
    };
    return { store, lasts: false };
  }
}

/** A random UUID. `crypto.randomUUID` is missing on plain http, where a venue's own network may serve us. */
export function newClientId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const LEASE_MS = 8000;

export class Outbox extends EventTarget {
  constructor(code) {
    super();
    const { store, lasts } = chooseStorage();
    this.store = store;
    this.lasts = lasts;
    this.prefix = `summit.${code}.`;
    this.tab = newClientId();
    this.made = new Set(this.keys("made.").map((key) => key.slice("made.".length)));
    window.addEventListener("storage", ({ key }) => {
      if (key !== null && !key.startsWith(this.prefix)) return;
      const [part, clientId] = (key ?? "").slice(this.prefix.length).split(".");
      if (part === "made") this.made.add(clientId);
      if (part === "out" || key === null) this.changed();
    });
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  read(name) {
    try {
      return JSON.parse(this.store.getItem(this.prefix + name));
    } catch {
      return null;
    }
  }

  write(name, value) {
    try {
      this.store.setItem(this.prefix + name, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  forget(name) {
    this.store.removeItem(this.prefix + name);
  }

  keys(part) {
    const found = [];
    for (let index = 0; index < this.store.length; index += 1) {
      const key = this.store.key(index);
      if (key?.startsWith(this.prefix + part)) found.push(key.slice(this.prefix.length));
    }
    return found;
  }

  /** Keep something to be sent. The returned item carries its client id. */
  put(fields) {
    const item = { client_id: newClientId(), at: Date.now(), ...fields };
    this.made.add(item.client_id);
    this.write(`made.${item.client_id}`, item.at);
    const kept = this.write(`out.${item.client_id}`, item);
    if (!kept) memory.set(`${this.prefix}out.${item.client_id}`, JSON.stringify(item));
    this.changed();
    return item;
  }

  get(clientId) {
    return this.read(`out.${clientId}`);
  }

  /** Everything not yet acknowledged, oldest first. */
  items() {
    return this.keys("out.")
      .map((key) => this.read(key))
      .filter((item) => item?.client_id)
      .sort((a, b) => a.at - b.at);
  }

  /** The server has it: the only reason to forget it, besides the person's own wish. */
  remove(clientId) {
    this.store.removeItem(`${this.prefix}out.${clientId}`);
    this.changed();
  }

  /** The server will not take it as it is: keep it, with the reason, and stop sending it by itself. */
  refuse(clientId, reason) {
    const item = this.get(clientId);
    if (!item) return;
    this.write(`out.${clientId}`, { ...item, refused: reason });
    this.changed();
  }

  /**
   * Claim an item for sending. Answers false while another tab of this browser is at it; that only spares the
   * network, because the client id already makes a second sending harmless.
   */
  claim(clientId) {
    const item = this.get(clientId);
    if (!item || item.refused) return false;
    const lease = this.read(`lease.${clientId}`);
    if (lease && lease.tab !== this.tab && Date.now() - lease.at < LEASE_MS) return false;
    this.write(`lease.${clientId}`, { tab: this.tab, at: Date.now() });
    return true;
  }

  release(clientId) {
    this.store.removeItem(`${this.prefix}lease.${clientId}`);
  }

  draft(name) {
    return this.read(`draft.${name}`) ?? "";
  }

  /** Called at every keystroke. */
  keepDraft(name, text) {
    if (text) return this.write(`draft.${name}`, text);
    this.store.removeItem(`${this.prefix}draft.${name}`);
    return true;
  }

  /** Every unfinished text, the newest prompt's among them: a draft outlives the prompt it was meant for. */
  drafts() {
    return Object.fromEntries(this.keys("draft.").map((key) => [key.slice("draft.".length), this.read(key) ?? ""]));
  }
}
