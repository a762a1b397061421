import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/memory.ts'
import { signedIn, site } from '../sessions/visit.ts'
import { everywhere, runs } from './support/application.ts'

/** What a program may pass by mistake in place of the name of a value. */
const NO_NAMES: [unknown, kind: RegExp][] = [
  [5, /as a text, not a number/],
  [undefined, /as a text, not undefined/],
  [null, /as a text, not null/],
  [Symbol('user'), /as a text, not a symbol/],
  [{ user: 'ada' }, /as a text, not an object/],
  [['user'], /as a text, not an object/],
  [true, /as a text, not a boolean/],
  [() => 'user', /as a text, not a function/],
]

type Call = (session: never, name: never) => unknown

const calls: Record<string, Call> = {
  get: (session: Map<string, unknown>, name) => session.get(name),
  has: (session: Map<string, unknown>, name) => session.has(name),
  set: (session: Map<string, unknown>, name) => session.set(name, 1),
  delete: (session: Map<string, unknown>, name) => session.delete(name),
  update: (session: { update(name: string, fn: () => number): void }, name) => session.update(name, () => 1),
  flash: (session: { flash(name: string, value: unknown): void }, name) => session.flash(name, 1),
  take: (session: { take(name: string): unknown }, name) => session.take(name),
}

const refused = (message: RegExp) =>
  expect.objectContaining({
    name: 'TypeError',
    code: 'UNTORN_INVALID_ARGUMENT',
    message: expect.stringMatching(message),
  })

describe.each(Object.entries(calls))('%s() with what is no name of a value', (_, call) => {
  test.each(NO_NAMES)(
    '%o: a TypeError that says what is wanted, and nothing has changed',
    async (name, message) => {
      const shop = site()
      const session = await shop.sessions.open(await signedIn(shop))
      expect(() => call(session as never, name as never)).toThrow(refused(message))
      expect(session.changed).toBe(false)
      expect(session.toJSON()).toEqual({ user: 'ada' })
    },
  )
})

describe.each(everywhere)('$name with $speed', ({ express, store }) => {
  test('on req.session, too: the error handler gets it', async () => {
    const { visitor, errors } = await runs(
      (app) =>
        app.get('/:verb', (req, res, next) => {
          try {
            calls[String(req.params.verb)]!(req.session as never, 5 as never)
            res.send('done')
          } catch (error) {
            next(error)
          }
        }),
      { express, store: store() },
    )
    for (const verb of Object.keys(calls)) {
      expect(await visitor().get(`/${verb}`)).toMatchObject({ text: 'failed: UNTORN_INVALID_ARGUMENT' })
    }
    expect(errors).toHaveLength(Object.keys(calls).length)
    for (const error of errors) expect(error.message).toMatch(/the name of a value is needed, as a text/)
  })
})

test('a function and a callback that are none are refused at once', async () => {
  const session = await site().sessions.open(undefined)
  expect(() => session.update('views', 5 as never)).toThrow(
    refused(/`fn`: a function from the value to the new one/),
  )
  const { visitor } = await runs(
    (app) =>
      app.get('/:verb', (req, res, next) => {
        try {
          ;(req.session as never as Record<string, (callback: unknown) => unknown>)[String(req.params.verb)]!(
            'done',
          )
          res.send('done')
        } catch (error) {
          next(error)
        }
      }),
    { store: memoryStore() },
  )
  for (const verb of ['save', 'regenerate', 'rotate', 'destroy', 'logout', 'reload', 'touch', 'onEnd']) {
    expect(await visitor().get(`/${verb}`)).toMatchObject({ text: 'failed: UNTORN_INVALID_ARGUMENT' })
  }
})
