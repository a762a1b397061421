import type { TcpProxy } from '../../support/tcp-proxy.ts'
import type { BreakableServer } from './server.ts'

/** What stands behind an application. */
export interface Behind {
  server: BreakableServer
  proxy: TcpProxy
}

/** How a server can be away for a while. */
export interface Outage {
  title: string
  begin(behind: Behind): unknown
  end(behind: Behind): Promise<void>
  /** It happens to the server itself, and so to everybody who uses it. */
  toServer?: boolean
  /** Whether what was sent meanwhile may have been carried out, although its answer has not come through. */
  carriesOut?: boolean
}

export const outages: readonly Outage[] = [
  {
    title: 'the server is killed, and started again',
    toServer: true,
    begin: ({ server }) => server.kill(),
    async end({ server, proxy }) {
      await server.restart()
      proxy.to(server.port)
    },
  },
  {
    title: 'the server freezes, and goes on',
    toServer: true,
    begin: ({ server }) => server.freeze(),
    end: async ({ server }) => server.thaw(),
  },
  {
    title: 'the server freezes, and another one takes over',
    toServer: true,
    begin: ({ server }) => server.freeze(),
    async end({ server, proxy }) {
      await server.replace()
      proxy.to(server.port)
      proxy.cut()
      server.thaw()
    },
  },
  {
    title: 'nothing gets through, and all of it later',
    begin: ({ proxy }) => proxy.hang(),
    end: ({ proxy }) => proxy.pass(),
  },
  {
    title: 'nothing gets through, and it is lost',
    begin: ({ proxy }) => proxy.hang(),
    end({ proxy }) {
      proxy.cut()
      return proxy.pass()
    },
  },
  {
    title: 'answers do not get through',
    begin: ({ proxy }) => proxy.hang({ only: 'answers' }),
    end: ({ proxy }) => proxy.pass(),
    carriesOut: true,
  },
  {
    title: 'connections break, and new ones are refused',
    async begin({ proxy }) {
      await proxy.refuse()
      proxy.cut()
    },
    end: ({ proxy }) => proxy.pass(),
  },
]

/** Where in a save its connection breaks. */
export const cuts = ['before', 'within', 'after'] as const
