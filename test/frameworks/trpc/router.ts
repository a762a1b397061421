import { initTRPC, TRPCError } from '@trpc/server'
import type { PlainSession } from '../../../src/fetch.ts'
import { aWhile } from '../../support/a-while.ts'

export interface Values {
  user?: string
  cart?: string[]
  touched?: boolean
}

/** What every procedure gets. */
export interface Context {
  session: PlainSession<Values>
}

/** As docs/frameworks.md says. */
const t = initTRPC.context<Context>().create({
  errorFormatter: ({ shape, error }) =>
    error.code === 'INTERNAL_SERVER_ERROR' ? { ...shape, message: 'Try again in a while.' } : shape,
})

const text = (input: unknown): string => String(input)

export const router = t.router({
  login: t.procedure.input(text).mutation(async ({ ctx: { session }, input }) => {
    await session.login(input)
    session.user = input
    return input
  }),
  add: t.procedure
    .input(text)
    .mutation(({ ctx: { session }, input }) => session.update('cart', (cart = []) => [...cart, input])),
  values: t.procedure.query(({ ctx: { session } }) => ({ ...session })),
  fails: t.procedure.mutation(({ ctx: { session } }) => {
    session.touched = true
    throw new TRPCError({ code: 'FORBIDDEN', message: 'no coffee' })
  }),
  quick: t.procedure.query(() => 'quick'),
  // Its answer is begun before it is through, where answers are streamed.
  slow: t.procedure.query(async ({ ctx: { session } }) => {
    await aWhile(50)
    session.touched = true
    return 'slow'
  }),
  saves: t.procedure.query(async ({ ctx: { session } }) => {
    await aWhile(20)
    session.cart = ['saved']
    await session.save()
    return 'saved'
  }),
  many: t.procedure.query(async function* ({ ctx: { session } }) {
    yield 'one'
    await aWhile(20)
    session.touched = true
    yield 'two'
  }),
})

export type Router = typeof router
