import type { Sessions } from 'untorn'
import { values } from '../../candidates/sample.ts'
import type { Operation } from '../../measure/rounds.ts'
import type { PlaceName } from './places.ts'
import { type Data, deviceOf, newOwner, visitor, visitorWith } from './visits.ts'

const DEVICES = 10

export function namesIn(place: PlaceName) {
  const of = (what: string) => `${place}: ${what}`
  return {
    read: of('a read, signed in'),
    byHand: of('a sign-in by hand: a value, a new id'),
    signIn: of('a sign-in'),
    rotate: of('a new id'),
    signOut: of('a sign-out'),
    list: of(`a list of ${DEVICES} devices`),
    revokeAll: of(`an end of ${DEVICES} devices`),
  }
}

/** Beside the floor: what a sign-in cost before anybody knew whose a session is, in the same run. */
export function verbs(place: PlaceName, sessions: Sessions<Data>, batch: number): Operation[] {
  const names = namesIn(place)
  const operation = (
    name: string,
    prepare: () => Promise<string>,
    once: (ready: string) => Promise<unknown>,
  ): Operation => {
    let ready: string[] = []
    return {
      group: `Whose session it is, ${place}, one request after the other`,
      name,
      floor: names.byHand,
      batch,
      async before(count) {
        ready = []
        for (let i = 0; i < count; i++) ready.push(await prepare())
      },
      async run(count) {
        for (let i = 0; i < count; i++) await once(ready[i]!)
      },
    }
  }
  const signedIn = (): Promise<string> => deviceOf(sessions, newOwner())
  const many = async (): Promise<string> => {
    const owner = newOwner()
    for (let n = 0; n < DEVICES; n++) await deviceOf(sessions, owner)
    return owner
  }
  return [
    operation(names.read, signedIn, (cookie) => visitor(sessions, cookie, (session) => session.get('cart'))),
    operation(
      names.byHand,
      () => visitorWith(sessions, values.cart),
      (cookie) =>
        visitor(sessions, cookie, (session) => {
          session.set('user', values.user)
          return session.rotate()
        }),
    ),
    operation(
      names.signIn,
      () => visitorWith(sessions, values.cart),
      (cookie) => visitor(sessions, cookie, (session) => session.login(newOwner(), { keep: ['cart'] })),
    ),
    operation(names.rotate, signedIn, (cookie) => visitor(sessions, cookie, (session) => session.rotate())),
    operation(names.signOut, signedIn, (cookie) => visitor(sessions, cookie, (session) => session.logout())),
    operation(names.list, many, async (owner) => {
      if ((await sessions.list(owner)).length !== DEVICES) throw new Error('A device is missing.')
    }),
    operation(names.revokeAll, many, async (owner) => sessions.revokeAll(owner)),
  ]
}
