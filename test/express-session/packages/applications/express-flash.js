import flash from 'express-flash'

/** Messages that a template finds, on the page that is rendered next. */
export default function application({ express, session, gate }) {
  const app = express()
  app.engine('json', (_file, { messages }, done) => done(null, JSON.stringify(messages)))
  app.set('view engine', 'json')
  app.set('views', import.meta.dirname)
  app.use(session({ secret: 'a secret of the application', resave: false, saveUninitialized: false }))
  app.use(flash())
  app.post('/order', (req, res) => {
    req.flash('info', 'It is placed.')
    res.redirect('/')
  })
  app.post('/order-with-page', (req, res) => {
    req.flash('info', 'It is placed.')
    res.type('json').render('messages')
  })
  app.post('/slowly', async (req, res) => {
    await gate.pass()
    req.session.note = 'slow'
    res.end()
  })
  app.get('/', (_req, res) => res.type('json').render('messages'))
  return app
}
