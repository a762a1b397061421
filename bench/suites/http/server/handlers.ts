import { values } from '../../../candidates/sample.ts'

/** The same for each candidate; `look` is for checking what a session holds. */
export type SampleSession = typeof values

let changes = 0

export const handlers = {
  '/sign-in': (session: SampleSession): object => {
    session.user = values.user
    session.cart = values.cart
    session.token = values.token
    return {}
  },
  '/read': ({ user }: SampleSession): object => ({ id: user.id, name: user.name }),
  '/change': (session: SampleSession): object => {
    // As long as the sample's, and never the same again.
    const token = `${values.token.slice(0, -10)}${String(changes++).padStart(10, '0')}`
    session.token = token
    return { token }
  },
  '/look': ({ user, cart, token }: SampleSession): object => ({ user, cart, token }),
}

/** Answers without the session. */
export function visit(): object {
  return { id: 0, name: 'visitor' }
}

/** What a server without sessions uses in their place: one object for all. */
export const noSession: SampleSession = { ...values }
