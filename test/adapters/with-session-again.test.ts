import { expect, test, vi } from 'vitest'
import { createSessions } from '../../src/index.ts'
import { sessions } from '../../src/next.ts'
import { breakable, slowly } from './support/stores.ts'

// What Next.js has of one action: its cookies, which are the same object for all that is called within it.
const { jar, sent } = vi.hoisted(() => {
  const sent: { name: string; value: string }[] = []
  const set = (name: string, value: string) => void sent.push({ name, value })
  return { jar: { getAll: () => sent, set, delete() {} }, sent }
})
vi.mock('next/headers.js', () => ({
  cookies: async () => jar,
  headers: async () => new Headers({ cookie: sent.map(({ name, value }) => `${name}=${value}`).join('; ') }),
}))

test('an action whose session could not be loaded tries once more, and what it changes then is saved', async () => {
  const { store, broken } = breakable()
  const shared = createSessions<{ views: number }>({ store: slowly(store), cookie: { secure: false } })
  const begun = await shared.open(undefined, { secure: false })
  begun.set('views', 1)
  await begun.begin()
  sent.push({ name: 'sid', value: begun.id })
  const { withSession } = sessions({ sessions: shared })
  const views = withSession(async (session) => {
    session.views = session.views! + 1
  })
  broken.add('load')
  await expect(views()).rejects.toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE' })
  broken.clear()
  await views()
  const stored = await shared.open(`sid=${begun.id}`, { secure: false })
  expect(stored.toJSON()).toEqual({ views: 2 })
})
