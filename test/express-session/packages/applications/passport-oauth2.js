import passport from 'passport'
import OAuth2Strategy from 'passport-oauth2'

/** Sign-in at a provider, which is checked by a state and a verifier (PKCE) that the session keeps meanwhile. */
export default function application({ express, session, gate, provider }) {
  const authenticator = new passport.Passport()
  authenticator.use(
    new OAuth2Strategy(
      {
        authorizationURL: `${provider}/authorize`,
        tokenURL: `${provider}/token`,
        clientID: 'shop',
        clientSecret: 'of the shop',
        callbackURL: '/callback',
        state: true,
        pkce: true,
      },
      (_accessToken, _refreshToken, _profile, done) => done(null, { name: 'anna' }),
    ),
  )
  authenticator.serializeUser((user, done) => done(null, user.name))
  authenticator.deserializeUser((name, done) => done(null, { name }))

  const app = express()
  app.use(session({ secret: 'a secret of the application', resave: false, saveUninitialized: false }))
  app.use(authenticator.session())
  app.get('/login', authenticator.authenticate('oauth2'))
  app.get('/callback', authenticator.authenticate('oauth2', { successRedirect: '/' }))
  app.post('/logout', (req, res, next) => {
    req.logout((error) => (error ? next(error) : res.redirect('/')))
  })
  app.post('/put-slowly', async (req, res) => {
    await gate.pass()
    req.session.note = 'slow'
    res.end()
  })
  app.get('/put', (req, res) => {
    req.session.cart = 'a book'
    res.end()
  })
  app.get('/', (req, res) => res.json({ user: req.user?.name ?? null }))
  return app
}
