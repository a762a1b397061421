import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from './servers/throw-away.ts'

/** Which requests a {@link TcpProxy.cutOnce} is for, by the bytes of one chunk that a client has sent. */
export type Matches = (chunk: Buffer) => boolean

export interface CutOnce {
  /** The chunk it happens to. Default: the next one. A command that a driver writes at once comes as one chunk. */
  request?: Matches
  /**
   * - `before`: nothing of the chunk reaches the server
   * - `within`: its first half does
   * - `after`: all of it does, and the server has answered; the answer does not get through
   */
  when: 'before' | 'within' | 'after'
  /** With `after`: the chunk of the server that is the answer. Default: the next one. */
  answer?: Matches
}

/** What is held back while the proxy hangs. */
export interface Hang {
  /** `requests`: what clients send; `answers`: what the server says, while requests get through. Default: both. */
  only?: 'requests' | 'answers'
}

/** An answer of the server that does not get through. */
export interface LoseAnswer {
  /** Which one from now on, of all that the server says to anybody: the first is 1. A chunk of it counts as one. */
  nth: number
  /** The connection is cut (RST); or it stays, takes requests to the server, and nothing ever comes back over it. */
  how: 'cut' | 'silent'
}

export interface LostAnswer {
  /** It has happened. */
  readonly isLost: boolean
  /** It does not happen any more; a connection that is silent because of it is cut. */
  end(): void
}

/**
 * A TCP proxy on the loopback in front of a server, for everything that a network and a server do wrong. It passes
 * everything on until it is told otherwise, and what is told holds until the next {@link pass}.
 */
export interface TcpProxy {
  /** Where clients connect to; it stays the same. */
  readonly port: number
  /** How many connections clients have now. */
  readonly connections: number
  /** Puts everything right: listens, and passes on what was held back, in order. */
  pass(): Promise<void>
  /** Closes the port: whoever connects is refused. Connections that are there stay; see {@link cut}. */
  refuse(): Promise<void>
  /** Breaks every connection now, as a machine that is gone does (RST). What was held back is lost. */
  cut(): void
  /**
   * Takes connections and bytes, and passes nothing on. It keeps what comes: {@link pass} delivers it, whether the
   * client is still there or not; {@link cut} loses it.
   */
  hang(hang?: Hang): void
  /** Resolves when something is held back: a client waits. */
  held(): Promise<void>
  /** Breaks the connection of one request, once. Resolves when that has happened. */
  cutOnce(cut: CutOnce): Promise<void>
  /** Loses one answer of the server, and what comes after it over that connection. One at a time. */
  loseAnswer(lose: LoseAnswer): LostAnswer
  /** From now on new connections lead to another port of the loopback; those that are there stay; see {@link cut}. */
  to(port: number): void
  /** Closes the port and every connection. Calling it again does no harm. */
  close(): Promise<void>
}

/** Starts one in front of a port of 127.0.0.1. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const proxy = new PassingProxy(target)
  await proxy.open()
  return proxy
}

const MOST_TRIES = 50

/** What is held back of one direction of a connection, at the most; then its sender has to wait. */
const MOST_HELD = 4 * 1024 * 1024

class PassingProxy implements TcpProxy {
  readonly #connections = new Set<Connection>()
  #target: number
  #port = 0
  #server: Server | undefined
  #hang: Hang | undefined
  #cuts: (CutOnce & { done: () => void })[] = []
  #losing: Losing | undefined
  #waiting: (() => void)[] = []
  #closed = false

  constructor(target: number) {
    this.#target = target
  }

  get port(): number {
    return this.#port
  }

  get connections(): number {
    return this.#connections.size
  }

