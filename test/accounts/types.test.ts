import { expectTypeOf, test } from 'vitest'
import type { DeclaredSession, PlainSession } from '../../src/express.ts'
import type { createSessions, Device, LoginOptions, MaybePromise } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions } from '../../src/node.ts'

interface Data {
  cart: string[]
  theme: string
}

const OWN = [
  'login',
  'rotate',
  'confirm',
  'logout',
  'owner',
  'authenticatedAt',
  'requireFresh',
  'devices',
  'revoke',
  'revokeOthers',
] as const

test('what is kept at a sign-in is a name of the data', () => {
  const check = async (shop: ReturnType<typeof createSessions<Data>>) => {
    const session = await shop.open(undefined)
    await session.login('ada', { keep: ['cart', 'theme'] })
    const keep = ['cart'] as const
    await session.login('ada', { keep })
    // @ts-expect-error: no such value
    await session.login('ada', { keep: ['card'] })
    // @ts-expect-error: a text
    await session.login(5)
    // @ts-expect-error: whose it is has to be said
    await session.login()
    // @ts-expect-error: no such option
    await session.login('ada', { keeps: ['cart'] })
    // @ts-expect-error: no length of time
    session.requireFresh('soon')
    session.requireFresh('10m')
    expectTypeOf(session.owner).toEqualTypeOf<string | undefined>()
    expectTypeOf(session.authenticatedAt).toEqualTypeOf<number | undefined>()
    expectTypeOf(session.login('ada')).toEqualTypeOf<MaybePromise<void>>()
    expectTypeOf(session.revoke('handle')).toEqualTypeOf<MaybePromise<boolean>>()
    expectTypeOf(await session.devices()).toEqualTypeOf<Device[]>()
    for await (const device of shop.list('ada')) expectTypeOf(device).toEqualTypeOf<Device>()
    expectTypeOf<LoginOptions<'cart'>['keep']>().toEqualTypeOf<readonly 'cart'[] | undefined>()
  }
  expectTypeOf(check).toBeFunction()
})

test('a plain session has them beside its values', () => {
  sessions<Data>({ store: memoryStore() })(async ({ session }) => {
    expectTypeOf(session.login('ada', { keep: ['cart'] })).toEqualTypeOf<Promise<void>>()
    // @ts-expect-error: no such value
    void session.login('ada', { keep: ['card'] })
    expectTypeOf(session.logout()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(session.rotate()).toEqualTypeOf<Promise<boolean>>()
    expectTypeOf(session.confirm()).toEqualTypeOf<Promise<boolean>>()
    expectTypeOf(session.revoke('handle')).toEqualTypeOf<Promise<boolean>>()
    expectTypeOf(session.revokeOthers()).toEqualTypeOf<Promise<boolean>>()
    expectTypeOf(session.owner).toEqualTypeOf<string | undefined>()
    expectTypeOf(await session.devices()).toEqualTypeOf<Device[]>()
    // @ts-expect-error: by login() alone
    session.owner = 'ada'
  })
  expectTypeOf<(typeof OWN)[number]>().toExtend<keyof PlainSession<Data>>()
})

test('to declare a value with one of these names is an error wherever the session is used', () => {
  for (const name of OWN) {
    expectTypeOf<DeclaredSession<{ [Key in typeof name]: 1 }>>().toExtend<`SessionData declares${string}`>()
  }
  type Mistaken = DeclaredSession<{ cart: string[]; owner: string }>
  expectTypeOf<Mistaken>().toEqualTypeOf<`SessionData declares "owner", which is the session's own: call the value something else`>()
})
