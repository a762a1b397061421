import { conforms } from '../../adapters/support/conformance.ts'
import { serveV1, serveV2, ways } from './hosts.ts'

// Each way of answering, and each kind of store with each major.
conforms('h3 1', { serve: (site) => serveV1(site, false), over: ['files'], concurrent: true })
conforms('h3 1, installed', {
  serve: (site) => serveV1(site, true),
  over: ['a store that answers later'],
  concurrent: true,
})
for (const [n, way] of Object.keys(ways).entries()) {
  conforms(`h3 2, by ${way}`, {
    serve: (site) => serveV2(site, way),
    over: [n === 0 ? 'a store that answers later' : 'files'],
    concurrent: true,
  })
}
