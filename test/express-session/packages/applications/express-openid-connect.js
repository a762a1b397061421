import openid from 'express-openid-connect'

/**
 * Sign-in at an OpenID provider. The package has sessions of its own, in a store as express-session's: `store` is asked for,
 * as there is no middleware of express-session here.
 */
export default function application({ express, store, gate, provider }) {
  const app = express()
  let handle
  // The address of the application is in its options, and is known when it listens.
  app.use((req, res, next) => {
    handle ??= openid.auth({
      issuerBaseURL: provider,
      baseURL: `http://${req.headers.host}`,
      clientID: 'shop',
      clientSecret: 'of the shop',
      secret: 'a secret of the application',
      authRequired: false,
      authorizationParams: { response_type: 'code', response_mode: 'query' },
      enableTelemetry: false,
      session: { store },
    })
    handle(req, res, next)
  })
  app.post('/put', (req, res) => {
    req.appSession.cart = 'a book'
    res.end()
  })
  app.get('/slowly', async (_req, res) => {
    await gate.pass()
    res.end()
  })
  app.get('/account', openid.requiresAuth(), (req, res) => res.json({ account: req.oidc.user.sub }))
  app.get('/', (req, res) =>
    res.json({ user: req.oidc.user?.sub ?? null, ...(req.appSession.cart && { cart: req.appSession.cart }) }),
  )
  return app
}
