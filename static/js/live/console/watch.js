/** What to keep an eye on: tables, who is quiet, and how delivery goes. */

import { clockTime, counted, reconcile, setHidden, setText, stamp } from "../page.js";

const QUIET_AFTER = 5 * 60_000;
const ARRIVED_WITHIN = 60_000;

/** 2 s, 4 min: how long something took, as a glance takes it in. */
function duration(seconds) {
  if (seconds < 1) return "< 1 s";
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

export class Watch {
  constructor(desk) {
    const { parts, room, connection } = desk;
    Object.assign(this, { desk, parts, room, connection });
  }

  render() {
    this.renderQuiet();
    this.renderTables();
    this.renderDelivery();
  }

  /** The moment before which something must have been said; null while nobody can be called quiet yet. */
  quietSince() {
    const { state, opened_at: openedAt } = this.room.session;
    const since = this.connection.clock.now() - QUIET_AFTER;
    return state === "open" && !(Date.parse(openedAt) > since) ? since : null;
  }

  renderQuiet() {
    const { parts, room } = this;
    const since = this.quietSince();
    const isQuiet = ({ last_said_at: at }) => since !== null && !(Date.parse(at) > since);
    const quiet = room.tables.filter(isQuiet);
    setHidden(parts.quiet, quiet.length === 0);
    const propositions = this.quietPropositions();
    setHidden(parts.quietPropositions, propositions.length === 0);
    reconcile(
      parts.quietPropositionList,
      propositions.map((proposition) => proposition.id),
      () => document.createElement("li"),
      (node, id) => {
        const { number, title } = propositions.find((proposition) => proposition.id === id);
        setText(node, `${number} ${title}`);
      },
    );
    reconcile(
      parts.quietList,
      quiet.map((table) => table.id),
      () => document.createElement("li"),
      (node, id) => setText(node, room.tables.find((table) => table.id === id).name),
    );
  }

  /** Of several propositions, those that nobody has spoken about lately. */
  quietPropositions() {
    const { room } = this;
    const { propositions } = room.session;
    const since = this.quietSince();
    if (since === null || propositions.length < 2) return [];
    const heard = new Set();
    for (const item of room.contributions.values()) if (Date.parse(item.received_at) > since) heard.add(item.proposition);
    return propositions.filter((proposition) => !heard.has(proposition.id));
  }

  renderTables() {
    const { parts, room } = this;
    setText(parts.tableCount, room.tables.length ? String(room.tables.length) : "");
    reconcile(
      parts.tableList,
      room.tables.map((table) => table.id),
      () => stamp(parts.tableTemplate),
      (node, id) => {
        const table = room.tables.find((known) => known.id === id);
        const field = (name) => node.querySelector(`[data-field=${name}]`);
        setText(field("name"), table.name);
        const people = counted(table.headcount, "person", "people");
        setText(field("meta"), table.has_scribe ? people : "no scribe yet");
        for (const input of node.querySelectorAll("[name=table]")) input.value = id;
        for (const [name, value] of [["headcount", table.headcount], ["name", table.name]]) {
          const input = node.querySelector(`[name=${name}]`);
          input.id = `table-${name}-${id}`;
          input.closest(".field").querySelector("label").htmlFor = input.id;
          if (document.activeElement !== input && input.defaultValue !== String(value)) {
            input.defaultValue = String(value);
            input.value = String(value);
          }
        }
        setHidden(field("free"), !table.has_scribe);
        setHidden(field("remove"), Boolean(table.last_said_at));
        const { code } = room.session;
        setText(field("code"), `${code.slice(0, 3)} ${code.slice(3)} ${table.key}`);
      },
    );
  }

  /** The longest that something took from being said to being stored, in the last minute, in seconds; null if none. */
  slowest() {
    const { room, connection } = this;
    const since = connection.clock.now() - ARRIVED_WITHIN;
    let slowest = null;
    for (const item of room.contributions.values()) {
      const received = Date.parse(item.received_at);
      if (received > since) slowest = Math.max(slowest ?? 0, (received - Date.parse(item.said_at)) / 1000);
    }
    return slowest;
  }

  renderDelivery() {
    const { parts, room, connection } = this;
    const health = { connected: 0, behind: 0, offline_unsent: 0, unsent: 0, ...room.tallies.health };
    setText(parts.deliveryAsOf, `as of ${clockTime(connection.heardAt)}`);
    setText(parts.here, room.tallies.people.toLocaleString("en-GB"));
    setText(parts.connected, String(health.connected));
    setText(parts.behind, String(health.behind));
    setText(parts.unsent, `${health.offline_unsent}, ${health.unsent}`);
    const slowest = this.slowest();
    setText(parts.slowest, slowest === null ? "–" : duration(slowest));
    parts.slowestRow.toggleAttribute("data-warn", slowest !== null && slowest >= 60);
    parts.behindRow.toggleAttribute("data-warn", health.behind > 0);
    parts.unsentRow.toggleAttribute("data-warn", health.unsent > 0);
  }
}
