import cookieParser from 'cookie-parser'

/** Cookies of the application beside the session's, all read by cookie-parser first; `own`: the session has a secret of its own. */
export default function application({ express, session, gate, own }) {
  const app = express()
  app.use(cookieParser('a secret of the application'))
  app.use(
    session({
      ...(own && { secret: own }),
      resave: false,
      saveUninitialized: false,
    }),
  )
  app.post('/enter', (req, res) => {
    req.session.entered = true
    res.cookie('language', 'de')
    res.cookie('seen', { pages: ['/enter'] }, { signed: true })
    res.end()
  })
  app.post('/slowly', async (req, res) => {
    await gate.pass()
    req.session.note = 'slow'
    res.end()
  })
  app.post('/cart', (req, res) => {
    req.session.cart = 'a book'
    res.end()
  })
  app.get('/', (req, res) => {
    const { cookie, ...values } = req.session
    res.json({
      values,
      cookies: req.cookies.language,
      signed: req.signedCookies.seen,
      id: (req.signedCookies['connect.sid'] ?? null) === req.sessionID,
    })
  })
  return app
}
