import { conforms } from '../../adapters/support/conformance.ts'
import { bySuite, majors } from './serve.ts'

for (const [name, Koa] of Object.entries(majors)) conforms(`untorn/koa, ${name}`, { serve: bySuite(Koa) })
