// Alone: Next.js wants `NODE_ENV` to be another one, and changes what is global.
import { promisesOfNext } from './promises.ts'

promisesOfNext({ major: 16, bundler: 'webpack' })
