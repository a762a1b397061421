import { describe, expect, test } from 'vitest'
import { InvalidOptionError } from '../../src/errors.ts'
import { minimalStore } from '../../src/testing/minimal-store.ts'
import { type AdapterConformanceOptions, adapterConformance } from '../../src/testing.ts'
import { listening } from '../adapters/conformance/sites.ts'
import { Adapter, servedBy } from './adapter-faults/adapter.ts'

const serve = servedBy(Adapter)

/** Servers and stores that are open, while the cases of a good adapter are run. */
function counted(close: () => Promise<void> = async () => {}) {
  const open = { servers: 0, stores: 0, served: 0 }
  const options: AdapterConformanceOptions = {
    async serve(site) {
      const served = await serve(site)
      open.servers++
      open.served++
      return {
        url: served.url,
        async close() {
          await served.close()
          open.servers--
          await close()
        },
      }
    },
    store() {
      open.stores++
      return { ...minimalStore(), loadsAtOnce: true, close: () => void open.stores-- }
    },
  }
  return { open, cases: adapterConformance(options) }
}

describe('the list of cases', () => {
  const cases = adapterConformance({ serve: () => expect.unreachable() })

  test('names no two cases alike, and is made without serving anything', () => {
    const titles = cases.map(({ title }) => title)
    expect(titles.length).toBeGreaterThan(70)
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
  })

  test('skips nothing where nothing is lacking', () => {
    expect(cases.filter(({ skip }) => skip !== undefined)).toEqual([])
  })

  test('has functions that take no argument, which a runner would take for a callback', () => {
    for (const { run } of cases) expect(run).toHaveLength(0)
  })

  test.each(['errorCookie', 'head', 'headers', 'proxy', 'stream'] as const)(
    'skips what needs `%s` with the reason why it is lacking, and asks whether that is true',
    (name) => {
      const skipping = adapterConformance({ serve, without: { [name]: 'there is no such thing' } })
      const skipped = skipping.filter(({ skip }) => skip !== undefined)
      expect(skipped.length).toBeGreaterThan(0)
      expect(new Set(skipped.map(({ skip }) => skip))).toEqual(
        new Set([`without ${name}: there is no such thing`]),
      )
      expect(skipped.filter(({ title }) => title.startsWith('declared: '))).toEqual([])
    },
  )
})

describe('every site that is served', () => {
  test('is there for many cases, and closed with the last of them', async () => {
    const { open, cases } = counted()
    for (const { run } of cases) await run()
    expect(open).toEqual({ servers: 0, stores: 0, served: 4 })
  })

  test('is closed where only some of its cases are run', async () => {
    const { open, cases } = counted()
    await cases[0]!.run()
    expect(open.servers).toBe(1)
    await expect.poll(() => open).toEqual({ servers: 0, stores: 0, served: 1 })
  })

  test('is closed where cases fail', async () => {
    const { open } = counted()
    const cases = adapterConformance({
      async serve() {
        const served = await serve({
          options: { store: minimalStore(), onEvent() {} },
          trustProxy: false,
          page: async () => ({ status: 200, headers: [], body: 'of another site' }),
        })
        open.servers++
        return { url: served.url, close: () => served.close().then(() => void open.servers--) }
      },
      timeout: 500,
    })
    const results = await Promise.allSettled(cases.map(({ run }) => run()))
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(60)
    expect(open.servers).toBe(0)
  })

  test('fails the last case if it can not be closed', async () => {
    const { cases } = counted(() => Promise.reject(new Error('can not close')))
    const results = await Promise.allSettled(cases.map(({ run }) => run()))
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []))
    expect(reasons).toEqual(Array(4).fill('Error: can not close'))
  })

  test('fails its cases if it can not be served', async () => {
    const cases = adapterConformance({ serve: () => Promise.reject(new Error('the port is taken')) })
    await expect(cases[0]!.run()).rejects.toThrow('the port is taken')
  })
})

test('an answer that does not come fails its case, and says so', async () => {
  const [first] = adapterConformance({ serve: () => listening(() => {}), timeout: 50 })
  await expect(first!.run()).rejects.toThrow('was not answered within 50 ms')
})

test.each<[string, object]>([
  ['no options', undefined as unknown as object],
  ['`serve` that is no function', { serve: 'untorn/node' }],
  ['`store` that is no function', { serve, store: minimalStore() }],
  ['`without` that is no object', { serve, without: 'stream' }],
  ['`timeout` that is no number', { serve, timeout: '5s' }],
  ['an option that there is not', { serve, lacks: {} }],
])('%s is an invalid option', (_name, options) => {
  expect(() => adapterConformance(options as AdapterConformanceOptions)).toThrow(InvalidOptionError)
})
