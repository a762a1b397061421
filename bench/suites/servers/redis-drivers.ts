/** A driver, connected: what the store takes, and its bare calls beside that. */
export interface RedisDriver {
  name: RedisDriverName
  client: RedisClient
  get(key: string): Promise<unknown>
  set(key: string, text: string): Promise<unknown>
  hset(key: string, fields: Record<string, string>): Promise<unknown>
  hgetall(key: string): Promise<object>
  /** Readies a script of one key and one argument, to be called by its digest. */
  script(source: string): Promise<(key: string, argument: string) => Promise<unknown>>
  close(): Promise<void>
}

export const redisDrivers = ['node-redis', 'ioredis', 'GLIDE'] as const
export type RedisDriverName = (typeof redisDrivers)[number]

/** Of any of the drivers: by its shape, and by the parameter of `redisStore`. */
export type RedisClient = Parameters<typeof import('untorn/redis').redisStore>[0]['client']

/** With their own defaults. `undefined`: the package, which is optional, is not there. */
export async function redisDriver(name: RedisDriverName, url: string): Promise<RedisDriver | undefined> {
  switch (name) {
    case 'node-redis':
      return nodeRedis(url)
    case 'ioredis':
      return ioredis(url)
    case 'GLIDE':
      return glide(url)
  }
}

export async function nodeRedis(url: string): Promise<RedisDriver> {
  const { createClient } = await import('redis')
  const client = createClient({ url })
  await client.connect()
  return {
    name: 'node-redis',
    client,
    get: (key) => client.get(key),
    set: (key, text) => client.set(key, text),
    hset: (key, fields) => client.hSet(key, fields),
    hgetall: (key) => client.hGetAll(key),
    async script(source) {
      const digest = await client.scriptLoad(source)
      return (key, argument) => client.evalSha(digest, { keys: [key], arguments: [argument] })
    },
    close: () => client.close(),
  }
}

async function ioredis(url: string): Promise<RedisDriver> {
  const { Redis } = await import('ioredis')
  const client = new Redis(url)
  return {
    name: 'ioredis',
    client,
    get: (key) => client.get(key),
    set: (key, text) => client.set(key, text),
    hset: (key, fields) => client.hset(key, fields),
    hgetall: (key) => client.hgetall(key),
    async script(source) {
      const digest = (await client.script('LOAD', source)) as string
      return (key, argument) => client.evalsha(digest, 1, key, argument)
    },
    async close() {
      await client.quit()
    },
  }
}

async function glide(url: string): Promise<RedisDriver | undefined> {
  const glide = await import('@valkey/valkey-glide').catch(() => undefined)
  if (!glide) return undefined
  // It warns of a script that the server does not have yet.
  glide.Logger.setLoggerConfig('error')
  const { hostname: host, port } = new URL(url)
  const client = await glide.GlideClient.createClient({ addresses: [{ host, port: Number(port) }] })
  return {
    name: 'GLIDE',
    client,
    get: (key) => client.get(key),
    set: (key, text) => client.set(key, text),
    hset: (key, fields) => client.hset(key, fields),
    hgetall: (key) => client.hgetall(key),
    async script(source) {
      const script = new glide.Script(source)
      return (key, argument) => client.invokeScript(script, { keys: [key], args: [argument] })
    },
    close: async () => client.close(),
  }
}
