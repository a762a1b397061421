import type { NextConfig } from 'next'

const config: NextConfig = {
  // The repository around this folder is no part of the application.
  turbopack: { root: import.meta.dirname },
  // `npm run types` asks.
  typescript: { ignoreBuildErrors: true },
}

export default config
