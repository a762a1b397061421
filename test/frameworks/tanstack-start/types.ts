import { createMiddleware, createServerFn, createStart } from '@tanstack/react-start'
import { memoryStore } from 'untorn/memory'
import { sessions } from 'untorn/tanstack-start'

interface Shop {
  cart: string[]
  user: string
}

const app = sessions<Shop>({ store: memoryStore() })

const session = createMiddleware({ type: 'request' }).server(({ request, next }) =>
  app.handle(request, (session) => next({ context: { session } })),
)

export const startInstance = createStart(() => ({ requestMiddleware: [session] }))

export const add = createServerFn({ method: 'POST' })
  .middleware([session])
  .handler(async ({ context }) => {
    context.session.cart = [...(context.session.cart ?? []), 'tea']
    await context.session.login('ada')
    // @ts-expect-error: no value of this name
    context.session.users = 'Ada'
    // @ts-expect-error: no value of this type
    context.session.user = 1
    return context.session.user ?? ''
  })

// @ts-expect-error: what comes behind the middleware is a function
void app.handle(new Request('http://localhost'), new Response())
// @ts-expect-error: no such option
sessions({ secret: 'hush' })
