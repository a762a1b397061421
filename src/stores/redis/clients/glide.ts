import type { RedisCommands, Scan, ScanPage } from './commands.ts'
import { scanArguments } from './commands.ts'

/** What `GlideClient.createClient()` of Valkey GLIDE resolves with. */
export interface GlideClient {
  // biome-ignore lint/suspicious/noExplicitAny: options of the driver's own types
  customCommand(args: string[], options?: any): Promise<unknown>
}

/** What `GlideClusterClient.createClient()` of Valkey GLIDE resolves with. */
export interface GlideClusterClient extends GlideClient {
  // biome-ignore lint/suspicious/noExplicitAny: never called, only looked for
  invokeScriptWithRoute(...args: any[]): unknown
}

/** `Decoder.String`: text is text, even where the client's default is bytes. */
const AS_TEXT = { decoder: 1 }

export function overGlide(client: GlideClient | GlideClusterClient): RedisCommands {
  return 'invokeScriptWithRoute' in client ? overCluster(client) : overServer(client)
}

function overServer(client: GlideClient): RedisCommands {
  return {
    keyPrefix: '',
    send: (_, command, args) => client.customCommand([command, ...args], AS_TEXT),
    scans: async () => [scanOver(client, AS_TEXT)],
  }
}

function overCluster(client: GlideClusterClient): RedisCommands {
  return {
    keyPrefix: '',
    // To the master, even where the client reads from replicas: one may not have seen yet that a session is gone.
    send: (key, command, args) =>
      client.customCommand([command, ...args], { ...AS_TEXT, route: { type: 'primarySlotKey', key } }),
    async scans() {
      const answers = await client.customCommand(['scan', '0', 'COUNT', '1'], {
        ...AS_TEXT,
        route: 'allPrimaries',
      })
      return addressesIn(answers).map((route) => scanOver(client, { ...AS_TEXT, route }))
    },
  }
}

function addressesIn(answers: unknown): { type: 'routeByAddress'; host: string; port: number }[] {
  return (answers as { key: string }[]).map(({ key }) => {
    const colon = key.lastIndexOf(':')
    return { type: 'routeByAddress', host: key.slice(0, colon), port: Number(key.slice(colon + 1)) }
  })
}

function scanOver(client: GlideClient, options: object): Scan {
  return (cursor, pattern) =>
    client.customCommand(['scan', ...scanArguments(cursor, pattern)], options) as Promise<ScanPage>
}
