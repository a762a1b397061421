import { execFile } from 'node:child_process'
import { inspect, promisify } from 'node:util'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { MisuseError, StoreConfigError, StoreUnavailableError } from '../../../src/errors.ts'
import { type Call, Calls } from '../../../src/stores/server/calls.ts'
import { cleanCause, withoutSecrets } from '../../../src/stores/server/cause.ts'
import type { ServerStoreEvent } from '../../../src/stores/server/options.ts'

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
const never = () => new Promise<never>(() => {})

function open(deadline = 60_000) {
  const events: ServerStoreEvent[] = []
  const calls = new Calls({
    server: 'Testbase',
    deadline,
    report: (event) => events.push(event),
    meaningOf: (error) => ({
      outage: (error as { code?: string } | undefined)?.code === 'ECONNREFUSED',
      ...((error as { code?: string } | undefined)?.code === 'NOTABLE' && {
        advice: 'the table is missing',
        as: (message: string, options: { cause: unknown }) => new StoreConfigError(message, options),
      }),
    }),
  })
  const fail = () => calls.run('load a session', () => Promise.reject(refused())).catch(() => {})
  const fails = async (times = 1) => {
    for (let n = 0; n < times; n++) await fail()
  }
  return { calls, events, fail, fails }
}

/** A call that is under way until it is told what to come to. */
function pending() {
  let settle!: { resolve(value: unknown): void; reject(error: unknown): void }
  const answer = new Promise<unknown>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { work: () => answer, ...settle }
}

describe('a call', () => {
  test('that is not answered by its deadline fails, and says which option there is', async () => {
    const { calls } = open(1)
    const error = await calls.run('save a session', never).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StoreUnavailableError)
    expect(String(error)).toMatch(/Could not save a session: Testbase did not answer in 1 ms.*`deadline`/)
  })

  test('is never told to be late before its deadline: its change would still be taken', async () => {
    const took = await Promise.all(
      Array.from({ length: 300 }, async (_, n) => {
        await new Promise((resolve) => setTimeout(resolve, n % 20))
        // At all moments of a millisecond: a timer counts in whole ones.
        const at = performance.now() + (n % 10) / 10
        while (performance.now() < at) {}
        const since = performance.now()
        await expect(open(5).calls.run('save a session', never)).rejects.toThrow(/in 5 ms/)
        return performance.now() - since
      }),
    )
    expect(Math.min(...took)).toBeGreaterThanOrEqual(5)
  })

  test('whose answer comes after its deadline changes nothing any more', async () => {
    const { calls } = open(1)
    const { work, reject } = pending()
    await expect(calls.run('save a session', work)).rejects.toThrow(StoreUnavailableError)
    reject(new Error('too late to be met by anybody'))
    await calls.close()
  })

  test('that the server refuses is explained, with what to do and the cause', async () => {
    const { calls } = open()
    const failing = calls.run('load a session', () =>
      Promise.reject(Object.assign(new Error('no table'), { code: 'NOTABLE' })),
    )
    const error = await failing.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StoreConfigError)
    expect(String(error)).toContain('Could not load a session: Testbase: the table is missing.')
    expect((error as Error).cause).toMatchObject({ message: 'no table', code: 'NOTABLE' })
  })

  test.each([
    new TypeError('no url'),
    new SyntaxError('no JSON'),
    undefined,
    null,
    Object.create(null),
    'a text',
  ])('that ends with %o is explained too, and is no sign of an outage', async (thrown) => {
    const { calls, events } = open()
    for (let n = 0; n < 5; n++) {
      const wrong = () => Promise.reject(thrown)
      await expect(calls.run('load a session', wrong)).rejects.toThrow(StoreUnavailableError)
    }
    expect(events).toEqual([])
    expect(await calls.run('load a session', async () => 'there')).toBe('there')
  })

  test('knows from when on it is void by the server’s clock, once an answer has shown it, and never too late', async () => {
    const { calls } = open(1000)
    const began = performance.now()
    await calls.run('save a session', async (call) => {
      expect(call.voidFrom).toBeUndefined()
      call.showed(5_000_000)
    })
    await calls.run('save a session', async ({ voidFrom }) => {
      expect(voidFrom).toBeGreaterThanOrEqual(5_001_000)
      expect(voidFrom).toBeLessThanOrEqual(5_001_000 + performance.now() - began)
    })
  })

  test('has its whole time, whoever came before it, and is over by its own moment', async () => {
    const { calls } = open(50)
    const began = performance.now()
    const over: string[] = []
    const late = (name: string) => calls.run(name, never).catch(() => void over.push(name))
    const first = late('first')
    const answered = [1, 2, 3].map((n) => calls.run('load a session', async () => n))
    await new Promise((resolve) => setTimeout(resolve, 20))
    const second = late('second')
    expect(await Promise.all(answered)).toEqual([1, 2, 3])
    await first
    expect(over).toEqual(['first'])
    await second
    // Timers count whole milliseconds.
    expect(performance.now() - began).toBeGreaterThanOrEqual(68)
  })

  test('keeps the process alive for as long as it waits, and no longer', async () => {
    const module = new URL('../../../src/stores/server/calls.ts', import.meta.url).href
    const script = `
      const { Calls } = await import(${JSON.stringify(module)})
      const calls = (deadline) =>
        new Calls({ server: 'Testbase', deadline, report() {}, meaningOf: () => ({ outage: true }) })
      const long = calls(3_600_000)
      await long.run('load a session', async () => 'there')
      await long.run('load a session', () => Promise.reject(new Error('refused'))).catch(() => {})
      calls(150).run('load a session', () => new Promise(() => {})).catch(() => console.log('was late'))`
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    expect(stdout).toBe('was late\n')
  })

  test('that is late is waited for by close() until its deadline, and not for its answer', async () => {
    const { calls } = open(50)
    const late = calls.run('load a session', never).catch(() => 'late')
    const others = [1, 2].map((n) => calls.run('load a session', async () => n))
    let closed = false
    const closing = calls.close().then(() => (closed = true))
    await Promise.all(others)
    expect(closed).toBe(false)
    expect(await late).toBe('late')
    await closing
  })

  test('is refused once the store is closed, and close waits for those under way', async () => {
    const { calls } = open()
    const { work, resolve } = pending()
    const running = calls.run('load a session', work)
    let closed = false
    const closing = calls.close().then(() => (closed = true))
    await expect(calls.run('load a session', never)).rejects.toThrow(MisuseError)
    expect(closed).toBe(false)
    resolve('there')
    expect(await running).toBe('there')
    await closing
  })
})

