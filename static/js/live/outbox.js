/**
 * Words kept on this phone until the server says that it has them.
 *
 * Each item lies under a key of its own, so that two tabs never overwrite one another; the client id made here goes
 * with every attempt, so that a repeated one is harmless. Nothing is removed before the server has acknowledged it.
 */

/** localStorage, or where the browser refuses it one that takes nothing. */
function chooseStorage() {
  try {
    window.localStorage.getItem("summit.probe");
    return window.localStorage;
  } catch {
    const setItem = () => {
      throw new Error("This browser keeps nothing.");
    };
    return { setItem, getItem: () => null, removeItem: () => {}, key: () => null, length: 0 };
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
    this.store = chooseStorage();
    // What storage did not take, because it is full or refused: newer than what it holds, and gone with the page.
    this.unkept = new Map();
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
      return JSON.parse(this.unkept.get(this.prefix + name) ?? this.store.getItem(this.prefix + name));
    } catch {
      return null;
    }
  }

  /** Answers whether it will still be there when the page is gone. */
  write(name, value) {
    const key = this.prefix + name;
    const text = JSON.stringify(value);
    if (this.setItem(key, text) || (!name.startsWith("own.") && this.makeRoom() && this.setItem(key, text))) {
      this.unkept.delete(key);
      return true;
    }
    this.unkept.set(key, text);
    return false;
  }

  setItem(key, text) {
    try {
      this.store.setItem(key, text);
      return true;
    } catch {
      return false;
    }
  }

  /** What the server has too goes before anything that it does not have. Answers whether there was any. */
  makeRoom() {
    const names = this.keys("own.");
    for (const name of names) this.forget(name);
    return names.length > 0;
  }

  forget(name) {
    this.unkept.delete(this.prefix + name);
    this.store.removeItem(this.prefix + name);
  }

  keys(part) {
    const found = new Set(this.unkept.keys());
    for (let index = 0; index < this.store.length; index += 1) found.add(this.store.key(index));
    return [...found].filter((key) => key?.startsWith(this.prefix + part)).map((key) => key.slice(this.prefix.length));
  }

  /** Whether something that is still to be sent would go with the page. */
  get isFragile() {
    return [...this.unkept.keys()].some((key) => key.startsWith(`${this.prefix}out.`));
  }

  /** Keep something to be sent. The returned item carries its client id. */
  put(fields) {
    const item = { client_id: newClientId(), at: Date.now(), ...fields };
    this.made.add(item.client_id);
    this.write(`made.${item.client_id}`, item.at);
    this.write(`out.${item.client_id}`, item);
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
    this.forget(`out.${clientId}`);
    this.changed();
  }

  /** Note something with an item, if it is still here. */
  note(clientId, fields) {
    const item = this.get(clientId);
    if (!item) return;
    this.write(`out.${clientId}`, { ...item, ...fields });
    this.changed();
  }

  /** The server will not take it as it is: keep it, with the reason, and stop sending it by itself. */
  refuse(clientId, reason) {
    this.note(clientId, { refused: reason });
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
    this.forget(`lease.${clientId}`);
  }

  draft(name) {
    return this.read(`draft.${name}`) ?? "";
  }

  /** Called at every keystroke. */
  keepDraft(name, text) {
    if (text) return this.write(`draft.${name}`, text);
    this.forget(`draft.${name}`);
    return true;
  }

  /** Every unfinished text, the newest prompt's among them: a draft outlives the prompt it was meant for. */
  drafts() {
    return Object.fromEntries(this.keys("draft.").map((key) => [key.slice("draft.".length), this.read(key) ?? ""]));
  }
}
