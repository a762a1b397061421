import { values } from '../../../candidates/sample.ts'
import { OVERLAPPING } from '../overlapping.ts'

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

let meet = (): void => {}
const met = new Promise<void>((resolve) => {
  meet = resolve
})
let come = 0

/** Sets a value of its own, once as many requests as overlap have their session. */
export async function mark(session: object, name: string): Promise<object> {
  if (++come === OVERLAPPING) meet()
  await met
  Object.assign(session, { [name]: true })
  return {}
}

/** The names of all that {@link mark} has set. */
export function marks(session: object): object {
  return Object.keys(session).filter((name) => name.startsWith('mark-'))
}

/** Answers without the session. */
export function visit(): object {
  return { id: 0, name: 'visitor' }
}

/** What a server without sessions uses in their place: one object for all. */
export const noSession: SampleSession = { ...values }
