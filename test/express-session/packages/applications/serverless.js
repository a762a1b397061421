import codegenie from '@codegenie/serverless-express'
import vendia from '@vendia/serverless-express'
import serverlessHttp from 'serverless-http'

/** What makes a function of an application: `handler(event, context)` as AWS Lambda calls it. */
const wrappers = {
  'serverless-http': (app) => serverlessHttp(app),
  '@codegenie/serverless-express': (app) => codegenie({ app }),
  '@vendia/serverless-express': (app) => vendia({ app }),
}

export default function application({ express, session, gate, wrapper }) {
  const app = express()
  app.use(express.json())
  app.use(session({ secret: 'a secret of the application', resave: false, saveUninitialized: false }))
  app.post('/login', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      req.session.user = req.body.name
      res.json({ user: req.body.name })
    })
  })
  app.post('/logout', (req, res) => req.session.destroy(() => res.json({})))
  app.post('/add', (req, res) => {
    req.session.cart = [...(req.session.cart ?? []), 'a book']
    res.json({})
  })
  app.post('/add-slowly', async (req, res) => {
    await gate.pass()
    req.session.note = 'slow'
    res.json({})
  })
  app.get('/', (req, res) => {
    const { cookie, ...values } = req.session
    res.json(values)
  })
  return wrappers[wrapper](app)
}
