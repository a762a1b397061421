export const fallback = (event) => globalThis.untornSites.get(event.url.host).page(event)
