import { notFound, redirect } from '@tanstack/react-router'
import { createServerFn } from '@tanstack/react-start'
import { createServerRpc } from '@tanstack/react-start/server-rpc'
import { session } from './start.mjs'

const then = {
  count: ({ context }) => context.session.update('views', (n = 0) => n + 1),
  redirect: ({ context }) => {
    context.session.views = 1
    throw redirect({ to: '/page' })
  },
  nothing: ({ context }) => {
    context.session.views = 1
    throw notFound()
  },
  fail: ({ context }) => {
    context.session.views = 1
    throw new Error('a function fails, as its test wants it')
  },
}

// As the compiler of TanStack Start takes a function apart.
const functions = new Map(
  Object.entries(then).map(([name, handler]) => {
    let fn
    const rpc = createServerRpc({ id: name, name, filename: 'functions.mjs' }, (options) =>
      fn.__executeServer(options),
    )
    fn = createServerFn({ method: 'POST' }).middleware([session]).handler(rpc, handler)
    return [name, rpc]
  }),
)

export const getServerFnById = async (id) => functions.get(id)
