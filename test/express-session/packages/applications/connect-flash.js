import flash from 'connect-flash'

/** Messages for the next page, beside other values. */
export default function application({ express, session, gate }) {
  const app = express()
  app.use(session({ secret: 'a secret of the application', resave: false, saveUninitialized: false }))
  app.use(flash())
  app.post('/order', (req, res) => {
    req.flash('info', 'Order %s is placed.', '12')
    req.flash('info', ['It comes tomorrow.'])
    req.flash('warning', 'It is raining.')
    res.redirect('/')
  })
  app.post('/slowly', async (req, res) => {
    await gate.pass()
    req.session.note = 'slow'
    res.end()
  })
  app.post('/logout', (req, res) => req.session.destroy(() => res.end()))
  app.post('/cart', (req, res) => {
    req.session.cart = 'a book'
    res.end()
  })
  app.get('/warnings', (req, res) => res.json(req.flash('warning')))
  app.get('/', (req, res) => res.json(req.flash()))
  app.get('/values', (req, res) => res.json({ cart: req.session.cart, note: req.session.note }))
  return app
}
