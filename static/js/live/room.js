/** What this reader knows of a session: a snapshot and the events since. The same code runs on all screens. */

const LEFT = new Set(["held", "hidden", "withdrawn"]);

export class Room {
  constructor(snapshot) {
    this.load(snapshot);
  }

  load(snapshot) {
    this.session = snapshot.session;
    this.prompts = new Map(snapshot.prompts.map((prompt) => [prompt.id, prompt]));
    this.contributions = new Map(snapshot.contributions.map((item) => [item.id, item]));
    this.earlier = snapshot.earlier ?? 0;
    this.earlierShown = snapshot.earlier_shown ?? 0;
    this.tables = snapshot.tables ?? [];
    this.themes = snapshot.themes ?? [];
    this.you = snapshot.you ?? {};
    this.mine = new Set(this.you.mine ?? []);
    this.votes = { contributions: {}, options: {}, ...(this.you.votes ?? {}) };
    this.tallies = { people: 0, support: {}, options: {}, seen: {}, together: {}, ...snapshot.tallies };
  }

  /** Where the part of the log that is here begins. */
  get firstSeq() {
    return Math.min(...[...this.contributions.values()].map((item) => item.seq));
  }

  addEarlier(contributions, earlier, earlierShown) {
    for (const item of contributions) if (!this.contributions.has(item.id)) this.contributions.set(item.id, item);
    this.earlier = earlier;
    this.earlierShown = earlierShown;
  }

  get prompt() {
    return this.prompts.get(this.session.prompt) ?? null;
  }

  get spotlight() {
    const item = this.contributions.get(this.session.spotlight);
    return item && !LEFT.has(item.state) ? item : null;
  }

  /** The session's subject: its proposition if it has one, else its own title. */
  get subject() {
    const propositions = this.session.propositions ?? [];
    return propositions.length === 1 ? propositions[0] : { number: null, title: this.session.title };
  }

  /** What everybody may read, merged ones represented by what they were merged into. */
  shown() {
    return [...this.contributions.values()].filter((item) => item.state === "shown" && !item.merged_into);
  }

  get shownCount() {
    let count = this.earlierShown;
    for (const item of this.contributions.values()) if (item.state === "shown") count += 1;
    return count;
  }

  support(id) {
    return this.tallies.support[id] ?? 0;
  }

  seen(id) {
    return this.tallies.seen[id] ?? 0;
  }

  optionTally(id) {
    return { support: 0, concern: 0, pass: 0, seen: 0, ...this.tallies.options[id] };
  }

  /** Keep only the newest and the most supported, for screens that stay open for a day. */
  prune(most) {
    if (this.contributions.size <= most) return;
    const supported = Object.entries(this.tallies.support).sort(([, a], [, b]) => b - a);
    const kept = new Set([...supported.slice(0, most / 10).map(([id]) => Number(id)), this.session.spotlight]);
    for (const [id, item] of this.contributions) {
      if (this.contributions.size <= most) break;
      if (kept.has(id)) continue;
      this.contributions.delete(id);
      delete this.tallies.support[id];
      delete this.tallies.seen[id];
      this.earlier += 1;
      if (item.state === "shown") this.earlierShown += 1;
    }
    for (const name of ["support", "seen"]) {
      for (const id in this.tallies[name]) if (!this.contributions.has(Number(id))) delete this.tallies[name][id];
    }
  }

  applyTallies(tallies) {
    if (tallies.people !== undefined) this.tallies.people = tallies.people;
    if (tallies.health) this.tallies.health = tallies.health;
    for (const name of ["support", "options", "seen", "together"]) Object.assign(this.tallies[name], tallies[name] ?? {});
  }

  apply(event) {
    // An acknowledgement may have come first, of a later change.
    if (event.version !== undefined) this.session.version = Math.max(this.session.version, event.version);
    if (event.prompt_count !== undefined) this.session.prompt_count = event.prompt_count;
    HANDLERS[event.kind]?.(this, event);
  }

  put(item) {
    if (!item) return;
    this.contributions.set(item.id, { ...this.contributions.get(item.id), ...item });
    this.hearTable(item);
  }

  /** Consoles are told when a contribution came in; the latest says when its table was last heard. */
  hearTable({ table_id: id, received_at: at }) {
    const table = at && this.tables.find((known) => known.id === id);
    if (table && !(table.last_said_at >= at)) table.last_said_at = at;
  }

  patch(id, fields) {
    const item = this.contributions.get(id);
    if (item) this.contributions.set(id, { ...item, ...fields });
  }

  /** Hidden or withdrawn: its author and consoles get it with the reason, everybody else loses it. */
  takeAway({ contribution, contribution_id: id }) {
    if (contribution) this.put(contribution);
    else this.contributions.delete(id);
  }

