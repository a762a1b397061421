import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What a page has of a session. */
export interface Session {
  initiate(readonly: boolean): Promise<void>
  commit(): Promise<void>
  all(): Record<string, unknown>
  put(name: string, value: unknown): void
  forget(name: string): void
  increment(name: string): void
  clear(): void
  flash(name: string, value: unknown): void
  flashMessages: { get(name: string): unknown }
  regenerate(): void
  tag(userId: string): Promise<void>
}

interface Collection {
  get(id: string): Promise<object | null>
  destroy(id: string): Promise<void>
  tag(id: string, userId: string): Promise<void>
  tagged(userId: string): Promise<{ id: string; data: object }[]>
}

// The package exports them by way of an application alone; here they are taken from the files that it consists of.
const build = fileURLToPath(new URL('./node_modules/@adonisjs/session/build/', import.meta.url))

async function taken<Class>(name: string): Promise<Class> {
  const file = readdirSync(build).find(
    (each) => each.endsWith('.js') && readFileSync(build + each, 'utf8').includes(`var ${name} = class `),
  )
  if (file === undefined) throw new Error(`@adonisjs/session has no class ${name} any more.`)
  return (await import(build + file))[name]
}

export const Session = await taken<new (...args: unknown[]) => Session>('Session')
export const SessionCollection = await taken<new (config: object) => Collection>('SessionCollection')
