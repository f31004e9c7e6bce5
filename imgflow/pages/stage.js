"use strict";
const frame = document.querySelector(".frame");
const stage = document.getElementById("stage");
const pair = document.getElementById("pair");
const divider = document.getElementById("divider");
const flip = document.getElementById("flip");
const zoom = document.getElementById("zoom");

// The divider runs through what is seen of the pictures, wherever they are scrolled to.
function divide() {
  const seen = Math.min(stage.clientWidth, pair.offsetWidth);
  pair.style.setProperty("--at", `${stage.scrollLeft + (seen * divider.value) / 100}px`);
  flip.setAttribute("aria-pressed", String(divider.value === "100"));
}

// One to one is a pixel of the picture on a pixel of the screen.
function resize() {
  const width = Number(pair.style.getPropertyValue("--width"));
  const fits = zoom.value === "fit";
  const side = (width * Number(fits ? 1 : zoom.value)) / window.devicePixelRatio;
  pair.style.width = fits ? `min(100%, ${side}px)` : `${side}px`;
  frame.classList.toggle("whole", fits);
  pair.classList.toggle("large", !fits && Number(zoom.value) > 1);
  divide();
}

function drag(event) {
  if (event.pointerType !== "mouse" || event.buttons !== 1) return;
  const seen = Math.min(stage.clientWidth, pair.offsetWidth);
  const x = event.clientX - stage.getBoundingClientRect().left - stage.clientLeft;
  divider.value = String(Math.round((100 * x) / seen));
  divide();
}

divider.addEventListener("input", divide);
stage.addEventListener("scroll", divide);
stage.addEventListener("pointerdown", drag);
stage.addEventListener("pointermove", drag);
zoom.addEventListener("change", resize);
window.addEventListener("resize", resize);
flip.addEventListener("click", () => {
  divider.value = divider.value === "100" ? "0" : "100";
  divide();
});
resize();
