// Alone: every copy in which a fault is planted follows the requests of its process for ever.
import { expect, test } from 'vitest'
import { withPlanted } from '../support/planted.ts'
import { CASES, type Sockets } from './cases.ts'
import { FAULTS } from './faults.ts'
import { late } from './stores.ts'

/** The entry that a case is of, by what its name begins with. */
const ENTRIES: Readonly<Record<string, readonly [keyof Sockets, string]>> = {
  AdonisJS: ['adonisjs', 'adonisjs.ts'],
  Astro: ['astro', 'astro.ts'],
  'better-auth': ['betterAuth', 'better-auth.ts'],
  'koa-session': ['koaSession', 'koa-session.ts'],
  'nextjs-auth0': ['nextjsAuth0', 'nextjs-auth0.ts'],
  Remix: ['remix', 'remix.ts'],
  unstorage: ['unstorage', 'unstorage.ts'],
}

test.each(FAULTS)('$name: found', async (fault) => {
  const [name, file] = ENTRIES[fault.foundBy.split(':')[0]!]!
  const { load, remove } = await withPlanted(fault, [file])
  try {
    const sockets = { [name]: await load(file) } as unknown as Sockets
    await expect(CASES[fault.foundBy]!(sockets, late())).rejects.toMatchObject({ name: 'AssertionError' })
  } finally {
    remove()
  }
})
