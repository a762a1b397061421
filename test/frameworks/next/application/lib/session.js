import { sessions } from 'untorn/next'

// The test has them in its hands.
export const { getSession, readSession, withSession } = sessions({
  store: () => globalThis.untornTest.openStore(),
  onEvent: (event) => void globalThis.untornTest.events.push(event),
})
