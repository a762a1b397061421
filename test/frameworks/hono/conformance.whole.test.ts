import { conforms } from '../../adapters/support/conformance.ts'
import { serve } from './site.ts'

conforms('untorn/hono', { serve, over: ['files', 'a store that answers later'] })
