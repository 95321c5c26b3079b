/**
 * Dragging the entry by its handle onto what has a button anyway: a point, a theme, Merge, Set aside.
 */

const ONTO = ".desk-target, .desk-strip__point, .desk-tool > summary, [data-theme]";

export class Dragging {
  /** `dropped` gets the element that the entry was let go over. */
  constructor(desk, { dropped }) {
    this.desk = desk;
    this.dropped = dropped;
    this.over = null;
  }

  get isGoing() {
    return this.desk.dataset.dragging !== undefined;
  }

  start(event, card, id) {
    event.dataTransfer.setData("text/x-entry", String(id));
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(card, 20, 20);
    this.desk.dataset.dragging = "";
  }

  moveOver(event) {
    if (!this.isGoing) return;
    const over = event.target.closest?.(ONTO) || null;
    if (this.over && this.over !== over) delete this.over.dataset.over;
    this.over = over;
    if (!over) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    over.dataset.over = "";
  }

  end() {
    delete this.desk.dataset.dragging;
    if (this.over) delete this.over.dataset.over;
    this.over = null;
  }

  drop(event) {
    const onto = this.isGoing ? event.target.closest?.(ONTO) : null;
    this.end();
    if (!onto) return;
    event.preventDefault();
    this.dropped(onto);
  }
}
