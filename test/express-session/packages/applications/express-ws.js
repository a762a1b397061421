import expressWs from 'express-ws'

/** Sockets as routes: the middleware comes before them with a response that is none. */
export default function application({ express, session, gate, server }) {
  const app = express()
  expressWs(app, server)
  app.use(session({ secret: 'a secret of the application', resave: false, saveUninitialized: false }))
  app.post('/login', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      req.session.user = 'anna'
      res.end()
    })
  })
  app.post('/logout', (req, res) => req.session.destroy(() => res.end()))
  app.post('/note', (req, res) => {
    req.session.note = 'from a page'
    res.end()
  })
  app.get('/', (req, res) => {
    const { cookie, ...values } = req.session
    res.json(values)
  })
  app.ws('/talk', (ws, req) => {
    const answer = (error) => ws.send(JSON.stringify(error ? { over: true } : (req.session.user ?? null)))
    const deeds = {
      user: () => answer(),
      reload: () => req.session.reload(answer),
      add: () => {
        req.session.cart = 'a book'
        req.session.save(answer)
      },
      'add slowly': async () => {
        await gate.pass()
        deeds.add()
      },
    }
    ws.on('message', (data) => deeds[String(data)]())
    ws.send('"hello"')
  })
  server.on('request', app)
}