  /** At a port that nobody gets by chance while it is closed, and at which a client that tries to connect can't meet itself. */
  async open(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const port = await freePort()
      try {
        await this.#listen(port)
        return
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === MOST_TRIES) throw error
      }
    }
  }

  async pass(): Promise<void> {
    this.#hang = undefined
    if (this.#server === undefined && !this.#closed) await this.#listen(this.#port)
    for (const connection of this.#connections) connection.deliver()
  }

  async refuse(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    // Its end would be waited for as long as connections are there; the port is closed at once.
    server?.close()
    server?.unref()
  }

  cut(): void {
    for (const connection of this.#connections) connection.cut()
  }

  hang(hang: Hang = {}): void {
    this.#hang = hang
  }

  held(): Promise<void> {
    if ([...this.#connections].some((connection) => connection.holds)) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  cutOnce(cut: CutOnce): Promise<void> {
    return new Promise((done) => this.#cuts.push({ ...cut, done }))
  }

  loseAnswer({ nth, how }: LoseAnswer): LostAnswer {
    const losing = new Losing(nth, how)
    this.#losing = losing
    return losing
  }

  /** The loss that is meant for this answer of a connection. */
  lossOf(connection: Connection): Losing | undefined {
    return this.#losing?.loses(connection) ? this.#losing : undefined
  }

  to(port: number): void {
    this.#target = port
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.refuse()
    this.cut()
  }

  holdsBack(direction: Direction): boolean {
    return this.#hang !== undefined && (this.#hang.only === undefined || this.#hang.only === direction)
  }

  /** Something is held back now. */
  hold(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** The cut that is meant for this chunk, which is then used up. */
  cutFor(chunk: Buffer): (CutOnce & { done: () => void }) | undefined {
    const found = this.#cuts.find(({ request }) => request === undefined || request(chunk))
    if (found !== undefined) this.#cuts = this.#cuts.filter((cut) => cut !== found)
    return found
  }

  async #listen(port: number): Promise<void> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
      const connection = new Connection(this, client, () => this.#target)
      this.#connections.add(connection)
      void connection.ended.then(() => this.#connections.delete(connection))
      connection.deliver()
    })
    server.listen(port, '127.0.0.1')
    // Rejects where the port is taken.
    await once(server, 'listening')
    this.#port = port
    this.#server = server
  }
}

/** Counts answers until the one that is to be lost. */
class Losing implements LostAnswer {
  readonly how: LoseAnswer['how']
  #left: number
  #connection: Connection | undefined
  #isOver = false

  constructor(nth: number, how: LoseAnswer['how']) {
    this.how = how
    this.#left = nth
  }

  get isLost(): boolean {
    return this.#connection !== undefined
  }

  loses(connection: Connection): boolean {
    if (this.#isOver) return false
    if (this.#connection === undefined && --this.#left === 0) this.#connection = connection
    return this.#connection === connection
  }

  end(): void {
    this.#isOver = true
    this.#connection?.cut()
  }
}

type Direction = 'requests' | 'answers'

/** One way of a connection: what was read of one side, and the other side. */
interface Way {
  direction: Direction
  from: () => Socket | undefined
  to: () => Socket | undefined
  held: Buffer[]
  size: number
  /** The sender has said everything. */
  ended: boolean
}

/** A client's connection, and that to the server once anything may get there. */
class Connection {
  readonly ended: Promise<void>
  readonly #proxy: PassingProxy
  readonly #client: Socket
  readonly #target: () => number
  readonly #requests: Way
  readonly #answers: Way
  #server: Socket | undefined
  #cutAtAnswer: (CutOnce & { done: () => void }) | undefined
  #end: () => void = () => {}
  #cut = false

  constructor(proxy: PassingProxy, client: Socket, target: () => number) {
    this.#proxy = proxy
    this.#client = client
    this.#target = target
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    const [ofClient, ofServer] = [() => this.#client, () => this.#server]
    this.#requests = { direction: 'requests', from: ofClient, to: ofServer, held: [], size: 0, ended: false }
    this.#answers = { direction: 'answers', from: ofServer, to: ofClient, held: [], size: 0, ended: false }
    this.#read(client, this.#requests, (chunk) => this.#request(chunk))
  }

  get holds(): boolean {
    return this.#requests.size > 0 || this.#answers.size > 0
  }

  cut(): void {
    if (this.#cut) return
    this.#cut = true
    for (const socket of [this.#client, this.#server]) socket?.resetAndDestroy()
    this.#end()
  }

  /** Passes on what was held back, as far as it may be passed on now. */
  deliver(): void {
    if (this.#cut) return
    if (!this.#proxy.holdsBack('requests')) this.#server ??= this.#connect()
    for (const way of [this.#requests, this.#answers]) {
      if (this.#proxy.holdsBack(way.direction)) continue
      const { held } = way
      way.held = []
      way.size = 0
      for (const chunk of held) (way === this.#requests ? this.#request : this.#answer).call(this, chunk)
      way.from()?.resume()
      if (way.ended) way.to()?.end()
    }
    this.#endIfDone()
  }

  #connect(): Socket {
    const server = connect({ port: this.#target(), host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    this.#read(server, this.#answers, (chunk) => this.#answer(chunk))
    return server
  }

  #read(socket: Socket, way: Way, take: (chunk: Buffer) => void): void {
    socket.on('data', (chunk) => {
      if (!this.#cut) take(chunk)
    })
    socket.on('end', () => this.#ended(way))
    socket.on('close', () => this.#ended(way))
    // A server that is not there, a client that went away: for the other side the connection ends.
    socket.on('error', () => {})
  }

  #ended(way: Way): void {
    if (way.ended || this.#cut) return
    way.ended = true
    if (!this.#proxy.holdsBack(way.direction)) way.to()?.end()
    this.#endIfDone()
  }

  #endIfDone(): void {
    const { ended } = this.#answers
    // What a client sent is still to be delivered after it has gone.
    const client = this.#client.destroyed && !this.#proxy.holdsBack('requests')
    if (ended && this.#requests.ended && !this.holds) this.#end()
    else if (client && ended) this.#end()
  }

  #request(chunk: Buffer): void {
    if (this.#proxy.holdsBack('requests')) {
      this.#hold(this.#requests, chunk)
      return
    }
    const cut = this.#proxy.cutFor(chunk)
    if (cut === undefined || cut.when === 'after') {
      if (cut !== undefined) this.#cutAtAnswer = cut
      this.#pass(this.#requests, chunk)
    } else {
      this.#cutAt(cut, cut.when === 'within' ? chunk.subarray(0, chunk.length >> 1) : undefined)
    }
  }

  #answer(chunk: Buffer): void {
    const loss = this.#proxy.lossOf(this)
    if (loss !== undefined) {
      if (loss.how === 'cut') this.cut()
      return
    }
    const cut = this.#cutAtAnswer
    if (cut !== undefined && (cut.answer === undefined || cut.answer(chunk))) this.#cutAt(cut)
    else if (this.#proxy.holdsBack('answers')) this.#hold(this.#answers, chunk)
    else this.#pass(this.#answers, chunk)
  }

  /** Half a request has to be with the server before the connection breaks: it gets an end there, no RST. */
  #cutAt(cut: { done: () => void }, half?: Buffer): void {
    this.#cut = true
    const server = this.#server
    this.#client.resetAndDestroy()
    if (half === undefined) server?.destroy()
    else server?.end(half, () => server.destroy())
    this.#end()
    cut.done()
  }

  #hold(way: Way, chunk: Buffer): void {
    way.held.push(chunk)
    way.size += chunk.length
    if (way.size >= MOST_HELD) way.from()?.pause()
    this.#proxy.hold()
  }

  #pass(way: Way, chunk: Buffer): void {
    const [from, to] = [way.from(), way.to()]
    if (to === undefined || to.destroyed) return
    if (to.write(chunk)) return
    from?.pause()
    to.once('drain', () => from?.resume())
  }
}
