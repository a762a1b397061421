import { createRootRoute, HeadContent, Outlet, Scripts } from '@tanstack/react-router'
import stylesheet from '../stall.css?url'

export const Route = createRootRoute({
  head: () => ({
    meta: [{ charSet: 'utf-8' }, { name: 'viewport', content: 'width=device-width' }, { title: 'Stall' }],
    links: [
      { rel: 'stylesheet', href: stylesheet },
      { rel: 'icon', href: 'data:,' },
    ],
  }),
  component: Document,
  notFoundComponent: () => <h1>There is nothing here.</h1>,
})

function Document() {
  return (
    <html lang="en">
      <head>
        <HeadContent />
      </head>
      <body>
        <Outlet />
        <Scripts />
      </body>
    </html>
  )
}
