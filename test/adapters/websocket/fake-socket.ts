import { EventEmitter } from 'node:events'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { SocketLike, SocketMessage } from '../../../src/websocket.ts'

/** What of a WebSocket a session is given to: it says what is done to it. */
export class FakeSocket extends EventEmitter implements SocketLike {
  readyState = 1
  isPaused = false
  /** How often it was paused. */
  pauses = 0
  closedBy: [code: number, reason: string] | undefined
  readonly sent: unknown[] = []

  send(data: unknown): void {
    this.sent.push(data)
  }

  pause(): void {
    this.isPaused = true
    this.pauses++
  }

  resume(): void {
    this.isPaused = false
  }

  close(code: number, reason: string): void {
    if (this.readyState > 1) return
    this.closedBy = [code, reason]
    this.gone()
  }

  /** The client has gone. */
  gone(): void {
    this.readyState = 3
    this.emit('close')
  }

  /** The client sends a text. */
  says(text: string): void {
    this.emit('message', Buffer.from(text) as SocketMessage, false)
  }
}

/** A request that opens a socket at `shop.example`. */
export function upgradeRequest(headers: Record<string, string> = {}, secure = false): IncomingMessage {
  const socket = new Socket()
  if (secure) Object.assign(socket, { encrypted: true })
  const request = new IncomingMessage(socket)
  request.method = 'GET'
  request.url = '/'
  Object.assign(request.headers, { host: 'shop.example', upgrade: 'websocket', ...headers })
  return request
}
