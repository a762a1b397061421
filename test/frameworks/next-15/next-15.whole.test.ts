// Alone: Next.js wants `NODE_ENV` to be another one, and changes what is global.
import { promisesOfNext, suiteOfNext } from '../next/promises.ts'

promisesOfNext({ major: 15, bundler: 'webpack' })
suiteOfNext()
