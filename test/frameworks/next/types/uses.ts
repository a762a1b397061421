import type { NextRequest } from 'next/server'
import { fileStore } from 'untorn/file'
import { sessions } from 'untorn/next'

interface Shop {
  cart: { id: string; count: number }[]
  user: string
}

const { getSession, readSession, withSession } = sessions<Shop>({ store: () => fileStore('/var/lib/shop') })

/** Route handlers and the proxy, as Next.js checks them. */
export const GET: (request: NextRequest, context: { params: Promise<object> }) => Promise<Response> =
  withSession(async (session, request: NextRequest) => {
    session.user = request.nextUrl.pathname
    return Response.json(session.cart)
  })

/** Actions, with what a form gives and what `useActionState` does. */
export const add: (form: FormData) => Promise<void> = withSession(async (session, form: FormData) => {
  session.cart = [{ id: String(form.get('id')), count: 1 }]
})
export const sign: (before: string, form: FormData) => Promise<string> = withSession(
  async (session, before: string, _form: FormData) => {
    await session.login(before)
    return before
  },
)

export async function actionByHand(): Promise<void> {
  const session = await getSession()
  session.user = 'Ada'
  await session.save()
  // @ts-expect-error: no value of this name
  session.users = 'Ada'
  // @ts-expect-error: no value of this type
  session.set('user', 1)
}

export async function component(): Promise<string> {
  const session = await readSession()
  const notes: readonly string[] = await session.flashes('user')
  session.requireFresh('10m')
  // @ts-expect-error: nothing is assigned in a component
  session.user = 'Ada'
  // @ts-expect-error: nor deep inside of a value
  session.cart?.push({ id: 'tea', count: 1 })
  // @ts-expect-error: nor in one that `get` gives
  session.get('cart')![0]!.count = 2
  // @ts-expect-error: nor with a method
  session.set('user', 'Ada')
  // @ts-expect-error: what needs a cookie is for actions
  await session.login('ada')
  // @ts-expect-error: as is what ends a session
  await session.logout()
  return `${session.cart?.[0]?.count} ${session.user ?? ''} ${notes} ${session.owner}`
}

// @ts-expect-error: a handler is a function
withSession('handler')
// @ts-expect-error: no such option
sessions({ secret: 'hush' })
// @ts-expect-error: a store, or a function that makes one
sessions({ store: async () => fileStore('/var/lib/shop') })
// @ts-expect-error: an action is called with what its handler takes
void add('tea')
