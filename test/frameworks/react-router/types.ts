import {
  createSessionStorage,
  type LoaderFunctionArgs,
  type MiddlewareFunction,
  redirect,
} from 'react-router'
import { memoryStore } from 'untorn/memory'
import { sessions, untornStorage, withNewIds } from 'untorn/react-router'

interface Shop {
  cart: string[]
  user: string
}

const app = sessions<Shop>({ store: memoryStore() })

export const middleware: MiddlewareFunction<Response>[] = [app.middleware]

export async function loader({ context }: LoaderFunctionArgs): Promise<Response> {
  const session = app.getSession(context)
  session.cart = [...(session.cart ?? []), 'tea']
  const same = context.get(app.context)
  same.user = 'Ada'
  // @ts-expect-error: no value of this name
  session.users = 'Ada'
  // @ts-expect-error: no value of this type
  same.user = 1
  return redirect('/')
}

export const { getSession, commitSession, destroySession } = withNewIds(
  createSessionStorage<Shop>({
    cookie: { name: '__session', secrets: ['hush'] },
    ...untornStorage(memoryStore(), { idleTimeout: '1h' }),
  }),
)

export async function login(request: Request): Promise<string> {
  const session = await getSession(request.headers.get('Cookie'), { decode: (value) => value })
  session.set('user', 'Ada')
  // @ts-expect-error: no value of this type
  session.set('user', 1)
  return commitSession(session)
}

// @ts-expect-error: a context is needed, and no request
app.getSession(new Request('http://localhost'))
// @ts-expect-error: no such option
sessions({ secret: 'hush' })
// @ts-expect-error: its cookie is the storage's
untornStorage(memoryStore(), { cookie: { name: 'sid' } })
// @ts-expect-error: a store is needed
untornStorage()
// @ts-expect-error: a storage is needed
withNewIds(untornStorage(memoryStore()))
