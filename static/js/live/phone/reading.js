/** What others said: in an order that stands still while somebody reads, what this phone has not shown yet first. */

import { clockTime, counted, fold, inWords, reconcile, setHidden, setText, stamp } from "../page.js";

const SEEN_AFTER = 1_000;
const PAGE = 30;

export class Reading {
  constructor(phone) {
    const { parts, room, connection, outbox } = phone;
    Object.assign(this, { phone, parts, room, connection, outbox });
    this.order = null;
    this.shownRows = PAGE;
    this.seen = new Set(outbox.read("seen") ?? []);
    this.seenToTell = new Set();
    this.seenOptions = new Set();
    this.optionsToTell = new Set();
    this.watch();
    this.arrange();
    parts.pill.addEventListener("click", () => this.takeNew());
    parts.roomMore.addEventListener("click", () => this.showMore());
    setHidden(parts.pillPlace, false);
  }

  others() {
    return this.room.shown().filter((item) => !this.phone.own.isMine(item));
  }

  /**
   * A new order, kept until the person asks for another: what this phone has not shown yet comes first, in a random
   * order of its own so that the early ones do not win by being early; then the most supported.
   */
  arrange() {
    const { room } = this;
    const items = this.others();
    this.luck ??= new Map();
    for (const item of items) if (!this.luck.has(item.id)) this.luck.set(item.id, Math.random() * (1 + room.seen(item.id)));
    const unseen = items.filter((item) => !this.seen.has(item.id));
    const known = items.filter((item) => this.seen.has(item.id));
    unseen.sort((a, b) => this.luck.get(a.id) - this.luck.get(b.id));
    known.sort((a, b) => room.support(b.id) - room.support(a.id) || b.seq - a.seq);
    this.orderName = unseen.length ? "unseen first" : "most supported";
    this.order = [...unseen, ...known].map((item) => item.id);
    this.inOrder = new Set(this.order);
  }

  takeNew() {
    const before = this.inOrder;
    this.arrange();
    this.order = [...this.order.filter((id) => !before.has(id)), ...this.order.filter((id) => before.has(id))];
    this.shownRows = Math.max(PAGE, this.shownRows);
    this.phone.render();
    this.parts.roomList.firstElementChild?.focus({ preventScroll: true });
  }

  /** More of the list; when all that came with the snapshot is there, what was said before it. */
  async showMore() {
    const { room } = this;
    this.shownRows += PAGE;
    if (this.shownRows >= this.order.length && room.earlier) {
      const { contributions, earlier, earlier_shown: shown } = await this.connection.fetchEarlier(room.firstSeq).catch(() => ({}));
      if (contributions) {
        room.addEarlier(contributions, earlier, shown);
        const fresh = this.others().filter((item) => !this.inOrder.has(item.id));
        for (const { id, seq } of fresh) {
          if (!contributions.some((item) => item.seq === seq)) continue;
          this.order.push(id);
          this.inOrder.add(id);
        }
      }
    }
    this.phone.render();
  }

  /** Remember what has stood on the screen for a second, and tell the server, each once. */
  watch() {
    const timers = new Map();
    this.eye = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting, intersectionRatio, intersectionRect } of entries) {
          // Words longer than the screen have been seen when they fill half of it.
          const inSight = isIntersecting && (intersectionRatio >= 0.6 || intersectionRect.height >= innerHeight / 2);
          if (inSight && !timers.has(target)) timers.set(target, setTimeout(() => this.saw(target), SEEN_AFTER));
          if (inSight) continue;
          clearTimeout(timers.get(target));
          timers.delete(target);
        }
      },
      { threshold: [0, 0.2, 0.3, 0.4, 0.5, 0.6] },
    );
    for (const node of [...this.parts.roomList.children, ...this.parts.weigh.children]) this.eye.observe(node);
    setInterval(() => this.tellSeen(), 3_000);
  }

  watched(node) {
    this.eye.observe(node);
    return node;
  }

  saw(node) {
    const id = Number(node.dataset.key);
    if (!id || document.visibilityState !== "visible") return;
    const option = node.matches(".weigh__item");
    const known = option ? this.seenOptions : this.seen;
    if (known.has(id)) return;
    known.add(id);
    (option ? this.optionsToTell : this.seenToTell).add(id);
  }

  tellSeen() {
    if (!this.connection.online || !(this.seenToTell.size + this.optionsToTell.size)) return;
    const take = (ids, most) => {
      const taken = [...ids].slice(0, most);
      for (const id of taken) ids.delete(id);
      return taken;
    };
    this.connection.tell("seen", { contributions: take(this.seenToTell, 80), options: take(this.optionsToTell, 20) });
    this.outbox.write("seen", [...this.seen].slice(-2_000));
  }

  render() {
    const { parts, phone, room, connection } = this;
    const others = this.others();
    const present = new Map(others.map((item) => [item.id, item]));
    const reading = parts.roomList.childElementCount > 0;
    if (!reading && others.length) this.arrange();
    const fresh = others.filter((item) => !this.inOrder.has(item.id)).length;
    const ids = this.order.filter((id) => present.has(id));
    const few = ids.slice(0, this.shownRows);
    const total = counted(room.shownCount, "", "").trim();
    const offline = !connection.online && phone.stripShown;
    setText(parts.roomMeta, room.shownCount ? `${total}, ${offline ? `as of ${clockTime(connection.heardAt)}` : this.orderName}` : "");
    setHidden(parts.roomEmpty, others.length > 0);
    setText(parts.pill, `${fresh} new`);
    setHidden(parts.pill, fresh === 0);
    if (fresh && fresh !== this.announced) phone.announcer.say(`${fresh} new`);
    this.announced = fresh;
    setHidden(parts.roomMore, few.length === ids.length && !room.earlier);
    reconcile(
      parts.roomList,
      few,
      () => this.watched(stamp(parts.saidTemplate)),
      (node, id) => this.fill(node, present.get(id)),
    );
    setText(
      parts.legendWords,
      offline
        ? "Supporting comes back with the signal. You can close this page: what you wrote stays on this phone."
        : "After the summit this page tells you which of your words were used, and where.",
    );
  }

  fill(node, item) {
    const { phone, room } = this;
    const count = phone.votes.supportOf(item.id);
    const pressed = Boolean(room.votes.contributions[item.id]);
    fold(node, item.body);
    setText(node.querySelector("[data-field=by]"), this.saidBy(item));
    node.querySelector("[name=contribution]").value = item.id;
    const button = node.querySelector("[data-field=support]");
    setText(button.querySelector("[data-field=count]"), String(count));
    button.setAttribute("aria-pressed", String(pressed));
    button.setAttribute("aria-label", `${count} support this: ${item.body.slice(0, 80)}`);
    if (phone.cutOff || room.session.state === "closed") button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }

  saidBy(item) {
    const { session, prompts } = this.room;
    const people = item.headcount > 1 ? `, ${inWords(item.headcount)} people` : "";
    const by = item.table ? `${item.table}${people}` : item.author;
    const prompt = item.prompt !== session.prompt && prompts.get(item.prompt);
    return prompt && session.prompt ? `${by}, prompt ${prompt.number}` : by;
  }
}
