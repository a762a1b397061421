import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import * as fetchHere from '../../src/fetch.ts'
import * as index from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import * as movingHere from '../../src/moving.ts'
import * as nodeHere from '../../src/node.ts'
import { ask, serve } from '../adapters/support/server.ts'
import { breakable } from '../adapters/support/stores.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { entries } from './installed.ts'

// The same code twice in one process: as it is tested here, and as CommonJS has it.
const require = createRequire(import.meta.url)
const load = <Module>(name: string) => require(`../../${entries.get(name)!.require}`) as Module
const here = { ...index }
const there = load<typeof here>('untorn')
const movingThere = load<typeof movingHere>('untorn/moving')
const nodeThere = load<typeof nodeHere>('untorn/node')
const fetchThere = load<typeof fetchHere>('untorn/fetch')

type Class = abstract new (...args: never[]) => object
const errors = Object.keys(here).filter((name) => name.endsWith('Error')) as 'UntornError'[]

/** Something that is of a class, however it is made. */
const one = (of: Class): object => Object.create(of.prototype)

describe('two copies of untorn in one process', () => {
  test.each(errors)('know each other’s %s, and no other error by it', (name) => {
    expect(there[name]).not.toBe(here[name])
    expect(one(there[name])).toBeInstanceOf(here[name])
    expect(one(here[name])).toBeInstanceOf(there[name])
    const others = errors.filter((other) => other !== name && other !== 'UntornError')
    for (const other of others)
      expect(one(there[other])).not.toBeInstanceOf(name === 'UntornError' ? Date : here[name])
    expect(new Error('of somebody else')).not.toBeInstanceOf(here[name])
    expect(undefined).not.toBeInstanceOf(here[name])
  })

  test('know by an error of the application what it is derived from, and nothing by its name', () => {
    class AppError extends here.MisuseError {}
    expect(new AppError('mine')).toBeInstanceOf(AppError)
    expect(new AppError('mine')).toBeInstanceOf(there.MisuseError)
    expect(new there.MisuseError('yours')).not.toBeInstanceOf(AppError)
  })

  test('serve each other’s sessions, with all that a handler can ask of one', async () => {
    const sessions = there.createSessions<{ views: number }>({ store: memoryStore() })
    const port = await serve(
      nodeHere.sessions({ sessions })(async (req, res) => {
        const { session } = req
        session.views = (session.views ?? 0) + 1
        await session.regenerate()
        session.update('views', (n = 0) => n + 1)
        res.end(String(session.views))
      }),
    )
    const first = await ask(port)
    const cookie = String(first.headers['set-cookie']).split(';')[0]!
    expect(first.text).toBe('2')
    expect((await ask(port, { headers: { cookie } })).text).toBe('4')
    const opened = await sessions.open(cookie.replace(/^sid/, '__Host-sid'))
    expect(opened.isNew).toBe(true) // the second answer has given it another id
  })

  test('refuse a store that moves sessions as one of two, whichever of them has made it', async () => {
    const store = movingThere.moving({ from: memoryStore(), to: memoryStore() })
    const options = { from: store, to: memoryStore() }
    expect(() => movingHere.moving(options)).toThrow(here.InvalidOptionError)
    await expect(movingHere.moveSessions(options)).rejects.toThrow(here.InvalidOptionError)
  })

  test('say that sessions() is mounted twice', async () => {
    const told: unknown[] = []
    const port = await serve((req: IncomingMessage, res: ServerResponse) => {
      nodeHere.sessions({ store: memoryStore() })(req, res, () =>
        nodeThere.sessions({ store: memoryStore() })(req, res, (error) => {
          told.push(error)
          res.end()
        }),
      )
    })
    await ask(port)
    expect(told).toEqual([expect.objectContaining({ code: 'UNTORN_MISUSE' })])
    expect(String(told[0])).toMatch(/mounted twice/)
  })

  test('have one session where one answers within a handler of the other, which commits it', async () => {
    const shared = here.createSessions<Record<string, unknown>>({ store: memoryStore() })
    const handle = fetchHere.sessions({ sessions: shared }).handle
    const within = fetchThere.sessions({ sessions: shared }).handle
    const request = new Request('https://shop.example/')
    const answer = await handle(request, async (session) => {
      session.outer = 1
      const inner = await within(request, (same) => {
        same.inner = same.outer
        return new Response('within')
      })
      expect(inner.headers.getSetCookie()).toEqual([])
      session.last = Object.keys(session)
      return inner
    })
    const [line, another] = answer.headers.getSetCookie()
    expect(another).toBeUndefined()
    const stored = await shared.open(line!.split(';')[0]!)
    expect(stored.toJSON()).toEqual({ outer: 1, inner: 1, last: ['outer', 'inner'] })
    const others = fetchThere.sessions({ store: memoryStore() })
    const refused = handle(request, () => others.handle(request, () => new Response('within')))
    await expect(refused).rejects.toThrow(/mounted twice/)
  })

  test('give one request a session each, committed with one watch of its answer', async () => {
    const admins = nodeThere.sessions({ store: memoryStore(), as: 'admin', cookie: { name: 'admin' } })
    const handler = nodeHere.sessions({ store: memoryStore() })((req, res) => {
      admins(req, res, () => {
        req.session.views = 1
        nodeHere.sessionOf<{ views: number }>(req, 'admin').views = 2
        nodeThere.sessionOf<{ views: number }>(req).update('views', (n = 0) => n + 2)
        res.end(JSON.stringify([req.session, nodeHere.sessionOf(req, 'admin')]))
      })
    })
    const answer = await ask(await serve(handler))
    expect(answer.text).toBe('[{"views":3},{"views":2}]')
    expect(answer.setCookies.map((line) => line.split('=')[0])).toEqual(['sid', 'admin'])
  })

  test('answer for each other’s stores when those are out of reach', async () => {
    const { store, broken } = breakable()
    const options = { store, onStoreError: 'anonymous' as const }
    const sessions = there.createSessions(options)
    broken.add('load')
    const session = await sessions.open(`sid=${'a'.repeat(43)}`)
    expect(session.get('user')).toBeUndefined()
  })

  test('take nobody’s place who folds a session file, while that store is open', async () => {
    const copies = []
    for (const _ of [1, 2]) {
      vi.resetModules()
      copies.push(await import('../../src/stores/file/holder.ts'))
    }
    const [first, second] = copies.map(({ systemHolders }, index) => systemHolders(`store-${index}`))
    expect(copies[0]!.systemHolders).not.toBe(copies[1]!.systemHolders)
    expect(second!.status(first!.self)).toBe('alive')
    first!.retire()
    expect(second!.status(first!.self)).toBe('dead')
    second!.retire()
  })

  test('say once what is said once in a process', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    onTestFinished(() => warn.mockRestore())
    for (const _ of [1, 2]) {
      vi.resetModules()
      const { warnOnce } = await import('../../src/events/warn-once.ts')
      warnOnce('UNTORN_OF_A_TEST', 'said')
    }
    expect(warn.mock.calls).toEqual([['said', { code: 'UNTORN_OF_A_TEST' }]])
  })
})

test('what entries share is there once in CommonJS too', () => {
  const { fileStore } = load<{ fileStore(directory: string): unknown }>('untorn/file')
  const directory = `${temporaryDirectory()}\0`
  const thrown = (() => {
    try {
      return fileStore(directory)
    } catch (error) {
      return error as Error
    }
  })()
  expect((thrown as Error).constructor).toBe(there[(thrown as Error).name as 'UntornError'])
})
