// Whatever a folder above holds, this is the whole project: a copy of this folder, two folders below its packages.
import { join } from 'node:path'

const packages = join(import.meta.dirname, '..', '..')

export default {
  outputFileTracingRoot: packages,
  turbopack: { root: packages },
  // Nobody reads it, and it is built once.
  experimental: { serverMinification: false, turbopackMinify: false },
  webpack: (config) => ({ ...config, optimization: { ...config.optimization, minimize: false } }),
}
