import passport from 'passport'
import { Strategy } from 'passport-local'

/** Sign-in by a form, as the guide of passport has it, with a cart that is there before. */
export default function application({ express, session, gate }) {
  const authenticator = new passport.Passport()
  authenticator.use(
    new Strategy(async (username, password, done) => {
      if (password === 'right, slowly') await gate.pass()
      if (password.startsWith('right')) done(null, { name: username })
      else done(null, false, { message: 'Wrong password.' })
    }),
  )
  authenticator.serializeUser((user, done) => done(null, user.name))
  authenticator.deserializeUser((name, done) => done(null, { name }))

  const app = express()
  app.use(express.urlencoded({ extended: false }))
  app.use(session({ secret: 'a secret of the application', resave: false, saveUninitialized: false }))
  app.use(authenticator.session())

  const signIn = (options) =>
    authenticator.authenticate('local', {
      failureRedirect: '/login',
      failureMessage: true,
      successReturnToOrRedirect: '/',
      ...options,
    })
  app.post('/login', signIn())
  app.post('/login-and-keep', signIn({ keepSessionInfo: true }))
  app.get('/login', (req, res) => {
    const messages = req.session.messages ?? []
    req.session.messages = []
    res.json(messages)
  })
  app.post('/logout', (req, res, next) => {
    req.logout((error) => (error ? next(error) : res.redirect('/')))
  })
  app.get('/account', (req, res) => {
    if (req.isAuthenticated()) return res.json({ account: req.user.name })
    req.session.returnTo = req.originalUrl
    res.redirect('/login')
  })
  app.post('/put', (req, res) => {
    Object.assign(req.session, req.body)
    res.end()
  })
  app.post('/put-slowly', async (req, res) => {
    await gate.pass()
    Object.assign(req.session, req.body)
    res.end()
  })
  app.get('/', (req, res) => {
    const { cookie, passport, ...values } = req.session
    res.json({ user: req.user?.name ?? null, ...values })
  })
  return app
}
