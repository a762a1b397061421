import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a client and a server of this machine, and counts how often the client has to wait for an answer. */
export interface CountingProxy {
  readonly port: number
  /** Round trips since the last time it was asked: whatever was sent before the server said something is one. */
  take(): number
  close(): Promise<void>
}

export async function startCountingProxy(target: number): Promise<CountingProxy> {
  const sockets = new Set<Socket>()
  let roundTrips = 0
  const proxy = createServer({ noDelay: true }, (client) => {
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true })
    let answered = true
    client.on('data', (chunk) => {
      if (answered) roundTrips++
      answered = false
      server.write(chunk)
    })
    server.on('data', (chunk) => {
      answered = true
      client.write(chunk)
    })
    joined(client, server, sockets)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: (proxy.address() as AddressInfo).port,
    take() {
      const taken = roundTrips
      roundTrips = 0
      return taken
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

/** The end of one is the end of the other. */
function joined(client: Socket, server: Socket, sockets: Set<Socket>): void {
  const both = [client, server]
  for (const socket of both) {
    sockets.add(socket)
    // Its 'close' comes next.
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const one of both) {
        one.destroy()
        sockets.delete(one)
      }
    })
  }
}

/** The address of a server, through a port of this machine. */
export function through(url: string, port: number): string {
  const changed = new URL(url)
  changed.port = `${port}`
  return changed.href
}
