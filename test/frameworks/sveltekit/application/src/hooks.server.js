import { redirect } from '@sveltejs/kit'
import { sequence } from '@sveltejs/kit/hooks'
import { sessions } from 'untorn/sveltekit'

// As an application has it. Where it is built nothing is to be left behind.
const own = sessions()

// One built application serves several sites; each is found by the port that it listens on.
const handles = new WeakMap()

function handleOf(site) {
  if (!handles.has(site)) handles.set(site, site.handle ?? sessions(site.options))
  return handles.get(site)
}

const session = ({ event, resolve }) => {
  const site = globalThis.untornSites?.get(event.url.host)
  return (site === undefined ? own : handleOf(site))({ event, resolve })
}

const after = ({ event, resolve }) => {
  if (event.url.pathname === '/guarded') {
    event.locals.session.wanted = event.url.pathname
    redirect(303, '/form')
  }
  if (event.url.pathname === '/broken-hook') {
    event.locals.session.broken = true
    throw new Error('a hook fails')
  }
  return resolve(event)
}

export const handle = sequence(session, after)

export const handleError = ({ error }) => ({ message: `said by the application: ${error.message}` })
