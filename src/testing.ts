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
