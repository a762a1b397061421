import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { buildExample } from './running-example.ts'

/** A page that a build renders in advance, for which it loads the server's code. */
interface Prerendered {
  /** What makes it one, by the file that it is written to. */
  files: Record<string, string>
  /** Where the build leaves it. */
  page: string
}

const PAGE = 'export default function About() { return <p>about</p> }\n'

const BUILDS: Record<string, Prerendered> = {
  nuxt: {
    files: {
      'nuxt.config.ts': `export default defineNuxtConfig({
        telemetry: false,
        nitro: { imports: { exclude: [/[\\\\/]dist[\\\\/]/] }, prerender: { routes: ['/'] } },
      })`,
      'app/app.vue': '<template><p>about</p></template>\n',
    },
    page: '.output/public/index.html',
  },
  'react-router': {
    files: {
      'react-router.config.ts': "export default { prerender: ['/about'] }\n",
      'app/routes.ts': `import { route } from '@react-router/dev/routes'
        export default [route('about', 'routes/about.tsx')]`,
      'app/routes/about.tsx': PAGE,
    },
    page: 'build/client/about/index.html',
  },
  'tanstack-start': {
    files: {
      'vite.config.ts': `import { tanstackStart } from '@tanstack/react-start/plugin/vite'
        import { defineConfig } from 'vite'
        export default defineConfig({
          plugins: [tanstackStart({ prerender: { enabled: true, crawlLinks: false }, pages: [{ path: '/about' }] })],
        })`,
      'src/routes/about.tsx': `import { createFileRoute } from '@tanstack/react-router'
        export const Route = createFileRoute('/about')({ component: () => <p>about</p> })`,
    },
    page: 'dist/client/about/index.html',
  },
}

// SvelteKit's is in test/frameworks/sveltekit, that of Next.js in test/frameworks/next.
test.each(Object.entries(BUILDS))(
  'a build of %s that renders a page in advance leaves no sessions behind',
  { timeout: 300_000 },
  async (name, { files, page }) => {
    const folder = await buildExample(name, (made) => {
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(made, file)), { recursive: true })
        writeFileSync(join(made, file), text)
      }
    })
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
    expect(readFileSync(join(folder, page), 'utf8')).toContain('about')
    expect(existsSync(join(folder, '.sessions'))).toBe(false)
  },
)
