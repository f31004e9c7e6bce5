// Requests to the server, with the token that was asked for once and is kept for this tab.

const KEY = "imgflow-token";

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export function hasToken() {
  return sessionStorage.getItem(KEY) !== null;
}

export function keepToken(token) {
  sessionStorage.setItem(KEY, token);
}

export function forgetToken() {
  sessionStorage.removeItem(KEY);
}

// Fetch, and throw a Refused with the server's own words unless the status is one of success.
export async function call(path, options = {}) {
  const headers = new Headers(options.headers);
  const token = sessionStorage.getItem(KEY);
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  const response = await fetch(path, { cache: "no-store", ...options, headers });
  if (response.ok) return response;
  let detail = `the server answered with status ${response.status}`;
  try {
    const problem = await response.json();
    detail = problem.detail || problem.title || detail;
  } catch {
    // The status is all there is to tell.
  }
  throw new Refused(response.status, detail);
}

export function send(path, body) {
  const headers = { "Content-Type": "application/json" };
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
}
