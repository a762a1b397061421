import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'

const ROOT = new URL('../../../', import.meta.url)

/**
 * The `app` of the first program that docs/frameworks.md shows of a framework, as it is written, but for its store, which is one in
 * memory. `here`: the folder that has the framework installed.
 */
export async function documented<App>(framework: string, here: string): Promise<App> {
  const page = readFileSync(new URL('docs/frameworks.md', ROOT), 'utf8')
  const section = page.split(`\n## ${framework}\n`)[1]!
  const [, program] = /```js\n([\s\S]*?)```/.exec(section)!
  const memory = "import { memoryStore } from 'untorn/memory'\n"
  const text = `${memory}${program}\nexport { app }\n`
    .replace('sessions()', 'sessions({ store: memoryStore() })')
    .replace(/'untorn\/([\w-]+)'/g, (_, entry) => `'${new URL(`dist/${entry}.js`, ROOT)}'`)
  const file = fileURLToPath(new URL(`node_modules/.documented-${process.pid}.mjs`, here))
  writeFileSync(file, text)
  onTestFinished(() => rmSync(file))
  const { app } = await import(/* @vite-ignore */ pathToFileURL(file).href)
  return app as App
}
