export type { Capability } from './testing/case.ts'
export { type ConformanceCase, type ConformanceOptions, storeConformance } from './testing/conformance.ts'
