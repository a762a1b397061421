import adapter from '@sveltejs/adapter-node'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

const port = Number(process.env.PORT ?? 3000)

export default defineConfig(({ command }) => ({
  server: { host: '127.0.0.1', port },
  plugins: [
    sveltekit({
      adapter: adapter({ precompress: false }),
      csp: { directives: { 'script-src': ['self'], 'base-uri': ['none'], 'frame-ancestors': ['none'] } },
      // A built application takes https for granted. Behind a proxy that ends TLS this goes.
      paths: command === 'build' ? { origin: `http://127.0.0.1:${port}` } : {},
    }),
  ],
}))
