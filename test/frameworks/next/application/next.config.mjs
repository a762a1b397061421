// Whatever a folder above holds, this is the whole project; the folder of packages is beside it.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = dirname(dirname(fileURLToPath(import.meta.url)))

export default {
  distDir: '.next',
  outputFileTracingRoot: packages,
  turbopack: { root: packages },
}
