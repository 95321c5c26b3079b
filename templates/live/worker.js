/*
 * Lets the phone's page open without a signal, so that what waits on the phone can be read and goes when it is back.
 * The network always comes first; what it last answered is the second choice. Walls, consoles and the protocol itself
 * are left alone.
 */

const CACHE = "summit-live-1";
const PATIENCE = 6000;
// Parts have other names after each release; the oldest go.
const MOST = 60;
const PHONE = /^\/live\/[A-Za-z0-9]{6}\/$/;

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const others = caches.keys().then((names) => names.filter((name) => name.startsWith("summit-live-") && name !== CACHE));
  event.waitUntil(
    others.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

async function keep(request, response) {
  if (response.ok && !response.redirected && response.type === "basic") {
    const cache = await caches.open(CACHE);
    await cache.put(request.mode === "navigate" ? new URL(request.url).pathname : request, response.clone());
    const names = await cache.keys();
    for (const old of names.slice(0, Math.max(0, names.length - MOST))) await cache.delete(old);
  }
  return response;
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  return cache.match(request.mode === "navigate" ? new URL(request.url).pathname : request);
}

async function answer(event) {
  const { request } = event;
  const fromNetwork = fetch(request).then((response) => keep(request, response));
  const tooLong = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  try {
    const first = await Promise.race([fromNetwork, tooLong]);
    if (first && first.status < 500) return first;
    return (await kept(request)) ?? first ?? (await fromNetwork);
  } catch (error) {
    const copy = await kept(request);
    if (copy) return copy;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const page = request.mode === "navigate" && PHONE.test(url.pathname);
  const part = request.mode !== "navigate" && /\.(css|js|woff2)$/.test(url.pathname);
  if (page || part) event.respondWith(answer(event));
});
