import { Server } from 'socket.io'

/** Sockets that know who is signed in, as the guide of Socket.IO has it (`io.engine.use`), beside pages. */
export default function application({ express, session, gate, server, options }) {
  const app = express()
  const withSession = session({
    secret: 'a secret of the application',
    resave: false,
    saveUninitialized: false,
    ...options,
  })
  const io = new Server(server)
  io.engine.use(withSession)
  io.on('connection', (socket) => {
    const { request } = socket
    // What another request has changed meanwhile is read again, and who has signed out is nobody.
    const onSession = (event, act) =>
      socket.on(event, (...args) => {
        const answer = args.pop()
        request.session.reload((error) => (error ? answer({ over: true }) : act(answer, ...args)))
      })
    socket.join(request.sessionID)
    socket.on('count', (answer) => {
      request.session.count = (request.session.count ?? 0) + 1
      request.session.save((error) => answer({ count: request.session.count, over: error != null }))
    })
    socket.on('at the start', (answer) => answer({ user: request.session.user ?? null }))
    onSession('user', (answer) => answer({ user: request.session.user ?? null }))
    onSession('add', (answer, item) => {
      request.session.cart = item
      request.session.save((error) => answer({ over: error != null }))
    })
    onSession('add slowly', async (answer, item) => {
      await gate.pass()
      request.session.cart = item
      request.session.save((error) => answer({ over: error != null }))
    })
  })

  app.use(withSession)
  app.post('/login', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      req.session.user = 'anna'
      res.end()
    })
  })
  app.post('/logout', (req, res) => {
    const { sessionID } = req
    req.session.destroy(() => {
      io.in(sessionID).emit('signed out')
      res.end()
    })
  })
  app.post('/note', (req, res) => {
    req.session.note = 'from a page'
    res.end()
  })
  app.get('/', (req, res) => {
    const { cookie, ...values } = req.session
    res.json(values)
  })
  server.on('request', (req, res) => {
    if (!req.url.startsWith('/socket.io/')) app(req, res)
  })
  return io
}
