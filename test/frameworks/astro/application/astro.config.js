import { join } from 'node:path'
import node from '@astrojs/node'
import { defineConfig } from 'astro/config'

const folder = process.env.UNTORN_FOLDER

export default defineConfig({
  output: 'server',
  adapter: node({ mode: 'middleware' }),
  outDir: join(folder, 'built'),
  cacheDir: join(folder, 'cache'),
  session: { driver: { entrypoint: 'untorn/astro', config: { directory: join(folder, 'sessions') } } },
  vite: { cacheDir: join(folder, 'vite'), resolve: { alias: { 'untorn/astro': process.env.UNTORN_ENTRY } } },
})