describe('an outage', () => {
  test('is said once, when three calls in a row were not answered', async () => {
    const { events, fails } = open()
    await fails(2)
    expect(events).toEqual([])
    await fails(1)
    expect(events).toMatchObject([{ type: 'unavailable', error: { code: 'UNTORN_STORE_UNAVAILABLE' } }])
    await fails(5)
    expect(events).toHaveLength(1)
  })

  test('is none where calls are answered in between, by an error too', async () => {
    const { calls, events, fails } = open()
    await fails(2)
    await calls.run('load a session', () => Promise.reject(new Error('a reply'))).catch(() => {})
    await fails(2)
    await calls.run('load a session', async () => 'there')
    await fails(2)
    expect(events).toEqual([])
  })

  test('is none where one connection breaks under many calls', async () => {
    const { events, fail, fails } = open()
    await Promise.all([fail(), fail(), fail(), fail(), fail()])
    expect(events).toEqual([])
    await fails(2)
    expect(events).toHaveLength(1)
  })

  test('is said when three calls have no answer by their deadline, and nor has any other meanwhile', async () => {
    const { calls, events } = open(1)
    const late = () => calls.run('load a session', never).catch(() => {})
    await Promise.all([late(), late()])
    expect(events).toEqual([])
    await Promise.all([late(), late(), late()])
    expect(events).toMatchObject([{ type: 'unavailable' }])
  })

  test('is none where others are answered while some are not: a part of a cluster is out, or a row is locked', async () => {
    const { calls, events } = open(50)
    const late = Array.from({ length: 5 }, () => calls.run('load a session', never).catch(() => {}))
    await calls.run('load a session', async () => 'there')
    await Promise.all(late)
    expect(events).toEqual([])
  })

  test('lets one call at a time ask, refuses the others at once, and ends with the first answer', async () => {
    const { calls, events, fails } = open()
    await fails(3)
    const { work, resolve } = pending()
    const asking = calls.run('load a session', work)
    const others = await Promise.allSettled(
      [1, 2, 3].map(() => calls.run('save a session', async () => 'sent')),
    )
    for (const { status } of others) expect(status).toBe('rejected')
    expect(String((others[0] as PromiseRejectedResult).reason)).toContain('Could not save a session')
    expect(events).toHaveLength(1)
    resolve('there')
    expect(await asking).toBe('there')
    expect(events[1]).toMatchObject({ type: 'available', after: expect.any(Number) })
    expect(await calls.run('load a session', async () => 'there')).toBe('there')
    await fails(3)
    expect(events.map(({ type }) => type)).toEqual(['unavailable', 'available', 'unavailable'])
  })

  test('goes on when the one that asks is not answered either, and another may ask then', async () => {
    const { calls, events, fails } = open()
    await fails(4)
    expect(await calls.run('load a session', async () => 'there')).toBe('there')
    expect(events.map(({ type }) => type)).toEqual(['unavailable', 'available'])
  })

  test('does not end with a call that had a wrong argument, which leaves the asking to another', async () => {
    const { calls, events, fails } = open()
    await fails(3)
    const wrong = () => Promise.reject(new TypeError('no key'))
    await expect(calls.run('load a session', wrong)).rejects.toThrow(StoreUnavailableError)
    expect(events).toHaveLength(1)
    await calls.run('load a session', async () => 'there')
    expect(events).toHaveLength(2)
  })
})

