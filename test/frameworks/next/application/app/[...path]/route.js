// What the adapter suite asks, in the process of its server: each site has a port of its own.
import { sessions } from 'untorn/next'

const made = new WeakMap()

function answer(request) {
  const site = globalThis.untornSites.get(request.headers.get('host'))
  if (!made.has(site)) made.set(site, sessions(site.options))
  return made.get(site).withSession(site.answer)(request)
}

export { answer as DELETE, answer as GET, answer as HEAD, answer as PATCH, answer as POST, answer as PUT }
