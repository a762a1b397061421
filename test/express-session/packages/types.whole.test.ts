import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'
import { Project, ROOT } from '../../package/installed.ts'
import { whereInstalled } from './sites.ts'

/** An application with all that the packages' declarations say of a session, of a request that has one, and of a store. */
const APPLICATION = `
  import { ApolloServer } from '@apollo/server'
  import { expressMiddleware } from '@as-integrations/express5'
  import fastifyCookie from '@fastify/cookie'
  import fastifySession from '@fastify/session'
  import flash from 'connect-flash'
  import connectPgSimple from 'connect-pg-simple'
  import { RedisStore } from 'connect-redis'
  import cookieParser from 'cookie-parser'
  import { doubleCsrf } from 'csrf-csrf'
  import { csrfSync } from 'csrf-sync'
  import csurf from 'csurf'
  import express from 'express'
  import { auth } from 'express-openid-connect'
  import { rateLimit } from 'express-rate-limit'
  import expressWs from 'express-ws'
  import fastify from 'fastify'
  import type { IncomingMessage } from 'node:http'
  import passport from 'passport'
  import { Strategy } from 'passport-local'
  import OAuth2Strategy from 'passport-oauth2'
  import { createClient } from 'redis'
  import { Server } from 'socket.io'
  import { WebSocketServer } from 'ws'
  import sessionFileStore from 'session-file-store'
  import session, { untornStore } from 'untorn/express-session'
  import { fileStore } from 'untorn/file'

  declare module 'express-session' {
    interface SessionData {
      user: string
      cart: string[]
    }
  }
  declare global {
    namespace Express {
      interface User {
        name: string
      }
    }
  }

  const { app } = expressWs(express())
  const store = fileStore('./sessions')
  const withSession = session({ secret: 'a secret', resave: false, saveUninitialized: false, store })
  app.use(cookieParser(), withSession, flash(), csurf())
  app.use(passport.session())
  passport.use(new Strategy((name, _password, done) => done(null, { name })))
  passport.use(
    new OAuth2Strategy(
      { authorizationURL: 'a', tokenURL: 'b', clientID: 'c', clientSecret: 'd', state: true, pkce: true },
      (_access: string, _refresh: string, _profile: unknown, done: (error: unknown, user?: Express.User) => void) =>
        done(null, { name: 'anna' }),
    ),
  )
  app.post('/login', passport.authenticate('local'), (req, res) => {
    const cart: string[] | undefined = req.session.cart
    const name: string | undefined = req.user?.name
    req.flash('info', 'hello')
    req.session.regenerate((error) => {
      req.session.user = name ?? 'nobody'
      req.session.save(() => res.json({ cart, error, token: req.csrfToken?.(), id: req.sessionID }))
    })
  })
  app.ws('/talk', (ws, req) => {
    req.session.reload(() => ws.send(req.session.user ?? ''))
  })
  app.use(rateLimit({ keyGenerator: (req) => req.sessionID }))
  app.use(csrfSync({ getTokenFromState: (req) => req.session.csrfToken }).csrfSynchronisedProtection)
  app.use(doubleCsrf({ getSecret: () => 's', getSessionIdentifier: (req) => req.session.id }).doubleCsrfProtection)
  app.use(auth({ session: { store: untornStore(store) } }))

  const io = new Server()
  io.engine.use(withSession)
  io.on('connection', (socket) => {
    const req = socket.request as IncomingMessage & { session: session.Session & Partial<session.SessionData> }
    req.session.save()
  })
  const wss = new WebSocketServer({ noServer: true })
  wss.on('connection', (_ws, req) => {
    withSession(req as express.Request, {} as express.Response, () => {})
  })

  const PgStore = connectPgSimple(session)
  const FileStore = sessionFileStore(session)
  session({ secret: 'a', store: new PgStore({ createTableIfMissing: true }) })
  session({ secret: 'a', store: new FileStore({ path: './sessions' }) })
  session({ secret: 'a', store: new RedisStore({ client: createClient() }) })

  const other = fastify()
  other.register(fastifyCookie)
  other.register(fastifySession, { secret: 'a secret of 32 letters at the very least', store: untornStore(store) })

  const apollo = new ApolloServer<{ user: string | undefined }>({ typeDefs: '' })
  app.use('/graphql', expressMiddleware(apollo, { context: async ({ req }) => ({ user: req.session.user }) }))
`

const PACKAGES = fileURLToPath(new URL('node_modules', import.meta.url))
const THEIRS = join('@types', 'express-session')

await whereInstalled("the types of an application's packages", () => {
  const project = new Project()
  const modules = join(project.folder, 'node_modules')
  const link = (name: string) => symlinkSync(join(PACKAGES, name), join(modules, name))
  for (const name of readdirSync(PACKAGES)) if (!/^\.|^@types$/.test(name)) link(name)
  mkdirSync(join(modules, '@types'))
  for (const name of readdirSync(join(PACKAGES, '@types'))) link(join('@types', name))

  test.each(['with', 'without'])('compile with untorn/express-session, %s @types/express-session', (how) => {
    if (how === 'without') rmSync(join(modules, THEIRS))
    const compilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: 'es2023',
      module: 'nodenext',
      types: ['node'],
      // What a package asks for is beside it, as it would be where it is installed.
      preserveSymlinks: true,
    }
    project.write('application.mts', APPLICATION)
    project.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['application.mts'] }))
    project.start([join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project.folder])
  })
})
