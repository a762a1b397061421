import { ApolloServer } from '@apollo/server'
import { expressMiddleware as onExpress4 } from '@as-integrations/express4'
import { expressMiddleware as onExpress5 } from '@as-integrations/express5'

const typeDefs = `#graphql
  type Query {
    user: String
    cart: [String!]!
    note: String
  }
  type Mutation {
    login(name: String!): String
    logout: Boolean
    add(item: String!): [String!]!
    noteSlowly(text: String!): String
  }
`

const promised = (run) =>
  new Promise((resolve, reject) => {
    run((error) => (error ? reject(error) : resolve()))
  })

/** A session in the context of resolvers. */
export default async function application({ express, session, gate, major }) {
  const server = new ApolloServer({
    typeDefs,
    resolvers: {
      Query: {
        user: (_parent, _args, { req }) => req.session.user,
        cart: (_parent, _args, { req }) => req.session.cart ?? [],
        note: (_parent, _args, { req }) => req.session.note,
      },
      Mutation: {
        async login(_parent, { name }, { req }) {
          await promised((done) => req.session.regenerate(done))
          req.session.user = name
          return name
        },
        async logout(_parent, _args, { req }) {
          await promised((done) => req.session.destroy(done))
          return true
        },
        add(_parent, { item }, { req }) {
          req.session.cart = [...(req.session.cart ?? []), item]
          return req.session.cart
        },
        async noteSlowly(_parent, { text }, { req }) {
          await gate.pass()
          req.session.note = text
          return text
        },
      },
    },
  })
  await server.start()
  const app = express()
  app.use(session({ secret: 'a secret of the application', resave: false, saveUninitialized: false }))
  const onExpress = major === 4 ? onExpress4 : onExpress5
  app.use('/graphql', express.json(), onExpress(server, { context: async ({ req }) => ({ req }) }))
  return app
}
