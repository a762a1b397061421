import type { IncomingMessage } from 'node:http'

const UNHEARD = (): void => {}

/**
 * At an upgrade Node.js takes away its own listener for errors of the connection. A client that resets it while its session is
 * loaded would end the process, where the application has none yet. The connection is closed by itself.
 */
export function outlivesReset({ headers, socket }: IncomingMessage): void {
  // What Socket.IO asks by polling is no upgrade: Node.js still listens.
  if (headers.upgrade === undefined || typeof socket?.on !== 'function') return
  if (!socket.listeners('error').includes(UNHEARD)) socket.on('error', UNHEARD)
}
