const list = document.getElementById("list");
const viewer = document.getElementById("viewer");
const controls = ["word", "format", "show", "order"].map((id) => document.getElementById(id));
const files = document.getElementById("file");
const SHOWN = ["before", "after", "source", "made"].map((id) => document.getElementById(id));
const chunkSize = Number(document.querySelector("main").dataset.chunk);
const chunks = new Map();

// Figures and thumbnails are read a chunk at a time, once somebody looks at one of them.
function details(row) {
  const index = Number(row.dataset.index);
  const chunk = Math.floor(index / chunkSize);
  if (!chunks.has(chunk)) {
    chunks.set(chunk, JSON.parse(document.getElementById(`chunk-${chunk}`).textContent));
  }
  return chunks.get(chunk)[index % chunkSize];
}

const rows = [...list.children].map((element, place) => ({
  element,
  place,
  ...element.dataset,
  name: element.querySelector(".open").textContent.toLowerCase(),
}));
let seen = rows;

const near = new IntersectionObserver(
  (changes) => {
    for (const { target, isIntersecting } of changes) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      const { thumb } = details(target);
      if (thumb) target.querySelector(".thumb").src = `data:image/webp;base64,${thumb}`;
    }
  },
  { rootMargin: "600px" },
);

const orders = {
  worst: (one, two) => one.place - two.place,
  share: (one, two) => two.share - one.share,
  bytes: (one, two) => two.bytes - one.bytes,
  seconds: (one, two) => two.seconds - one.seconds,
  name: (one, two) => one.name.localeCompare(two.name),
};
const kinds = {
  "": () => true,
  low: (row) => row.score !== "" && row.score < 70,
  fair: (row) => row.score !== "" && row.score < 80,
  grown: (row) => row.share > 1,
  warned: (row) => row.warnings > 0,
};

function choose() {
  const [word, format, show, order] = controls.map((control) => control.value);
  const text = word.trim().toLowerCase();
  seen = rows
    .filter((row) => row.name.includes(text) && kinds[show](row))
    .filter((row) => !format || row.formats.split(" ").includes(format))
    .sort(orders[order]);
  list.replaceChildren(...seen.map((row) => row.element));
  count();
}

function count() {
  const all = rows.length.toLocaleString("en");
  document.getElementById("found").textContent =
    seen.length === rows.length ? `${all} images` : `${seen.length.toLocaleString("en")} of ${all} images`;
}

for (const control of controls) control.addEventListener("input", choose);

// The list: a click or Enter opens an image, arrows go from one to the next.
list.addEventListener("click", (event) => {
  if (event.target.closest(".open")) open(event.target.closest("li"));
});
list.addEventListener("keydown", (event) => {
  const row = event.target.closest("li");
  const to = {
    ArrowDown: row.nextElementSibling,
    ArrowUp: row.previousElementSibling,
    Home: list.firstElementChild,
    End: list.lastElementChild,
  }[event.key];
  if (!to) return;
  event.preventDefault();
  to.querySelector(".open").focus();
});

let opened = null;

function open(row) {
  opened = row;
  const found = details(row);
  document.getElementById("viewed").textContent = found.name;
  files.replaceChildren(...found.files.map((file) => new Option(file.path)));
  document.getElementById("files").hidden = found.files.length < 2;
  document.getElementById("previous").disabled = !row.previousElementSibling;
  document.getElementById("next").disabled = !row.nextElementSibling;
  show();
  const first = !viewer.open;
  if (first) viewer.showModal();
  // The divider is what one wants; a button that cannot be used any more lets go of the focus.
  if (first || !viewer.contains(document.activeElement) || document.activeElement.disabled) {
    (divider.checkVisibility() ? divider : document.getElementById("close")).focus();
  }
  resize();
}

// Pictures are in the page as far as it has room for them, else beside it.
function show() {
  const found = details(opened);
  const place = Math.max(0, files.selectedIndex);
  const file = found.files[place];
  const told = [];
  const inside = document.getElementById(`pair-${opened.dataset.index}-${place}`);
  const [first, second] = inside ? pictures(inside) : [found.link, file?.link ?? ""];
  const over = Boolean(file?.aligned && first && second);
  told.push(line("Original: ", found.name, found.link, found.size));
  if (file) told.push(line("Image: ", file.path, file.link, file.told));
  if (found.replaced) told.push(line("The original was replaced by the image: there is nothing to compare."));
  else if (!first) told.push(line("The original cannot be shown from here."));
  if (file && !second) told.push(line("The image cannot be shown from here."));
  if (over && !inside) told.push(line("Both are shown from where they lie; the page holds the worst images only."));
  if (first && file && !file.aligned) told.push(line("They have different shapes, so they are shown beside each other."));
  for (const note of [...found.notes, ...(file?.notes ?? [])]) told.push(line(note));
  document.getElementById("told").replaceChildren(...told);
  document.getElementById("over").hidden = !over;
  document.getElementById("apart").hidden = over;
  const sources = over ? [first, second, "", ""] : ["", "", first, second];
  SHOWN.forEach((image, index) => {
    image.hidden = !sources[index];
    if (sources[index]) image.src = sources[index];
    else image.removeAttribute("src");
  });
  for (const figure of document.querySelectorAll("#apart figure")) {
    figure.hidden = figure.querySelector("img").hidden;
  }
  if (!over) return;
  pair.style.setProperty("--width", file.width);
  pair.style.setProperty("--height", file.height);
  divider.value = "50";
  resize();
}

// What the page has no room for is beside it.
function tell() {
  const made = rows.reduce((sum, row) => sum + Number(row.files), 0);
  const inside = document.querySelectorAll("script[id^=pair-]").length;
  if (!made) return;
  document.getElementById("inside").textContent =
    inside >= made
      ? "All pictures are inside this page."
      : `${inside.toLocaleString("en")} of ${made.toLocaleString("en")} files, the worst first, are inside this page ` +
        "in full size; the others, and their originals, are shown from where they lie beside it.";
}

// A source is in the page once, whatever was made of it.
function pictures(element) {
  const [source, made] = JSON.parse(element.textContent);
  return [JSON.parse(document.getElementById(source).textContent), made];
}

function line(text, name = "", link = "", after = "") {
  const item = document.createElement("li");
  item.append(text);
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = name;
    item.append(anchor);
  } else item.append(name);
  if (after) item.append(`, ${after}`);
  return item;
}

for (const image of SHOWN) {
  image.addEventListener("error", () => {
    if (!image.hasAttribute("src")) return;
    const text = `${image.alt} cannot be shown: it is not where it was, or browsers do not know its format.`;
    document.getElementById("told").append(line(text));
  });
}
files.addEventListener("change", show);
const step = (row) => row && open(row);
document.getElementById("previous").addEventListener("click", () => step(opened.previousElementSibling));
document.getElementById("next").addEventListener("click", () => step(opened.nextElementSibling));
document.getElementById("close").addEventListener("click", () => viewer.close());
viewer.addEventListener("close", () => opened.querySelector(".open").focus());
viewer.addEventListener("keydown", (event) => {
  if (event.target.closest("select, input, #stage") || event.altKey || event.ctrlKey) return;
  if (event.key === "ArrowLeft") step(opened.previousElementSibling);
  if (event.key === "ArrowRight") step(opened.nextElementSibling);
});

count();
tell();
for (const row of rows) near.observe(row.element);