  setState({ state }) {
    this.session.state = state;
  }

  putPrompt(prompt) {
    this.prompts.set(prompt.id, prompt);
    this.sortPrompts();
  }

  sortPrompts() {
    this.prompts = new Map([...this.prompts].sort(([, a], [, b]) => a.number - b.number));
  }

  showPrompt({ prompt }) {
    const before = this.prompts.get(this.session.prompt);
    if (before && before.id !== prompt.id) this.prompts.set(before.id, { ...before, state: "closed" });
    this.session.prompt = prompt.id;
    this.putPrompt(prompt);
  }

  closePrompt({ prompt_id: id }) {
    const prompt = this.prompts.get(id);
    if (prompt) this.prompts.set(id, { ...prompt, state: "closed" });
    if (this.session.prompt === id) this.session.prompt = null;
  }

  movePrompts({ order, numbers }) {
    this.renumber(numbers ?? Object.fromEntries(order.map((id, index) => [id, index + 1])));
  }

  /** A queued prompt goes. Only consoles knew it; for everybody those after it move up. */
  removePrompt({ prompt_id: id, numbers }) {
    this.prompts.delete(id);
    this.renumber(numbers ?? Object.fromEntries([...this.prompts.keys()].map((key, index) => [key, index + 1])));
  }

  renumber(numbers) {
    for (const [id, prompt] of this.prompts) this.prompts.set(id, { ...prompt, number: numbers[id] ?? prompt.number });
    this.sortPrompts();
  }

  setTable({ table }) {
    const others = this.tables.filter((known) => known.id !== table.id);
    this.tables = [...others, table].sort((a, b) => a.position - b.position || a.id - b.id);
  }

  removeTable({ table_id: id }) {
    this.tables = this.tables.filter((known) => known.id !== id);
  }
}

const setState = (room, event) => room.setState(event);
const put = (room, event) => room.put(event.contribution);
const takeAway = (room, event) => room.takeAway(event);
const setTimer = (room, event) => {
  room.session.timer_ends_at = event.timer_ends_at;
};
const setStar = (room, event) => room.patch(event.contribution_id, { starred: event.starred });
const setTags = (room, event) => room.patch(event.contribution_id, { tags: event.tags });
const setMerged = (room, event) => room.patch(event.contribution_id, { merged_into: event.merged_into });

const setTable = (room, event) => {
  if (event.table) room.setTable(event);
};

const setThemes = (room, { themes }) => {
  if (themes) room.themes = themes;
};

const HANDLERS = {
  "session.opened": (room, event) => {
    room.setState(event);
    room.session.opened_at = event.opened_at;
  },
  "session.paused": setState,
  "session.closed": setState,
  "session.rehearsal_started": (room) => {
    room.session.is_rehearsal = true;
  },
  "session.cleared": (room, { state }) => {
    room.session.state = state;
    room.session.is_rehearsal = false;
  },
  "session.moderation_changed": (room, { moderation }) => {
    room.session.moderation = moderation;
  },
  "prompt.added": (room, { prompt }) => {
    if (prompt) room.putPrompt(prompt);
  },
  "prompt.edited": (room, { prompt }) => {
    if (prompt) room.putPrompt(prompt);
  },
  "prompt.shown": (room, event) => room.showPrompt(event),
  "prompt.closed": (room, event) => room.closePrompt(event),
  "prompt.moved": (room, event) => room.movePrompts(event),
  "prompt.removed": (room, event) => room.removePrompt(event),
  "contribution.added": put,
  "contribution.released": put,
  "contribution.edited": put,
  "contribution.hidden": takeAway,
  "contribution.withdrawn": takeAway,
  "contribution.starred": setStar,
  "contribution.unstarred": setStar,
  "contribution.tagged": setTags,
  "contribution.untagged": setTags,
  "contribution.merged": setMerged,
  "contribution.unmerged": setMerged,
  "spotlight.set": (room, { contribution }) => {
    if (typeof contribution === "object") room.put(contribution);
    room.session.spotlight = contribution?.id ?? contribution;
  },
  "spotlight.cleared": (room) => {
    room.session.spotlight = null;
  },
  "timer.started": setTimer,
  "timer.extended": setTimer,
  "timer.stopped": setTimer,
  "wall.message_changed": (room, { message }) => {
    room.session.message = message;
  },
  "wall.blanked": (room, { blank }) => {
    room.session.blank = blank;
  },
  "wall.themes_changed": setThemes,
  "wall.themes_counted": setThemes,
  "table.added": setTable,
  "table.renamed": setTable,
  "table.changed": setTable,
  "table.removed": (room, event) => room.removeTable(event),
  "seat.changed": (room, { table }) => {
    room.you.table = table;
  },
};
