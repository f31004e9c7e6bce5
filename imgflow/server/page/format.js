// Numbers, sizes and times as people read them.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

// What the server's clock is ahead of ours, in milliseconds.
let ahead = 0;

export function setClock(date) {
  const there = Date.parse(date);
  if (!Number.isNaN(there)) ahead = there - Date.now();
}

export function count(number) {
  return whole.format(number);
}

export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

export function seconds(value) {
  if (value < 0.9995) return `${whole.format(value * 1000)}\u00a0ms`;
  if (value < 9.95) return `${tenths.format(value)}\u00a0s`;
  if (value < 99.5) return `${whole.format(value)}\u00a0s`;
  if (value < 5940) return `${whole.format(value / 60)}\u00a0min`;
  if (value < 172_800) return `${tenths.format(value / 3600)}\u00a0h`;
  return `${whole.format(value / 86_400)}\u00a0days`;
}

// Whole seconds, for times that run.
export function running(value) {
  return value < 1 ? "0\u00a0s" : seconds(Math.floor(value));
}

export function age(iso) {
  const then = Date.parse(iso);
  return Number.isNaN(then) ? 0 : Math.max(0, (Date.now() + ahead - then) / 1000);
}

export function ago(iso) {
  const passed = age(iso);
  return passed < 1 ? "now" : `${running(passed)} ago`;
}

export function perTime(perSecond) {
  if (perSecond >= 10) return `${whole.format(perSecond)}/s`;
  if (perSecond >= 1) return `${tenths.format(perSecond)}/s`;
  return `${whole.format(perSecond * 60)}/min`;
}

export function bytes(number) {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  while (number >= 999.5 && unit < units.length - 1) {
    number /= 1000;
    unit += 1;
  }
  return `${number < 9.95 && unit > 0 ? tenths.format(number) : whole.format(number)}\u00a0${units[unit]}`;
}

// The last part of a path or URI, and what comes before it.
export function nameOf(uri) {
  const end = uri.replace(/\/+$/, "");
  return end.slice(end.lastIndexOf("/") + 1) || uri;
}

export function folderOf(uri) {
  return uri.slice(0, Math.max(0, uri.lastIndexOf("/") + 1));
}
