import { conforms } from '../../adapters/support/conformance.ts'
import { bySuite } from './serve.ts'

conforms('untorn/fastify', { serve: bySuite })
