/**
 * The cards of the desk: those seen, the one shown, and some ahead, so that the next entry is there at once.
 */

const AHEAD_LOW = 5;
// The server leaves out this many that one names, and no more.
const MOST_SKIPPED = 100;

export class Deck {
  /**
   * `fetchCards` asks the server for cards; `show` puts one on the stage; `mayShow` tells whether the stage may be drawn
   * again under the editor's hands, `isIdle` whether they have nothing in hand at all; `looked` is called when what comes next may be another; `ended` when nothing is left;
   * `failed` with a sentence when something cannot be shown now.
   */
  constructor({ fetchCards, show, mayShow, isIdle, looked, ended, failed }) {
    Object.assign(this, { fetchCards, show, mayShow, isIdle, looked, ended, failed });
    this.trail = [];
    this.at = -1;
    // How many have been put before the card that one began with.
    this.before = 0;
    this.ahead = [];
    this.decided = new Set();
    this.isLast = false;
    this.isFirst = true;
    // The next card has been asked for and is not here: what stands on the stage is the one before.
    this.isWaiting = false;
  }

  get current() {
    return this.trail[this.at];
  }

  get next() {
    return this.trail[this.at + 1] || this.ahead[0];
  }

  /** How far this is from where one began. */
  get way() {
    return this.at - this.before;
  }

  get previous() {
    return this.trail[this.at - 1];
  }

  /** Begin with a card; `isFirst` says that nothing stands before it. */
  begin(card, { isFirst }) {
    this.trail.push(card);
    this.at = 0;
    this.isFirst = isFirst;
  }

  /** Stand behind the last card. */
  end() {
    this.at = this.trail.length;
  }

  seenIds() {
    return [...this.trail, ...this.ahead].map((one) => one.id);
  }

  update(cards) {
    for (const card of cards || []) {
      for (const list of [this.trail, this.ahead]) {
        const index = list.findIndex((one) => one.id === card.id);
        if (index >= 0) list[index] = { ...list[index], ...card };
      }
    }
  }

  /** Put cards back that an undo has returned, and show the first of them. */
  giveBack(cards) {
    for (const card of cards) {
      this.decided.delete(card.id);
      if (!this.trail.some((one) => one.id === card.id)) this.trail.splice(this.at, 0, card);
    }
    this.isLast = false;
    if (cards.length) this.goTo(cards[0].id);
  }

  /** Leave out of what is ahead what others have decided about. */
  drop(ids) {
    this.ahead = this.ahead.filter((card) => !ids.has(card.id));
    this.isLast = false;
    this.looked();
  }

  goTo(id) {
    const index = this.trail.findIndex((one) => one.id === id);
    if (index >= 0) {
      this.isWaiting = false;
      this.at = index;
      this.show(this.current);
    }
  }

  step(direction) {
    if (direction < 0) {
      this.isWaiting = false;
      if (this.at > 0) {
        this.at -= 1;
        this.show(this.current);
        this.refresh(this.current.id);
      } else if (this.current) {
        this.fetchBefore();
      }
      return;
    }
    if (this.at < this.trail.length - 1) {
      this.at += 1;
      this.show(this.current);
      this.refresh(this.current.id);
    } else if (this.ahead.length) {
      this.trail.push(this.ahead.shift());
      this.at = this.trail.length - 1;
      this.show(this.current);
    } else if (this.isLast) {
      this.ended();
    } else {
      this.isWaiting = true;
    }
    this.fill();
  }

  async fill() {
    if (this.isFilling || this.isLast || this.ahead.length >= AHEAD_LOW) return;
    this.isFilling = true;
    try {
      const fresh = await this.fetchAhead();
      if (fresh.length) this.ahead.push(...fresh);
      else this.isLast = true;
      this.looked();
      if (this.isWaiting && this.ahead.length) {
        this.isWaiting = false;
        this.step(1);
      } else if (this.isWaiting && this.isLast) {
        this.isWaiting = false;
        this.ended();
      }
    } catch {
      // Asked again with the next news.
    } finally {
      this.isFilling = false;
    }
  }

  /** The next cards not seen yet: to the end of the list, and then from its beginning to where one started. */
  async fetchAhead() {
    let last = this.ahead.at(-1) || this.trail.at(-1);
    for (;;) {
      const known = new Set([...this.decided, ...this.seenIds()]);
      const cards = await this.fetchCards(`${last ? `after=${last.id}&` : ""}skip=${[...known].slice(-MOST_SKIPPED).join(",")}`);
      const fresh = cards.filter((card) => !known.has(card.id));
      if (fresh.length) return fresh;
      if (this.hasWrapped) return [];
      if (!cards.length) this.hasWrapped = true;
      last = cards.at(-1);
    }
  }

  async fetchBefore() {
    try {
      const cards = await this.fetchCards(`before=${this.current.id}`);
      if (cards.length && this.at === 0) {
        // One that starts in the middle is offered what lies before at the end: it stands in one place only.
        const isOther = (card) => card.id !== cards[0].id;
        this.ahead = this.ahead.filter(isOther);
        this.before += 1;
        this.trail = [cards[0], ...this.trail.filter(isOther)];
        this.show(this.current);
        this.fill();
      } else if (!cards.length) {
        this.isFirst = true;
        this.looked();
      }
    } catch {
      this.failed("No signal: the entry before cannot be shown now.");
    }
  }

  /** Bring a card up to date that somebody may have decided about since it was shown. */
  async refresh(id) {
    try {
      const cards = await this.fetchCards(`ids=${id}`);
      const before = this.current;
      this.update(cards);
      if (cards.length && this.current?.id === id && before.version !== cards[0].version && this.mayShow()) {
        this.show(this.current);
      }
    } catch {
      // It is shown as it was.
    }
  }

  /** What cards offer is another now: fetch those ahead anew, and the one shown unless the editor is at it. */
  async renew() {
    this.ahead = [];
    this.isLast = false;
    this.fill();
    const { current } = this;
    if (!current) return;
    try {
      const cards = await this.fetchCards(`ids=${current.id}`);
      this.update(cards);
      if (cards.length && this.current?.id === current.id && this.isIdle()) this.show(this.current);
    } catch {
      // It is shown as it was.
    }
  }
}
