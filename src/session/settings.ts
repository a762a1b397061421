import type { Merge } from '../values/merge.ts'
import type { ClearSiteData } from './clearable.ts'

/** The options that decide how a session lives, after their check: durations in milliseconds. */
export interface Settings {
  readonly idleTimeout: number
  readonly lifetime: number
  readonly rolling: boolean
  /** `expires`: 'browser' where cookies end with the browser, unless a session says otherwise. */
  readonly cookie: { readonly expires: 'browser' | undefined }
  readonly merges: ReadonlyMap<string, Merge<unknown>>
  readonly maxBytes: number
  readonly maxKeys: number
  readonly retries: number
  readonly onStoreError: 'fail' | 'anonymous'
  readonly clearSiteData: readonly ClearSiteData[]
}
