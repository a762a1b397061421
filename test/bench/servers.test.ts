import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CountingProxy, startCountingProxy, through } from '../../bench/suites/servers/counting-proxy.ts'
import { onLanes } from '../../bench/suites/servers/lanes.ts'

describe('round trips', () => {
  let server: Server
  let proxy: CountingProxy
  let client: Socket

  /** Answers each line with "+", one that begins with "-" not at all. */
  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('data', (chunk) => {
        for (const line of `${chunk}`.trim().split('\n')) if (!line.startsWith('-')) socket.write('+')
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    proxy = await startCountingProxy((server.address() as AddressInfo).port)
    client = await connected()
  })
  afterEach(async () => {
    client.destroy()
    await proxy.close()
    server.close()
    await once(server, 'close')
  })

  async function connected(): Promise<Socket> {
    const socket = connect(proxy.port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }

  async function ask(socket: Socket, text: string): Promise<void> {
    socket.write(text)
    await once(socket, 'data')
  }

  it('are counted by what has to wait for an answer', async () => {
    await ask(client, 'a\n')
    await ask(client, 'b\n')
    expect(proxy.take()).toBe(2)
  })

  it('are one for what is sent together', async () => {
    await ask(client, 'a\nb\nc\n')
    expect(proxy.take()).toBe(1)
  })

  it('are one for a question in two parts', async () => {
    // The other connection's answer shows that the first part is through.
    client.write('-first part\n')
    const other = await connected()
    await ask(other, 'x\n')
    await ask(client, 'second part\n')
    expect(proxy.take()).toBe(2)
    other.destroy()
  })

  it('are counted anew after each look', async () => {
    await ask(client, 'a\n')
    expect(proxy.take()).toBe(1)
    expect(proxy.take()).toBe(0)
    await ask(client, 'b\n')
    expect(proxy.take()).toBe(1)
  })

  it('end with either side', async () => {
    const ended = once(client, 'close')
    await proxy.close()
    await ended
    proxy = await startCountingProxy((server.address() as AddressInfo).port)
  })
})

describe('the address of a server through a proxy', () => {
  it('differs in its port alone', () => {
    expect(through('postgres://postgres@127.0.0.1:5433/sessions', 6000)).toBe(
      'postgres://postgres@127.0.0.1:6000/sessions',
    )
    expect(through('redis://127.0.0.1:6379', 6000)).toBe('redis://127.0.0.1:6000')
  })
})

describe('calls on lanes', () => {
  it('are made as often as was said, on all lanes, each after the last of its own', async () => {
    const turns: number[][] = [[], [], []]
    const running = new Set<number>()
    await onLanes(3, 8, async (lane, turn) => {
      expect(running.has(lane)).toBe(false)
      running.add(lane)
      turns[lane]!.push(turn)
      await null
      running.delete(lane)
    })
    expect(turns).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [0, 1],
    ])
  })

  it('are all under way at once', async () => {
    let waiting = 0
    let open = (): void => {}
    const all = new Promise<void>((resolve) => {
      open = resolve
    })
    // Nobody goes on before everybody has begun.
    await onLanes(4, 4, async () => {
      waiting++
      if (waiting === 4) open()
      await all
    })
    expect(waiting).toBe(4)
  })

  it('tell of a failure when all have ended', async () => {
    const ended: number[] = []
    const running = onLanes(2, 4, async (lane, turn) => {
      if (lane === 0) throw new Error('broken')
      await null
      ended.push(turn)
    })
    await expect(running).rejects.toThrow('broken')
    expect(ended).toEqual([0, 1])
  })
})
