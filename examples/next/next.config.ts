import type { NextConfig } from 'next'

const config: NextConfig = {
  // The repository around this folder is no part of the application.
  turbopack: { root: import.meta.dirname },
  // Asked by `npm run types`.
  typescript: { ignoreBuildErrors: true },
}

export default config
