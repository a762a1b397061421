import type { H3Event } from 'h3v1'
import type { H3SessionsOptions } from '../../../../src/h3.ts'

/** What the built application finds in the process that it is loaded in. */
export interface NitroSite {
  options: H3SessionsOptions
  page(event: H3Event, fetch: (path: string, init?: RequestInit) => Promise<Response>): Promise<unknown>
}

/** As it was when the application was loaded, which may be loaded for another site later. */
export const site = (globalThis as unknown as { untornNitro: NitroSite }).untornNitro
