import type { Sessions } from 'untorn'
import { tokens, values } from '../../candidates/sample.ts'
import { createSessions, fileStore } from '../../candidates/untorn.ts'
import { atOnce, type Operation } from '../../measure/rounds.ts'
import { floors } from './floor.ts'

type Values = typeof values

const group = 'Sessions over the file store, one request each'

/** What the requests of an application cost it, whatever framework they come through. */
export function requests(directory: string): { operations: Operation[]; close(): Promise<void> } {
  const sessions = createSessions<Values>({ store: fileStore(directory) })
  return {
    operations: [visitor(sessions), reading(sessions), changing(sessions)],
    close: async () => sessions.close(),
  }
}

function visitor(sessions: Sessions<Values>): Operation {
  return {
    group,
    name: 'a visitor without a cookie: open + get + commit',
    floor: floors.fstat,
    batch: 10_000,
    run(count) {
      for (let i = 0; i < count; i++) {
        const session = atOnce(sessions.open(undefined))
        if (session.get('user') !== undefined) throw new Error('A visitor is somebody.')
        atOnce(session.commit())
      }
    },
  }
}

function reading(sessions: Sessions<Values>): Operation {
  const cookie = stored(sessions)
  return {
    group,
    name: 'read: open + get + commit',
    floor: floors.fstat,
    batch: 250,
    run(count) {
      for (let i = 0; i < count; i++) {
        const session = atOnce(sessions.open(cookie))
        if (session.get('user')?.id !== values.user.id) throw new Error('The session is lost.')
        atOnce(session.commit())
      }
    },
  }
}

function changing(sessions: Sessions<Values>): Operation {
  const cookie = stored(sessions)
  let turn = 0
  return {
    group,
    name: 'change: open + set + commit',
    floor: floors.append,
    batch: 120,
    run(count) {
      for (let i = 0; i < count; i++) {
        const session = atOnce(sessions.open(cookie))
        session.set('token', tokens[turn++ % 2]!)
        atOnce(session.commit())
      }
    },
    after() {
      const token = atOnce(sessions.open(cookie)).get('token')
      if (token !== tokens[(turn - 1) % 2]) throw new Error('A change was lost.')
    },
  }
}

/** The cookie of a session that holds the sample. */
function stored(sessions: Sessions<Values>): string {
  const session = atOnce(sessions.open(undefined))
  session.set('user', values.user)
  session.set('cart', values.cart)
  session.set('token', values.token)
  return cookieOf(atOnce(session.commit()))
}

/** What a client sends back of a Set-Cookie header's value. */
export function cookieOf(setCookie: string | undefined): string {
  if (setCookie === undefined) throw new Error('A stored session sent no cookie.')
  return setCookie.split(';', 1)[0]!
}
