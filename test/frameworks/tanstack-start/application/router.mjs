import { createRootRoute, createRoute, createRouter, notFound, redirect } from '@tanstack/react-router'
import { createElement } from 'react'
import { answer } from './start.mjs'

const root = createRootRoute()

const page = createRoute({
  getParentRoute: () => root,
  path: '/page',
  validateSearch: ({ then }) => ({ then }),
  loaderDeps: ({ search }) => search,
  // What a loader has on the server is the context of the request's middleware.
  beforeLoad: ({ serverContext }) => ({ session: serverContext.session }),
  loader: ({ context: { session }, deps }) => {
    session.views = (session.views ?? 0) + 1
    if (deps.then === 'redirect') throw redirect({ href: '/page' })
    if (deps.then === 'nothing') throw notFound()
    if (deps.then === 'fail') throw new Error('a loader fails, as its test wants it')
    return { views: session.views }
  },
  component: () => createElement('p', null, `${page.useLoaderData().views} views`),
  errorComponent: () => createElement('p', null, 'failed'),
  notFoundComponent: () => createElement('p', null, 'nothing'),
})

const all = createRoute({
  getParentRoute: () => root,
  path: '$',
  server: { handlers: { ANY: answer } },
})

export const getRouter = () => createRouter({ routeTree: root.addChildren([page, all]) })
