import cookieParser from 'cookie-parser'
import { doubleCsrf } from 'csrf-csrf'
import { csrfSync } from 'csrf-sync'
import csurf from 'csurf'
import lusca from 'lusca'

/** Each way to have a token that forms of other sites don't know: the middleware that asks for it. */
const ways = {
  csurf: () => csurf(),
  lusca: () => lusca.csrf(),
  'csrf-sync': () => csrfSync().csrfSynchronisedProtection,
  // By a cookie beside the session's, and bound to its id.
  'csrf-csrf': () =>
    doubleCsrf({
      getSecret: () => 'a secret of the application',
      getSessionIdentifier: (req) => req.session.id,
      cookieName: 'csrf',
      cookieOptions: { secure: false },
    }).doubleCsrfProtection,
}

/** A form with a token of the session, and a sign-in that gives the session another id. */
export default function application({ express, session, gate, way }) {
  const app = express()
  app.use(cookieParser())
  app.use(session({ secret: 'a secret of the application', resave: false, saveUninitialized: false }))
  app.post('/put', (req, res) => {
    req.session.cart = 'a book'
    res.end()
  })
  app.post('/slowly', async (req, res) => {
    await gate.pass()
    req.session.note = 'slow'
    res.end()
  })
  app.post('/login', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      req.session.user = 'anna'
      res.end()
    })
  })
  app.use(ways[way]())
  app.get('/form', (req, res) => {
    req.session.seen = true
    res.json({ token: req.csrfToken() })
  })
  app.post('/pay', (req, res) => {
    req.session.paid = (req.session.paid ?? 0) + 1
    res.json({ paid: req.session.paid })
  })
  app.use((error, _req, res, _next) => {
    res.status(error.status ?? res.statusCode).json({ refused: error.message })
  })
  return app
}
