export { type ClockedStore, clockedStore } from './in-tests/clocked-store.ts'
export { type CookieForOptions, cookieFor } from './in-tests/cookie-for.ts'
export {
  type FailingStore,
  type FailOptions,
  failingStore,
  type StoreCall,
} from './in-tests/failing-store.ts'
export { type CookieSource, readSession } from './in-tests/read-session.ts'
export type { AdapterCapability } from './testing/adapter/case.ts'
export { type AdapterConformanceOptions, adapterConformance } from './testing/adapter/conformance.ts'
export type {
  AdapterEvent,
  AdapterSession,
  AdapterSite,
  AdapterSiteOptions,
  PageAnswer,
} from './testing/adapter/site.ts'
export type { Capability } from './testing/case.ts'
export { type ConformanceCase, type ConformanceOptions, storeConformance } from './testing/conformance.ts'
