// Rows and cards: made from a template, one for each job, and kept while the job is there.

export function byId(id) {
  return document.getElementById(id);
}

// Text from jobs is somebody else's: it only ever gets in as text.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function parts(node) {
  const found = { node };
  for (const part of node.querySelectorAll("[data-part]")) found[part.dataset.part] = part;
  return found;
}

// Keeps the children of a node in step with a list of things that have keys.
export class Rows {
  constructor(parent, template, { key, fill, made = () => {}, gone = () => {} }) {
    Object.assign(this, { parent, template, key, fill, made, gone });
    this.shown = new Map();
  }

  show(things) {
    const next = new Map();
    let place = this.parent.firstElementChild;
    for (const thing of things) {
      const key = this.key(thing);
      const row = this.shown.get(key) ?? this.make(thing);
      next.set(key, row);
      this.fill(row, thing);
      if (row.node === place) place = place.nextElementSibling;
      else this.parent.insertBefore(row.node, place);
    }
    for (const [key, row] of this.shown) {
      if (next.has(key)) continue;
      row.node.remove();
      this.gone(row);
    }
    this.shown = next;
  }

  make(thing) {
    const row = parts(byId(this.template).content.firstElementChild.cloneNode(true));
    this.made(row, thing);
    return row;
  }
}
