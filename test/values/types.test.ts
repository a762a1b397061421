import { expectTypeOf, test } from 'vitest'
import { counter, createSessions, type MaybePromise, presets, type Session, union } from '../../src/index.ts'
import { PlainStore } from '../support/plain-store.ts'

interface Shop {
  user?: { name: string }
  views: number
  cart: string[]
}

const store = new PlainStore()

test('with a type for the values, keys and values are checked', async () => {
  const sessions = createSessions<Shop>({ store, merge: { views: counter, cart: union } })
  const session = await sessions.open(undefined)
  expectTypeOf(session).toEqualTypeOf<Session<Shop>>()
  expectTypeOf(session.get('views')).toEqualTypeOf<number | undefined>()
  expectTypeOf(session.get('user')).toEqualTypeOf<{ name: string } | undefined>()
  expectTypeOf(session.take('cart')).toEqualTypeOf<MaybePromise<string[] | undefined>>()
  expectTypeOf(session.keys()).toEqualTypeOf<('user' | 'views' | 'cart')[]>()
  expectTypeOf(session.update('views', (n = 0) => n + 1)).toEqualTypeOf<number>()
  session.set('cart', ['tea'])
  session.set('cart', undefined)
  session.update('cart', (cart = []) => [...cart, 'milk'])
  session.update('cart', () => undefined)
  session.setExpiry('2h')
  session.setExpiry('20 m')
  session.setExpiry(new Date(Date.now() + 1000))
})

test('what does not fit is an error of the compiler', () => {
  const check = (session: Session<Shop>) => {
    // @ts-expect-error no such key
    session.get('veiws')
    // @ts-expect-error no such key
    session.delete('x')
    // @ts-expect-error not a number
    session.set('views', 'many')
    // @ts-expect-error not a number
    session.update('views', () => 'many')
    // @ts-expect-error a promise
    session.update('views', async (n = 0) => n + 1)
    // @ts-expect-error not a duration
    session.setExpiry('soon')
    // @ts-expect-error no such value
    createSessions<Shop>({ store, merge: { veiws: counter } })
    // @ts-expect-error a list is no number
    createSessions<Shop>({ store, merge: { cart: counter } })
    // @ts-expect-error no such option
    createSessions({ store, secret: 'x' })
    // @ts-expect-error always HttpOnly
    createSessions({ store, cookie: { httpOnly: false } })
  }
  expectTypeOf(check).toBeFunction()
})

test('without a type anything goes, and no cast is needed', async () => {
  const sessions = createSessions({ store, ...presets.AAL2, merge: { views: counter, cart: union } })
  const session = await sessions.open(undefined)
  session.update('views', (n = 0) => n + 1)
  session.update('cart', (cart: string[] = []) => [...cart, 'tea'])
  session.get('cart').push('milk')
  const user: { name: string } = session.get('user') ?? { name: 'ada' }
  session.set('user', user)
  expectTypeOf(session.keys()).toEqualTypeOf<string[]>()
})
