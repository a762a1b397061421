// What has to compile with SvelteKit, and what must not.
import { type Actions, type RequestEvent, redirect } from '@sveltejs/kit'
import { type Handle, sequence } from '@sveltejs/kit/hooks'
import { createSessions } from 'untorn'
import { type PlainSession, sessionOf, sessions } from 'untorn/sveltekit'

interface Values {
  views: number
  user?: { name: string }
}

declare global {
  namespace App {
    interface Locals {
      session: PlainSession<Values>
    }
  }
}

export const handle: Handle = sessions()
export const several: Handle = sequence(
  sessions<Values>({ cookie: { name: 'shop' } }),
  async ({ event, resolve }) => {
    event.locals.session.views = 1
    return resolve(event)
  },
)

export const actions: Actions = {
  async login({ locals: { session } }) {
    session.user = { name: 'Ada' }
    await session.login('ada', { keep: ['user'] })
    redirect(303, '/')
  },
}

export function load(event: RequestEvent): unknown {
  const { session } = event.locals
  session.views = (session.views ?? 0) + 1
  // @ts-expect-error: a number was declared
  session.views = 'many'
  // @ts-expect-error: nothing of this name was declared
  session.veiws = 1
  const own = sessionOf<{ cart: string[] }>(event)
  // @ts-expect-error: a list of texts was named
  own.cart = [1]
  return own.cart
}

void sessions({ sessions: createSessions<Values>() }).sessions.list('ada')
// @ts-expect-error: SvelteKit's adapter says what a proxy says
sessions({ trustProxy: true })
// @ts-expect-error: options beside what has its own
sessions({ sessions: createSessions(), lifetime: '1d' })
// @ts-expect-error: no event
sessionOf({})
