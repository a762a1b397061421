import type { Server } from 'node:http'
import type { RequestHandler } from 'express'
import { hasSessions, type Told } from '../candidates.ts'
import type { SampleSession } from './handlers.ts'
import { untornStore } from './untorn-store.ts'

/** Imports what the candidate needs, and nothing of the others. */
export async function serverOf(told: Told): Promise<Server> {
  if (told.framework === 'Express') {
    const { expressServer } = await import('./express.ts')
    return expressServer(await middleware(told), hasSessions(told))
  }
  if (told.framework !== 'node:http') return frameworkServer(told)
  const { nodeHttpServer } = await import('./node-http.ts')
  if (!hasSessions(told)) return nodeHttpServer(undefined)
  const { sessions } = await import('untorn/node')
  return nodeHttpServer(
    sessions<SampleSession>({ store: await untornStore('untorn', told.directory, undefined) }),
  )
}

async function frameworkServer(told: Told): Promise<Server> {
  const { framework, keeping, directory } = told
  const store = keeping === 'untorn' ? await untornStore(keeping, directory, undefined) : undefined
  switch (framework) {
    case 'Hono': {
      const { honoServer, withIronSession, withUntorn } = await import('./hono.ts')
      if (keeping === 'iron-session') return honoServer(withIronSession)
      return honoServer(store && withUntorn(store))
    }
    case 'Fastify': {
      const { fastifyServer, withFastifySession, withUntorn } = await import('./fastify.ts')
      if (keeping === '@fastify/session') return fastifyServer(withFastifySession)
      return fastifyServer(store && withUntorn(store))
    }
    case 'Koa': {
      const { koaServer, withKoaSession, withUntorn } = await import('./koa.ts')
      if (keeping === 'koa-session') return koaServer(withKoaSession)
      return koaServer(store && withUntorn(store))
    }
    case 'h3 1':
    case 'h3 2': {
      const { h3Server } = await import('./h3.ts')
      return h3Server(framework, store)
    }
    case 'Elysia': {
      const { elysiaServer } = await import('./elysia.ts')
      return elysiaServer(store)
    }
    case 'SvelteKit': {
      const { svelteKitServer } = await import('./sveltekit.ts')
      return svelteKitServer(directory, store)
    }
    case 'Next.js': {
      const { nextServer } = await import('./next.ts')
      return nextServer(directory, keeping, store)
    }
    case 'React Router': {
      const { reactRouterServer } = await import('./react-router.ts')
      return reactRouterServer(store)
    }
    case 'TanStack Start': {
      const { tanStackStartServer } = await import('./tanstack-start.ts')
      return tanStackStartServer(store)
    }
    default: {
      const { fetchServer } = await import('./fetch.ts')
      return fetchServer(store)
    }
  }
}

async function middleware(told: Told): Promise<RequestHandler | undefined> {
  const { keeping, directory, url } = told
  switch (keeping) {
    case 'nowhere':
      return undefined
    case 'nowhere-shared': {
      const { shareHiddenClass } = await import('../../../../src/adapters/express/share-hidden-class.ts')
      return (req, res, next) => {
        shareHiddenClass(req)
        shareHiddenClass(res)
        next()
      }
    }
    case 'untorn':
    case 'untorn-disk':
    case 'untorn-redis':
    case 'untorn-postgres': {
      const { sessions } = await import('untorn/express')
      return sessions({ store: await untornStore(keeping, directory, url) })
    }
    case '@fastify/session':
    case 'koa-session':
    case 'iron-session':
      throw new Error(`${keeping} is not of Express.`)
    default: {
      const { expressSessionWith } = await import('./express-session.ts')
      return expressSessionWith(keeping, directory, url)
    }
  }
}
