// What has to compile with h3 2, and what must not.
import { defineMiddleware, H3 } from 'h3'
import { createSessions } from 'untorn'
import { type H3Sessions, sessionOf, sessions } from 'untorn/h3'

declare module 'untorn/h3' {
  interface SessionData {
    views: number
    user?: { name: string }
  }
}

const app = new H3()
app.use(sessions())
app.use('/admin/**', sessions({ trustProxy: true, cookie: { name: 'admin' } }), { method: 'POST' })
app.use(defineMiddleware(sessions()))

app.get('/', async (event) => {
  const { session } = event.context
  session.views = (session.views ?? 0) + 1
  const name: string | undefined = session.user?.name
  await session.login('ada', { keep: ['user'] })
  // @ts-expect-error: a number was declared
  session.views = 'many'
  // @ts-expect-error: nothing of this name was declared
  session.veiws = 1
  // @ts-expect-error: the session itself is not replaced
  session.save = 1
  const own = sessionOf<{ cart: string[] }>(event)
  own.cart = ['tea']
  // @ts-expect-error: a list of texts was named
  own.cart = [1]
  return name
})

const typed: H3Sessions<{ cart: string[] }> = sessions<{ cart: string[] }>({
  merge: { cart: (_base, mine) => mine },
})
void typed.close()
void sessions({ sessions: createSessions<{ cart: string[] }>() }).sessions.list('ada')
// @ts-expect-error: there is no such option
sessions({ trustproxy: true })
// @ts-expect-error: options beside what has its own
sessions({ sessions: createSessions(), lifetime: '1d' })
// @ts-expect-error: an application of h3 2 is no such
typed.install(app)
// @ts-expect-error: no event
sessionOf(app)
