// Works offline after one visit: it caches all pages, and a panel's other pictures once they were fetched.
self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll([...FILES, "./"].map((name) => new Request(name, { cache: "no-cache" })))));
});

self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((name) => name !== VERSION).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  async function answer() {
    const cache = await caches.open(VERSION);
    const kept = await cache.match(event.request, { ignoreSearch: true });
    if (kept) return kept;
    const fresh = await fetch(event.request);
    if (fresh.ok && new URL(event.request.url).pathname.includes("/views/")) cache.put(event.request, fresh.clone());
    return fresh;
  }
  if (event.request.method === "GET" && event.request.url.startsWith(self.registration.scope)) event.respondWith(answer());
});
