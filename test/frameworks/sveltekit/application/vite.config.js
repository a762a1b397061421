import { join } from 'node:path'
import adapter from '@sveltejs/adapter-node'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

const folder = process.env.UNTORN_FOLDER

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter({ out: join(folder, 'built'), precompress: false }),
      outDir: join(folder, 'work'),
    }),
  ],
  resolve: { alias: { 'untorn/sveltekit': process.env.UNTORN_ENTRY } },
  cacheDir: join(folder, 'cache'),
})
