import { rateLimit } from 'express-rate-limit'

/** Three tries for each session; who signs in begins anew. */
export default function application({ express, session, gate }) {
  const app = express()
  app.use(session({ secret: 'a secret of the application', resave: false, saveUninitialized: false }))
  app.post('/enter', (req, res) => {
    req.session.entered = true
    res.end()
  })
  app.post('/login', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      req.session.user = 'anna'
      res.end()
    })
  })
  app.use(
    rateLimit({
      windowMs: 600_000,
      limit: 3,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      keyGenerator: (req) => req.sessionID,
    }),
  )
  app.get('/try', (req, res) => res.json({ left: req.rateLimit.remaining }))
  app.get('/try-slowly', async (req, res) => {
    await gate.pass()
    req.session.note = 'slow'
    res.json({ left: req.rateLimit.remaining })
  })
  return app
}