describe('the cause of an error', () => {
  test('holds nothing of what was sent, and no connection string', async () => {
    const { calls } = open()
    const leaky = Object.assign(new Error('could not reach postgres://ada:s3cret@db:5432/app'), {
      code: 'ECONNREFUSED',
      command: { name: 'evalsha', args: ['s3cret'] },
      detail: 'Failing row contains (s3cret)',
      parameters: ['s3cret'],
      errors: [Object.assign(new Error('redis://:s3cret@cache refused'), { password: 's3cret', port: 6379 })],
    })
    const error = await calls
      .run('load a session', () => Promise.reject(leaky))
      .catch((thrown: unknown) => thrown)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cret')
    expect((error as Error).cause).toMatchObject({ code: 'ECONNREFUSED', errors: [{ port: 6379 }] })
    expect(String(error)).toContain('postgres://***@db:5432/app')
  })

  test('says what happened also by an error of another realm, as those of Node.js are in Jest', () => {
    const foreign = runInNewContext("Object.assign(new TypeError('connect ECONNREFUSED'), { port: 6379 })")
    expect(foreign).not.toBeInstanceOf(Error)
    expect(cleanCause(foreign)).toMatchObject({
      name: 'TypeError',
      message: 'connect ECONNREFUSED',
      port: 6379,
    })
  })

  test('has no part of a password that was not escaped', () => {
    const text = "dial 'redis://ada:s3@cre/t@cache:6379/0' failed, see docs@example"
    expect(withoutSecrets(text)).toBe("dial 'redis://***@cache:6379/0' failed, see docs@example")
  })
})

describe('the time', () => {
  const asked = (at: number) => {
    let times = 0
    const ask = async (call: Call) => {
      times++
      call.showed(at)
    }
    return { ask, times: () => times }
  }

  test('is asked for once, and known from then on', async () => {
    const { calls } = open()
    const { ask, times } = asked(5_000_000)
    const first = await calls.now(ask)
    expect(first).toBeGreaterThanOrEqual(5_000_000)
    expect(first).toBeLessThan(5_060_000)
    const second = calls.now(ask)
    expect(second).toBeTypeOf('number')
    expect(second).toBeGreaterThanOrEqual(first)
    expect(times()).toBe(1)
  })

  test('is not asked for where an answer has brought it, and is that of the latest', async () => {
    const { calls } = open()
    const { ask, times } = asked(1)
    await calls.run('save a session', async (call) => call.showed(2_000_000))
    await calls.run('save a session', async (call) => call.showed(7_000_000))
    expect(calls.now(ask)).toBeGreaterThanOrEqual(7_000_000)
    expect(times()).toBe(0)
  })

  test('can not be told while the server does not answer, nor by a store that is closed', async () => {
    const { calls } = open()
    await expect(calls.now(() => Promise.reject(refused()))).rejects.toThrow(StoreUnavailableError)
    await calls.close()
    expect(() => calls.now(() => Promise.reject(refused()))).toThrow(MisuseError)
  })
})
