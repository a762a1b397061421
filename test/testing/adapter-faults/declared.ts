import type { AdapterConformanceOptions } from '../../../src/testing.ts'
import { Adapter, type AdapterFault, servedBy } from './adapter.ts'

const REASONS = 'declared: each thing the host lacks is one that cases need, and has a reason'

/** A good adapter of whose host something is said. */
function said(fault: string, without: object, caughtBy: string): AdapterFault {
  const options: AdapterConformanceOptions = { serve: servedBy(Adapter), without, timeout: 3000 }
  return { fault, caughtBy: [caughtBy], options }
}

const OF_EACH = {
  abandoned: 'declared: the host waits for a page whose client has gone, or it is said why not',
  errorCookie: 'declared: the host has a cookie on the answer of an error, or it is said why not',
  head: 'declared: the host asks a page for HEAD, or it is said why not',
  headers: 'declared: the host adds headers to an answer, or it is said why not',
  proxy: 'declared: the host can trust a proxy, or it is said why not',
  stream: 'declared: the host sends a body as it comes, or it is said why not',
}

export const ofDeclarations: AdapterFault[] = [
  said('the host is said to lack what no case needs', { trailers: 'there are none' }, REASONS),
  said('the host is said to lack something, and not why', { stream: '' }, REASONS),
  ...Object.entries(OF_EACH).map(([name, title]) =>
    said(`\`${name}\` is said to be missing, and is there`, { [name]: 'not yet' }, title),
  ),
]
