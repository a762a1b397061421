// What has to compile with h3 1, and what must not.
import { createApp, eventHandler } from 'h3'
import { sessionOf, sessions } from 'untorn/h3'

declare module 'untorn/h3' {
  interface SessionData {
    views: number
  }
}

const app = createApp({ onError: () => {} })
app.use(sessions())
sessions().install(app)
sessions().install({ h3App: app })

app.use(
  eventHandler(async (event) => {
    const { session } = event.context
    session.views = (session.views ?? 0) + 1
    await session.rotate()
    // @ts-expect-error: a number was declared
    session.views = 'many'
    // @ts-expect-error: nothing of this name was declared
    session.veiws = 1
    const own = sessionOf<{ cart: string[] }>(event)
    // @ts-expect-error: a list of texts was named
    own.cart = [1]
    return own.cart
  }),
)

// @ts-expect-error: the options of an application are none
sessions().install({ onError: () => {} })
