import type { ServerResponse } from 'node:http'
import type { Express } from 'express'
import { ask, begin } from './request.ts'

export const OVERLAPPING = 50

interface Loaded {
  session: Record<string, unknown>
  end(): Promise<void>
}

/** How many of the values are kept that overlapping requests set, each its own: all have loaded before the first ends. */
export async function kept(app: Express): Promise<number> {
  const cookie = await begin(app, { user: 'Ada' })
  const keys = Array.from({ length: OVERLAPPING }, (_, i) => `request-${i}`)
  const loaded = await Promise.all(keys.map(() => load(app, cookie)))
  await Promise.all(
    loaded.map(({ session, end }, i) => {
      session[keys[i]!] = true
      return end()
    }),
  )
  const { session, end } = await load(app, cookie)
  const found = keys.filter((key) => session[key] === true).length
  await end()
  return found
}

function load(app: Express, cookie: string): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    let ended = (): void => {}
    const handle = (session: Record<string, unknown>, res: ServerResponse): void => {
      const end = (): Promise<void> =>
        new Promise((done) => {
          ended = done
          res.end('kept')
        })
      resolve({ session, end })
    }
    ask(app, cookie, handle, (error) => (error ? reject(error) : ended()))
  })
}
