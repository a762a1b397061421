import { beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { warnOnce } from '../../src/events/warn-once.ts'
import type { MaybePromise, Session } from '../../src/index.ts'
import { signedIn, site } from '../sessions/visit.ts'
import { everywhere, runs } from './support/application.ts'

vi.mock('../../src/events/warn-once.ts', async (original) => ({
  ...(await original<object>()),
  warnOnce: vi.fn(),
}))
beforeEach(() => void vi.mocked(warnOnce).mockClear())

/** How a page comes to show a promise. */
const uses: Record<string, (taken: unknown) => unknown> = {
  'a template': (taken) => `<p>${taken}</p>`,
  'an addition': (taken) => '<p>'.concat(taken as string),
  'String()': (taken) => String(taken),
  'its toString()': (taken) => (taken as object).toString(),
  'a list that is joined': (taken) => [taken].join(),
  JSON: (taken) => JSON.stringify({ notice: taken }),
}

const advice = [
  'UNTORN_NOT_AWAITED',
  expect.stringMatching(
    /^What take\('notice'\) returned .*write `await take\('notice'\)`, .* right over every store/,
  ),
]

describe.each(Object.entries(uses))('take() without `await` in %s', (_, use) => {
  test('over a store that answers later: a warning says so, and the value is not lost', async () => {
    const shop = site({ slow: true })
    const session = await shop.sessions.open(await signedIn(shop, { notice: 'Saved' }))
    const taken = session.take('notice')
    expect(use(taken)).toMatch(/\[object Promise\]|\{\}/)
    expect(vi.mocked(warnOnce).mock.calls).toEqual([advice])
    expect(await taken).toBe('Saved')
  })

  test('over one that answers at once it is the value, and there is nothing to say', async () => {
    const shop = site()
    const session = await shop.sessions.open(await signedIn(shop, { notice: 'Saved' }))
    expect(use(session.take('notice'))).toContain('Saved')
    expect(warnOnce).not.toHaveBeenCalled()
  })
})

describe.each(everywhere)('$name with $speed', ({ express, store }) => {
  test('a page that shows what it did not wait for is told of, one that waits is not', async () => {
    const { visitor } = await runs(
      (app) => {
        app.get('/set', (req, res) => {
          req.session.set('notice' as never, 'Saved' as never)
          res.send('done')
        })
        app.get('/waits', async (req, res) => {
          res.send(`${await req.session.take('notice' as never)}`)
        })
        app.get('/forgets', (req, res) => {
          res.send(`${req.session.take('notice' as never)}`)
        })
      },
      { express, store: store() },
    )
    const ada = visitor()
    await ada.get('/set')
    expect(await ada.get('/waits')).toMatchObject({ text: 'Saved' })
    expect(warnOnce).not.toHaveBeenCalled()
    await ada.get('/set')
    const { text } = await ada.get('/forgets')
    const told = vi.mocked(warnOnce).mock.calls
    expect(told).toEqual(text === 'Saved' ? [] : [advice])
    expect(['Saved', '[object Promise]']).toContain(text)
  })
})

describe.each(everywhere)('login() without `await`: $name with $speed', ({ express, store }) => {
  test('where it fails the answer is that of the error, however soon the handler has sent its own', async () => {
    const { visitor, errors } = await runs(
      (app) => {
        app.get('/sign-in', (req, res) => {
          void req.session.login('a'.repeat(3000))
          res.send('welcome')
        })
        app.get('/too-many', (req, res) => {
          void req.session.login('ada')
          res.send('welcome')
        })
        app.get('/caught', async (req, res) => {
          await req.session.login('ada').catch(() => {})
          res.send('not signed in')
        })
      },
      { express, store: store(), maxPerOwner: 1, onMaxPerOwner: 'refuse' },
    )
    const [ada, eve] = [visitor(), visitor()]
    expect(await ada.get('/sign-in')).toMatchObject({ text: 'failed: UNTORN_INVALID_ARGUMENT' })
    expect(await ada.get('/too-many')).toMatchObject({ text: 'welcome' })
    expect(await eve.get('/too-many')).toMatchObject({ text: 'failed: UNTORN_TOO_MANY_SESSIONS' })
    expect(await eve.get('/caught')).toMatchObject({ text: 'not signed in' })
    expect(errors).toHaveLength(2)
  })
})

test('flashes() without `await` is told of as well', async () => {
  const shop = site({ slow: true })
  const cookie = await signedIn(shop)
  const first = await shop.sessions.open(cookie)
  first.flash('notice', 'Saved')
  await first.commit()
  const session = await shop.sessions.open(cookie)
  const shown = session.flashes('notice')
  expect(`${shown}`).toBe('[object Promise]')
  const [call] = vi.mocked(warnOnce).mock.calls
  expect(call).toEqual(['UNTORN_NOT_AWAITED', expect.stringContaining("write `await flashes('notice')`")])
  expect(await shown).toEqual(['Saved'])
})

test('the compiler asks for the `await`, also where values have no type', () => {
  const check = async (session: Session, typed: Session<{ notice: string }>) => {
    // @ts-expect-error it may be a promise
    const code: string = session.take('code')
    // @ts-expect-error it may be a promise
    session.take('code').length
    // @ts-expect-error it may be a promise
    const notice: string | undefined = typed.take('notice')
    const awaited: string = await session.take('code')
    expectTypeOf(typed.take('notice')).toEqualTypeOf<MaybePromise<string | undefined>>()
    expectTypeOf(await typed.take('notice')).toEqualTypeOf<string | undefined>()
    expectTypeOf(await session.take('code')).toBeAny()
    return [code, notice, awaited]
  }
  expectTypeOf(check).toBeFunction()
})
