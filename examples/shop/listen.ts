import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

// Not `localhost`: that name may lead to ::1, where another program can hold the same port.
const host = '127.0.0.1'
const defaultPort = 3000
const portsToTry = 100

/** Listens on this machine only: at PORT (0: any free one) or, if it isn't set, at the first free port from 3000 on. */
export async function listen(app: RequestListener): Promise<{ server: Server; address: string }> {
  const server = createServer(app)
  const wanted = process.env.PORT
  await (wanted ? listenAt(server, portNumber(wanted)) : listenFrom(server, defaultPort))
  const { port } = server.address() as AddressInfo
  return { server, address: `http://${host}:${port}` }
}

/** At the first SIGINT or SIGTERM: no new requests, the running ones to their end, then `close`. */
export function closeOnSignal(server: Server, close: () => Promise<void>): void {
  let closing = false
  const end = () => {
    if (closing) return
    closing = true
    server.close(() => {
      close().catch((error: unknown) => {
        console.error(error)
        process.exitCode = 1
      })
    })
    // Browsers open connections ahead of need; those never become idle by themselves.
    setTimeout(() => server.closeAllConnections(), 2000).unref()
  }
  process.on('SIGINT', end).on('SIGTERM', end)
}

async function listenFrom(server: Server, first: number): Promise<void> {
  for (let port = first; ; port++) {
    try {
      return await listenAt(server, port)
    } catch (error) {
      if (port === first + portsToTry - 1) throw error
    }
  }
}

async function listenAt(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new Error(`Port ${port} is taken by another program. Stop it, or set PORT to another number.`, {
      cause: error,
    })
  }
}

function portNumber(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new Error(`PORT is "${text}"; it has to be a number from 0 to 65535.`)
}
