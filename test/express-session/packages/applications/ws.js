import { WebSocketServer } from 'ws'

/** Only who is signed in gets a socket: the session is read at the upgrade, with `{}` in place of a response, as ws shows it. */
export default function application({ express, session, server }) {
  const app = express()
  const withSession = session({
    secret: 'a secret of the application',
    resave: false,
    saveUninitialized: false,
  })
  app.use(withSession)
  app.post('/login', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      req.session.user = 'anna'
      res.end()
    })
  })
  const sockets = new Map()
  app.post('/logout', (req, res) => {
    const socket = sockets.get(req.session.user)
    req.session.destroy(() => {
      socket?.close()
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
  server.on('request', app)

  const wss = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    withSession(request, {}, () => {
      if (!request.session.user) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n')
        return
      }
      wss.handleUpgrade(request, socket, head, (ws) => wss.emit('connection', ws, request))
    })
  })
  wss.on('connection', (ws, request) => {
    sockets.set(request.session.user, ws)
    const answer = (error) => ws.send(JSON.stringify(error ? { over: true } : request.session.user))
    const deeds = {
      user: () => request.session.reload(answer),
      // With what the session was when the socket was opened.
      add: () => {
        request.session.cart = 'a book'
        request.session.save(answer)
      },
    }
    ws.on('message', (data) => deeds[String(data)]())
    ws.send('"hello"')
  })
}
